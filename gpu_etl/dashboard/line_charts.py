"""Lines over days: prices, indexes, with what is suspect, what happened, and the days for which there is nothing.

Belongs here: that figure. Does not belong here: its pieces (``charts``), which course it shows (``pages``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from gpu_etl.dashboard.addresses import web_address
from gpu_etl.dashboard.charts import (
    Band,
    Event,
    Figure,
    Line,
    Marks,
    Point,
    band_shape,
    colour,
    escaped,
    noon_before,
    noon_of,
    tick_formats,
)
from gpu_etl.words import Words


def time_chart(
    lines: Sequence[Line],
    words: Words,
    first: date,
    last: date,
    *,
    marks: Sequence[Marks] = (),
    events: Sequence[Event] = (),
    gaps: Sequence[Band] = (),
    unit: str = "won",
    legend: bool = True,
) -> Figure:
    """Lines over days; ``unit``: won, percent or index. A day without a point is a gap in its line."""
    low, high = _span([point.value for line in lines for point in line.points if point.value is not None])
    traces = [_line(line, first, last) for line in lines]
    traces += [_marks(mark, low, high) for mark in marks if mark.points]
    shapes = [band_shape(band) for band in gaps if band.last >= first and band.first <= last]
    shown = [event for event in events if first <= event.day <= last]
    shapes += [_event_line(event) for event in shown]
    layout = {
        "xaxis": {
            "type": "date",
            "range": [noon_before(first), noon_of(last)],
            "tickformat": "%-m월 %-d일" if words.language == "ko" else "%-d %b",
            "hoverformat": "%Y-%m-%d",
            "tickformatstops": tick_formats(words),
        },
        "yaxis": {
            "range": [low, high],
            "tickformat": ",.0f" if unit == "won" else ",.4~g",
            "ticksuffix": "%" if unit == "percent" else "",
        },
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "shapes": shapes,
        "annotations": [_event_label(event, at) for at, event in enumerate(shown)],
        "showlegend": legend and len(traces) > 1,
        "hovermode": "x",
    }
    return {"data": traces, "layout": layout}


def _line(line: Line, first: date, last: date) -> dict[str, Any]:
    by_day = {point.day: point for point in line.points}
    days = [first + timedelta(days=back) for back in range((last - first).days + 1)]
    points = [by_day.get(day) or Point(day, None) for day in days]
    values = [point.value for point in points]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escaped(line.name),
        "x": [day.isoformat() for day in days],
        "y": values,
        "hovertext": [point.hover for point in points],
        "hoverinfo": "text",
        "customdata": [_target(point.url) for point in points],
        "connectgaps": False,
        "line": {
            "color": colour(line.colour),
            "width": line.width,
            "dash": line.dash,
            "shape": "hv" if line.steps else "linear",
        },
        # A day between two gaps has no line to be seen by, and the latest is what everybody looks for.
        "marker": {"size": _sizes(values), "color": colour(line.colour)},
    }


def _target(url: str | None) -> str | None:
    return url if url and re.match(r"/(?!/)", url) else web_address(url)


def _sizes(values: Sequence[float | None]) -> list[int]:
    def is_known(at: int) -> bool:
        return 0 <= at < len(values) and values[at] is not None

    last = max((at for at in range(len(values)) if is_known(at)), default=-1)
    return [7 if at == last else 5 if not is_known(at - 1) and not is_known(at + 1) else 0 for at in range(len(values))]


def _span(values: Sequence[float]) -> tuple[float, float]:
    """What the axis shows: all the lines with a margin, not less than a few percent, or noise would look like news."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = max(0.06 * (high - low), 0.01 * high)
    return low - margin, high + margin


def _marks(marks: Marks, low: float, high: float) -> dict[str, Any]:
    """Marks beyond the lines stand at the edge: a price of a tenth would else flatten everything that is true."""
    edge = 0.02 * (high - low)

    def height(value: float | None) -> float | None:
        return None if value is None else min(max(value, low + edge), high - edge)

    return {
        "type": "scatter",
        "mode": "markers",
        "name": escaped(marks.name),
        "x": [point.day.isoformat() for point in marks.points],
        "y": [0.03 if marks.at_bottom else height(point.value) for point in marks.points],
        "yaxis": "y2" if marks.at_bottom else "y",
        "hovertext": [point.hover for point in marks.points],
        "hoverinfo": "text",
        "customdata": [_target(point.url) for point in marks.points],
        "marker": {
            "symbol": marks.symbol,
            "size": 9,
            "color": f"${marks.colour}",
            "line": {"width": 1.5, "color": f"${marks.colour}"},
        },
    }


def _event_line(event: Event) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": event.day.isoformat(),
        "x1": event.day.isoformat(),
        "y0": 0,
        "y1": 1,
        "line": {"color": "$muted", "width": 1, "dash": "dot"},
    }


def _event_label(event: Event, at: int) -> dict[str, Any]:
    return {
        "x": event.day.isoformat(),
        "y": 1 - 0.075 * (at % 3),
        "xref": "x",
        "yref": "paper",
        "text": escaped(event.label),
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "top",
        "xshift": 3,
        "font": {"size": 11, "color": "$muted"},
        "bgcolor": "$surface",
    }
