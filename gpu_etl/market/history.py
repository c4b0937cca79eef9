"""Where a card's price stands in its own past: ranges, place in them, unrest.

Belongs here: those definitions, over a table of the cards' daily prices. Does not belong here: a card's price on a day
(``changes``), reading the table (``database.card_prices``), chipsets (``index``).

- All of it looks at the card's own earlier rows of ``price_changes``, one a day, which hold the lowest trusted price of
  its new listings: a price of another condition, or one that was not believed, is in none of them.
- It looks at most 90 days back, and further only along an index: the lowest price of all time is its first entry
  before the day; the last different price, where 90 days hold none, is found backwards from there. So a day costs the
  same after 10 days and after 800, and nothing is carried over from row to row: a row depends on the prices before its
  day and on no later one, whichever day is computed when. Where the price of a past day is corrected, later rows of
  that card stay as they are until they are computed again, in the order of days.
- The last 28 and 90 days include the day. A range wants a price on half of its days; otherwise it is NULL and
  ``history_reason`` says how many there are.
- The place in a range is the mid-rank: the share of its prices below the day's, equal ones counted half. A price that
  never moved stands at 50, a new low near 0, a new high near 100, and a higher price never stands lower.
- Unrest is the standard deviation of the daily changes of 28 days in logarithms, x 100: a fall of a fifth and the rise
  that undoes it are the same size, as they are not in plain percentages. Only changes from one day to the next count:
  one over a gap is no daily change.
- ``unchanged_days`` counts from the first day that had today's price; NULL where no other price was seen before it:
  the card is then as old as its history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.past_prices import Prices, last_before

DAYS = 90
"""The days of the table, the day itself included."""
MIN_DAYS = {28: 14, 90: 45}
"""Days with a price that a range of so many days needs."""
MIN_CHANGES = 14
"""Changes from one day to the next that unrest needs, of 28."""


def places(prices: Prices) -> list[dict[str, Any]]:
    """The columns of ``price_changes`` about a card's own past, a row a card.

    ``prices`` are :data:`DAYS` days x cards, NaN where a card has none; the last day is the one that is told.
    ``unchanged_days`` is ``None`` also where the table holds no other price: the days before it may.
    """
    has_price = np.isfinite(prices[-1])
    columns: dict[str, list[Any]] = {}
    for length, least in MIN_DAYS.items():
        days, low, high, percentile = _range(prices[-length:])
        enough = days >= least
        columns |= {
            f"days_{length}": days.tolist(),
            f"low_{length}": _known(low, enough, int),
            f"high_{length}": _known(high, enough, int),
            f"percentile_{length}": _known(percentile, enough & has_price, float),
        }
    moved = _last_move(prices)
    changes, deviation = _unrest(np.log(prices[-29:]))
    columns["unchanged_days"] = _known(DAYS - 1 - moved, has_price & (moved > 0), int)
    columns["volatility_28"] = _known(100 * deviation, changes >= MIN_CHANGES, float)
    told = zip(has_price.tolist(), columns["days_28"], columns["days_90"], changes.tolist(), strict=True)
    columns["history_reason"] = [_reason(*numbers) for numbers in told]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _range(window: Prices) -> tuple[NDArray[np.int64], Prices, Prices, Prices]:
    """Days with a price, the lowest, the highest, and the last one's place among them in %."""
    days = np.isfinite(window).sum(axis=0)
    halves = 2 * (window < window[-1]).sum(axis=0) + (window == window[-1]).sum(axis=0)
    low, high = np.fmin.reduce(window), np.fmax.reduce(window)
    return days, low, high, 50 * halves / np.maximum(days, 1)


def _last_move(prices: Prices) -> NDArray[np.int64]:
    """The last row whose price is another than the one before it, across gaps; 0 where none is."""
    before = last_before(prices)
    is_move = np.isfinite(before) & np.isfinite(prices) & (prices != before)
    return np.asarray(np.where(is_move, np.arange(len(prices))[:, None], 0).max(axis=0), dtype=np.int64)


def _unrest(logs: Prices) -> tuple[NDArray[np.int64], Prices]:
    """How many changes there are from one day to the next, and their standard deviation (of a sample)."""
    steps = np.diff(logs, axis=0)
    is_known = np.isfinite(steps)
    n = is_known.sum(axis=0)
    mean = np.where(is_known, steps, 0.0).sum(axis=0) / np.maximum(n, 1)
    squares = np.where(is_known, (steps - mean) ** 2, 0.0).sum(axis=0)
    return n, np.sqrt(squares / np.maximum(n - 1, 1))


def _known(values: NDArray[Any], is_known: NDArray[np.bool_], kind: Callable[[Any], Any]) -> list[Any]:
    pairs: Iterable[tuple[Any, bool]] = zip(values.tolist(), is_known.tolist(), strict=True)
    return [kind(value) if known else None for value, known in pairs]


def _reason(has_price: bool, days_28: int, days_90: int, changes: int) -> str | None:
    """Why something is not known."""
    reasons = [] if has_price else ["no price that day"]
    if days_28 < MIN_DAYS[28]:
        reasons.append(f"{days_28} of the last 28 days have a price, {MIN_DAYS[28]} are needed")
    elif changes < MIN_CHANGES:
        reasons.append(f"{changes} changes from one day to the next in 28 days, {MIN_CHANGES} are needed")
    if days_90 < MIN_DAYS[90]:
        reasons.append(f"{days_90} of the last 90 days have a price, {MIN_DAYS[90]} are needed")
    return "; ".join(reasons) or None
