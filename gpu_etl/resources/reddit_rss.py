"""Reading subreddits through Reddit's feeds, without a key.

Belongs here: the one request, its pauses, and what its answer is worth. Does not belong here: the HTTP client (it is
passed in as a :class:`Fetch`), the shape of a feed (``sources.reddit_feed``).

Since June 2026 Reddit answers about one feed request a minute and address, so all subreddits are asked for in one. It
holds the newest 100 posts of all of them together: a few hours of busy ones. What lies before is a gap, said as such.
For who asks with the private token of an account the limit does not hold, and each subreddit has a request of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gpu_etl.resources.reddit_coverage import (
    Collected,
    Refreshed,
    Since,
    SubredditCoverage,
    Unreadable,
    newest_first,
    since_of,
)
from gpu_etl.sources import reddit_feed
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import CoverageStatus, Post
from gpu_etl.sources.reddit_posts import PostPage

MODE = "rss"
FEED_SIZE = 100
TRIES = 3
MAX_WAIT = 90.0
MARGIN = 2.0
"""Seconds added to the pause that Reddit asks for: its reset is rounded down."""


class Response(Protocol):
    """What is used of an answer."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def body(self) -> bytes:
        """The decoded body."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, in any case."""


class Fetch(Protocol):
    """GET one address, in one try; raises :class:`OSError` when there is no whole answer."""

    def __call__(self, url: str, /) -> Response:
        """Answer, whatever the status."""


class FeedReader:
    """Reads the newest posts of all subreddits in one request, or of each in one."""

    mode = MODE

    def __init__(
        self,
        fetch: Fetch,
        *,
        base_url: str,
        interval: float = 60.0,
        each_apart: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``interval`` is the least time in seconds between two requests."""
        self._fetch = fetch
        self._base_url = base_url
        self._interval = interval
        self._each_apart = each_apart
        self._sleep = sleep
        self._monotonic = monotonic
        self._asked_at: float | None = None

    def read(self, subreddits: Sequence[str], since: Since) -> Collected:
        """Read what the feed holds; without an answer every subreddit gets the reason."""
        if not self._each_apart:
            return self._read(subreddits, since)
        parts = [self._read([name], since) for name in subreddits]
        return Collected(
            mode=self.mode,
            posts=newest_first([post for part in parts for post in part.posts]),
            coverage=[coverage for part in parts for coverage in part.coverage],
            refusals=[refusal for part in parts for refusal in part.refusals],
        )

    def _read(self, subreddits: Sequence[str], since: Since) -> Collected:
        try:
            page = self._page(f"{self._base_url}/r/{'+'.join(subreddits)}/new/.rss?limit={FEED_SIZE}")
        except Unreadable as problem:
            failed = [SubredditCoverage(name, problem.status, None, 0, str(problem)) for name in subreddits]
            return Collected(mode=self.mode, coverage=failed)
        posts = newest_first(page.posts)
        full = len(page.posts) + len(page.refusals) >= FEED_SIZE
        back_to = posts[-1].created_utc
        damage = f"{len(page.refusals)} entries not understood" if page.refusals else None
        coverage = [
            _coverage(name, posts, back_to, _gap(full, back_to, since_of(since, name)) or damage, len(page.refusals))
            for name in subreddits
        ]
        return Collected(mode=self.mode, posts=posts, coverage=coverage, refusals=page.refusals)

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        """Nothing: feeds tell neither scores nor deletions."""
        return Refreshed(unread=list(post_ids), reason="without a key Reddit does not tell what became of a post")

    def _page(self, url: str) -> PostPage:
        for left in reversed(range(TRIES)):
            try:
                return self._ask(url)
            except Unreadable as problem:
                if not (problem.again and left) or (problem.wait or 0) > MAX_WAIT:
                    raise
                if problem.wait is not None:
                    self._sleep(problem.wait + MARGIN)
                    self._asked_at = None  # Reddit's own pause takes the place of ours
        raise AssertionError("the last try either answers or raises")

    def _ask(self, url: str) -> PostPage:
        self._keep_distance()
        try:
            response = self._fetch(url)
        except OSError as error:
            from gpu_etl.resources.http_transport import why  # brings requests, which the definitions do without

            reason = f"no whole answer from Reddit's feed {why(error)}"
            raise Unreadable(CoverageStatus.FAILED, reason, again=True) from error
        _check(response)
        try:
            page = reddit_feed.parse(response.body)
        except reddit_feed.NotAFeed as problem:
            raise Unreadable(CoverageStatus.FAILED, str(problem), again=True) from None
        except ParseError as problem:
            raise Unreadable(CoverageStatus.FAILED, str(problem)) from None
        if not page.posts:
            raise Unreadable(CoverageStatus.FAILED, "empty feed", again=True)
        return page

    def _keep_distance(self) -> None:
        if self._asked_at is not None:
            self._sleep(max(0.0, self._asked_at + self._interval - self._monotonic()))
        self._asked_at = self._monotonic()


def _check(response: Response) -> None:
    """Raise for an answer that holds no feed, by its status and what it says it is."""
    status = response.status
    headers = {name.lower(): value for name, value in response.headers.items()}
    if status == 429:
        reason = "Reddit says too many requests (429): without a key it answers about one a minute and address"
        raise Unreadable(CoverageStatus.BLOCKED, reason, again=True, wait=_reset(headers))
    if status in (401, 403):
        raise Unreadable(CoverageStatus.BLOCKED, f"Reddit refuses its feed to this address (status {status})")
    if status in (404, 451) or 300 <= status < 400:
        raise Unreadable(CoverageStatus.UNAVAILABLE, f"no feed of these subreddits (status {status})")
    if status != 200:
        raise Unreadable(CoverageStatus.FAILED, f"Reddit answers {status}", again=status >= 500)
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if not response.body.strip():
        raise Unreadable(CoverageStatus.FAILED, "an empty answer instead of a feed", again=True)
    if kind == "text/html":
        raise Unreadable(CoverageStatus.BLOCKED, "a web page instead of a feed (status 200)")
    if kind != "application/atom+xml":
        raise Unreadable(CoverageStatus.FAILED, f"{kind or 'an untyped answer'} instead of a feed", again=True)


def _reset(headers: Mapping[str, str]) -> float | None:
    for name in ("x-ratelimit-reset", "retry-after"):
        try:
            return max(0.0, float(headers[name]))
        except (KeyError, ValueError):
            continue
    return None


def _gap(full: bool, back_to: datetime, since: datetime | None) -> str | None:
    """Why the feed does not hold all posts since the asked moment; ``None`` when it does."""
    if not full or (since is not None and back_to <= since):
        return None
    return f"the feed holds {FEED_SIZE} posts, back to {back_to:%Y-%m-%d %H:%M}Z: counts are lower bounds"


def _coverage(name: str, posts: Sequence[Post], back_to: datetime, gap: str | None, refused: int) -> SubredditCoverage:
    """What the feed is worth for one subreddit. The feed is one line of time over all of them, so it reaches equally
    far back for each; but one without any post may as well be private, misspelt or left out."""
    times = [post.created_utc for post in posts if post.subreddit.lower() == name.lower()]
    reason = gap if times else "no post of it in the feed"
    return SubredditCoverage(
        subreddit=name,
        status=CoverageStatus.PARTIAL if reason else CoverageStatus.COMPLETE,
        expected=None,
        got=len(times),
        reason=reason,
        oldest=min(times, default=None),
        newest=max(times, default=None),
        reaches_back_to=back_to if times else None,
        refused=refused,
    )
