"""Reading past days from Arctic Shift, an archive of Reddit run by volunteers.

Belongs here: asking it page by page, slowly, and what a reading is worth. Does not belong here: the shape of an answer
(``sources.reddit_arctic``), whether to use it (``REDDIT_USE_ARCTIC_SHIFT``, off by default).

It wants no more than a couple of requests a second and is away for weeks at times, so an archive that does not answer
is a gap of that day like any other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlencode

from gpu_etl.resources.http_transport import why
from gpu_etl.resources.reddit_coverage import Collected, SubredditCoverage, Unreadable, newest_first
from gpu_etl.resources.reddit_rss import Fetch
from gpu_etl.resources.reddit_session import feed_fetcher
from gpu_etl.settings import Settings
from gpu_etl.sources import reddit_arctic
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import CoverageStatus, Post, Refusal
from gpu_etl.sources.reddit_posts import PostPage

PAGE_SIZE = 100
MAX_PAGES = 200
PAUSE = 1.0
"""Seconds between two requests."""
TRIES = 3


class ArchiveReader:
    """Reads stretches of the past."""

    mode = reddit_arctic.READ_FROM

    def __init__(self, fetch: Fetch, *, base_url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._fetch = fetch
        self._base_url = base_url
        self._sleep = sleep

    def read(self, subreddits: Sequence[str], start: datetime, end: datetime) -> Collected:
        """Read the posts created from ``start`` until before ``end``; a subreddit that fails leaves the others."""
        posts: list[Post] = []
        refusals: list[Refusal] = []
        coverage = []
        for name in subreddits:
            found, refused, problem = self._read_one(name, start, end)
            posts += found
            refusals += refused
            coverage.append(_coverage(name, found, len(refused), start, problem))
        return Collected(self.mode, newest_first(posts), coverage, refusals)

    def _read_one(
        self, name: str, start: datetime, end: datetime
    ) -> tuple[list[Post], list[Refusal], Unreadable | None]:
        posts: dict[str, Post] = {}
        refusals: dict[str, Refusal] = {}
        after = int(start.timestamp())
        try:
            for _ in range(MAX_PAGES):
                page = self._page(name, after, int(end.timestamp()))
                known = len(posts) + len(refusals)
                posts.update((post.post_id, post) for post in page.posts if start <= post.created_utc < end)
                refusals.update((refusal.subject, refusal) for refusal in page.refusals)
                # Pages overlap by the second they meet in, so a page of nothing new is the end.
                if page.after is None or len(posts) + len(refusals) == known:
                    return list(posts.values()), list(refusals.values()), None
                after = int(page.after)
            problem = Unreadable(CoverageStatus.PARTIAL, f"more than {MAX_PAGES} pages")
        except Unreadable as error:
            problem = error
        return list(posts.values()), list(refusals.values()), problem

    def _page(self, name: str, after: int, before: int) -> PostPage:
        # One second earlier: whether the bound itself is included is not documented.
        query = urlencode({"subreddit": name, "after": after - 1, "before": before, "sort": "asc", "limit": PAGE_SIZE})
        for left in reversed(range(TRIES)):
            self._sleep(PAUSE)
            try:
                return self._ask(f"{self._base_url}/api/posts/search?{query}")
            except Unreadable as problem:
                if not (problem.again and left):
                    raise
        raise AssertionError("the last try either answers or raises")

    def _ask(self, url: str) -> PostPage:
        try:
            response = self._fetch(url)
        except OSError as error:
            reason = f"no whole answer from Arctic Shift {why(error)}"
            raise Unreadable(CoverageStatus.FAILED, reason, again=True) from error
        try:
            return reddit_arctic.parse(json.loads(response.body))
        except ParseError as problem:
            again = isinstance(problem, reddit_arctic.ArchiveError)
            raise Unreadable(CoverageStatus.FAILED, str(problem), again=again) from None
        except ValueError:
            reason = f"Arctic Shift answers {response.status} without JSON"
            raise Unreadable(CoverageStatus.FAILED, reason, again=response.status >= 500) from None


def _coverage(
    name: str, posts: Sequence[Post], refused: int, start: datetime, problem: Unreadable | None
) -> SubredditCoverage:
    """An archive that holds nothing of a subreddit in that stretch may as well have missed it."""
    times = [post.created_utc for post in posts]
    status, reason = CoverageStatus.COMPLETE, None
    if problem is not None:
        status = CoverageStatus.PARTIAL if posts else problem.status
        reason = str(problem)
    elif not posts:
        status, reason = CoverageStatus.PARTIAL, "the archive holds no post of it on that day"
    return SubredditCoverage(
        subreddit=name,
        status=status,
        expected=None,
        got=len(posts),
        reason=reason,
        oldest=min(times, default=None),
        newest=max(times, default=None),
        reaches_back_to=start if posts and problem is None else None,
        refused=refused,
    )


@contextmanager
def open_archive(settings: Settings) -> Iterator[ArchiveReader]:
    """Open the archive of ``REDDIT_ARCTIC_SHIFT_URL``."""
    with feed_fetcher(settings) as fetch:
        yield ArchiveReader(fetch, base_url=settings.reddit_arctic_shift_url)
