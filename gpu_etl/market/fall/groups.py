"""Means over things that belong together: the listings of a chipset, of a maker.

Belongs here: that arithmetic on columns of numbers. Does not belong here: who belongs together (``features``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.fall.price_panel import Table

Numbers = NDArray[np.int64]


class Group:
    """Which lines of a day belong together, and means over them."""

    def __init__(self, number: Numbers) -> None:
        self.number = number
        self.n = int(number.max(initial=-1)) + 1

    def mean(self, values: Table) -> Table:
        """For each line the mean over its group, itself included, of what is known."""
        known = np.isfinite(values)
        total = np.bincount(self.number[known], values[known], minlength=self.n)
        count = np.bincount(self.number[known], minlength=self.n)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((total / count)[self.number])

    def daily_mean(self, values: Table) -> Table:
        """Days x groups: the mean over each group and day of what is known, 0 where nothing is."""
        days = len(values)
        known = np.isfinite(values)
        at = (np.arange(days)[:, None] * self.n + self.number[None, :])[known]
        total = np.bincount(at, values[known], minlength=days * self.n)
        count = np.bincount(at, minlength=days * self.n)
        return np.asarray(total / np.maximum(count, 1)).reshape(days, self.n)

    def members(self) -> list[Numbers]:
        """The lines of each group that has any."""
        order: Numbers = np.argsort(self.number, kind="stable")
        return [part for part in np.split(order, np.flatnonzero(np.diff(self.number[order])) + 1) if len(part)]
