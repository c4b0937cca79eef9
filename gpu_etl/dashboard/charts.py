"""Figures for plotly.js, as plain JSON: the server makes every trace and every hover text, the browser only draws.

Belongs here: the pieces of figures. Does not belong here: the figures (``line_charts``, ``bar_charts``), which of them
a page has (``pages``), colours (``static/app.css``: ``"$name"`` is the style sheet's ``--name``, so that a figure
follows light and dark).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gpu_etl.words import Words

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


def band_shape(band: Band) -> dict[str, Any]:
    """A band as plotly.js draws it: from top to bottom, behind the lines."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": noon_before(band.first),
        "x1": noon_of(band.last),
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": "$band-unread" if band.kind == "unread" else "$band-sold-out",
    }


def noon_before(day: date) -> str:
    """Where a day begins in a chart whose days stand at midnight."""
    return f"{day - timedelta(days=1)}T12:00"


def noon_of(day: date) -> str:
    """Where it ends."""
    return f"{day}T12:00"


def tick_formats(words: Words) -> list[dict[str, Any]]:
    """How an axis of days is labelled in a language, by how far apart its ticks are."""
    day, month = ("%-m월 %-d일", "%Y년 %-m월") if words.language == "ko" else ("%-d %b", "%b %Y")
    return [
        {"dtickrange": [None, 86_400_000], "value": day},
        {"dtickrange": [86_400_000, "M1"], "value": day},
        {"dtickrange": ["M1", None], "value": month},
    ]
