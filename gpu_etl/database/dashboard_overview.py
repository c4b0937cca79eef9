"""What the overview asks: what moved since the day before, alerts, the sources' health, a month in small.

Belongs here: those queries. Does not belong here: the chipsets' latest numbers (``dashboard_chipsets``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.queries import COURSE_OF_INDEX, PRODUCT


@dataclass(frozen=True, slots=True)
class Move:
    """A card whose price is another than on the day before; amounts in won."""

    sku_id: str
    product: str
    chipset: str
    price: int
    previous_price: int
    change_pct: float
    """Against the day before, in %."""
    week_pct: float | None
    """Against the mean of the days 6 to 8 back, in %."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of all cards from one day to the next; those that are not listed any more are sold out, too."""

    fell: int
    rose: int
    unchanged: int
    arrived: int
    """Cards that have a price for the first time."""
    back_in_stock: int
    """Cards that had a price once, and none on the day before."""
    sold_out: int
    """Cards that had a price on the day before and have none."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An active alert."""

    subject: str
    subject_kind: str
    kind: str
    product: str
    opened_day: date
    value: float | None
    threshold: float | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """How a source could be read last."""

    source: str
    part: str | None
    """What of it: a subreddit, a category, a shop; null for imported files."""
    status: str | None
    """Of the last try; null where nothing is known but what was imported."""
    reason: str | None
    last_tried: date | None
    last_complete: date | None
    """The last day it was read in full; for imported files the last day they hold."""


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """A chipset's like-for-like index on one day; null where it is withheld or at its end of life."""

    chipset: str
    market_day: date
    index_value: float | None
    low_price: int | None


_BOTH_DAYS = """
with now as (select * from price_changes where market_day = %(day)s),
     before as (select sku_id, price from price_changes where market_day = %(previous)s)
"""


def counts(connection: Connection[DictRow], day: date, previous: date) -> Counts:
    """Count them."""
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        row = cursor.execute(
            f"""{_BOTH_DAYS},
                 came as (
                     select exists (select from price_changes p where p.sku_id = now.sku_id
                                    and p.market_day < %(previous)s and p.price is not null) as was_sold
                     from now left join before using (sku_id)
                     where now.price is not null and before.price is null)
            select count(*) filter (where now.price < before.price) as fell,
                   count(*) filter (where now.price > before.price) as rose,
                   count(*) filter (where now.price = before.price) as unchanged,
                   (select count(*) from came where not was_sold) as arrived,
                   (select count(*) from came where was_sold) as back_in_stock,
                   count(*) filter (where before.price is not null and now.price is null) as sold_out
            from now full join before using (sku_id)""",  # noqa: S608 - a constant of ours
            {"day": day, "previous": previous},
        ).fetchone()
    return row or Counts(0, 0, 0, 0, 0, 0)


def moves(connection: Connection[DictRow], day: date, previous: date, most: int = 6) -> tuple[list[Move], list[Move]]:
    """The cards that fell and that rose most since the day before."""

    def ordered(direction: str, sign: str) -> list[Move]:
        with connection.cursor(row_factory=class_row(Move)) as cursor:
            return cursor.execute(
                f"""{_BOTH_DAYS}
                select now.sku_id, {PRODUCT} as product, s.chipset, now.price, before.price as previous_price,
                       (100.0 * (now.price - before.price) / before.price)::float8 as change_pct,
                       now.change_pct::float8 as week_pct
                from now join before using (sku_id) join skus s using (sku_id)
                where now.price {sign} before.price order by change_pct {direction}, now.sku_id limit %(most)s""",  # noqa: S608
                {"day": day, "previous": previous, "most": most},
            ).fetchall()

    return ordered("asc", "<"), ordered("desc", ">")


def open_alerts(connection: Connection[DictRow], most: int = 8) -> list[OpenAlert]:
    """The active alerts, the latest first, the farthest over their threshold before others of that day."""
    with connection.cursor(row_factory=class_row(OpenAlert)) as cursor:
        return cursor.execute(
            """select subject, subject_kind, kind, product, opened_day, value::float8 as value,
                      threshold::float8 as threshold, unit
               from risk_alerts
               where closed_day is null and acknowledged_at is null and (snoozed_until is null or snoozed_until < now())
               order by opened_day desc, value / nullif(threshold, 0) desc nulls last, subject, kind limit %s""",
            (most,),
        ).fetchall()


def sources(connection: Connection[DictRow]) -> list[Source]:
    """Each part of each source: how the last try went, and when it last went well."""
    with connection.cursor(row_factory=class_row(Source)) as cursor:
        return cursor.execute(
            """with latest as (
                   select distinct on (source, part) source, part, market_day, status, reason from source_coverage
                   order by source, part, market_day desc
               ),
               good as (
                   select source, part, max(market_day) as last_complete from source_coverage
                   where status = 'complete' group by 1, 2
               )
               select source, part, status, reason, market_day as last_tried, last_complete
               from latest left join good using (source, part)
               union all
               select source, null, null, null, null, max(last_seen) from listings
               where source not in (select source from source_coverage) group by source
               order by source, part nulls last"""
        ).fetchall()


def courses(connection: Connection[DictRow], first: date, last: date) -> list[CoursePoint]:
    """Every chipset's index between two days."""
    with connection.cursor(row_factory=class_row(CoursePoint)) as cursor:
        return cursor.execute(
            f"""select chipset, market_day, {COURSE_OF_INDEX} as index_value,
                       low_price
                from chipset_index i
                where market_day between %s and %s order by chipset, market_day""",  # noqa: S608
            (first, last),
        ).fetchall()
