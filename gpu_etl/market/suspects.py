"""Which prices are not believed at first sight.

Belongs here: the rule and its sentence. Does not belong here: where a held price is kept out (every query that asks
for ``suspect_reason IS NULL``).

Measured on 484,587 day-to-day pairs: one-day drops of 15 % and more happen 784 times and a fifth of them revert the
next day. This rule holds about 0.8 listings a day; four of five of those were true and are shown a day late, as
unconfirmed. A second sighting releases a price by itself: the next day it is no longer a drop from the day before.
"""

from __future__ import annotations

from dataclasses import dataclass

SHARE_OF_MEDIAN = 0.85
DROP_FROM_LAST = 0.10
MIN_HISTORY = 3
"""Observations needed before a price can be called unusual for its listing."""
EXTREME_FACTOR = 5
"""A price this many times the last one, or this small a part of it, needs no history to be strange."""
GLITCH_BELOW = 5_000
"""Won. No graphics card is sold for less; 1, 52 and 1,119 won have been listed by mistake."""


@dataclass(frozen=True, slots=True)
class RecentPrices:
    """A listing's own trusted prices of the 14 days before, in the currency's minor unit."""

    median: float
    last: int
    observations: int


def suspect_reason(price: int, recent: RecentPrices | None, currency: str = "KRW") -> str | None:
    """Say why a price is not believed yet, or ``None``."""
    if currency == "KRW" and price < GLITCH_BELOW:
        return f"{price:,} won is below {GLITCH_BELOW:,}: a slip of the shop"
    if recent is None:
        return None
    if price >= EXTREME_FACTOR * recent.last or price * EXTREME_FACTOR <= recent.last:
        return f"{price / recent.last:.2g} times its last price of {recent.last:,}, seen once"
    if recent.observations < MIN_HISTORY:
        return None
    if price < SHARE_OF_MEDIAN * recent.median and price <= (1 - DROP_FROM_LAST) * recent.last:
        return f"{1 - price / recent.median:.0%} below its own 14-day median of {recent.median:,.0f}, seen once"
    return None
