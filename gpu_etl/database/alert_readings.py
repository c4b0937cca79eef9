"""What alerts are made of: the numbers of one day, with what they are compared with.

Belongs here: queries over prices, scores, coverage and targets. Does not belong here: what is measured of them
(``market.watching``), stored events (``alerts``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database.planning import day_by_day
from gpu_etl.database.queries import PRODUCT
from gpu_etl.market.gates import GATE
from gpu_etl.market.watching import UNREAD, SourceDay

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


def days_from(connection: Connection[DictRow], day: date) -> Sequence[date]:
    """The given day and every later one that anything is known of, in order."""
    rows = connection.execute(
        """select market_day from price_changes where market_day > %(day)s
           union select market_day from source_coverage where market_day > %(day)s order by 1""",
        {"day": day},
    ).fetchall()
    return [day, *(row["market_day"] for row in rows)]


def published_days(connection: Connection[DictRow], first: date, day: date) -> Sequence[date]:
    """The days with prices from ``first`` to before ``day``, in order."""
    rows = connection.execute(
        """select d::date as day from generate_series(%s::date, %s::date, interval '1 day') d
           where exists (select from price_changes where market_day = d::date) order by 1""",
        (first, day - timedelta(days=1)),
    ).fetchall()
    return [row["day"] for row in rows]


_CARDS = f"""
select c.*, {PRODUCT} as product, s.chipset, i.status as chipset_status,
       r.risk_index, r.threshold as risk_threshold, r.loss, r.new_release_mentions, r.mention_part,
       r.risk_score, r.probability, r.won_at_risk, r.model_version,
       case when r.risk_score >= %(told_from)s then r.score_parts end as score_parts,
       low.all_time_low as low_before, low.all_time_low_day as low_before_day, sold.market_day as last_sold
from price_changes c
join skus s using (sku_id)
left join chipset_index i on i.chipset = s.chipset and i.market_day = c.market_day
left join risk_scores r on r.sku_id = c.sku_id and r.market_day = c.market_day
left join lateral (select all_time_low, all_time_low_day from price_changes p
                   where p.sku_id = c.sku_id and p.market_day < c.market_day and all_time_low is not null
                   order by p.market_day desc limit 1) low on true
left join lateral (select p.market_day from price_changes p
                   where p.sku_id = c.sku_id and p.market_day < c.market_day and p.price is not null
                   order by p.market_day desc limit 1) sold on true
where c.market_day = %(day)s order by c.sku_id
"""  # noqa: S608 - a constant of ours


def cards(connection: Connection[DictRow], day: date, told_from: int) -> list[DictRow]:
    """A day's cards as ``market.watching.card_readings`` wants them.

    The parts of a score are those of scores from ``told_from`` on: of the others nobody is told, and reading a thousand
    of them takes longer than asking for the rows.
    """
    with day_by_day(connection):
        return connection.execute(_CARDS, {"day": day, "told_from": told_from}).fetchall()


def chipsets(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """The rows of ``chipset_index`` of a day."""
    return connection.execute("select * from chipset_index where market_day = %s order by chipset", (day,)).fetchall()


def targets(connection: Connection[DictRow], day: date, day_ends: datetime) -> list[DictRow]:
    """The prices that somebody waited for when a day ended, with what their subjects cost; and events whose wish is
    gone, without a ``target_price``.
    """
    return connection.execute(
        f"""select t.subject, t.subject_kind, t.target_price, t.note, coalesce(c.price, i.low_price) as price,
                   coalesce(s.sku_id, i.low_sku_id) as best_sku_id, coalesce(s.chipset, t.subject) as chipset,
                   case when s.sku_id is not null then {PRODUCT} end as product
            from price_targets t
            left join skus s on t.subject_kind = 'sku' and s.sku_id = t.subject
            left join price_changes c on c.sku_id = s.sku_id and c.market_day = %(day)s
            left join chipset_index i on t.subject_kind = 'chipset' and i.chipset = t.subject
                                         and i.market_day = %(day)s
            where t.created_at < %(day_ends)s
            union all
            select a.subject, a.subject_kind, null, null, null, null, a.chipset, a.product from risk_alerts a
            where a.kind = 'target_price' and a.opened_day < %(day)s and coalesce(a.closed_day >= %(day)s, true)
              and not exists (select from price_targets t where t.subject = a.subject)
            order by 1""",  # noqa: S608 - a constant of ours
        {"day": day, "day_ends": day_ends},
    ).fetchall()


def sources(connection: Connection[DictRow], day: date, asked: Iterable[str]) -> list[SourceDay]:
    """What coverage tells on a day of the sources that are asked, and of those that an open event is about."""
    asked = set(asked)
    parts: dict[str, dict[str, tuple[str, str | None]]] = defaultdict(dict)
    for row in connection.execute("select * from source_coverage where market_day = %s order by part", (day,)):
        parts[row["source"]][row["part"]] = (row["status"], row["reason"])
    events = connection.execute(
        """select subject from risk_alerts
           where kind = 'source_blind' and opened_day < %(day)s and coalesce(closed_day >= %(day)s, true)""",
        {"day": day},
    )
    names = asked | {row["subject"] for row in events}
    last_read = {name: _last_read(connection, name, day) for name in names}
    return [SourceDay(name, parts.get(name, {}), last_read[name], name in asked) for name in sorted(names)]


def _last_read(connection: Connection[DictRow], source: str, day: date) -> date | None:
    """The last day before one on which a source could be read and its gate, if it has one, let the day through."""
    row = connection.execute(
        """select market_day from source_coverage where source = %(source)s and market_day < %(day)s
           group by market_day
           having bool_or(not status = any(%(unread)s))
              and not coalesce(bool_or(part = %(gate)s and status = any(%(unread)s)), false)
           order by market_day desc limit 1""",
        {"source": source, "day": day, "gate": GATE, "unread": list(UNREAD)},
    ).fetchone()
    return row["market_day"] if row else None
