"""From a day that was read to a day that is published: the gate, the offers, the headline prices.

Belongs here: what is stored once pages are read, one transaction a step; the daily run and a rebuild share it. Does not
belong here: reading pages (``reading``), thresholds (``market.gates``), the rule of belief (``market.suspects``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from gpu_etl.assets.crawling import SOURCE as DANAWA
from gpu_etl.assets.reading import Reading, ReadOffer
from gpu_etl.catalog.overrides import Overrides
from gpu_etl.database import pages, prices, records, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.identities import Identities, sightings_of, store_identities
from gpu_etl.market.gates import GATE, REFUSALS_BEFORE_ASKING, blindness
from gpu_etl.market.sightings import Seen, count
from gpu_etl.market.suspects import RecentPrices, slip_reason, suspect_reason
from gpu_etl.sources import ecb
from gpu_etl.sources.ecb import Rates
from gpu_etl.sources.records import CoverageStatus, SellerOffer

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

Recent = Mapping[str, RecentPrices]
WON = "KRW"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a day that was read is published."""

    reasons: list[str]
    """Why it looks blind; empty when it looks like the market."""
    vouched: str | None = None
    """What a person said who accepts it all the same."""
    refused_in_a_row: int = 0

    @property
    def passes(self) -> bool:
        """Whether the day is published."""
        return not self.reasons or self.vouched is not None

    def line(self, source: str, day: date) -> str:
        """Why the day is not published, in one line."""
        line = f"{source} {day} is not published: {'; '.join(self.reasons)}"
        if self.refused_in_a_row >= REFUSALS_BEFORE_ASKING:
            line += (
                f" -- refused {self.refused_in_a_row} days in a row: if this is the market,"
                f' say so with: gpu-etl accept {day} --why "..."'
            )
        return line


def store_refusals(connection: Connection[DictRow], reading: Reading) -> int:
    """Put what could not be read into quarantine; returns how many."""
    return records.store_refusals(connection, reading.source, reading.day, reading.refusals)


def judge(connection: Connection[DictRow], reading: Reading, now: datetime, recent: Recent | None = None) -> Verdict:
    """Ask the blindness gate about a day, and note its answer in coverage. A shop's few pages are not gated.

    ``recent`` are the source's recent prices, where they were read already.
    """
    if reading.source != DANAWA:
        return Verdict([])
    reasons = _blind_because(connection, reading, recent)
    verdict = Verdict([])
    if reasons:
        verdict = Verdict(
            reasons,
            records.accepted_because(connection, reading.source, reading.day),
            records.refused_days_before(connection, reading.source, reading.day) + 1,
        )
    status = CoverageStatus.COMPLETE if verdict.passes else CoverageStatus.FAILED
    reason = "; ".join(reasons) or None
    if verdict.vouched is not None:
        reason = f"accepted: {verdict.vouched} ({reason})"
    row = records.Coverage(reading.source, GATE, reading.day, status, len(reading.offers), None, reason)
    records.record_coverage(connection, [row], now)
    return verdict


def _blind_because(connection: Connection[DictRow], reading: Reading, recent: Recent | None) -> list[str]:
    source, day = reading.source, reading.day
    history = prices.history_before(connection, source, day)
    recent = recent_prices_of(connection, source, day, reading.offers) if recent is None else recent
    crawl = pages.crawl_summary(connection, source, day)
    seen = [_seen(read, recent.get(listing_id)) for listing_id, read in reading.offers.items()]
    read_at = max((read.page.fetched_at for read in reading.offers.values()), default=None)
    hours = (read_at - history.last_read_at).total_seconds() / 3600 if read_at and history.last_read_at else None
    counts = count(
        seen,
        history.listings,
        unreadable=reading.unreadable,
        days_since=(day - history.last_day).days if history.last_day else 1,
        hours_since=hours,
    )
    counts = replace(counts, rows_at_crawl=crawl.rows_read if crawl else None, rows_reread=len(reading.row_ids))
    return blindness(counts, history.rows)


def recent_prices_of(connection: Connection[DictRow], source: str, day: date, listings: Iterable[str]) -> Recent:
    """What the prices of a source's listings on a day are judged by."""
    from gpu_etl.database.recent_prices import recent_prices

    return recent_prices(connection, source, day, list(listings))


def _seen(read: ReadOffer, recent: RecentPrices | None) -> Seen:
    offer = read.offer
    doubt = _doubt(offer.price, offer.currency, read.doubt, recent, read.sellers)
    slip = None if offer.price is None else slip_reason(offer.price, recent, offer.currency)
    return Seen(offer.listing_id, offer.price, read.page.url, doubt is not None, slip is not None)


def _doubt(
    price: int | None,
    currency: str,
    page_doubt: str | None,
    recent: RecentPrices | None,
    sellers: Sequence[SellerOffer],
) -> str | None:
    """Everything that speaks against a price."""
    if price is None:
        return None
    return "; ".join(filter(None, [page_doubt, suspect_reason(price, recent, currency, sellers)])) or None


def store_offers(connection: Connection[DictRow], reading: Reading) -> tuple[int, LoadCounts]:
    """Make the day's offers of the source exactly these; returns how many rows, and what that changed."""
    rows = [row for read in reading.offers.values() for row in _offer_rows(read, reading.day)]
    scope = {"source": reading.source, "market_day": reading.day}
    return len(rows), merge(
        connection,
        tables.price_offers,
        rows,
        scope=scope,
        quiet=("observed_at", "page_sha256", "detail_sha256"),
    )


def _offer_rows(read: ReadOffer, day: date) -> list[dict[str, object]]:
    """The headline, then one row a shop."""
    offer = read.offer
    common = {
        "source": offer.source,
        "listing_id": offer.listing_id,
        "market_day": day,
        "title": offer.title,
        "currency": offer.currency,
        "observed_at": read.page.fetched_at,
        "page_sha256": read.page.sha256,
    }
    headline: dict[str, object] = {
        **common,
        "position": 0,
        "price": offer.price,
        "availability": offer.availability.value,
        "seller_count": offer.seller_count,
        "url": offer.url,
        "payable_price": read.payable_price,
        "suspect_reason": read.doubt,
        "detail_sha256": read.detail_sha256,
    }
    shops: list[dict[str, object]] = [
        {
            **common,
            "position": position,
            "seller": seller.seller,
            "price": seller.price,
            "shipping": seller.shipping,
            "payment_condition": seller.payment_condition.value,
            "availability": offer.availability.value,
            "url": seller.url,
            "page_sha256": read.detail_sha256,
        }
        for position, seller in enumerate(read.sellers, 1)
    ]
    return [headline, *shops]


@dataclass(frozen=True, slots=True)
class PricesLoaded:
    """What a load of headline prices came to."""

    rows: int
    priced: int
    suspect: int
    payable: int
    counts: LoadCounts


def store_prices(
    connection: Connection[DictRow], source: str, day: date, run_id: str, recent: Recent | None = None
) -> PricesLoaded:
    """Make the day's headline prices of the source what its offers say, each judged by its own recent prices.

    These are ``recent``, where they were read already.
    """
    sellers = prices.sellers_of_day(connection, source, day)
    rates = prices.rates_for(connection, day)
    rows = prices.headline_prices(connection, source, day)
    if recent is None:
        recent = recent_prices_of(connection, source, day, [row["listing_id"] for row in rows])
    for row in rows:
        key = row["listing_id"]
        row["run_id"] = run_id
        row["suspect_reason"] = _doubt(
            row["price"], row["currency"], row["suspect_reason"], recent.get(key), sellers.get(key, ())
        )
        row.update(_in_won(row["price"], row["currency"], rates))
    scope = {"source": source, "market_day": day}
    counts = merge(connection, tables.price_logs, rows, scope=scope, quiet=("run_id", "recorded_at"))
    return PricesLoaded(
        rows=len(rows),
        priced=sum(row["price"] is not None for row in rows),
        suspect=sum(row["suspect_reason"] is not None for row in rows),
        payable=sum(row["payable_price"] is not None for row in rows),
        counts=counts,
    )


def _in_won(price: int | None, currency: str, rates: Rates | None) -> dict[str, object]:
    """The columns that stand beside a price in other money; none for won, or where no rate is known."""
    rate = rates.rate(currency, WON) if rates and price is not None and currency != WON else None
    if rate is None or rates is None or price is None:
        return {}
    rate = round(rate, 8)
    return {
        "price_in_won": ecb.convert(price, currency, WON, rate),
        "conversion_rate": rate,
        "conversion_day": rates.day,
    }


def identify_listings(
    connection: Connection[DictRow], day: date, corrections: Overrides
) -> tuple[int, LoadCounts, LoadCounts]:
    """Say of each listing of the day which card it is; returns sightings, and what changed of cards and listings."""
    sightings = sightings_of(connection, day)
    cards, listings = store_identities(connection, sightings, Identities(corrections).of)
    return len(sightings), cards, listings
