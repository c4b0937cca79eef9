"""Questions that people ask of the published numbers: the market on one page.

Belongs here: read-only queries for reports and pages. Does not belong here: queries that a computation needs
(``prices``, ``community``, ``analytics``).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


BOARD = (
    """concat_ws(' ', s.brand, nullif(s.model_name, ''), s.vram_gb::float8 || 'GB', case when s.is_oc then 'OC' end)"""
)
"""What tells a card from others of its chipset."""
PRODUCT = """concat_ws(' ', s.brand, s.chipset, nullif(s.model_name, ''), s.vram_gb::float8 || 'GB',
                       case when s.is_oc then 'OC' end)"""

INDEX_IS_SHOWN = "i.status in ('published', 'thin')"
"""Whether the index of a row ``i`` of ``chipset_index`` is shown: one that is withheld, or over the ghost prices of an
end of life, is kept for the days after it alone."""
COURSE_OF_INDEX = f"""case when {INDEX_IS_SHOWN}
    and i.base_day is not distinct from max(i.base_day) filter (where {INDEX_IS_SHOWN}) over (partition by i.chipset)
    then i.index_value end::float8"""
"""The index of rows ``i`` that are drawn as one line: where a chipset's series began anew, the latest of them alone."""


def latest_day(connection: Connection[DictRow]) -> date | None:
    """The latest market day with published prices."""
    row = connection.execute("select max(market_day) as day from price_changes").fetchone()
    return row["day"] if row else None


def cheapest_by_chipset(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """Each chipset's cheapest card of a day, its place in 28 days, the chipset's own week, and what is advised."""
    return connection.execute(
        f"""select distinct on (s.chipset) s.chipset, {BOARD} as board, c.sku_id, c.price, c.change_pct, c.reason,
                   c.percentile_28, c.sellers, l.source_url as url, i.cards, i.status as index_status, i.index_value,
                   i.change_7d_pct as index_change_pct, i.premium_pct, a.advice
            from price_changes c join skus s using (sku_id)
            left join price_logs l on l.source = c.best_source and l.listing_id = c.best_listing_id
                 and l.market_day = c.market_day
            left join chipset_index i on i.chipset = s.chipset and i.market_day = c.market_day
            left join buying_advice a on a.subject = s.chipset and a.market_day = c.market_day
                 and a.subject_kind = 'chipset'
            where c.market_day = %s and c.price is not null
            order by s.chipset, c.price, c.sku_id""",  # noqa: S608 - a constant of ours
        (day,),
    ).fetchall()


def largest_changes(connection: Connection[DictRow], day: date, limit: int = 5) -> tuple[list[DictRow], list[DictRow]]:
    """The cards that fell and rose most against last week: product, price, last_week_avg, change_pct."""

    def ordered(direction: str, condition: str) -> list[DictRow]:
        return connection.execute(
            f"""select {PRODUCT} as product, c.sku_id, c.price, c.last_week_avg, c.change_pct
                from price_changes c join skus s using (sku_id)
                where c.market_day = %s and c.change_pct {condition} 0
                order by c.change_pct {direction}, c.sku_id limit %s""",  # noqa: S608 - constants of ours
            (day, limit),
        ).fetchall()

    return ordered("asc", "<"), ordered("desc", ">")


def top_keywords(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """The keywords of the last trends up to a day, most weighted first."""
    return connection.execute(
        """select * from keyword_trends where market_day =
               (select max(market_day) from keyword_trends where market_day between %s and %s)
           order by weighted_score desc nulls last, mentions_7d desc nulls last, keyword""",
        (day - timedelta(days=1), day),
    ).fetchall()


def coverage_of(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """How well each part of each source could be read on a day."""
    return connection.execute(
        "select * from source_coverage where market_day = %s order by source, part", (day,)
    ).fetchall()


def missing_days(connection: Connection[DictRow], since: date) -> list[DictRow]:
    """The days since one that a source was not read on and that nothing brings back: source, market_day."""
    return connection.execute(
        """select distinct source, market_day from source_coverage
           where market_day >= %s and status = 'unavailable' and reason like 'not read on this day%%' order by 1, 2""",
        (since,),
    ).fetchall()


def unidentified(connection: Connection[DictRow], limit: int = 10) -> list[DictRow]:
    """The queue of names that no rule knows, grouped by reason: listings, the last day seen, some examples."""
    return connection.execute(
        """select identity_reason as reason, count(*) as listings, max(last_seen) as last_seen,
                  (array_agg(title order by last_seen desc, title))[1:3] as examples
           from listings where identity_status = 'unidentified' group by 1 order by 2 desc, 1 limit %s""",
        (limit,),
    ).fetchall()


def quarantined(connection: Connection[DictRow], since: date) -> list[DictRow]:
    """Refused input of the days since one, by source and reason, the most frequent first."""
    return connection.execute(
        """select source, reason, count(*) as n, max(market_day) as last_day, min(excerpt) as example
           from quarantine where market_day >= %s group by 1, 2 order by 3 desc limit 10""",
        (since,),
    ).fetchall()
