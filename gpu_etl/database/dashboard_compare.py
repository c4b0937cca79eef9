"""What the comparison asks: the courses of several chipsets and cards at once.

Belongs here: those queries. Does not belong here: their latest numbers (``dashboard_chipsets``, ``dashboard_skus``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.queries import COURSE_OF_INDEX


@dataclass(frozen=True, slots=True)
class ComparedDay:
    """One day of a chipset or card."""

    subject: str
    """A chipset's name or a sku_id."""
    market_day: date
    price: int | None
    """In won; a chipset's is that of its cheapest card."""
    level: float | None
    """What an indexed chart is made of: a chipset's like-for-like index where that is shown, a card's price."""


def chipset_courses(
    connection: Connection[DictRow], names: Sequence[str], first: date, last: date
) -> list[ComparedDay]:
    """The days of chipsets between two, both included."""
    with connection.cursor(row_factory=class_row(ComparedDay)) as cursor:
        return cursor.execute(
            f"""select chipset as subject, market_day, low_price as price,
                       {COURSE_OF_INDEX} as level
                from chipset_index i
                where chipset = any(%s) and market_day between %s and %s order by 1, 2""",  # noqa: S608
            (list(names), first, last),
        ).fetchall()


def sku_courses(connection: Connection[DictRow], sku_ids: Sequence[str], first: date, last: date) -> list[ComparedDay]:
    """The days of cards between two, both included."""
    with connection.cursor(row_factory=class_row(ComparedDay)) as cursor:
        return cursor.execute(
            """select sku_id as subject, market_day, price, price::float8 as level
               from price_changes where sku_id = any(%s) and market_day between %s and %s order by 1, 2""",
            (list(sku_ids), first, last),
        ).fetchall()
