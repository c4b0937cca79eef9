"""A price index per chipset that compares like with like.

The level is spliced from a window of days (``geks``) and begins at 100. The plain median price stands beside it and
moves with the range as well: where cheap cards sell out it rises though no price did. What the median moved beyond the
cards that both days have is told apart, as the composition's part.

A card's price that rises by more than a quarter or falls by more than a fifth is left out on its first day, like a
suspect price: most of the largest jumps are slips that are gone the next day. Nothing is lost by it: the next day, seen
twice, it is compared across the day that was left out. (Clipping such changes instead, day by day, takes true ones away
for good.) A day of which no price can be compared has no level; the series goes on with the next that can.

Publication is gated, the index is not (a gate inside the chain biases it): few cards, few sellers or a vanishing range
leave ghost prices, and a number over those is worse than none.

Belongs here: which prices are compared, the spread, the gates. Does not belong here: a card's price (``changes``), the
comparison itself (``geks``), what the cheapest card is worth (``worth``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import expm1
from statistics import median, quantiles

import numpy as np

from gpu_etl.market import geks
from gpu_etl.market.past_prices import last_before

WINDOW_DAYS = 28
"""Days that are compared, the new one included: whole weeks, long enough for a card to come back in. 56 days are nearer
to the truth by a quarter over three months, at twice the reading."""
JUMP = 1.25
"""A price that is more than so many times the card's last one, or less than its part, waits for a second sighting."""
MIN_CARDS = 10
MIN_CARDS_THIN = 5
MIN_WELL_SOLD = 5
WELL_SOLD_FROM = 5
"""Published needs :data:`MIN_WELL_SOLD` cards with at least this many sellers, where sellers are told at all."""
MIN_PAIRS = 10
COHORT_DAYS = 90
END_OF_LIFE_VANISHED = 0.60
WEEK_BACK = (7, 8, 6)
"""The level that a week's change is held against: 7 days back, else 8, else 6."""


@dataclass(frozen=True, slots=True)
class CardPrice:
    """One card's price on one day."""

    sku_id: str
    price: int
    sellers: int | None


@dataclass(frozen=True, slots=True)
class Level:
    """What is published of a chipset's earlier day, whether shown or withheld."""

    index_value: float
    base_day: date
    median_price: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A chipset's last :data:`WINDOW_DAYS` - 1 days: the levels, and the prices as a table of days x cards."""

    levels: Mapping[date, Level] = field(default_factory=dict)
    days: Sequence[date] = ()
    cards: Sequence[str] = ()
    prices: geks.Prices = field(default_factory=lambda: np.empty((0, 0)))
    """NaN where a card had none."""


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
    low_sku_id: str | None
    spread_pct: float | None
    cards: int
    sellers: int | None
    change_7d_pct: float | None
    median_change_pct: float | None
    composition_pct: float | None


def chipset_index(day: date, cards: Sequence[CardPrice], past: Past, cohort: frozenset[str] = frozenset()) -> IndexRow:
    """Compute one chipset's row; ``cohort`` are the cards priced :data:`COHORT_DAYS` ago."""
    days, prices = _believed(day, cards, past)
    value, base = _level(day, bool(cards), days, prices, past)
    previous = max(past.levels, default=None)
    changes = _matched(prices, days.index(previous)) if previous in days else []
    status, reason = _publication(cards, None if previous is None else len(changes), cohort)
    cheapest = min(cards, key=lambda card: (card.price, card.sku_id), default=None)
    middle = round(median(card.price for card in cards)) if cards else None
    mean_change = 100 * expm1(sum(changes) / len(changes)) if changes else None
    median_change = _percent(middle, past.levels[previous].median_price) if previous else None
    told = [card.sellers for card in cards if card.sellers is not None]
    return IndexRow(
        status=status,
        reason=reason,
        index_value=value,
        base_day=base,
        previous_day=previous,
        mean_change_pct=mean_change,
        matched_pairs=len(changes),
        median_price=middle,
        low_price=cheapest.price if cheapest else None,
        low_sku_id=cheapest.sku_id if cheapest else None,
        spread_pct=_spread([card.price for card in cards]),
        cards=len(cards),
        sellers=sum(told) if told else None,
        change_7d_pct=_weekly(day, value, base, past),
        median_change_pct=median_change,
        composition_pct=None if median_change is None or mean_change is None else median_change - mean_change,
    )


def _believed(day: date, cards: Sequence[CardPrice], past: Past) -> tuple[list[date], geks.Prices]:
    """The window's days and its prices, days x cards, without the first sightings of a jump."""
    place = {sku: at for at, sku in enumerate(past.cards)}
    for card in cards:
        place.setdefault(card.sku_id, len(place))
    table = np.full((len(past.days) + 1, len(place)), np.nan)
    table[:-1, : len(past.cards)] = past.prices
    for card in cards:
        table[-1, place[card.sku_id]] = card.price
    last = last_before(table)
    is_jump = (table > JUMP * last) | (JUMP * table < last)
    return [*past.days, day], np.where(is_jump, np.nan, table)


def _level(
    day: date, has_cards: bool, days: Sequence[date], prices: geks.Prices, past: Past
) -> tuple[float | None, date | None]:
    """The level and the day its series began, both unknown where nothing can be compared with an earlier day; a series
    that had no level for a whole window begins anew.
    """
    if not past.levels:
        return (100.0, day) if has_cards else (None, None)
    last = past.levels[max(past.levels)]
    of_same = {each: level.index_value for each, level in past.levels.items() if level.base_day == last.base_day}
    value = geks.spliced(prices, [of_same.get(each) for each in days[:-1]])
    return (None, None) if value is None else (value, last.base_day)


def _matched(prices: geks.Prices, previous: int) -> list[float]:
    """Logarithmic changes of the cards that the last day and a previous one have."""
    changes = np.log(prices[-1]) - np.log(prices[previous])
    return [float(change) for change in changes if not np.isnan(change)]


def _weekly(day: date, value: float | None, base: date | None, past: Past) -> float | None:
    levels = (past.levels.get(day - timedelta(days=back)) for back in WEEK_BACK)
    before = next((level.index_value for level in levels if level and level.base_day == base), None)
    return _percent(value, before)


def _percent(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else 100 * (now / before - 1)


def _spread(prices: Sequence[int]) -> float | None:
    if len(prices) < MIN_CARDS_THIN:
        return None
    low, middle, high = quantiles(prices, n=4, method="inclusive")
    return 100 * (high - low) / middle


def _publication(cards: Sequence[CardPrice], pairs: int | None, cohort: frozenset[str]) -> tuple[str, str | None]:
    """Status and reason; ``pairs`` is ``None`` on a series' first day, which has nothing to be compared with."""
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
    if pairs is not None and pairs < MIN_PAIRS:
        return "thin", f"{pairs} cards priced on both days, {MIN_PAIRS} make it solid"
    return "published", None
