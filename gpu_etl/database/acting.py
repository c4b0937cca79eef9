"""What people see of alerts and do with them: lists, acknowledgements, snoozes, targets.

Belongs here: ``risk_alerts`` as people read it, ``alert_actions``, ``price_targets``. Does not belong here: how events
begin and end (``alerts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gpu_etl.database.alerts import ALERT_ID
from gpu_etl.database.queries import PRODUCT
from gpu_etl.market.alerts import Kind

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

_IS_ACTIVE = """a.closed_day is null and a.acknowledged_at is null
               and coalesce(a.snoozed_until <= coalesce(%(now)s, now()), true)"""

_SEEN = f"""
select {ALERT_ID} as alert_id, a.*, latest.risk_index as latest_index, {_IS_ACTIVE} as is_active
from risk_alerts a
left join lateral (select risk_index from risk_scores r
                   where a.kind = 'risk' and r.sku_id = a.subject and r.risk_index is not null
                   order by market_day desc limit 1) latest on true
"""  # noqa: S608 - a constant of ours

_WORST_FIRST = """
order by array_position(%(kinds)s::text[], a.kind), a.subject_kind,
         case when a.kind in ('target_price', 'all_time_low') then a.threshold / nullif(a.value, 0)
              else coalesce(latest.risk_index, a.value) end desc nulls last, a.subject, a.opened_day
"""


def list_alerts(
    connection: Connection[DictRow],
    *,
    only_open: bool,
    kinds: Sequence[Kind] | None = None,
    subject: str | None = None,
    now: datetime | None = None,
) -> list[DictRow]:
    """Alerts as rows of ``risk_alerts`` with alert_id, is_active and latest_index (of the risk index), by kind, the
    most urgent kind and the worst event first.

    ``only_open``: neither closed, acknowledged nor snoozed at ``now`` (default: the server's clock).
    """
    return connection.execute(
        f"""{_SEEN} where (%(only)s::text[] is null or a.kind = any(%(only)s))
                and (%(subject)s::text is null or a.subject = %(subject)s)
                and (not %(only_open)s or {_IS_ACTIVE}) {_WORST_FIRST}""",
        {
            "now": now,
            "kinds": list(Kind),
            "only": None if kinds is None else list(kinds),
            "subject": subject,
            "only_open": only_open,
        },
    ).fetchall()


def find(connection: Connection[DictRow], name: str, now: datetime | None = None) -> list[DictRow]:
    """The alerts that a person means by an alert id or by a subject: the event of that id, or the subject's events that
    are not over.
    """
    rows = connection.execute(
        f"{_SEEN} where {ALERT_ID} = %(name)s or (a.subject = %(name)s and a.closed_day is null) {_WORST_FIRST}",
        {"now": now, "kinds": list(Kind), "name": name},
    ).fetchall()
    return [row for row in rows if row["alert_id"] == name] or rows


def act(
    connection: Connection[DictRow],
    name: str,
    action: str,
    at: datetime,
    *,
    note: str = "",
    until: datetime | None = None,
) -> int:
    """Acknowledge, snooze or reopen what a person means by ``name`` (:func:`find`), and keep it in ``alert_actions``.

    ``action`` is acknowledged, snoozed (with ``until``) or reopened. Returns how many alerts it changed: those that are
    over, or are acknowledged already, are left alone; 0 says that there was none.
    """
    changed = 0
    for row in find(connection, name, at):
        if row["closed_day"] is not None or (action == "acknowledged" and row["acknowledged_at"] is not None):
            continue
        changed += _act_on(connection, row, action, at, note or None, until)
    return changed


def acknowledge(connection: Connection[DictRow], name: str, note: str, at: datetime) -> int:
    """Acknowledge the open alerts of a subject, or the one of an alert id; returns how many (0: there is none)."""
    return act(connection, name, "acknowledged", at, note=note)


def _act_on(
    connection: Connection[DictRow], row: DictRow, action: str, at: datetime, note: str | None, until: datetime | None
) -> int:
    acknowledged = action == "acknowledged"
    key = (row["subject"], row["kind"], row["opened_day"])
    connection.execute(
        """insert into alert_actions (subject, kind, opened_day, acted_at, action, until, note)
           values (%s, %s, %s, %s, %s, %s, %s)
           on conflict (subject, kind, opened_day, acted_at)
           do update set action = excluded.action, until = excluded.until, note = excluded.note""",
        (*key, at, action, until, note),
    )
    return connection.execute(
        """update risk_alerts set acknowledged_at = %s, acknowledged_note = %s, snoozed_until = %s
           where subject = %s and kind = %s and opened_day = %s""",
        (at if acknowledged else None, note if acknowledged else None, until, *key),
    ).rowcount


def actions_of(connection: Connection[DictRow], row: DictRow) -> list[DictRow]:
    """What people did with an alert, in order."""
    return connection.execute(
        """select acted_at, action, until, note from alert_actions
           where subject = %s and kind = %s and opened_day = %s order by acted_at""",
        (row["subject"], row["kind"], row["opened_day"]),
    ).fetchall()


def product_of(connection: Connection[DictRow], sku_id: str) -> str | None:
    """A card in words; ``None`` when there is no such card."""
    row = connection.execute(
        f"select {PRODUCT} as product from skus s where s.sku_id = %s",  # noqa: S608 - a constant of ours
        (sku_id,),
    ).fetchone()
    return row["product"] if row else None


def watch(
    connection: Connection[DictRow], subject: str, subject_kind: str, price: int, note: str, at: datetime
) -> None:
    """Wait for a price of a card or chipset; asking again replaces it."""
    connection.execute(
        """insert into price_targets (subject, subject_kind, target_price, created_at, note) values (%s, %s, %s, %s, %s)
           on conflict (subject) do update set target_price = excluded.target_price, created_at = excluded.created_at,
               note = excluded.note""",
        (subject, subject_kind, price, at, note or None),
    )


def unwatch(connection: Connection[DictRow], subject: str) -> int:
    """Wait no longer; returns how many wishes that ended (0: there was none)."""
    return connection.execute("delete from price_targets where subject = %s", (subject,)).rowcount


def targets(connection: Connection[DictRow]) -> list[DictRow]:
    """The prices that somebody waits for, with what their subjects cost on the latest day: product, price, day."""
    return connection.execute(
        f"""select t.*, coalesce({PRODUCT}, '') as product, coalesce(c.price, i.low_price) as price,
                   coalesce(c.market_day, i.market_day) as market_day
            from price_targets t
            left join skus s on t.subject_kind = 'sku' and s.sku_id = t.subject
            left join lateral (select price, market_day from price_changes p where p.sku_id = t.subject
                               order by market_day desc limit 1) c on true
            left join lateral (select low_price, market_day from chipset_index x where x.chipset = t.subject
                               order by market_day desc limit 1) i on true
            order by t.subject"""  # noqa: S608 - a constant of ours
    ).fetchall()
