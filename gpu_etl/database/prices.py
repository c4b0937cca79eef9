"""What is asked of the price tables: what a day's offers come to, and what was published before.

Belongs here: queries over ``price_offers``, ``price_logs``, and the histories and rates beside them. Does not belong
here: which card a listing is (``identities``), formulas (``market``), parsing (``sources``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.market.sightings import Before
from gpu_etl.sources.ecb import Rates
from gpu_etl.sources.records import PaymentCondition, SellerOffer

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

IMPORTED_AS = {"danawa": "crawler_csv"}
"""Sources whose listings are also observed by imported files, and under which name."""
OBSERVED_BY_IMPORTS = {imported: source for source, imported in IMPORTED_AS.items()}
"""Whose listings imported files observe, by the name of the files' source."""


@dataclass(frozen=True, slots=True)
class History:
    """What was published of a source before a day; empty where nothing was within 60 days."""

    rows: list[int]
    """Of the last 28 published days, the latest first."""
    last_day: date | None
    last_read_at: datetime | None
    listings: dict[str, Before]
    """Those of the last day."""


def history_before(connection: Connection[DictRow], source: str, day: date) -> History:
    """What the blindness gate compares a day with: the last published days of the source or its imported files."""
    days = _published_days(connection, source, day)
    if not days:
        return History([], None, None, {})
    last = days[0]
    listings = _listings_of(connection, source, last["market_day"])
    return History([row["n"] for row in days], last["market_day"], last["recorded_at"], listings)


def _listings_of(connection: Connection[DictRow], source: str, day: date) -> dict[str, Before]:
    """A day's listings; how many shops each has is taken from the fortnight's last page that told it."""
    rows = connection.execute(
        """select distinct on (p.listing_id) p.listing_id, p.price, coalesce(p.seller_count, (
                      select e.seller_count from price_logs e
                      where e.source = any(%(sources)s) and e.listing_id = p.listing_id and e.seller_count is not null
                        and e.market_day between %(day)s::date - 14 and %(day)s
                      order by e.market_day desc limit 1)) as seller_count, s.chipset
           from price_logs p
           left join listings l using (source, listing_id) left join skus s on s.sku_id = l.sku_id
           where p.market_day = %(day)s and p.source = any(%(sources)s)
           order by p.listing_id, p.source <> %(source)s""",
        {"day": day, "source": source, "sources": observers(source)},
    ).fetchall()
    return {row["listing_id"]: Before(row["price"], row["seller_count"], row["chipset"]) for row in rows}


def headline_prices(connection: Connection[DictRow], source: str, day: date) -> list[DictRow]:
    """The day's headline offers of a source as rows of ``price_logs``.

    ``payable_price`` is known for new cards alone: used, import and bulk ones are other goods. ``suspect_reason`` is
    what the product page contradicts itself in; the price is not judged by its history yet.

    Each listing is looked up by its key. The planner would choose so by itself, but for a source that its statistics do
    not know yet it expects one row and compares every offer with every listing: minutes for a shop of 100,000.
    """
    return connection.execute(
        """select o.source, o.listing_id, o.market_day, l.sku_id, o.price, o.currency, o.availability, o.seller_count,
                  case when l.condition = 'new' and o.price is not null then o.payable_price end as payable_price,
                  o.observed_at as recorded_at, o.url as source_url, o.suspect_reason
           from price_offers o
           left join lateral (select sku_id, condition from listings
                              where source = o.source and listing_id = o.listing_id limit 1) l on true
           where o.source = %s and o.market_day = %s and o.position = 0 order by o.listing_id""",
        (source, day),
    ).fetchall()


def published(connection: Connection[DictRow], source: str, day: date) -> dict[str, DictRow]:
    """The published headline prices of a source and day, by listing."""
    rows = connection.execute("select * from price_logs where source = %s and market_day = %s", (source, day))
    return {row["listing_id"]: row for row in rows.fetchall()}


def sellers_of_day(connection: Connection[DictRow], source: str, day: date) -> dict[str, list[SellerOffer]]:
    """The shops of each listing whose product page was read, in the page's order."""
    sellers: dict[str, list[SellerOffer]] = {}
    for row in connection.execute(
        """select listing_id, seller, price, shipping, payment_condition from price_offers
           where source = %s and market_day = %s and position > 0 order by listing_id, position""",
        (source, day),
    ):
        condition = PaymentCondition(row["payment_condition"])
        offer = SellerOffer(row["seller"], row["price"], row["shipping"], condition)
        sellers.setdefault(row["listing_id"], []).append(offer)
    return sellers


def listings_with_history(connection: Connection[DictRow], source: str) -> set[str]:
    """The listings whose history, as the source itself tells it, was imported."""
    rows = connection.execute("select distinct listing_id from price_histories where source = %s", (source,))
    return {row["listing_id"] for row in rows}


def store_history(connection: Connection[DictRow], rows: Sequence[Mapping[str, object]]) -> LoadCounts:
    """Store points of a source's own history."""
    return merge(connection, tables.price_histories, rows, quiet=("fetched_at",))


def store_rates(connection: Connection[DictRow], rates: Rates, at: datetime) -> LoadCounts:
    """Store a day's exchange rates."""
    rows = [
        {"currency": currency, "rate_day": rates.day, "per_euro": rate, "fetched_at": at}
        for currency, rate in rates.per_euro.items()
    ]
    return merge(connection, tables.exchange_rates, rows, quiet=("fetched_at",))


def rates_for(connection: Connection[DictRow], day: date) -> Rates | None:
    """The exchange rates that held on a day: the latest set on it or in the week before; there are none on holidays."""
    rows = connection.execute(
        """select currency, rate_day, per_euro from exchange_rates where rate_day = (
               select max(rate_day) from exchange_rates where rate_day between %s::date - 7 and %s)""",
        (day, day),
    ).fetchall()
    return Rates(rows[0]["rate_day"], {row["currency"]: row["per_euro"] for row in rows}) if rows else None


def priced_span(connection: Connection[DictRow]) -> tuple[date, date] | None:
    """The first and last market day with prices; ``None`` where there is none."""
    row = connection.execute("select min(market_day) as first, max(market_day) as last from price_logs").fetchone()
    return (row["first"], row["last"]) if row and row["first"] else None


def sources_with_offers(connection: Connection[DictRow], day: date) -> list[str]:
    """The sources whose offers of a day are loaded."""
    rows = connection.execute("select distinct source from price_offers where market_day = %s order by 1", (day,))
    return [row["source"] for row in rows]


@dataclass(frozen=True, slots=True)
class PublishedCounts:
    """What is stored of a day, and the rows of the days before it."""

    rows: int
    priceless: int
    earlier_rows: list[int]


def published_counts(connection: Connection[DictRow], source: str, day: date) -> PublishedCounts:
    """Count the published rows of a source and day, and of its last 28 published days before."""
    row = connection.execute(
        """select count(*) as n, count(*) filter (where price is null) as priceless from price_logs
           where source = %s and market_day = %s""",
        (source, day),
    ).fetchone()
    earlier = [item["n"] for item in _published_days(connection, source, day)]
    return PublishedCounts(row["n"], row["priceless"], earlier) if row else PublishedCounts(0, 0, earlier)


def _published_days(connection: Connection[DictRow], source: str, day: date) -> list[DictRow]:
    """The last 28 days (within 60) before ``day`` with rows of the source or its imported files, the latest first.

    Where no day is missing, only those 28 are counted.
    """
    rows: list[DictRow] = []
    for back in (28, 60):
        rows = connection.execute(
            """select market_day, max(n) as n, max(recorded_at) as recorded_at from (
                   select market_day, source, count(*) as n, max(recorded_at) as recorded_at from price_logs
                   where source = any(%s) and market_day >= %s and market_day < %s group by 1, 2) as by_source
               group by market_day order by market_day desc limit 28""",
            (observers(source), day - timedelta(days=back), day),
        ).fetchall()
        if len(rows) == 28:
            break
    return rows


def observers(source: str) -> list[str]:
    """The names under which a source's listings are observed, the source itself first."""
    return [source, *([IMPORTED_AS[source]] if source in IMPORTED_AS else [])]
