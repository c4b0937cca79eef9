"""Figures for plotly.js, as plain JSON: the server makes every trace and every hover text, the browser only draws.

Belongs here: how a course of prices is drawn. Does not belong here: which one (``pages``), colours (``static/app.css``:
``"$name"`` stands for the style sheet's ``--name``, so that a figure follows light and dark).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gpu_etl.dashboard.addresses import web_address
from gpu_etl.dashboard.words import Words

Figure = Mapping[str, Any]
COLOURS = 8
"""The style sheet has ``--series-1`` to ``--series-8``."""


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a line; without a value the line has a gap."""

    day: date
    value: float | None
    hover: str = ""
    """What is shown beside the pointer, escaped (:func:`escaped`), lines parted by ``<br>``.

    No other tag: plotly.js would write it as a style attribute, which our policy forbids.
    """
    url: str | None = None
    """Where a click on the point goes: http or https, or an address of ours."""


@dataclass(frozen=True, slots=True)
class Line:
    """A named line; ``colour`` counts from 1."""

    name: str
    points: Sequence[Point]
    colour: int = 1
    dash: str = "solid"
    width: float = 2
    steps: bool = False
    """Prices hold until they change: drawn as steps."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Points that stand for themselves: suspect prices, news."""

    name: str
    points: Sequence[Point]
    symbol: str = "x"
    colour: str = "warn"
    at_bottom: bool = False
    """Stand at the foot of the chart instead of at a value."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A named bar; ``colour`` names one of the style sheet."""

    name: str
    value: float | None
    hover: str = ""
    url: str | None = None
    colour: str = "series-1"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day: a line from top to bottom with a word at its head."""

    day: date
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """Days for which there is nothing to draw, and why: ``unread`` or ``sold_out``."""

    first: date
    last: date
    kind: str


def escaped(text: str | None) -> str:
    """A stranger's text for a hover box, where plotly.js reads some markup."""
    return html.escape(text or "", quote=False)


def colour(number: int) -> str:
    """The colour of the n-th line, from 1."""
    return f"$series-{(number - 1) % COLOURS + 1}"


def bands(days: Iterable[date], kind: str) -> list[Band]:
    """Days that follow each other as one band."""
    found: list[Band] = []
    for day in sorted(days):
        if found and day - found[-1].last == timedelta(days=1):
            found[-1] = Band(found[-1].first, day, kind)
        else:
            found.append(Band(day, day, kind))
    return found


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
    shapes = [_band(band) for band in gaps if band.last >= first and band.first <= last]
    shown = [event for event in events if first <= event.day <= last]
    shapes += [_event_line(event) for event in shown]
    layout = {
        "xaxis": {
            "type": "date",
            "range": [_half_a_day(first, -12), _half_a_day(last, 12)],
            "tickformat": "%-m월 %-d일" if words.language == "ko" else "%-d %b",
            "hoverformat": "%Y-%m-%d",
            "tickformatstops": _tick_formats(words),
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


def bars(
    days: Sequence[date],
    counts: Sequence[float | None],
    hovers: Sequence[str],
    words: Words,
    *,
    tone: str = "series-1",
    unread: Iterable[date] = (),
) -> Figure:
    """One bar a day; an unknown day has none, and a band where it is named in ``unread``."""
    trace = {
        "type": "bar",
        "x": [day.isoformat() for day in days],
        "y": list(counts),
        "hovertext": list(hovers),
        "hoverinfo": "text",
        "marker": {"color": f"${tone}"},
    }
    axis = {"type": "date", "tickformatstops": _tick_formats(words)}
    layout = {
        "xaxis": axis,
        "yaxis": {
            "tickformat": ",d",
            "rangemode": "tozero",
            "dtick": 1 if max(_known(counts), default=0) < 5 else None,
        },
        "shapes": [_band(band) for band in bands(unread, "unread")],
        "bargap": 0.25,
        "showlegend": False,
    }
    return {"data": [trace], "layout": layout}


def ranking(ranked: Sequence[Bar]) -> Figure:
    """Named bars, the first at the top; an unknown one is missing."""
    names = [escaped(bar.name) for bar in ranked]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": [bar.value for bar in ranked],
        "text": [f"{bar.value:,.0f}" if bar.value is not None else "" for bar in ranked],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [bar.hover for bar in ranked],
        "hoverinfo": "text",
        "customdata": [bar.url for bar in ranked],
        "marker": {"color": [f"${bar.colour}" for bar in ranked]},
    }
    layout = {
        "xaxis": {
            "type": "linear",
            "tickformat": ",d",
            "rangemode": "tozero",
            "showticklabels": False,
            "fixedrange": True,
        },
        "yaxis": {"type": "category", "autorange": "reversed", "tickfont": {"size": 13}, "fixedrange": True},
        "margin": {"l": 8, "r": 48, "t": 8, "b": 8, "pad": 4},
        "bargap": 0.35,
        "showlegend": False,
        "hovermode": "closest",
    }
    return {"data": [trace], "layout": layout}


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


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


def _band(band: Band) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": _half_a_day(band.first, -12),
        "x1": _half_a_day(band.last, 12),
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": "$band-unread" if band.kind == "unread" else "$band-sold-out",
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


def _half_a_day(day: date, hours: int) -> str:
    return f"{day - timedelta(days=1)}T12:00" if hours < 0 else f"{day}T12:00"


def _tick_formats(words: Words) -> list[dict[str, Any]]:
    day, month = ("%-m월 %-d일", "%Y년 %-m월") if words.language == "ko" else ("%-d %b", "%b %Y")
    return [
        {"dtickrange": [None, 86_400_000], "value": day},
        {"dtickrange": [86_400_000, "M1"], "value": day},
        {"dtickrange": ["M1", None], "value": month},
    ]
