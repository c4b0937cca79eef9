"""The event that the risk score is about: a price at least 5 % lower 28 days later.

Belongs here: that definition. Does not belong here: predicting it (``model``).

A listing whose page is gone by then, or has no price, has no label. That is 7 % of the listing-days of 2024-07 to
2026-04 and was 34 % in 2025-02, when the RTX 40 cards sold out: what is measured is about listings that stayed.
"""

from __future__ import annotations

import numpy as np

from gpu_etl.market.fall.price_panel import Table

HORIZON_DAYS = 28
TOLERANCE_DAYS = 3
"""Where there is no price on day 28, that of the nearest day within so many counts."""
FALL = 0.05
EMBARGO_DAYS = HORIZON_DAYS + TOLERANCE_DAYS
"""A day's label is known after so many days; no model may have learned from a later one."""


def later_change(price: Table) -> Table:
    """The change (0.1 is +10 %) to the believed price 28 days later; NaN where either is unknown."""
    later = np.full_like(price, np.nan)
    for offset in sorted(range(-TOLERANCE_DAYS, TOLERANCE_DAYS + 1), key=abs):
        ahead = HORIZON_DAYS + offset
        found = np.full_like(price, np.nan)
        found[:-ahead] = price[ahead:]
        later = np.where(np.isnan(later), found, later)
    return later / price - 1
