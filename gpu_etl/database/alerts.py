"""Alerts as they are stored: which were open, and what a day begins and ends.

Belongs here: the events of ``risk_alerts``. Does not belong here: when an event begins and ends (``market.alerts``),
what people do with one (``acting``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from gpu_etl.market.alerts import RULES, Key, Kind, OpenAlert, Reading, Step

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

ALERT_ID = """left(encode(sha256(convert_to(
    concat_ws('/', a.kind, a.subject, to_char(a.opened_day, 'YYYY-MM-DD')), 'UTF8')), 'hex'), 8)"""
"""A short name for an event that stays the same whatever happens to it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing a day came to."""

    taken_back: list[Key]
    """Events that the day had begun before and that it does not begin any more."""
    closed: dict[Key, str]
    """Events that ended on the day, and why."""


def open_alerts_before(
    connection: Connection[DictRow], day: date, kinds: Collection[Kind], drop_baseline: str
) -> dict[Key, OpenAlert]:
    """The events that were open when a day began; ``drop_baseline`` is the column that falls are measured against."""
    from psycopg import sql

    query = sql.SQL(_OPEN_BEFORE).format(drop_baseline=sql.Identifier(drop_baseline))
    return {
        (Kind(row["kind"]), row["subject"]): OpenAlert(
            Kind(row["kind"]), row["subject"], row["opened_day"], row["last_reading"] or row["opened_day"]
        )
        for row in connection.execute(query, {"day": day, "kinds": list(kinds)})
    }


_OPEN_BEFORE = """
select a.kind, a.subject, a.opened_day,
       case when a.subject_kind = 'chipset' then
                (select max(i.market_day) from chipset_index i where i.chipset = a.subject and i.market_day < %(day)s
                 and case when a.kind = 'target_price' then i.low_price is not null
                          else i.change_7d_pct is not null end)
            when a.kind in ('risk', 'risk_score') then
                (select max(r.market_day) from risk_scores r where r.sku_id = a.subject and r.market_day < %(day)s
                 and case when a.kind = 'risk' then r.risk_index else r.risk_score end is not null)
            when a.subject_kind = 'sku' then
                (select max(p.market_day) from price_changes p where p.sku_id = a.subject and p.market_day < %(day)s
                 and p.price is not null
                 and case a.kind when 'drop' then p.{drop_baseline} is not null
                                 when 'rise' then p.change_pct is not null else true end)
       end as last_reading
from risk_alerts a
where a.kind = any(%(kinds)s) and a.opened_day < %(day)s and (a.closed_day is null or a.closed_day >= %(day)s)
"""


def store_step(connection: Connection[DictRow], day: date, step: Step, kinds: Collection[Kind]) -> Stored:
    """Make exactly these events of these kinds begin and end on a day.

    Loading a day again takes back what it had begun and ended before; what a person did with an event stays, and counts
    again when the event comes back. Two things are not taken back: a source that was blind was blind, so that event
    ends on its own day; and a target that nobody waits for any more tells nothing about the day.
    """
    day_and_kinds = {"day": day, "kinds": list(kinds)}
    begun = {reading.key for reading in step.opened}
    gone = [
        (Kind(row["kind"]), row["subject"])
        for row in connection.execute(_BEGUN_BEFORE, day_and_kinds)
        if (row["kind"], row["subject"]) not in begun
    ]
    _each(connection, _TAKE_BACK, [(*key, day) for key in gone if key[0] is not Kind.SOURCE_BLIND])
    closed = dict(step.closed)
    closed |= {key: "it could be read later that day" for key in gone if key[0] is Kind.SOURCE_BLIND}
    ended = connection.execute("select kind, subject from risk_alerts where closed_day = %(day)s", day_and_kinds)
    wrongly = [key for row in ended if (key := (row["kind"], row["subject"])) not in closed and row["kind"] in kinds]
    _each(connection, _GO_ON, [(*key, day) for key in wrongly])
    _each(connection, _OPEN, [_row(day, reading) for reading in step.opened])
    _each(connection, _CLOSE, [{"day": day, "kind": k, "subject": s, "reason": why} for (k, s), why in closed.items()])
    if step.opened:
        connection.execute(_AS_ACTED_ON, day_and_kinds)
    return Stored([key for key in gone if key[0] is not Kind.SOURCE_BLIND], closed)


def events_of(connection: Connection[DictRow], day: date, keys: Sequence[Key]) -> list[DictRow]:
    """The events of these keys that began or ended on a day, as rows with alert_id."""
    return connection.execute(
        f"""select {ALERT_ID} as alert_id, a.* from risk_alerts a
            where (a.kind, a.subject) in (select * from unnest(%(kinds)s::text[], %(subjects)s::text[]))
              and %(day)s in (a.opened_day, a.closed_day) order by a.kind, a.subject""",  # noqa: S608
        {"kinds": [kind for kind, _ in keys], "subjects": [subject for _, subject in keys], "day": day},
    ).fetchall()


def _each(connection: Connection[DictRow], statement: str, parameters: list[Any]) -> None:
    if parameters:
        with connection.cursor() as cursor:
            cursor.executemany(statement, parameters)


def _row(day: date, reading: Reading) -> dict[str, Any]:
    from psycopg.types.json import Jsonb

    return {
        "subject": reading.subject,
        "kind": reading.kind,
        "opened_day": day,
        "subject_kind": reading.subject_kind,
        "product": reading.product,
        "chipset": reading.chipset,
        "value": reading.value,
        "threshold": reading.threshold,
        "unit": RULES[reading.kind].unit,
        "factors": Jsonb(dict(reading.factors)),
    }


_BEGUN_BEFORE = """
select a.kind, a.subject from risk_alerts a
where a.kind = any(%(kinds)s) and a.opened_day = %(day)s
  and (a.kind <> 'target_price' or exists (select from price_targets t where t.subject = a.subject))
"""

_TAKE_BACK = "delete from risk_alerts where kind = %s and subject = %s and opened_day = %s"

_GO_ON = """
update risk_alerts set closed_day = null, closed_reason = null where kind = %s and subject = %s and closed_day = %s
"""

_OPEN = """
insert into risk_alerts (subject, kind, opened_day, subject_kind, product, chipset, value, threshold, unit, factors)
values (%(subject)s, %(kind)s, %(opened_day)s, %(subject_kind)s, %(product)s, %(chipset)s, %(value)s, %(threshold)s,
        %(unit)s, %(factors)s)
on conflict (subject, kind, opened_day) do update set product = excluded.product, chipset = excluded.chipset,
    value = excluded.value, threshold = excluded.threshold, factors = excluded.factors
where (risk_alerts.product, risk_alerts.value, risk_alerts.threshold, risk_alerts.factors)
      is distinct from (excluded.product, excluded.value, excluded.threshold, excluded.factors)
"""

_CLOSE = """
update risk_alerts set closed_day = %(day)s, closed_reason = %(reason)s
where kind = %(kind)s and subject = %(subject)s and opened_day <= %(day)s
  and (closed_day is null or closed_day >= %(day)s)
  and (closed_day, closed_reason) is distinct from (%(day)s::date, %(reason)s::text)
"""

_AS_ACTED_ON = """
update risk_alerts a
set acknowledged_at = case when last.action = 'acknowledged' then last.acted_at end,
    acknowledged_note = case when last.action = 'acknowledged' then last.note end,
    snoozed_until = case when last.action = 'snoozed' then last.until end
from (select distinct on (subject, kind) * from alert_actions where opened_day = %(day)s
      order by subject, kind, acted_at desc) last
where a.subject = last.subject and a.kind = last.kind and a.opened_day = %(day)s and a.kind = any(%(kinds)s)
  and (a.acknowledged_at, a.snoozed_until) is distinct from
      (case when last.action = 'acknowledged' then last.acted_at end,
       case when last.action = 'snoozed' then last.until end)
"""
