"""A price's course in the size of a word: drawn by the server, seen before any script has run.

Belongs here: how the dashboard shows it, as wide as its tile. Does not belong here: the line (``drawing``), charts one
can ask something (``charts``).
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from gpu_etl import drawing

WIDTH = 120
HEIGHT = 28


def svg(values: Sequence[float | None], label: str) -> Markup:
    """A line through the values, broken where one is unknown, with a dot at the last; empty when there is none."""
    path, (x, y) = drawing.course_path(values, WIDTH, HEIGHT)
    if not path:
        return Markup("")
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" role="img" aria-label="{label}" preserveAspectRatio="none">'
        '<path d="{path}" fill="none" vector-effect="non-scaling-stroke"/>'
        '<circle cx="{x}" cy="{y}" r="2"/></svg>'
    ).format(w=WIDTH, h=HEIGHT, label=label, path=path, x=f"{x:.1f}", y=f"{y:.1f}")
