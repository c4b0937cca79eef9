"""Whether talk leads prices: by how many days a keyword's mentions come before the market's rise or fall.

Belongs here: that question and its test. Does not belong here: counting mentions (``signals``, ``trends``), the index.

- Mentions are a keyword's share of all posts, the mean of seven days; prices are the change of the market's level over
  seven days, seen 0, 7, ... 42 days later. The market's level is the chained mean change of the published chipsets.
- The correlation is one of ranks: talk comes in bursts, and a few loud weeks would be all that a plain one sees.
- Asked of every keyword and lag, the question finds something by chance. So all are tested together: the mentions are
  slid along the calendar against the prices, by every number of days from 60 on, all keywords by the same; the largest
  correlation of any keyword and lag of each slide is what chance makes of this talk and these prices, whose own rhythm
  stays as it is. ``p_value`` is the share of slides whose largest is as large: below 0.05 the pair is shown, and in
  nineteen markets of twenty without any lead nothing is.
- Without 240 days of both nothing is said: there are too few slides.

What it cannot tell is cause: both may follow a third thing, such as an announced launch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from statistics import fmean

import numpy as np
import numpy.typing as npt

LAGS = (0, 7, 14, 21, 28, 35, 42)
SPAN_DAYS = 7
MIN_DAYS = 240
NEAREST_SLIDE = 60
SIGNIFICANT = 0.05

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lag:
    """One keyword and lag; ``correlation`` and ``p_value`` are ``None`` where there are too few days."""

    keyword: str
    lag_days: int
    from_day: date
    to_day: date
    days: int
    correlation: float | None
    p_value: float | None
    is_significant: bool


def market_level(levels: Mapping[str, Mapping[date, float]]) -> dict[date, float]:
    """The market's level by day, 100 on the first: the chained mean change of what a day and the last publish."""
    days = sorted({day for published in levels.values() for day in published})
    made: dict[date, float] = {}
    level = log(100)
    for before, day in zip([None, *days], days, strict=False):
        changes = [
            log(published[day] / published[before])
            for published in levels.values()
            if before is not None and day in published and before in published
        ]
        level += fmean(changes) if changes else 0.0
        made[day] = exp(level)
    return made


def lead_lags(mentions: Mapping[str, Mapping[date, float]], level: Mapping[date, float]) -> list[Lag]:
    """Test every keyword and lag together; ``mentions`` are shares by keyword and day, gaps allowed."""
    known = {keyword: shares for keyword, shares in sorted(mentions.items()) if shares}
    if not known or not level:
        return []
    first = max(min(level), min(day for shares in known.values() for day in shares))
    last = min(max(level), max(day for shares in known.values() for day in shares))
    days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
    if not days:
        return []
    talk = np.array([_ranks(_smoothed(shares, days)) for shares in known.values()])
    prices = np.array([_ranks(_later_changes(level, days, lag)) for lag in LAGS])
    both, found = _correlations(talk, prices)
    is_enough = both >= MIN_DAYS
    found = np.where(is_enough, found, np.nan)
    largest = _by_chance(talk, prices, is_enough)
    return [
        _lag(keyword, lag, days, int(both[row, column]), float(found[row, column]), largest)
        for row, keyword in enumerate(known)
        for column, lag in enumerate(LAGS)
    ]


def _lag(keyword: str, lag: int, days: list[date], both: int, found: float, largest: Floats) -> Lag:
    if np.isnan(found):
        return Lag(keyword, lag, days[0], days[-1], both, None, None, is_significant=False)
    p_value = float((1 + (largest >= abs(found)).sum()) / (1 + len(largest)))
    return Lag(keyword, lag, days[0], days[-1], both, found, p_value, is_significant=p_value < SIGNIFICANT)


def _smoothed(shares: Mapping[date, float], days: list[date]) -> Floats:
    """Mean share of the seven days up to each day, NaN where fewer than four of them were read."""
    read = [
        [shares[day - timedelta(days=back)] for back in range(SPAN_DAYS) if day - timedelta(days=back) in shares]
        for day in days
    ]
    return np.array([fmean(known) if len(known) > SPAN_DAYS // 2 else np.nan for known in read])


def _later_changes(level: Mapping[date, float], days: list[date], lag: int) -> Floats:
    """Change over the seven days that end ``lag`` days after each day, NaN where an end is not known."""
    ends = [(level.get(day + timedelta(days=lag - SPAN_DAYS)), level.get(day + timedelta(days=lag))) for day in days]
    return np.array([log(after / before) if before and after else np.nan for before, after in ends])


def _ranks(values: Floats) -> Floats:
    """Ranks of the known values, equal ones sharing theirs; NaN stays."""
    known = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    ranks[known] = ((ends - counts + ends - 1) / 2)[place]
    return ranks


def _correlations(talk: Floats, prices: Floats) -> tuple[Floats, Floats]:
    """Days with both, and the correlation, of every keyword (rows) with every lag (columns)."""
    read, priced = ~np.isnan(talk), ~np.isnan(prices)
    x, y = np.where(read, talk, 0.0), np.where(priced, prices, 0.0)
    n = read.astype(float) @ priced.T
    sum_x, sum_y = x @ priced.T, read @ y.T
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = x @ y.T - sum_x * sum_y / n
        spread = ((x**2) @ priced.T - sum_x**2 / n) * (read @ (y**2).T - sum_y**2 / n)
        return n, np.where(spread > 0, covariance / np.sqrt(np.where(spread > 0, spread, 1.0)), np.nan)


def _by_chance(talk: Floats, prices: Floats, is_enough: npt.NDArray[np.bool_]) -> Floats:
    """The largest correlation of any pair at every slide of the mentions along the calendar."""
    largest = []
    for slide in range(NEAREST_SLIDE, talk.shape[1] - NEAREST_SLIDE + 1):
        _, found = _correlations(np.roll(talk, slide, axis=1), prices)
        sizes = np.abs(found[is_enough & ~np.isnan(found)])
        largest.append(float(sizes.max()) if sizes.size else 0.0)
    return np.array(largest)
