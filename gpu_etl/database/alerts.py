"""What alerts are computed from, and how they are stored.

Belongs here: queries over ``risk_scores`` and ``risk_alerts``. Does not belong here: formulas (``market.alerts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from gpu_etl.market.alerts import OpenAlert, Reading


def scored_days_from(connection: Connection[DictRow], day: date) -> Sequence[date]:
    """The given day and every later one that has risk scores, in order."""
    rows = connection.execute(
        "select distinct market_day from risk_scores where market_day > %s order by 1", (day,)
    ).fetchall()
    return [day, *(row["market_day"] for row in rows)]


def readings(connection: Connection[DictRow], day: date) -> list[Reading]:
    """The risk indexes of a day."""
    return [
        Reading(row["sku_id"], row["risk_index"], row["threshold"])
        for row in connection.execute("select * from risk_scores where market_day = %s order by sku_id", (day,))
    ]


def open_alerts_before(connection: Connection[DictRow], day: date) -> dict[str, OpenAlert]:
    """The events that were open when a day began, by card."""
    return {
        row["sku_id"]: OpenAlert(row["sku_id"], row["opened_day"], row["last_reading"] or row["opened_day"])
        for row in connection.execute(
            """select a.subject as sku_id, a.opened_day,
                      (select max(r.market_day) from risk_scores r where r.sku_id = a.subject
                       and r.market_day < %(day)s and r.risk_index is not null) as last_reading
               from risk_alerts a
               where a.kind = 'risk' and a.opened_day < %(day)s
                 and (a.closed_day is null or a.closed_day >= %(day)s)""",
            {"day": day},
        )
    }


def store_step(
    connection: Connection[DictRow], day: date, opened: Sequence[str], closed: dict[str, str]
) -> tuple[int, int]:
    """Make exactly these events begin and end on a day; returns how many began and ended.

    Loading a day again takes back what it had begun and ended before; what a person acknowledged stays acknowledged.
    """
    connection.execute(
        "delete from risk_alerts where kind = 'risk' and opened_day = %s and not subject = any(%s)", (day, list(opened))
    )
    connection.execute(
        """update risk_alerts set closed_day = null, closed_reason = null
           where kind = 'risk' and closed_day = %s and not subject = any(%s)""",
        (day, list(closed)),
    )
    for row in connection.execute(_ALERT_ROWS, (day, list(opened))).fetchall():
        connection.execute(_OPEN_ALERT, {**row, "factors": Jsonb(row["factors"])})
    for sku_id, reason in closed.items():
        connection.execute(
            """update risk_alerts set closed_day = %(day)s, closed_reason = %(reason)s
               where kind = 'risk' and subject = %(sku_id)s and opened_day < %(day)s
                 and (closed_day is null or closed_day >= %(day)s)
                 and (closed_day, closed_reason) is distinct from (%(day)s::date, %(reason)s::text)""",
            {"day": day, "reason": reason, "sku_id": sku_id},
        )
    return len(opened), len(closed)


_ALERT_ROWS = """
select r.sku_id, r.market_day as opened_day, s.chipset, r.risk_index, r.threshold,
       concat_ws(' ', s.brand, s.chipset, nullif(s.model_name, ''), s.vram_gb::float8 || 'GB',
                 case when s.is_oc then 'OC' end) as product,
       jsonb_build_object('price', r.price, 'last_week_avg', r.last_week_avg, 'loss', r.loss,
                          'new_release_mentions', r.new_release_mentions, 'mention_part', r.mention_part) as factors
from risk_scores r join skus s using (sku_id)
where r.market_day = %s and r.sku_id = any(%s) order by r.sku_id
"""

_OPEN_ALERT = """
insert into risk_alerts (subject, kind, opened_day, subject_kind, product, chipset, value, threshold, unit, factors)
values (%(sku_id)s, 'risk', %(opened_day)s, 'sku', %(product)s, %(chipset)s, %(risk_index)s, %(threshold)s, 'won',
        %(factors)s)
on conflict (subject, kind, opened_day) do update set product = excluded.product, chipset = excluded.chipset,
    value = excluded.value, threshold = excluded.threshold, factors = excluded.factors
where (risk_alerts.product, risk_alerts.value, risk_alerts.threshold, risk_alerts.factors)
      is distinct from (excluded.product, excluded.value, excluded.threshold, excluded.factors)
"""


def list_alerts(connection: Connection[DictRow], *, only_open: bool) -> list[DictRow]:
    """Alerts with their card's latest index, the worst first; ``only_open``: neither closed nor acknowledged."""
    return connection.execute(
        """select a.*, latest.risk_index as latest_index from risk_alerts a
           left join lateral (select risk_index from risk_scores r
                              where r.sku_id = a.subject and r.risk_index is not null
                              order by market_day desc limit 1) latest on true
           where not %s or (closed_day is null and acknowledged_at is null)
           order by latest.risk_index desc nulls last, a.subject""",
        (only_open,),
    ).fetchall()


def acknowledge(connection: Connection[DictRow], sku_id: str, note: str, at: datetime) -> int:
    """Acknowledge a card's open alert; returns how many rows changed (0: there is none)."""
    return connection.execute(
        """update risk_alerts set acknowledged_at = %s, acknowledged_note = %s
           where subject = %s and closed_day is null and acknowledged_at is null""",
        (at, note, sku_id),
    ).rowcount
