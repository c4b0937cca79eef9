"""A figure's lines as a still picture, in its place from the first moment on: plotly.js takes a second or two to start.

Belongs here: that SVG. Does not belong here: the figure (``charts``).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from markupsafe import Markup

from gpu_etl.dashboard.charts import Figure

WIDTH, HEIGHT = 1000, 300


def svg(figure: Figure) -> Markup:
    """The figure's lines without axes; empty where it has none."""
    low, high = figure["layout"].get("yaxis", {}).get("range", (0, 0))
    lines = [trace for trace in figure["data"] if trace.get("line") and "x" in trace and trace.get("yaxis") != "y2"]
    if not lines or high <= low:
        return Markup("")
    paths = Markup("").join(
        Markup('<path d="{}" class="s{}" vector-effect="non-scaling-stroke"/>').format(
            _path(line, low, high), str(line["line"]["color"]).rpartition("-")[2]
        )
        for line in lines
    )
    return Markup(
        '<svg class="preview" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(WIDTH, HEIGHT, paths)


def _path(line: Any, low: float, high: float) -> str:
    days = [date.fromisoformat(day) for day in line["x"]]
    if not days:
        return ""
    span = max((days[-1] - days[0]).days, 1)
    parts, pen_down = [], False
    for day, value in zip(days, line["y"], strict=True):
        if value is None:
            pen_down = False
            continue
        x, y = WIDTH * (day - days[0]).days / span, HEIGHT * (high - value) / (high - low)
        if pen_down:
            parts.append(f"H{x:.1f}V{y:.1f}" if line["line"].get("shape") == "hv" else f"L{x:.1f} {y:.1f}")
        else:
            parts.append(f"M{x:.1f} {y:.1f}")
        pen_down = True
    return "".join(parts)
