"""What the alerts page asks: events that are open or over, what people did with them, prices that somebody waits for.

Belongs here: those queries. Does not belong here: acting on an alert (``acting``), when one begins and ends
(``market.alerts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.acting import targets
from gpu_etl.database.alerts import ALERT_ID
from gpu_etl.database.queries import latest_day
from gpu_etl.market.alerts import Kind

MOST_PAST = 200
MOST_ACTIONS = 100


@dataclass(frozen=True, slots=True)
class Alert:
    """One event."""

    alert_id: str
    """Eight hex digits; what acknowledging and snoozing name it by."""
    kind: str
    subject_kind: str
    subject: str
    """A card's id, a chipset's name or a source."""
    product: str
    chipset: str | None
    value: float | None
    """What crossed the threshold on the day it was opened."""
    threshold: float | None
    unit: str | None
    """Of value, threshold and latest: won, percent, score or days."""
    latest: float | None
    """The value on the latest day with prices, of the risk index and the risk score; null where it is unknown then."""
    opened_day: date
    closed_day: date | None
    closed_reason: str | None
    acknowledged_at: datetime | None
    acknowledged_note: str | None
    snoozed_until: datetime | None
    factors: dict[str, Any]
    """What contributed on the day it was opened, by name."""


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many events of a kind there are."""

    kind: str
    active: int
    """Open, neither acknowledged nor snoozed."""
    quiet: int
    """Open, and acknowledged or snoozed."""
    past: int


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did with an event."""

    acted_at: datetime
    action: str
    """acknowledged, snoozed or reopened"""
    kind: str
    product: str
    opened_day: date
    until: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """A price that somebody waits for."""

    subject: str
    subject_kind: str
    product: str
    target_price: int
    price: int | None
    """What it costs on the latest day with prices; null where it cannot be bought then."""
    note: str | None


def counts(connection: Connection[DictRow], now: datetime) -> list[KindCount]:
    """How many events of each kind there are, the most urgent kind first."""
    with connection.cursor(row_factory=class_row(KindCount)) as cursor:
        found = cursor.execute(
            """select kind,
                      (count(*) filter (where closed_day is null and acknowledged_at is null
                                        and coalesce(snoozed_until <= %(now)s, true)))::int as active,
                      (count(*) filter (where closed_day is null and (acknowledged_at is not null
                                        or snoozed_until > %(now)s)))::int as quiet,
                      (count(*) filter (where closed_day is not null))::int as past
               from risk_alerts group by 1""",
            {"now": now},
        ).fetchall()
    order = [kind.value for kind in Kind]
    return sorted(found, key=lambda row: (order.index(row.kind) if row.kind in order else len(order), row.kind))


_LATEST = """
left join lateral (
    select case a.kind when 'risk' then r.risk_index else r.risk_score end::float8 as latest from risk_scores r
    where a.kind in ('risk', 'risk_score') and r.sku_id = a.subject
      and r.market_day = (select max(market_day) from price_changes)) now on true
"""

_ALERTS = f"""
select {ALERT_ID} as alert_id, a.kind, a.subject_kind, a.subject, a.product, a.chipset, a.value::float8 as value,
       a.threshold::float8 as threshold, a.unit, now.latest, a.opened_day, a.closed_day, a.closed_reason,
       a.acknowledged_at, a.acknowledged_note, a.snoozed_until, a.factors
from {{events}} a {_LATEST}
"""  # noqa: S608 - constants of ours


_OPEN = """(select * from risk_alerts
            where closed_day is null and (%(kind)s::text is null or kind = %(kind)s))"""
_PAST = f"""(select * from risk_alerts
            where closed_day is not null and (%(kind)s::text is null or kind = %(kind)s)
            order by closed_day desc, opened_day desc, product, kind limit {MOST_PAST})"""  # noqa: S608


def open_alerts(connection: Connection[DictRow], kind: str | None) -> list[Alert]:
    """Events that are not over, the most urgent kind and the worst first."""
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(
            _ALERTS.format(events=_OPEN)
            + """
                order by array_position(%(kinds)s::text[], a.kind),
                         case when a.unit = 'won' and a.kind <> 'risk' then a.threshold / nullif(a.value, 0)
                              else coalesce(now.latest, a.value::float8) end desc nulls last, a.subject""",
            {"kind": kind, "kinds": [kind.value for kind in Kind]},
        ).fetchall()


def past_alerts(connection: Connection[DictRow], kind: str | None) -> list[Alert]:
    """Events that are over, those that ended last first, at most 200."""
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(
            _ALERTS.format(events=_PAST) + "order by a.closed_day desc, a.opened_day desc, a.product, a.kind",
            {"kind": kind},
        ).fetchall()


def done(connection: Connection[DictRow], kind: str | None) -> list[Done]:
    """What people did lately, the latest first, at most 100."""
    with connection.cursor(row_factory=class_row(Done)) as cursor:
        return cursor.execute(
            f"""select d.acted_at, d.action, d.kind, coalesce(a.product, d.subject) as product, d.opened_day, d.until,
                       d.note
                from alert_actions d left join risk_alerts a using (subject, kind, opened_day)
                where (%(kind)s::text is null or d.kind = %(kind)s)
                order by d.acted_at desc, product limit {MOST_ACTIONS}""",  # noqa: S608 - a constant of ours
            {"kind": kind},
        ).fetchall()


def waited_for(connection: Connection[DictRow]) -> Sequence[Target]:
    """The prices that somebody waits for."""
    latest = latest_day(connection)
    return [
        Target(
            row["subject"],
            row["subject_kind"],
            row["product"] or row["subject"],
            row["target_price"],
            row["price"] if row["market_day"] == latest else None,
            row["note"],
        )
        for row in targets(connection)
    ]
