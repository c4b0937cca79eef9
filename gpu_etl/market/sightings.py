"""Counting a day's listings against the last accepted day: what the blindness gate judges.

Belongs here: the counts. Does not belong here: their limits (``gates``), where either day comes from (``database``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gpu_etl.market.gates import MOVED_BY, WELL_SOLD_FROM, DayCounts, PartCount


@dataclass(frozen=True, slots=True)
class Seen:
    """One listing as today's pages show it."""

    listing_id: str
    price: int | None
    page: str = ""
    """The page it stands on, in words."""
    is_suspect: bool = False
    """Its price is not believed yet."""
    is_slip: bool = False
    """Its price is no price: off by a digit."""


@dataclass(frozen=True, slots=True)
class Before:
    """One listing as it was published last."""

    price: int | None
    seller_count: int | None = None
    """As last told; pages of one template do not tell it."""
    chipset: str | None = None


def count(
    now: Collection[Seen],
    before: Mapping[str, Before],
    *,
    unreadable: Collection[str] = (),
    days_since: int = 1,
    hours_since: float | None = None,
) -> DayCounts:
    """Compare two days; ``before`` is empty where nothing was published yet.

    ``unreadable`` are the listings of which something was refused.
    """
    day = DayCounts(
        rows=len(now),
        priceless=sum(seen.price is None for seen in now),
        unreadable=len(unreadable),
        suspect=sum(seen.is_suspect for seen in now),
        slips=sum(seen.is_slip for seen in now),
        pages=_by_page(now, before, unreadable),
    )
    if not before:
        return day
    prices = {seen.listing_id: seen.price for seen in now}
    gone = {listing_id for listing_id in before if listing_id not in prices}
    well_sold = {key: old for key, old in before.items() if (old.seller_count or 0) >= WELL_SOLD_FROM}
    pairs = [(prices[key], old.price) for key, old in before.items() if key in prices]
    both = [(new, old) for new, old in pairs if new and old]
    return replace(
        day,
        previous_rows=len(before),
        days_since_previous=days_since,
        hours_since_previous=hours_since,
        vanished=len(gone),
        well_sold=len(well_sold),
        well_sold_vanished=len(gone & well_sold.keys()),
        common=len(pairs),
        lost_price=sum(new is None and old is not None for new, old in pairs),
        compared=len(both),
        unchanged=sum(new == old for new, old in both),
        moved=sum(abs(new - old) > MOVED_BY * old for new, old in both),
        chipsets=_by_chipset(well_sold, gone),
    )


def _by_page(now: Iterable[Seen], before: Mapping[str, Before], unreadable: Collection[str]) -> tuple[PartCount, ...]:
    rows: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for seen in now:
        old = before.get(seen.listing_id)
        lost = seen.price is None and old is not None and old.price is not None
        rows[seen.page] += 1
        doubtful[seen.page] += seen.is_slip or lost or seen.listing_id in unreadable
    return tuple(PartCount(page, rows[page], doubtful[page]) for page in rows if page)


def _by_chipset(well_sold: Mapping[str, Before], gone: Collection[str]) -> tuple[PartCount, ...]:
    listings = Counter(old.chipset for old in well_sold.values() if old.chipset)
    vanished = Counter(old.chipset for key, old in well_sold.items() if key in gone)
    return tuple(PartCount(chipset, listings[chipset], vanished[chipset]) for chipset in sorted(listings))
