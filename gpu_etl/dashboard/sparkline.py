"""A price's course in the size of a word: drawn by the server, seen before any script has run.

Belongs here: the SVG. Does not belong here: charts one can ask something (``charts``).
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH = 120
HEIGHT = 28
MARGIN = 2


def svg(values: Sequence[float | None], label: str) -> Markup:
    """A line through the values, broken where one is unknown, with a dot at the last; empty when there is none."""
    known = [value for value in values if value is not None]
    if not known:
        return Markup("")
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    height = HEIGHT - 2 * MARGIN

    def point(at: int, value: float) -> tuple[float, float]:
        y = HEIGHT / 2 if high == low else MARGIN + height * (high - value) / spread
        return MARGIN + at * step, y

    path, pen_down, last = [], False, (0.0, 0.0)
    for at, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        last = point(at, value)
        path.append(f"{'L' if pen_down else 'M'}{last[0]:.1f} {last[1]:.1f}")
        pen_down = True
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" role="img" aria-label="{label}" preserveAspectRatio="none">'
        '<path d="{path}" fill="none" vector-effect="non-scaling-stroke"/>'
        '<path class="end" d="M{x} {y}h0" vector-effect="non-scaling-stroke"/></svg>'
    ).format(w=WIDTH, h=HEIGHT, label=label, path=" ".join(path), x=f"{last[0]:.1f}", y=f"{last[1]:.1f}")
