"""The books kept about reading itself: coverage of the sources, and input that was refused.

Belongs here: ``source_coverage``, ``quarantine`` and ``accepted_days``. Does not belong here: judging
(``market.gates``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl.sources.records import CoverageStatus, Refusal

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

EXCERPT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well one part of a source was read on a day."""

    source: str
    part: str
    market_day: date
    status: CoverageStatus
    got: int
    expected: int | None = None
    reason: str | None = None


def record_coverage(connection: Connection[DictRow], rows: Sequence[Coverage], checked_at: datetime) -> None:
    """Store coverage. Within a day it only gets better: a later attempt that failed takes nothing away from what was
    read.
    """
    rank = {status: position for position, status in enumerate(CoverageStatus)}
    stored = {
        (row["source"], row["part"], row["market_day"]): CoverageStatus(row["status"])
        for row in connection.execute(
            "select * from source_coverage where source = any(%s) and market_day = any(%s)",
            (list({row.source for row in rows}), list({row.market_day for row in rows})),
        )
    }
    better = [
        {**asdict(row), "checked_at": checked_at}
        for row in rows
        if rank[row.status] >= rank[stored.get((row.source, row.part, row.market_day), CoverageStatus.FAILED)]
    ]
    merge(connection, tables.source_coverage, better, quiet=("checked_at",))


def store_refusals(
    connection: Connection[DictRow], source: str, day: date, refusals: Iterable[tuple[Refusal, str | None]]
) -> int:
    """Put a day's refused input of a source into quarantine, replacing what was there; returns how many.

    ``refusals`` are pairs of the refusal and the SHA-256 of the stored page it stands on, if any.
    """
    rows = {
        (refusal.subject, refusal.reason): quarantine_row(source, day, refusal) | {"page_sha256": page}
        for refusal, page in refusals
    }
    merge(connection, tables.quarantine, rows.values(), scope={"source": source, "market_day": day})
    return len(rows)


def quarantine_row(source: str, day: date, refusal: Refusal) -> dict[str, object]:
    """A refusal as a row of ``quarantine``, without the page it stands on."""
    return {
        "source": source,
        "market_day": day,
        "subject": refusal.subject,
        "reason": refusal.reason,
        "excerpt": refusal.excerpt[:EXCERPT_LENGTH].replace("\0", "\ufffd"),
    }


def accept_day(connection: Connection[DictRow], source: str, day: date, why: str, at: datetime) -> None:
    """Note a person's word that a day which the gate refuses is real."""
    connection.execute(
        """insert into accepted_days values (%s, %s, %s, %s)
           on conflict (source, market_day) do update set why = excluded.why, accepted_at = excluded.accepted_at""",
        (source, day, why, at),
    )


def accepted_because(connection: Connection[DictRow], source: str, day: date) -> str | None:
    """The reason a person gave for accepting a day, or ``None``."""
    row = connection.execute(
        "select why from accepted_days where source = %s and market_day = %s", (source, day)
    ).fetchone()
    return row["why"] if row else None


def refused_days_before(connection: Connection[DictRow], source: str, day: date) -> int:
    """How many days in a row, the last of them the one before ``day``, were crawled whole and not published."""
    rows = connection.execute(
        """select c.market_day, exists (select from price_logs p where p.source = c.source
                                        and p.market_day = c.market_day) as is_published
           from crawls c where c.source = %s and c.part = 'list' and c.market_day < %s
           order by c.market_day desc limit 28""",
        (source, day),
    )
    refused = 0
    for back, row in enumerate(rows, 1):
        if row["is_published"] or row["market_day"] != day - timedelta(days=back):
            break
        refused += 1
    return refused


def coverage_of(connection: Connection[DictRow], source: str, day: date) -> list[DictRow]:
    """The coverage rows of a source and day, by part."""
    return connection.execute(
        "select * from source_coverage where source = %s and market_day = %s order by part", (source, day)
    ).fetchall()
