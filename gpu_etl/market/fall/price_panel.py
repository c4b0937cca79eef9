"""Daily prices as two tables of numbers: a row a day, a column a listing.

Belongs here: that shape, which prices in it are believed, and how gaps are bridged. Does not belong here: reading it
from the database (``database.panel``), or what is computed from it (``features``, ``labels``).

Files that were imported hold prices as they were listed, slips included. So belief is decided here once more, by the
numbers of ``suspects`` and from the days before alone: what is said of a day never changes when later days come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.suspects import DROP_FROM_LAST, EXTREME_FACTOR, GLITCH_BELOW, MIN_HISTORY, SHARE_OF_MEDIAN

Table = NDArray[np.float64]

DOUBT_DAYS = 14
"""The days before, with whose median a price is compared."""
BRIDGED_DAYS = 7
"""A gap of so many days is bridged by the last price: a day that was not read, a shop that paused."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One column: a listing, the card it offers, that card's chipset and maker."""

    source: str
    listing_id: str
    sku_id: str
    chipset: str
    brand: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PricePanel:
    """Prices (won) and seller counts of consecutive days; NaN where unknown."""

    first_day: date
    listings: Sequence[Listing]
    price: Table
    sellers: Table

    def __post_init__(self) -> None:
        if not self.price.shape == self.sellers.shape == (self.days, len(self.listings)):
            raise ValueError(f"{self.price.shape} prices, {self.sellers.shape} sellers, {len(self.listings)} listings")

    @property
    def days(self) -> int:
        """How many days there are, gaps included."""
        return len(self.price)

    def row_of(self, day: date) -> int:
        """The row of a day; it may lie outside the table."""
        return (day - self.first_day).days

    def day_of(self, row: int) -> date:
        """The day of a row."""
        return self.first_day + timedelta(days=row)

    def up_to(self, day: date) -> PricePanel:
        """The same without any later day."""
        rows = max(0, self.row_of(day) + 1)
        return replace(self, price=self.price[:rows], sellers=self.sellers[:rows])


def believed(price: Table) -> Table:
    """The prices without slips and without unusual falls that were seen once, which become NaN.

    A price is doubted when it is below :data:`~gpu_etl.market.suspects.SHARE_OF_MEDIAN` of the listing's median of the
    14 days before and a tenth below its last price there; the same price on the next day is no fall any more.
    """
    kept = np.where(price >= GLITCH_BELOW, price, np.nan)
    last = _shifted(bridged(kept, DOUBT_DAYS), 1)
    result = kept.copy()
    with np.errstate(invalid="ignore"):
        for row, column in zip(*np.nonzero(_is_extreme(kept, last)), strict=True):
            # Back from a slip it is no slip; a slip that stays is none either.
            trusted = result[max(0, row - DOUBT_DAYS) : row, column]
            trusted = trusted[np.isfinite(trusted)]
            if not len(trusted) or _is_extreme(kept[row, column], trusted[-1]):
                result[row, column] = np.nan
        falls = np.isfinite(result) & (kept <= (1 - DROP_FROM_LAST) * last)
    for row, column in zip(*np.nonzero(falls), strict=True):
        before = kept[max(0, row - DOUBT_DAYS) : row, column]
        before = before[np.isfinite(before)]
        if len(before) >= MIN_HISTORY and kept[row, column] < SHARE_OF_MEDIAN * median(before.tolist()):
            result[row, column] = np.nan
    return result


def _is_extreme(price: Table | float, last: Table | float) -> Any:
    return (price >= EXTREME_FACTOR * last) | (price * EXTREME_FACTOR <= last)


def bridged(values: Table, at_most: int) -> Table:
    """Gaps of at most so many days filled with the last value before them."""
    result = values.copy()
    age = np.zeros(values.shape[1])
    for row in range(1, len(values)):
        age = np.where(np.isnan(values[row]), age + 1, 0)
        fill = (age > 0) & (age <= at_most)
        result[row, fill] = result[row - 1, fill]
    return result


def _shifted(values: Table, days: int) -> Table:
    """What stood there so many days before."""
    result = np.full_like(values, np.nan)
    result[days:] = values[:-days]
    return result
