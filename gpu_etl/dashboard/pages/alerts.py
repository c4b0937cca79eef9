"""``/alerts``: what happened that somebody should know, what is over, and what was done about it.

Belongs here: what that page holds, and its buttons. Does not belong here: how it looks (the template), its queries
(``database.dashboard_alerts``), what a button changes (``database.acting``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.page import Asked, BadRequestError, NotThereError, Page, Parameter
from gpu_etl.database import acting
from gpu_etl.database import dashboard_alerts as queries
from gpu_etl.market.alerts import Kind

SNOOZE_DAYS = (1, 7, 30)
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """Alerts of all kinds, or of the one asked for."""

    day: date | None
    """The latest day with prices."""
    kind: str | None
    """The kind that is shown; null: all."""
    kinds: list[queries.KindCount]
    """Of all kinds, whichever is shown."""
    active: list[queries.Alert]
    """Open, neither acknowledged nor snoozed."""
    quiet: list[queries.Alert]
    """Open, and acknowledged or snoozed."""
    past: list[queries.Alert]
    """Over; the latest 200."""
    actions: list[queries.Done]
    """What people did; the latest 100."""
    targets: list[queries.Target]


def load(connection: Connection[DictRow], asked: Asked) -> AlertsPage:
    """Read them."""
    kind = _kind(asked.word("kind"))
    opened = queries.open_alerts(connection, kind)
    active = [alert for alert in opened if _is_active(alert, asked)]
    return AlertsPage(
        day=asked.day,
        kind=kind,
        kinds=queries.counts(connection, asked.now),
        active=active,
        quiet=[alert for alert in opened if not _is_active(alert, asked)],
        past=queries.past_alerts(connection, kind),
        actions=queries.done(connection, kind),
        targets=list(queries.waited_for(connection)),
    )


def _kind(word: str) -> str | None:
    if word and word not in {kind.value for kind in Kind}:
        raise BadRequestError(f"kind={word!r} is none of {', '.join(kind.value for kind in Kind)}")
    return word or None


def _is_active(alert: queries.Alert, asked: Asked) -> bool:
    return alert.acknowledged_at is None and (alert.snoozed_until is None or alert.snoozed_until <= asked.now)


def acknowledge(connection: Connection[DictRow], asked: Asked, form: Mapping[str, str]) -> str:
    """Take note of an alert: it leaves the list of active ones and stays in history."""
    return _act(connection, asked, form, "acknowledged")


def snooze(connection: Connection[DictRow], asked: Asked, form: Mapping[str, str]) -> str:
    """Hide an alert for some days."""
    days = form.get("days", "")
    if days not in {str(allowed) for allowed in SNOOZE_DAYS}:
        raise BadRequestError(f"days={days[:10]!r} is none of {', '.join(map(str, SNOOZE_DAYS))}")
    return _act(connection, asked, form, "snoozed", timedelta(days=int(days)))


def reopen(connection: Connection[DictRow], asked: Asked, form: Mapping[str, str]) -> str:
    """Take back an acknowledgement or a snooze."""
    return _act(connection, asked, form, "reopened")


def _act(
    connection: Connection[DictRow],
    asked: Asked,
    form: Mapping[str, str],
    action: str,
    until: timedelta | None = None,
) -> str:
    """Do it, and return where to go: the same list, with a word on what was done."""
    alert_id, kind = form.get("alert", ""), _kind(form.get("kind", ""))
    note = " ".join(form.get("note", "").replace("\0", "").split())[:LONGEST_NOTE]
    if not re.fullmatch(r"[0-9a-f]{8}", alert_id):
        raise BadRequestError(f"alert={alert_id[:20]!r} is no id of an alert")
    end = asked.now + until if until else None
    if not acting.act(connection, alert_id, action, asked.now, note=note, until=end):
        raise NotThereError(f"no open alert {alert_id}: it is over, or was dealt with in the meantime")
    return "/alerts?" + urlencode({**({"kind": kind} if kind else {}), "done": action})


PAGE = Page(
    "alerts",
    "/alerts",
    AlertsPage,
    load,
    actions={"acknowledge": acknowledge, "snooze": snooze, "reopen": reopen},
    in_menu=True,
    parameters={
        "kind": Parameter("Only this kind of alert", {"type": "string", "enum": [kind.value for kind in Kind]})
    },
)
