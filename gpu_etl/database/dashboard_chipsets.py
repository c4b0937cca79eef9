"""What the list of chipsets asks: each chipset's latest numbers, one row each.

Belongs here: that query. Does not belong here: one chipset's history (``dashboard_chipset``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.queries import INDEX_IS_SHOWN


@dataclass(frozen=True, slots=True)
class ChipsetRow:
    """One chipset on the latest day that has it; amounts in won, changes in %."""

    chipset: str
    market_day: date
    status: str
    reason: str | None
    low_price: int | None
    low_sku_id: str | None
    median_price: int | None
    change_7d_pct: float | None
    """Of the like-for-like index; null where that is withheld or at its end of life."""
    spread_pct: float | None
    premium_pct: float | None
    price_per_point: float | None
    cards: int
    sellers: int | None
    high_risk: int
    """Cards above the risk threshold."""
    advice: str | None
    advice_reason: str | None


CHIPSETS = f"""
with latest as (
    select * from chipset_index where market_day = %(day)s
),
risky as (
    select s.chipset, count(*) filter (where r.is_high_risk) as high_risk
    from risk_scores r join skus s using (sku_id) where r.market_day = %(day)s group by 1
)
select i.chipset, i.market_day, i.status, i.reason, i.low_price, i.low_sku_id, i.median_price,
       case when {INDEX_IS_SHOWN}
            then coalesce(i.change_7d_pct, 100 * (i.index_value / week.index_value - 1)) end::float8 as change_7d_pct,
       i.spread_pct::float8 as spread_pct, i.premium_pct::float8 as premium_pct,
       i.price_per_point::float8 as price_per_point, i.cards, i.sellers, coalesce(risky.high_risk, 0) as high_risk,
       a.advice, a.reason as advice_reason
from latest i
left join chipset_index week on week.chipset = i.chipset and week.market_day = i.market_day - 7
     and week.base_day = i.base_day
left join risky on risky.chipset = i.chipset
left join buying_advice a on a.subject = i.chipset and a.market_day = i.market_day and a.subject_kind = 'chipset'
order by i.cards desc, i.chipset
"""  # noqa: S608 - a constant of ours


def chipsets(connection: Connection[DictRow], day: date) -> list[ChipsetRow]:
    """The chipsets of a day, those with most cards first."""
    with connection.cursor(row_factory=class_row(ChipsetRow)) as cursor:
        return cursor.execute(CHIPSETS, {"day": day}).fetchall()
