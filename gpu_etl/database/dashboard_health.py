"""What the health page asks: how each source was read, what was refused, what is not known, what could not be sent.

Belongs here: those queries. Does not belong here: what to do about it (``dashboard.pages.health``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database import outbox


@dataclass(frozen=True, slots=True)
class SourceState:
    """One part of one source: how the last try went, and when it last went well."""

    source: str
    part: str
    last_day: date
    status: str
    got: int
    expected: int | None
    reason: str | None
    checked_at: datetime
    last_complete_day: date | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Input that was refused for one reason, in the last 30 days."""

    source: str
    reason: str
    inputs: int
    days: int
    last_day: date
    example: str
    """The beginning of one of them."""


@dataclass(frozen=True, slots=True)
class Unidentified:
    """Listings that no rule knows, for one reason."""

    reason: str
    listings: int
    last_seen: date
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Messages that a receiver did not get."""

    receiver: str
    """Its kind and place in NOTIFY_URLS, never its address."""
    waiting: int
    given_up: int
    since: datetime
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A day that the gate refused and a person vouched for."""

    source: str
    market_day: date
    why: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table of the database; rows as PostgreSQL estimates them."""

    table: str
    rows: int | None
    """Null before it was first counted."""
    bytes: int


def sources(connection: Connection[DictRow]) -> list[SourceState]:
    """Every part of every source that was ever asked."""
    with connection.cursor(row_factory=class_row(SourceState)) as cursor:
        return cursor.execute(
            """select distinct on (c.source, c.part) c.source, c.part, c.market_day as last_day, c.status, c.got,
                      c.expected, c.reason, c.checked_at, good.last_complete_day
               from source_coverage c
               left join (select source, part, max(market_day) as last_complete_day from source_coverage
                          where status = 'complete' group by 1, 2) good using (source, part)
               order by c.source, c.part, c.market_day desc"""
        ).fetchall()


def refused(connection: Connection[DictRow], since: date) -> list[Refused]:
    """What was refused since a day, by source and reason, the most frequent first."""
    with connection.cursor(row_factory=class_row(Refused)) as cursor:
        return cursor.execute(
            """select source, reason, count(*)::int as inputs, count(distinct market_day)::int as days,
                      max(market_day) as last_day, min(excerpt) as example
               from quarantine where market_day >= %s group by 1, 2 order by 3 desc, 1, 2 limit 50""",
            (since,),
        ).fetchall()


def unidentified(connection: Connection[DictRow]) -> list[Unidentified]:
    """Names that no rule knows, by reason, the most frequent first."""
    with connection.cursor(row_factory=class_row(Unidentified)) as cursor:
        return cursor.execute(
            """select coalesce(identity_reason, 'no reason') as reason, count(*)::int as listings,
                      max(last_seen) as last_seen, (array_agg(title order by last_seen desc, title))[1:5] as examples
               from listings where identity_status = 'unidentified' group by 1 order by 2 desc, 1 limit 50"""
        ).fetchall()


def undelivered(connection: Connection[DictRow]) -> list[Undelivered]:
    """What could not be sent, by receiver."""
    return [
        Undelivered(row["receiver_name"], row["waiting"], row["given_up"], row["since"], row["last_error"])
        for row in outbox.troubles(connection)
    ]


def accepted(connection: Connection[DictRow]) -> list[Accepted]:
    """Days that a person vouched for, the latest first, at most 50."""
    with connection.cursor(row_factory=class_row(Accepted)) as cursor:
        return cursor.execute(
            "select source, market_day, why, accepted_at from accepted_days order by market_day desc, source limit 50"
        ).fetchall()


def table_sizes(connection: Connection[DictRow]) -> list[TableSize]:
    """The tables with their size on disk, indexes included, the largest first."""
    with connection.cursor(row_factory=class_row(TableSize)) as cursor:
        return cursor.execute(
            """select relname as "table", nullif(reltuples, -1)::bigint as rows, pg_total_relation_size(oid) as bytes
               from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace
               order by 3 desc, 1"""
        ).fetchall()
