"""Reddit as a Dagster resource: the posts of some subreddits, by key where there is one, by feed where there is none.

Belongs here: choosing the way and joining its parts. Does not belong here: the ways (``reddit_api``, ``reddit_rss``),
storing what they bring (``database.post_store``). What brings praw and requests is imported by who reads.

Anonymous JSON is answered with 403 since May 2026, so there is no third way for today's posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import dagster as dg

from gpu_etl.resources.reddit_coverage import (
    Collected,
    CredentialsError,
    Refreshed,
    Since,
    SubredditCoverage,
    without_future,
)
from gpu_etl.resources.reddit_rss import FeedReader, Fetch
from gpu_etl.settings import Settings, load_settings

__all__ = [
    "Collected",
    "CredentialsError",
    "RedditReader",
    "RedditResource",
    "Refreshed",
    "Since",
    "SubredditCoverage",
    "open_reader",
]


class Way(Protocol):
    """One way of reading: :class:`ApiReader` or :class:`FeedReader`."""

    @property
    def mode(self) -> str:
        """``praw`` or ``rss``."""

    def read(self, subreddits: Sequence[str], since: Since) -> Collected:
        """Read back to ``since``; a subreddit that cannot be read is told in the coverage."""

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        """Ask for known posts again."""


class RedditReader:
    """Reads the newest posts of subreddits in one of the ways."""

    def __init__(self, way: Way) -> None:
        self._way = way

    @property
    def mode(self) -> str:
        """``praw`` or ``rss``."""
        return self._way.mode

    def read(self, subreddits: Sequence[str], *, since: Since, now: datetime) -> Collected:
        """Read what was posted since ``since``, and whatever else comes along; ``None`` reads as far back as it goes.

        Whatever could not be read is told in ``coverage``, never as an empty list alone. Posts dated after ``now`` are
        refused. Raises :class:`CredentialsError` when Reddit refuses the key.
        """
        wanted = list({name.lower(): name for name in reversed(subreddits)}.values())[::-1]
        return without_future(self._way.read(wanted, since), now)

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        """Ask for known posts again, by base-36 id: scores change for 36 hours, and what was deleted must go.

        A feed cannot tell: there all are ``unread``. Raises :class:`CredentialsError` as :meth:`read` does.
        """
        return self._way.refresh(post_ids)


@contextmanager
def open_reader(settings: Settings, *, fetch: Fetch | None = None) -> Iterator[RedditReader]:
    """Open the reader that ``settings`` allow, best first; ``fetch`` replaces the HTTP of the feed."""
    from gpu_etl.resources.reddit_api import ApiReader
    from gpu_etl.resources.reddit_session import connect, feed_fetcher

    if settings.reddit_has_key:
        with connect(settings) as reddit:
            yield RedditReader(ApiReader(reddit, retries=settings.max_retries, backoff=settings.retry_backoff_seconds))
        return
    with feed_fetcher(settings) as plain:
        yield RedditReader(
            FeedReader(
                fetch or plain,
                base_url=settings.reddit_base_url,
                interval=settings.reddit_feed_pause,
                each_apart=settings.reddit_has_feed_token,
            )
        )


class RedditResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Reads Reddit with ``REDDIT_CLIENT_ID`` and ``REDDIT_CLIENT_SECRET``, or by its feeds without.

    It has no fields: resource fields are shown in the UI, and the settings hold a secret.
    """

    def read(self, subreddits: Sequence[str], *, since: Since, now: datetime) -> Collected:
        """Read once, as :meth:`RedditReader.read` says."""
        with open_reader(load_settings()) as reader:
            return reader.read(subreddits, since=since, now=now)

    def read_archive(self, subreddits: Sequence[str], *, start: datetime, end: datetime) -> Collected:
        """Read a stretch of the past from Arctic Shift."""
        from gpu_etl.resources.reddit_archive import open_archive

        with open_archive(load_settings()) as archive:
            return archive.read(subreddits, start, end)

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        """Ask for known posts again, as :meth:`RedditReader.refresh` says."""
        with open_reader(load_settings()) as reader:
            return reader.refresh(post_ids)
