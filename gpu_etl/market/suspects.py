"""Which prices are not believed at first sight.

Belongs here: the rule and its sentence. Does not belong here: where a held price is kept out (every query that asks
for ``suspect_reason IS NULL``).

Measured on 484,587 day-to-day pairs: one-day drops of 15 % and more happen 784 times and a fifth of them revert the
next day. This rule holds about 0.8 listings a day; four of five of those were true and are shown a day late, as
unconfirmed. Two things release a price: a second sighting, by itself, because the next day it is no longer a drop from
the day before; and two shops that ask as little by card, where the product page was read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from gpu_etl.sources.records import PaymentCondition, SellerOffer

SHARE_OF_MEDIAN = 0.85
DROP_FROM_LAST = 0.10
HISTORY = timedelta(days=14)
"""How far back a listing's own prices are asked."""
MIN_HISTORY = 3
"""Observations needed before a price can be called unusual for its listing."""
EARLY_DROP = 0.30
"""A fall from the last price that needs no longer history to be strange: 3 of 10,000 prices do that in a day."""
EXTREME_FACTOR = 5
"""A price this many times the last one, or this small a part of it, is strange without a history, and no shop's
agreement makes it credible: a site that slips by a digit slips on every row. Where there are trusted prices it has to
be as far from their median too, or the ordinary price would be held on the day after a slip (8 times in two years)."""
CONFIRMING_SHOPS = 2
LIST_AND_PAGE_APART = 0.15
"""How far the list's price and the product page's may be apart: they are read minutes after each other."""
GLITCH_BELOW = 5_000
"""Won. No graphics card is sold for less; 1, 52 and 1,119 won have been listed by mistake."""


@dataclass(frozen=True, slots=True)
class RecentPrices:
    """A listing's own prices of the 14 days before, in the currency's minor unit."""

    median: float
    """Of the trusted ones; 0 where none is."""
    last: int
    """The last one, trusted or not."""
    observations: int
    """How many are trusted."""


def slip_reason(price: int, recent: RecentPrices | None, currency: str = "KRW") -> str | None:
    """Say why a price is a slip of a digit rather than a bargain, or ``None``."""
    if currency == "KRW" and price < GLITCH_BELOW:
        return f"{price:,} won is below {GLITCH_BELOW:,}: a slip of the shop"
    if recent and all(_is_extreme(price, usual) for usual in (recent.last, recent.median) if usual):
        return f"{price / recent.last:.2g} times its last price of {recent.last:,}, seen once"
    return None


def _is_extreme(price: int, usual: float) -> bool:
    return price >= EXTREME_FACTOR * usual or price * EXTREME_FACTOR <= usual


def suspect_reason(
    price: int, recent: RecentPrices | None, currency: str = "KRW", sellers: Collection[SellerOffer] = ()
) -> str | None:
    """Say why a price is not believed yet, or ``None``; ``sellers`` are the shops of its product page, where read."""
    slip = slip_reason(price, recent, currency)
    if slip is not None or recent is None:
        return slip
    if recent.observations < MIN_HISTORY:
        lower = min(recent.last, recent.median or recent.last)  # the last one may be a slip
        line, against = (1 - EARLY_DROP) * lower, f"its last price of {recent.last:,}"
    else:
        line, against = SHARE_OF_MEDIAN * recent.median, f"its own 14-day median of {recent.median:,.0f}"
    if price >= line or price > (1 - DROP_FROM_LAST) * recent.last or _confirmed(line, sellers):
        return None
    usual = recent.last if recent.observations < MIN_HISTORY else recent.median
    return f"{1 - price / usual:.0%} below {against}, seen once"


Judged = tuple[int, int, bool]
"""A price that was judged: its day as an ordinal, the price, whether it is believed."""


class Judge:
    """Judges listings' prices in the order of days, each by those of the 14 days before it that it has seen itself.

    ``held`` counts the prices that it did not believe. One that is made ``after`` another goes on where that one is;
    ``known`` are prices that were judged before, by listing, in the order of days: those from before the first day that
    it sees a listing on count as seen.
    """

    def __init__(self, after: Judge | None = None, known: Mapping[str, Sequence[Judged]] | None = None) -> None:
        self.held: int = after.held if after else 0
        self._known: Mapping[str, Sequence[Judged]] = known or (after._known if after else {})
        self._seen: dict[str, deque[Judged]] = {}
        if after:
            self._seen.update((listing_id, seen.copy()) for listing_id, seen in after._seen.items())

    def reason(self, listing_id: str, day: date, price: int, currency: str = "KRW") -> str | None:
        """Say why a price is not believed yet, or ``None``; also for a day before one that was judged already."""
        number = day.toordinal()
        seen = self._seen.get(listing_id)
        if seen is None:
            before = (judged for judged in self._known.get(listing_id, ()) if judged[0] < number)
            seen = self._seen[listing_id] = deque(before)
        if seen and number <= seen[-1][0]:
            return None
        while seen and number - seen[0][0] > HISTORY.days:
            seen.popleft()
        reason = suspect_reason(price, _recent(seen), currency) if _may_be_odd(price, seen, currency) else None
        seen.append((number, price, reason is None))
        self.held += reason is not None
        return reason


def _may_be_odd(price: int, seen: deque[Judged], currency: str) -> bool:
    """Whether the rule is worth asking: for nearly every price it is not, and medians of all would take long."""
    if not seen:
        return currency == "KRW" and price < GLITCH_BELOW
    last = seen[-1][1]
    return price <= (1 - DROP_FROM_LAST) * last or price >= EXTREME_FACTOR * last or price < GLITCH_BELOW


def _recent(seen: deque[Judged]) -> RecentPrices | None:
    if not seen:
        return None
    trusted = [price for _, price, is_trusted in seen if is_trusted]
    return RecentPrices(median(trusted) if trusted else 0, seen[-1][1], len(trusted))


def _confirmed(line: float, sellers: Collection[SellerOffer]) -> bool:
    """Whether several shops ask less than the line of doubt from anybody who pays by card."""
    below = {
        offer.seller for offer in sellers if offer.payment_condition is PaymentCondition.CARD and offer.price < line
    }
    return len(below) >= CONFIRMING_SHOPS


def disagreement(list_price: int | None, page_price: int | None) -> str | None:
    """Say that a listing's two prices contradict each other, or ``None``."""
    if list_price is None or page_price is None or abs(list_price - page_price) <= LIST_AND_PAGE_APART * page_price:
        return None
    return f"the list says {list_price:,}, the product page {page_price:,}"
