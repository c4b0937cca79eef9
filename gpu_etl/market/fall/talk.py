"""What Reddit says of a chipset, as numbers of a day: its share of the talk, and rumours of what comes after it.

Belongs here: those numbers, and whether there is enough of them to learn from. Does not belong here: what counts as a
mention (``signals``), reading the counts (``database.panel``).

- ``talk_share_28d``: the share of a chipset's mentions among all chipsets' of 28 days, 0 to 1;
  ``talk_share_change_7d``: the share of the last 7 days less that.
- ``own_news_28d``: posts with a new-release keyword that name it, per 1,000 posts searched in 28 days.
- ``successor_news_28d``: the same of what follows it, launched or only expected (``catalog.followers``); a post that
  names two of them counts twice. ``successor_news_change_7d``: the rate of the last 7 days less that.

A day's posts are not all there when its prices are scored at nine in the morning, so everything looks at the days
before. A day that was read in part gives too few mentions but no wrong share. Where Reddit was read on fewer than half
of a window's days the number is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

FEATURES = (
    "talk_share_28d",
    "talk_share_change_7d",
    "own_news_28d",
    "successor_news_28d",
    "successor_news_change_7d",
)
PART = "talk"
"""The part of the score that they make."""
LONG, SHORT = 28, 7
LEAST_DAYS = 120
LEAST_SHARE = 0.8
"""Of the days that are learned from: knowing talk on the last of them alone, it would learn when the reading began."""


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """Counts of consecutive days, the rows of a price panel; NaN on a day that was not read."""

    chipsets: Sequence[str]
    posts: Table
    """Posts searched: a number a day."""
    mentions: Table
    """Posts that name a chipset: a row a day, a column a chipset."""
    news: Table
    """Those of them with a new-release keyword."""

    def __post_init__(self) -> None:
        if not self.mentions.shape == self.news.shape == (len(self.posts), len(self.chipsets)):
            raise ValueError(f"{self.mentions.shape} mentions, {self.news.shape} news, {len(self.posts)} days")


def numbers(
    talk: Talk | None, row: int, chipsets: Sequence[str], followers: Sequence[Sequence[str]]
) -> dict[str, Table]:
    """The features of a day (a row) for chipsets and what follows each, by name, in their order; NaN where unknown."""
    if talk is None:
        return {name: np.full(len(chipsets), np.nan) for name in FEATURES}
    own = [[name] for name in chipsets]
    nothing = np.array([not names for names in followers], dtype=bool)
    share = {days: _share(talk, row, days, own) for days in (LONG, SHORT)}
    rate = {days: np.where(nothing, np.nan, _news(talk, row, days, followers)) for days in (LONG, SHORT)}
    return {
        "talk_share_28d": share[LONG],
        "talk_share_change_7d": share[SHORT] - share[LONG],
        "own_news_28d": _news(talk, row, LONG, own),
        "successor_news_28d": rate[LONG],
        "successor_news_change_7d": rate[SHORT] - rate[LONG],
    }


def _share(talk: Talk, row: int, days: int, named: Sequence[Sequence[str]]) -> Table:
    by_chipset = _sum(talk, talk.mentions, row, days)
    total = by_chipset.sum()
    return _added(talk, by_chipset, named) / total if total else np.full(len(named), np.nan)


def _news(talk: Talk, row: int, days: int, named: Sequence[Sequence[str]]) -> Table:
    posts = _sum(talk, talk.posts, row, days)
    news = _added(talk, _sum(talk, talk.news, row, days), named)
    return 1000 * news / posts if posts else np.full(len(named), np.nan)


def _added(talk: Talk, by_chipset: Table, named: Sequence[Sequence[str]]) -> Table:
    """The counts of several names each; one that nobody said was said 0 times, in a window that is known."""
    if np.isnan(by_chipset).any():
        return np.full(len(named), np.nan)
    counted = dict(zip(talk.chipsets, by_chipset, strict=True))
    return np.array([sum(counted.get(name, 0.0) for name in names) for names in named])


def _sum(talk: Talk, counts: Table, row: int, days: int) -> Table:
    """Over the window that ends the day before; NaN where it was not read on half of its days."""
    window = slice(max(0, row - days), row)
    read = int(np.isfinite(talk.posts[window]).sum())
    total = np.nansum(counts[window], axis=0)
    return np.asarray(total if 2 * read >= days else np.full_like(total, np.nan))


def why_not_learned(known_days: int, days: int) -> str | None:
    """Why talk that is known on some of the days cannot be learned from; ``None`` when it can."""
    if known_days >= max(LEAST_DAYS, LEAST_SHARE * days):
        return None
    needed = f"{LEAST_DAYS} and {LEAST_SHARE:.0%} of them are needed"
    return f"what Reddit said is known on {known_days} of {days} days; {needed}"
