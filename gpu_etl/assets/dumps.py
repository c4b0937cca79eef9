"""Importing dumps of Reddit: one pass over a file, its posts routed to their market days.

Belongs here: transactions, where to go on after an interruption, what a file says about coverage. Does not belong
here: the file's format (``sources.reddit_dump``), words and progress bars (``cli.reddit``).

A month of all Reddit takes a while, so what was read is stored every so often together with how far it is. An import
that is stopped goes on from there; one that was finished begins anew, and changes nothing unless rules or subreddits
did.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import community
from gpu_etl.assets.collecting import take_in
from gpu_etl.database import post_store, readings, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.transactions import Transactions
from gpu_etl.market import trends
from gpu_etl.market.coverage import Reading
from gpu_etl.market.signals import Rules
from gpu_etl.settings import Settings
from gpu_etl.sources import reddit_dump
from gpu_etl.sources.records import CoverageStatus, Post
from gpu_etl.sources.reddit_dump import Batch

SOURCE = "reddit_dump"
MOST_POSTS = 2_000
"""Posts in one transaction."""
MOST_TEXT = 2**28
"""Bytes of text after which the position is stored even if few posts were found."""
NEARLY = timedelta(days=1)
"""How near to the end of its month the last post of a month's dump must be for the month to be over."""
_MONTH = re.compile(r"RS_(\d{4})-(\d{2})\b")


@dataclass(slots=True)
class DumpSummary:
    """What an import took and refused."""

    files: int = 0
    resumed: int = 0
    posts: int = 0
    inserted: int = 0
    unchanged: int = 0
    by_subreddit: Counter[str] = field(default_factory=Counter)
    first_day: date | None = None
    last_day: date | None = None
    refused: Counter[str] = field(default_factory=Counter)
    failed_files: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The summary for machines."""
        return {
            "files": self.files,
            "resumed": self.resumed,
            "posts": self.posts,
            "inserted": self.inserted,
            "unchanged": self.unchanged,
            "by_subreddit": dict(self.by_subreddit),
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "refused": dict(self.refused),
            "failed_files": self.failed_files,
        }

    def in_words(self) -> str:
        """The summary for people."""
        days = f", {self.first_day} to {self.last_day}" if self.first_day else ""
        known = self.unchanged
        files = f"{self.files} {'file' if self.files == 1 else 'files'}"
        lines = [f"{files}, {self.posts:,} posts{days}: {self.inserted:,} new, {known:,} already there"]
        if self.resumed:
            lines[0] += f" ({self.resumed} taken up where an earlier import stopped)"
        lines += [f"r/{name}: {n:,} posts" for name, n in sorted(self.by_subreddit.items())]
        lines += [f"refused {n:,}: {reason}" for reason, n in self.refused.most_common()]
        lines += [f"not read to its end: {path}: {reason}" for path, reason in self.failed_files.items()]
        return "\n".join(lines)


@dataclass(slots=True)
class _Seen:
    """From when to when a file holds posts of each subreddit, in seconds since 1970; kept over interruptions."""

    stretches: dict[str, list[float]] = field(default_factory=dict)

    def add(self, post: Post) -> None:
        at = post.created_utc.timestamp()
        stretch = self.stretches.setdefault(post.subreddit.lower(), [at, at])
        stretch[0], stretch[1] = min(stretch[0], at), max(stretch[1], at)


class DumpImport:
    """One import into one database."""

    def __init__(self, database: Transactions, settings: Settings, rules: Rules) -> None:
        self._database = database
        self._settings = settings
        self._rules = rules
        self.summary = DumpSummary()

    def load(self, path: Path, advanced: Callable[[int], object] = lambda position: None) -> None:
        """Import one file; ``advanced`` is told how many of its bytes were read.

        Raises :class:`gpu_etl.sources.reddit_dump.DumpError` or :class:`OSError` when it cannot be read to its end;
        what came before stands, and the next import goes on from there.
        """
        key = self._key(path)
        start, seen = self._database.run(lambda connection: _progress(connection, key))
        self.summary.resumed += start > 0
        with path.open("rb") as file:
            batches = reddit_dump.read(file, self._settings.reddit_subreddits, start=start)
            for portion in _one_ahead(_portions(batches, start, lambda: advanced(file.tell()))):
                self._store(key, portion, seen)
        self._database.run(lambda connection: self._finish(connection, key, path, seen))
        self.summary.files += 1

    def _key(self, path: Path) -> dict[str, object]:
        parts = " ".join(sorted(name.lower() for name in self._settings.reddit_subreddits))
        return {"source": SOURCE, "file": path.name, "size": path.stat().st_size, "parts": parts}

    def _store(self, key: dict[str, object], portion: Batch, seen: _Seen) -> None:
        posts, refusals, position = portion.posts, portion.refusals, portion.end
        for post in posts:
            seen.add(post)
        zone = self._settings.zone
        days = [post.created_utc.astimezone(zone).date() for post in posts]
        day = max(days, default=self.summary.last_day or self._settings.today())

        def store(connection: Connection[DictRow]) -> LoadCounts:
            counts = take_in(connection, posts, self._settings, self._rules)
            post_store.store_refusals(connection, day, refusals)
            merge(connection, tables.file_imports, [{**key, "position": position, "state": seen.stretches}])
            return counts

        counts = self._database.run(store)
        summary = self.summary
        summary.posts += len(posts)
        summary.inserted += counts.inserted
        summary.unchanged += counts.unchanged
        summary.by_subreddit.update(post.subreddit for post in posts)
        summary.refused.update(refusal.reason for refusal in refusals)
        summary.first_day = min([*days, *filter(None, [summary.first_day])], default=None)
        summary.last_day = max([*days, *filter(None, [summary.last_day])], default=None)

    def _finish(self, connection: Connection[DictRow], key: dict[str, object], path: Path, seen: _Seen) -> None:
        """Say which days the file holds, count them, and forget where to go on."""
        connection.execute(
            "delete from file_imports where source = %(source)s and file = %(file)s and size = %(size)s", key
        )
        held = _held(path, seen)
        if not held:
            return
        readings.note(connection, held)
        settings = self._settings
        first = min(reading.up_to if reading.back_to is None else reading.back_to for reading in held)
        first_day = first.astimezone(settings.zone).date()
        last_day = min(max(reading.up_to for reading in held).astimezone(settings.zone).date(), settings.today())
        readings.refresh_coverage(
            connection, settings.reddit_subreddits, first_day, last_day, settings.zone, settings.now()
        )
        until = min(last_day + timedelta(days=2 * trends.WINDOW_DAYS), settings.today())
        days = [first_day + timedelta(days=number) for number in range((until - first_day).days + 1)]
        if days:
            community.load_keyword_trends(connection, days, settings, self._rules)


def _portions(batches: Iterable[Batch], start: int, advanced: Callable[[], object]) -> Iterator[Batch]:
    """Put batches together to what is stored at once; what came before an error comes before the error."""
    portion = Batch(start)
    begin = start
    problem: Exception | None = None
    try:
        for batch in batches:
            portion = Batch(batch.end, portion.posts + batch.posts, portion.refusals + batch.refusals)
            advanced()
            if len(portion.posts) >= MOST_POSTS or portion.end - begin >= MOST_TEXT:
                yield portion
                portion, begin = Batch(batch.end), batch.end
    except (reddit_dump.DumpError, OSError) as error:
        problem = error
    if portion.posts or portion.refusals:
        yield portion
    if problem:
        raise problem


def _one_ahead(items: Iterator[Batch]) -> Iterator[Batch]:
    """Get the next item while the one before is being worked on: decompressing and PostgreSQL leave Python free."""
    with ThreadPoolExecutor(1, "read-ahead") as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item


def _progress(connection: Connection[DictRow], key: dict[str, object]) -> tuple[int, _Seen]:
    row = connection.execute(
        """select position, state from file_imports
           where source = %(source)s and file = %(file)s and size = %(size)s and parts = %(parts)s""",
        key,
    ).fetchone()
    return (row["position"], _Seen(row["state"])) if row else (0, _Seen())


def _held(path: Path, seen: _Seen) -> list[Reading]:
    """The stretch that a whole file holds of each subreddit.

    A file named after a month holds all of it, unless it ends early; of any other only the time between its first and
    last post of the subreddit is sure. A subreddit without any post in it may as well have been left out of it.
    """
    month = _month(path)
    newest = max((stretch[1] for stretch in seen.stretches.values()), default=0.0)
    found = []
    for name, (oldest, latest) in seen.stretches.items():
        back_to, up_to = _moment(oldest), _moment(latest)
        if month and month[0] <= back_to and up_to <= month[1]:
            back_to = month[0]
            up_to = month[1] if month[1] - _moment(newest) < NEARLY else _moment(newest)
        found.append(Reading(name, reddit_dump.READ_FROM, up_to, back_to, CoverageStatus.COMPLETE, 0))
    return found


def _month(path: Path) -> tuple[datetime, datetime] | None:
    match = _MONTH.search(path.name)
    if not match or not 1 <= int(match[2]) <= 12:
        return None
    year, month = int(match[1]), int(match[2])
    return datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
