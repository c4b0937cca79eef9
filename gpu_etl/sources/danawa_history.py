"""Danawa's own price history of a listing, as its product page's chart fetches it.

Belongs here: reading that answer. Does not belong here: asking for it (robots.txt forbids it, so only on opt-in).

The answer holds every window at once: ``"1"`` and ``"3"`` months in weekly points dated by ``Fulldate`` (``26-11-16``),
``"6"``, ``"12"`` and ``"24"`` in monthly ones dated by ``date`` (``26-11``).
"""

from __future__ import annotations

import json
import re
from typing import Any

from gpu_etl.sources import pages
from gpu_etl.sources.danawa_words import won
from gpu_etl.sources.pages import LayoutChanged, ParseError
from gpu_etl.sources.records import PricePoint

WEEKLY, MONTHLY = ("1", "3"), ("6", "12", "24")
_DATES = {
    "Fulldate": re.compile(r"\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    "date": re.compile(r"\d\d-(0[1-9]|1[0-2])"),
}


def parse(body: bytes) -> list[PricePoint]:
    """Read the whole answer, oldest point first within each window.

    A point without a date says nothing and is left out; a window in which none has one raises.
    Raises :class:`ParseError` for a body that is not JSON, :class:`LayoutChanged` for a missing or renamed key.
    """
    text = pages.decode(body)
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ParseError(f"the price history is not JSON: {problem.msg} in {text[:60]!r}") from None
    windows = {key: answer[key] for key in (*WEEKLY, *MONTHLY) if key in answer} if isinstance(answer, dict) else {}
    if not windows:
        raise LayoutChanged("the price history has none of the windows 1, 3, 6, 12, 24")
    return [point for key, window in windows.items() for point in _window(key, window)]


def _window(key: str, window: Any) -> list[PricePoint]:
    if not isinstance(window, dict) or not isinstance(window.get("result"), list):
        raise LayoutChanged(f"window {key} of the price history has no list 'result'")
    date_key = "Fulldate" if key in WEEKLY else "date"
    points = [
        PricePoint(int(key), f"20{date}", _price(key, point))
        for point in window["result"]
        if (date := _date(point, date_key)) is not None
    ]
    if window["result"] and not points:
        raise LayoutChanged(f"no point of window {key} of the price history has a {date_key!r}")
    return points


def _date(point: Any, key: str) -> str | None:
    value = point.get(key) if isinstance(point, dict) else None
    return value if isinstance(value, str) and _DATES[key].fullmatch(value) else None


def _price(window: str, point: dict[str, Any]) -> int | None:
    if "minPrice" not in point:
        raise LayoutChanged(f"a point of window {window} of the price history has no 'minPrice'")
    value = point["minPrice"]
    if value is None or value == "":
        return None
    price = won(value) if isinstance(value, str) else value
    if not isinstance(price, int) or isinstance(price, bool) or price < 0:
        raise ParseError(f"window {window} of the price history has the price {value!r}")
    return price or None
