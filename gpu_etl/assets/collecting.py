"""One collection of posts: read, store, ask again about older ones, let go of texts, say how well it went.

Belongs here: the order of these steps and what a blind reading means. Does not belong here: reading
(``resources.reddit``), storing (``database.post_store``, ``database.readings``), searching (``searching``).

What is fetched is stored in one transaction with its coverage: a run that dies in between has changed nothing, and the
next one reads the same window again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gpu_etl.assets.failures import Refused, TryAgain
from gpu_etl.assets.searching import search
from gpu_etl.database import community, post_store, readings, records, tables
from gpu_etl.database.bulk import LoadCounts
from gpu_etl.database.transactions import Transactions
from gpu_etl.market.coverage import READ, Reading
from gpu_etl.market.signals import Rules
from gpu_etl.resources.reddit import Collected, CredentialsError, Refreshed, Since
from gpu_etl.resources.reddit_coverage import SubredditCoverage
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus, Post

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

SOURCE = readings.SOURCE
KNOWN_FOR = timedelta(days=7)
"""A subreddit seen within so many days is readable: a feed without its posts means that there were none."""
EXCERPTS_KEPT = timedelta(days=1)
HOPELESS = (CoverageStatus.BLOCKED, CoverageStatus.UNAVAILABLE)


class Reddit(Protocol):
    """What is used of ``RedditResource``."""

    def read(self, subreddits: Sequence[str], *, since: Since, now: datetime) -> Collected:
        """Read the newest posts."""

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        """Ask for known posts again."""

    def read_archive(self, subreddits: Sequence[str], *, start: datetime, end: datetime) -> Collected:
        """Read a stretch of the past."""


@dataclass(slots=True)
class Outcome:
    """What a collection came to."""

    mode: str
    read: Collected
    posts: LoadCounts
    observations: LoadCounts = field(default_factory=LoadCounts)
    quarantined: int = 0
    asked_again: int = 0
    removed: int = 0
    """Posts that lost their text because they were deleted or removed."""
    expired: int = 0
    """Posts that lost their text because of their age."""
    unread: str | None = None
    """Why some posts could not be asked for again."""
    gaps: list[str] = field(default_factory=list)


def collect(
    reddit: Reddit, database: Transactions, settings: Settings, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """Read what is new and ask again about what is not; stores all of it.

    Raises:
        Refused: a bad key, or no subreddit could be read because Reddit blocks us.
        TryAgain: no subreddit could be read for a reason that may pass.
    """
    names, now = settings.reddit_subreddits, settings.now()
    if not settings.reddit_has_key:
        last = database.run(lambda connection: readings.last_attempt(connection, "rss"))
        sleep(_pause(last, now, settings.reddit_feed_pause))
    since = database.run(lambda connection: readings.read_since(connection, names, settings.today(), settings.zone))
    try:
        read = reddit.read(names, since=since, now=now)
        outcome = database.run(lambda connection: _store(connection, read, settings, now))
        if settings.reddit_has_key and not read.is_blind:
            _ask_again(reddit, database, settings, outcome)
    except CredentialsError as error:
        raise Refused(str(error)) from None
    outcome.gaps = database.run(lambda connection: _gaps(connection, settings))
    _fail_when_blind(database, settings, read)
    return outcome


def _pause(last: datetime | None, now: datetime, interval: float) -> float:
    """Seconds until another feed may be asked for: a retried run and the hourly one keep the distance, too."""
    passed = interval if last is None else (now - last).total_seconds()
    return max(0.0, interval - passed) if passed >= 0 else 0.0


def _store(connection: Connection[DictRow], read: Collected, settings: Settings, now: datetime) -> Outcome:
    keep_since = settings.reddit_text_since()
    posts, observations = post_store.store_live(connection, read.posts, now, settings.zone, keep_since)
    attempts = _attempts(connection, read, now)
    readings.note(connection, attempts)
    first = min((a.back_to or a.up_to for a in attempts), default=now).astimezone(settings.zone).date()
    first = min(first, settings.today() - timedelta(days=readings.HEALING_DAYS))
    readings.refresh_coverage(connection, settings.reddit_subreddits, first, settings.today(), settings.zone, now)
    return Outcome(
        mode=read.mode,
        read=read,
        posts=posts,
        observations=observations,
        quarantined=post_store.store_refusals(connection, settings.today(), read.refusals),
        removed=sum(post.removed for post in read.posts),
        expired=post_store.expire(connection, keep_since, settings.today() - EXCERPTS_KEPT),
    )


def _attempts(connection: Connection[DictRow], read: Collected, now: datetime) -> list[Reading]:
    """The reading as one attempt a subreddit."""
    known: set[str] = set()
    if read.mode == "rss":
        names = [coverage.subreddit for coverage in read.coverage]
        known = readings.recently_seen(connection, names, now - KNOWN_FOR)
    reach = min((c.reaches_back_to for c in read.coverage if c.reaches_back_to), default=None)
    attempts = []
    for coverage in read.coverage:
        name = coverage.subreddit.lower()
        back_to = coverage.reaches_back_to
        if back_to is None and coverage.status in READ and name in known:
            back_to = reach
        attempts.append(
            Reading(
                subreddit=name,
                read_from=read.mode,
                up_to=now,
                back_to=back_to,
                status=coverage.status,
                got=coverage.got,
                refused=coverage.refused,
                reason=coverage.reason,
            )
        )
    return attempts


def _ask_again(reddit: Reddit, database: Transactions, settings: Settings, outcome: Outcome) -> None:
    """Ask for the posts whose score or existence is to be looked at; those missing twice in a row are gone."""
    due = database.run(lambda connection: post_store.due_posts(connection, settings.now()))
    if not due:
        return
    refreshed = reddit.refresh(due)
    again = reddit.refresh(refreshed.missing) if refreshed.missing else Refreshed()
    gone = set(refreshed.missing) & set(again.missing)
    posts = [*refreshed.posts, *again.posts]

    def store(connection: Connection[DictRow]) -> tuple[LoadCounts, LoadCounts, int]:
        stored = post_store.store_live(connection, posts, settings.now(), settings.zone, settings.reddit_text_since())
        return *stored, post_store.blank(connection, sorted(gone), removed=True)

    changed, observations, removed = database.run(store)
    outcome.posts += changed
    outcome.observations += observations
    outcome.asked_again = len(due)
    outcome.removed += removed + sum(post.removed for post in posts)
    outcome.unread = refreshed.reason or again.reason


def _gaps(connection: Connection[DictRow], settings: Settings) -> list[str]:
    rows = records.coverage_of(connection, SOURCE, settings.today())
    return [f"r/{row['part']} {row['status']}: {row['reason']}" for row in rows if row["status"] != "complete"]


def _fail_when_blind(database: Transactions, settings: Settings, read: Collected) -> None:
    """A day on which no subreddit could be read is a failure, not a day without posts.

    Without a key a day is read in many pieces, most of which may be refused: there it takes one that was not.
    """
    if not read.is_blind:
        return
    if not settings.reddit_has_key:
        rows = database.run(lambda connection: records.coverage_of(connection, SOURCE, settings.today()))
        if any(row["status"] in READ for row in rows):
            return
    kind = Refused if all(row.status in HOPELESS for row in read.coverage) else TryAgain
    raise kind(f"no subreddit could be read: {_reasons(read.coverage)}")


def _reasons(coverage: Iterable[SubredditCoverage]) -> str:
    """Each reason once, with the subreddits that have it: one that is true of all is not said seven times."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for row in coverage:
        by_reason[f"{row.status}: {row.reason}"].append(f"r/{row.subreddit}")
    return "; ".join(f"{', '.join(names)} {reason}" for reason, names in by_reason.items())


# --- archives -------------------------------------------------------------------------------------------------------
def collect_archived(reddit: Reddit, database: Transactions, settings: Settings, rules: Rules, day: date) -> Outcome:
    """Read a past day from the archive and store what it adds.

    Raises:
        TryAgain: the archive holds nothing of that day, or does not answer.
    """
    start, end = readings.bounds(day, settings.zone)
    read = reddit.read_archive(settings.reddit_subreddits, start=start, end=end)

    def store(connection: Connection[DictRow]) -> Outcome:
        posts = take_in(connection, read.posts, settings, rules)
        readings.note(connection, _attempts_of_archive(read, end))
        readings.refresh_coverage(connection, settings.reddit_subreddits, day, day, settings.zone, settings.now())
        quarantined = post_store.store_refusals(connection, day, read.refusals)
        return Outcome(mode=read.mode, read=read, posts=posts, quarantined=quarantined)

    outcome = database.run(store)
    if not read.posts:
        reasons = "; ".join(f"r/{row.subreddit}: {row.reason}" for row in read.coverage)
        raise TryAgain(f"nothing of {day} could be read: {reasons}")
    return outcome


def _attempts_of_archive(read: Collected, end: datetime) -> list[Reading]:
    """As attempts at the end of the day; one that holds no stretch is of its last moment, not of the day after."""
    return [
        Reading(
            subreddit=c.subreddit.lower(),
            read_from=read.mode,
            up_to=end if c.reaches_back_to else end - timedelta(seconds=1),
            back_to=c.reaches_back_to,
            status=c.status,
            got=c.got,
            refused=c.refused,
            reason=c.reason,
        )
        for c in read.coverage
    ]


def take_in(connection: Connection[DictRow], posts: Iterable[Post], settings: Settings, rules: Rules) -> LoadCounts:
    """Store posts of an archive and search them at once, for most are too old for their text to be kept."""
    posts = list(posts)
    keep_since = settings.reddit_text_since()
    counts, searchable = post_store.store_archived(connection, posts, settings.zone, keep_since)
    repeats = community.repeats(connection, sorted(searchable))
    found = search(
        (
            {
                "post_id": post.post_id,
                "market_day": post.created_utc.astimezone(settings.zone).date(),
                "title": post.title,
                "body": post.body,
                "is_stickied": post.is_stickied,
                "is_repeat": post.post_id in repeats,
                "digest": f"{post.read_from} {rules.version}",
            }
            for post in {post.post_id: post for post in posts}.values()
            if post.post_id in searchable
        ),
        rules,
    )
    textless = {post.post_id for post in posts if post.created_utc < keep_since}
    for row in found[tables.market_signals]:
        if row["post_id"] in textless:
            row["matched_text"] = ""
    days = sorted({post.created_utc.astimezone(settings.zone).date() for post in posts})
    community.store_found(connection, found, days)
    return counts
