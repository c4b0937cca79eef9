"""What the search for cards asks: every card's words, and the latest numbers of those found.

Belongs here: those queries. Does not belong here: how words are compared (``catalog.search``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.queries import PRODUCT


@dataclass(frozen=True, slots=True)
class SkuRow:
    """A card with its latest numbers; price in won, changes in %."""

    sku_id: str
    product: str
    chipset: str
    market_day: date | None
    """The last day it was listed; null where it never was."""
    price: int | None
    change_pct: float | None
    sellers: int | None
    risk_score: float | None
    is_high_risk: bool | None
    advice: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class SkuWords:
    """What a card may be found by."""

    sku_id: str
    product: str
    titles: list[str]


def words(connection: Connection[DictRow]) -> list[SkuWords]:
    """The words of every card: its own, and those of the listings that are it."""
    with connection.cursor(row_factory=class_row(SkuWords)) as cursor:
        return cursor.execute(
            f"""select s.sku_id, {PRODUCT} as product,
                       coalesce(array_agg(distinct l.title) filter (where l.title is not null), '{{}}') as titles
                from skus s left join listings l using (sku_id) group by s.sku_id"""  # noqa: S608 - a constant of ours
        ).fetchall()


def listed(connection: Connection[DictRow], day: date) -> list[str]:
    """The cards that were listed on a day, the cheapest first."""
    found = connection.execute(
        "select sku_id from price_changes where market_day = %s order by price nulls last, sku_id", (day,)
    ).fetchall()
    return [row["sku_id"] for row in found]


def rows(connection: Connection[DictRow], sku_ids: Sequence[str], most: int) -> list[SkuRow]:
    """The latest numbers of cards: those of the latest day first, the cheapest first."""
    with connection.cursor(row_factory=class_row(SkuRow)) as cursor:
        return cursor.execute(
            f"""select s.sku_id, {PRODUCT} as product, s.chipset, c.market_day, c.price,
                       c.change_pct::float8 as change_pct, c.sellers, r.risk_score::float8 as risk_score,
                       r.is_high_risk, a.advice, c.reason
                from skus s
                left join lateral (
                    select * from price_changes where sku_id = s.sku_id order by market_day desc limit 1) c on true
                left join risk_scores r on r.sku_id = s.sku_id and r.market_day = c.market_day
                left join buying_advice a on a.subject = s.sku_id and a.market_day = c.market_day
                where s.sku_id = any(%(sku_ids)s)
                order by c.market_day desc nulls last, c.price nulls last, s.sku_id limit %(most)s""",  # noqa: S608
            {"sku_ids": list(sku_ids), "most": most},
        ).fetchall()
