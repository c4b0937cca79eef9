"""Looking back in a table of prices, a row a day and a column a card, NaN where a card has none.

Belongs here: what several computations ask of such a table. Does not belong here: any of them (``history``, ``index``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Prices = NDArray[np.float64]


def last_before(prices: Prices) -> Prices:
    """The last price of each card before each day, across gaps; NaN before its first."""
    days = np.arange(len(prices))[:, None]
    seen = np.maximum.accumulate(np.where(np.isnan(prices), 0, days), axis=0)
    last = np.take_along_axis(prices, seen, axis=0)
    return np.vstack([np.full((1, prices.shape[1]), np.nan), last[:-1]])
