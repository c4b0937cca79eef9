"""What the pages of a card and of a chipset both ask of their subject: advice, alerts, days that nobody read.

Belongs here: those queries. Does not belong here: what only one of them asks (``dashboard_card``,
``dashboard_chipset``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow, class_row


@dataclass(frozen=True, slots=True)
class Advice:
    """Buy, wait, or not enough data; how often that was right."""

    market_day: date
    advice: str
    reason: str
    probability: float | None
    right_share: float | None
    right_n: int | None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert of the card."""

    kind: str
    opened_day: date
    closed_day: date | None
    value: float | None
    threshold: float | None
    unit: str | None
    acknowledged: bool


def advice(connection: Connection[DictRow], subject: str, day: date) -> Advice | None:
    """The latest advice on a card or chipset up to a day."""
    with connection.cursor(row_factory=class_row(Advice)) as cursor:
        return cursor.execute(
            """select market_day, advice, reason, probability::float8 as probability,
                      right_share::float8 as right_share, right_n
               from buying_advice where subject = %s and market_day <= %s order by market_day desc limit 1""",
            (subject, day),
        ).fetchone()


def alerts(connection: Connection[DictRow], subject: str) -> list[Alert]:
    """The alerts of a card or chipset, the latest first."""
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(
            """select kind, opened_day, closed_day, value::float8 as value, threshold::float8 as threshold, unit,
                      acknowledged_at is not null as acknowledged
               from risk_alerts where subject = %s order by opened_day desc limit 50""",
            (subject,),
        ).fetchall()


def unread_days(connection: Connection[DictRow], first: date, last: date) -> list[date]:
    """The days on which no card has a row: nothing was read, or nothing of it was believed.

    Days before the first and after the last one with a row are none of them: nobody has looked.
    """
    rows = connection.execute(
        """select day::date as day
           from generate_series(greatest(%s::date, (select min(market_day) from price_changes)),
                                least(%s::date, (select max(market_day) from price_changes)), interval '1 day') as day
           where not exists (select 1 from price_changes where market_day = day::date) order by 1""",
        (first, last),
    ).fetchall()
    return [row["day"] for row in rows]
