"""Attempts to read subreddits, and the coverage of days that follows from them.

Belongs here: ``reddit_readings``, its part of ``source_coverage``, and from when on to read again. Does not belong
here: judging a day (``market.coverage``), posts (``post_store``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl.market.coverage import Reading, judge
from gpu_etl.sources.records import CoverageStatus

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

SOURCE = "reddit"
HEALING_DAYS = 7
"""Days back in which a gap makes the next reading reach further."""
OVERLAP = timedelta(hours=48)
LIVE = ("praw", "rss")


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Beginning and end of a market day."""
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def read_since(
    connection: Connection[DictRow], subreddits: Sequence[str], today: date, zone: ZoneInfo
) -> dict[str, datetime | None]:
    """From when on to read each subreddit again, by its lower-case name.

    That is :data:`OVERLAP` before its newest post, or the beginning of the first day with a gap in the last
    :data:`HEALING_DAYS`; ``None``, as far back as it goes, for one that was never read.
    """
    names = [name.lower() for name in subreddits]
    since: dict[str, datetime | None] = dict.fromkeys(names)
    newest = connection.execute(
        """select lower(subreddit) as name, max(created_utc) as newest from reddit_posts
           where lower(subreddit) = any(%s) and read_from = any(%s) group by 1""",
        (names, list(LIVE)),
    )
    since.update({row["name"]: row["newest"] - OVERLAP for row in newest})
    gaps = connection.execute(
        """select lower(part) as name, min(market_day) as first from source_coverage c
           where source = %s and lower(part) = any(%s) and market_day > %s and status = any(%s)
             -- the very first day is where the first listing ended, which no later one undoes
             and market_day > (select min(market_day) from source_coverage f
                               where f.source = c.source and f.part = c.part)
           group by 1""",
        (SOURCE, names, today - timedelta(days=HEALING_DAYS), ["partial", "blocked", "failed"]),
    )
    for row in gaps:
        known = since[row["name"]]
        if known is not None:
            since[row["name"]] = min(known, bounds(row["first"], zone)[0])
    return since


def last_attempt(connection: Connection[DictRow], read_from: str) -> datetime | None:
    """When this way of reading was last tried."""
    row = connection.execute(
        "select max(up_to) as last from reddit_readings where read_from = %s", (read_from,)
    ).fetchone()
    return row["last"] if row else None


def recently_seen(connection: Connection[DictRow], subreddits: Sequence[str], since: datetime) -> set[str]:
    """Those of the subreddits, in lower case, of which there is a post not older than ``since``."""
    rows = connection.execute(
        "select distinct lower(subreddit) as name from reddit_posts where created_utc >= %s", (since,)
    )
    return {row["name"] for row in rows} & {name.lower() for name in subreddits}


def note(connection: Connection[DictRow], readings: Iterable[Reading]) -> None:
    """Store attempts; one that held something is not replaced by a failure of the same moment."""
    readings = list(readings)
    moments = list({reading.up_to for reading in readings})
    held = {
        (row["subreddit"], row["read_from"], row["up_to"]): row["back_to"]
        for row in connection.execute(
            "select * from reddit_readings where up_to = any(%s) and back_to is not null", (moments,)
        )
    }
    rows = []
    for reading in readings:
        before = held.get((reading.subreddit, reading.read_from, reading.up_to))
        if before is None or (reading.back_to is not None and reading.back_to <= before):
            rows.append({**asdict(reading), "status": reading.status.value})
    merge(connection, tables.reddit_readings, rows)


def refresh_coverage(
    connection: Connection[DictRow],
    subreddits: Sequence[str],
    first: date,
    last: date,
    zone: ZoneInfo,
    checked_at: datetime,
) -> None:
    """Judge the days from ``first`` to ``last`` anew by all attempts so far, and count the posts that are stored."""
    parts = {name.lower(): name for name in subreddits}
    attempts = _attempts_by_day(connection, list(parts), first, last, zone)
    counted = _counts(connection, list(parts), first, last)
    rows = []
    for (name, day), readings in attempts.items():
        verdict = judge(*bounds(day, zone), readings, zone, checked_at)
        if verdict is not None:
            row = {"source": SOURCE, "part": parts[name], "market_day": day, "got": counted.get((name, day), 0)}
            rows.append({**row, "status": verdict.status.value, "reason": verdict.reason, "checked_at": checked_at})
    merge(connection, tables.source_coverage, rows, quiet=("checked_at",))


def _attempts_by_day(
    connection: Connection[DictRow], names: list[str], first: date, last: date, zone: ZoneInfo
) -> dict[tuple[str, date], list[Reading]]:
    start, end = bounds(first, zone)[0], bounds(last, zone)[1]
    found: dict[tuple[str, date], list[Reading]] = defaultdict(list)
    for row in connection.execute(
        """select * from reddit_readings
           where subreddit = any(%s) and up_to >= %s and coalesce(back_to, up_to) < %s order by up_to""",
        (names, start, end),
    ):
        reading = _reading(row)
        begins = (reading.back_to or reading.up_to).astimezone(zone).date()
        ends = reading.up_to.astimezone(zone).date()
        for number in range(max(begins, first).toordinal(), min(ends, last).toordinal() + 1):
            found[reading.subreddit, date.fromordinal(number)].append(reading)
    return found


def _reading(row: DictRow) -> Reading:
    return Reading(**{**row, "status": CoverageStatus(row["status"])})


def _counts(connection: Connection[DictRow], names: list[str], first: date, last: date) -> dict[tuple[str, date], int]:
    rows = connection.execute(
        """select lower(subreddit) as name, market_day, count(*) as n from reddit_posts
           where market_day between %s and %s and lower(subreddit) = any(%s) group by 1, 2""",
        (first, last, names),
    )
    return {(row["name"], row["market_day"]): row["n"] for row in rows}


@dataclass(frozen=True, slots=True)
class DayRead:
    """How far one market day was read, over all subreddits."""

    parts: frozenset[str]
    """The subreddits, in lower case, that were read at least in part."""
    is_whole: bool
    """Whether each of them was read without a gap."""
    is_over: bool
    """Whether there was an attempt after its end: a day that is still running has only its first hours."""


def days_read(connection: Connection[DictRow], first: date, last: date, zone: ZoneInfo) -> dict[date, DayRead]:
    """The days from ``first`` to ``last`` that were read at least in part; one that was not read is absent.

    A subreddit that does not exist or is private (``unavailable``) is no gap: it was never part of the count.
    """
    latest = connection.execute("select max(up_to) as last from reddit_readings").fetchone()
    rows = connection.execute(
        """select market_day,
                  array_agg(lower(part)) filter (where status in ('complete', 'partial')) as parts,
                  bool_and(status = 'complete') filter (where status <> 'unavailable') as is_whole
           from source_coverage where source = %s and market_day between %s and %s group by 1""",
        (SOURCE, first, last),
    )
    return {
        row["market_day"]: DayRead(
            parts=frozenset(row["parts"]),
            is_whole=bool(row["is_whole"]),
            is_over=bool(latest and latest["last"] and latest["last"] >= bounds(row["market_day"], zone)[1]),
        )
        for row in rows
        if row["parts"]
    }
