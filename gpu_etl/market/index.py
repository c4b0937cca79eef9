"""A price index per chipset that compares like with like.

Each card is compared with itself on the day before; the changes are clipped, their mean moves the index, and the links
are chained from 100. The mean, not the median: most prices stand still from one day to the next, so a chain of medians
drifts to "no change" (a true fall of 17 % came out as 4 to 8 %). The plain median price stands beside it and moves
with the range as well: where cheap cards sell out it rises though no price did.

Publication is gated, the chain is not (a gate inside the chain biases it): few cards, few sellers or a vanishing range
leave ghost prices, and a number over those is worse than none.

Belongs here: the chain, the spread, the gates. Does not belong here: a card's price (``changes``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median, quantiles

MAX_DAILY_CHANGE = 0.25
"""A single card's change is clipped here: beyond it is a slip or another product, seldom the market."""
MIN_CARDS = 10
MIN_CARDS_THIN = 5
MIN_WELL_SOLD = 5
WELL_SOLD_FROM = 5
"""Published needs :data:`MIN_WELL_SOLD` cards with at least this many sellers, where sellers are told at all."""
MIN_PAIRS = 10
COHORT_DAYS = 90
END_OF_LIFE_VANISHED = 0.60


@dataclass(frozen=True, slots=True)
class CardPrice:
    """One card's price on one day."""

    sku_id: str
    price: int
    sellers: int | None


@dataclass(frozen=True, slots=True)
class Link:
    """Where the chain stood on the day it continues from."""

    day: date
    index_value: float
    base_day: date


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One chipset on one day; prices in won, changes in %."""

    status: str
    reason: str | None
    index_value: float | None
    base_day: date | None
    previous_day: date | None
    mean_change_pct: float | None
    matched_pairs: int
    median_price: int | None
    low_price: int | None
    spread_pct: float | None
    cards: int
    sellers: int | None


def chipset_index(
    day: date,
    cards: Sequence[CardPrice],
    previous: Mapping[str, int],
    link: Link | None,
    cohort: frozenset[str] = frozenset(),
) -> IndexRow:
    """Compute one chipset's row.

    ``previous`` are the prices by card on ``link.day``; ``cohort`` the cards priced :data:`COHORT_DAYS` ago.
    """
    changes = [_clipped(card.price / previous[card.sku_id] - 1) for card in cards if previous.get(card.sku_id)]
    mean = fmean(changes) if changes else None
    value, base = _chain(day, bool(cards), mean, link)
    status, reason = _publication(cards, len(changes), link, cohort)
    prices = sorted(card.price for card in cards)
    told = [card.sellers for card in cards if card.sellers is not None]
    return IndexRow(
        status=status,
        reason=reason,
        index_value=value,
        base_day=base,
        previous_day=link.day if link else None,
        mean_change_pct=None if mean is None else 100 * mean,
        matched_pairs=len(changes),
        median_price=round(median(prices)) if prices else None,
        low_price=prices[0] if prices else None,
        spread_pct=_spread(prices),
        cards=len(cards),
        sellers=sum(told) if told else None,
    )


def _clipped(change: float) -> float:
    return max(-MAX_DAILY_CHANGE, min(MAX_DAILY_CHANGE, change))


def _chain(day: date, has_cards: bool, mean: float | None, link: Link | None) -> tuple[float | None, date | None]:
    if link is None:
        return (100.0, day) if has_cards else (None, None)
    return link.index_value * (1 + (mean or 0.0)), link.base_day


def _spread(prices: Sequence[int]) -> float | None:
    if len(prices) < MIN_CARDS_THIN:
        return None
    low, middle, high = quantiles(prices, n=4, method="inclusive")
    return 100 * (high - low) / middle


def _publication(
    cards: Sequence[CardPrice], pairs: int, link: Link | None, cohort: frozenset[str]
) -> tuple[str, str | None]:
    gone = 1 - len(cohort & {card.sku_id for card in cards}) / len(cohort) if len(cohort) >= MIN_CARDS_THIN else 0.0
    if gone > END_OF_LIFE_VANISHED:
        return "end_of_life", f"{gone:.0%} of the cards of {COHORT_DAYS} days ago are gone"
    if len(cards) < MIN_CARDS_THIN:
        return "withheld", f"{len(cards)} cards with a price, at least {MIN_CARDS_THIN} are needed"
    if len(cards) < MIN_CARDS:
        return "thin", f"{len(cards)} cards with a price, {MIN_CARDS} make it solid"
    told = [card.sellers for card in cards if card.sellers is not None]
    well_sold = sum(sellers >= WELL_SOLD_FROM for sellers in told)
    if told and well_sold < MIN_WELL_SOLD:
        return "thin", f"{well_sold} cards with {WELL_SOLD_FROM} or more sellers, {MIN_WELL_SOLD} make it solid"
    if link is not None and pairs < MIN_PAIRS:
        return "thin", f"{pairs} cards priced on both days, {MIN_PAIRS} make it solid"
    return "published", None
