"""What a reading of Reddit brings back: the posts, and how well each subreddit could be read.

Belongs here: those records, and the rules that every way of reading shares. Does not belong here: the ways themselves
(``reddit_api``, ``reddit_rss``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gpu_etl.sources.records import CoverageStatus, Post, Refusal

Since = datetime | Mapping[str, datetime | None] | None
"""Back to when to read: one moment, or one for each subreddit by its lower-case name; ``None`` as far as it goes."""

FUTURE_TOLERATED = timedelta(days=1)
"""Clocks differ; a post dated further ahead than this has a wrong date."""


class CredentialsError(RuntimeError):
    """Reddit refuses the key: nothing can be read until a person mends the settings. Never holds the secret."""


class Unreadable(Exception):
    """One subreddit, or all of them, could not be read; ``str()`` is the reason."""

    def __init__(
        self,
        status: CoverageStatus,
        reason: str,
        *,
        again: bool = False,
        wait: float | None = None,
        everywhere: bool = False,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.again = again
        """Whether asking again in a moment may help."""
        self.wait = wait
        """Seconds that the server wants us to wait first; ``None`` when it does not say."""
        self.everywhere = everywhere
        """Whether every other subreddit would fail in the same way."""


@dataclass(frozen=True, slots=True)
class SubredditCoverage:
    """How well one subreddit could be read in one reading."""

    subreddit: str
    """As it was asked for, which may differ in case from how its posts spell it."""
    status: CoverageStatus
    """``PARTIAL`` makes every count of its posts a lower bound."""
    expected: int | None
    """Posts that should be there, as far as the source tells; Reddit never does."""
    got: int
    """Distinct posts read, removed ones included."""
    reason: str | None
    """Why it is not complete, or where it ends."""
    oldest: datetime | None = None
    """Creation of the oldest post read that is not pinned."""
    newest: datetime | None = None
    reaches_back_to: datetime | None = None
    """From this moment on nothing is missing; ``None`` when that is true of no moment. In a feed of several subreddits
    it lies before ``oldest`` where the others' posts reach further back."""
    refused: int = 0
    """Posts that could not be understood; of a feed of several subreddits, those of all."""


@dataclass(frozen=True, slots=True)
class Collected:
    """One reading of all subreddits."""

    mode: str
    """``praw`` or ``rss``."""
    posts: list[Post] = field(default_factory=list)
    """Distinct by id, newest first."""
    coverage: list[SubredditCoverage] = field(default_factory=list)
    """One a subreddit asked for, in that order."""
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_blind(self) -> bool:
        """Whether not one subreddit could be read, not even in part."""
        return not any(c.status in (CoverageStatus.COMPLETE, CoverageStatus.PARTIAL) for c in self.coverage)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Known posts asked for again, by id."""

    posts: list[Post] = field(default_factory=list)
    """As they are now; those taken down since are marked as removed."""
    missing: list[str] = field(default_factory=list)
    """Asked for and not given: gone, where that is said twice in a row."""
    unread: list[str] = field(default_factory=list)
    """Those of which nothing is known, because Reddit did not answer."""
    reason: str | None = None
    """Why some are unread."""


def since_of(since: Since, subreddit: str) -> datetime | None:
    """Back to when to read one subreddit; one that is not named is read as far back as it goes."""
    return since.get(subreddit.lower()) if isinstance(since, Mapping) else since


def newest_first(posts: Iterable[Post]) -> list[Post]:
    """Drop repeated ids (a listing moves on while it is paged through) and sort."""
    return sorted({post.post_id: post for post in posts}.values(), key=lambda post: post.created_utc, reverse=True)


def without_future(collected: Collected, now: datetime) -> Collected:
    """Refuse posts dated further ahead of ``now`` than tolerated: they would be counted under a day to come."""
    wrong = [post for post in collected.posts if post.created_utc > now + FUTURE_TOLERATED]
    if not wrong:
        return collected
    reasons = [Refusal(post.post_id, f"created in the future: {post.created_utc:%Y-%m-%d %H:%M}Z") for post in wrong]
    kept = [post for post in collected.posts if post not in wrong]
    return Collected(collected.mode, kept, collected.coverage, collected.refusals + reasons)
