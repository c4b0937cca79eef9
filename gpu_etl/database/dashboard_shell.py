"""What every page of the dashboard says at its top: the latest day, and how fresh each source is.

Belongs here: queries that every page runs, so they must be next to nothing. Does not belong here: one page's queries
(``dashboard_*``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow


@dataclass(frozen=True, slots=True)
class Shell:
    """The state of the market's data as a whole."""

    day: date | None
    """The latest market day with published prices; ``None`` in an empty database."""
    previous_day: date | None
    """The published day before it."""
    first_day: date | None
    """The first market day with published prices."""
    active_alerts: int
    """Alerts that are open, not acknowledged and not snoozed."""


def shell(connection: Connection[DictRow]) -> Shell:
    """Read it."""
    row = connection.execute(
        """select latest.day,
                  (select max(market_day) from price_changes where market_day < latest.day) as previous_day,
                  (select min(market_day) from price_changes) as first_day,
                  (select count(*) from risk_alerts where closed_day is null and acknowledged_at is null
                   and (snoozed_until is null or snoozed_until < now())) as active_alerts
           from (select max(market_day) as day from price_changes) as latest"""
    ).fetchone()
    return Shell(**row) if row else Shell(None, None, None, 0)
