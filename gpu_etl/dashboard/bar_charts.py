"""Bars: counts by day, and named counts one under the other.

Belongs here: those figures. Does not belong here: their pieces (``charts``), what is counted (``pages``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from gpu_etl.dashboard.charts import Bar, Figure, band_shape, bands, escaped, tick_formats
from gpu_etl.words import Words


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
    axis = {"type": "date", "tickformatstops": tick_formats(words)}
    layout = {
        "xaxis": axis,
        "yaxis": {
            "tickformat": ",d",
            "rangemode": "tozero",
            "dtick": 1 if max(_known(counts), default=0) < 5 else None,
        },
        "shapes": [band_shape(band) for band in bands(unread, "unread")],
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
