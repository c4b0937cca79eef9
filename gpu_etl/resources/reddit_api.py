"""Reading subreddits through Reddit's API.

Belongs here: paging, when to stop, asking again, and what a reading is worth. Does not belong here: the connection
(``reddit_session``), the meaning of errors (``reddit_errors``), the shape of a page (``sources.reddit_listing``).

Reddit's listings end after about 1,000 posts, silently. An empty answer looks the same whether a subreddit has no
posts or Reddit did not look; no subreddit that anybody names is without posts, so it counts as a failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import tenacity

from gpu_etl.resources.reddit_coverage import (
    Collected,
    Refreshed,
    Since,
    SubredditCoverage,
    Unreadable,
    newest_first,
    since_of,
)
from gpu_etl.resources.reddit_errors import RAISED, translate
from gpu_etl.sources import reddit_listing
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import CoverageStatus, Post, Refusal
from gpu_etl.sources.reddit_posts import PostPage

MODE = "praw"
PAGE_SIZE = 100
MAX_PAGES = 10
LISTING_END = 900
"""A listing that ends with at least so many posts was ended by Reddit (at 1,000, less what was removed meanwhile)."""
BEHIND = timedelta(hours=1)
"""How far behind the asked moment a page must reach: posts approved late are listed by creation."""
MAX_WAIT = 90.0
"""Seconds; a server that wants a longer pause is asked again another day."""


class Reddit(Protocol):
    """What is used of ``praw.Reddit``."""

    def request(self, *, method: str, path: str, params: dict[str, str | int]) -> Any:
        """Answer with decoded JSON."""


class ApiReader:
    """Reads the newest posts of subreddits, one subreddit after the other."""

    mode = MODE

    def __init__(
        self,
        reddit: Reddit,
        *,
        retries: int = 3,
        backoff: float = 5.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``retries`` are tries after the first, ``backoff`` the seconds before the first of them; it doubles."""
        self._reddit = reddit
        self._tries = retries + 1
        self._backoff = backoff
        self._sleep = sleep

    def read(self, subreddits: Sequence[str], since: Since) -> Collected:
        """Read every subreddit back to ``since``, or as far as its listing goes; one that fails leaves the others.

        Raises :class:`~gpu_etl.resources.reddit_coverage.CredentialsError` when Reddit refuses the key.
        """
        readings: list[_Reading] = []
        hopeless: Unreadable | None = None
        for name in subreddits:
            reading = _Reading(name, problem=hopeless)
            if hopeless is None:
                self._read_one(reading, since_of(since, name))
            if reading.problem is not None and reading.problem.everywhere:
                hopeless = reading.problem
            readings.append(reading)
        return Collected(
            mode=self.mode,
            posts=newest_first(post for reading in readings for post in reading.posts.values()),
            coverage=[reading.coverage(since_of(since, reading.name)) for reading in readings],
            refusals=[refusal for reading in readings for refusal in reading.refusals],
        )

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        """Ask for known posts again, a hundred at a time: what they score now, and which are no longer there.

        Reddit leaves out what is gone without a word. An answer without any post proves nothing, so its posts count
        as unread. Raises as :meth:`read` does.
        """
        posts: dict[str, Post] = {}
        missing: list[str] = []
        unread: list[str] = []
        problem: Unreadable | None = None
        wanted = list(dict.fromkeys(post_ids))
        for first in range(0, len(wanted), PAGE_SIZE):
            batch = wanted[first : first + PAGE_SIZE]
            try:
                if problem is not None and problem.everywhere:
                    raise problem
                page = self._page("api/info", {"id": ",".join(f"t3_{one}" for one in batch)}, 1)
            except Unreadable as error:
                problem = error
                unread += batch
                continue
            posts.update((post.post_id, post) for post in page.posts)
            told = {refusal.subject for refusal in page.refusals}
            missing += [one for one in batch if one not in posts and one not in told]
            unread += [one for one in batch if one in told]
        return Refreshed(list(posts.values()), missing, unread, str(problem) if problem else None)

    def _read_one(self, reading: _Reading, since: datetime | None) -> None:
        try:
            for page in self._pages(reading.name):
                reading.add(page)
                if since is not None and reading.oldest is not None and reading.oldest < since - BEHIND:
                    break
        except Unreadable as problem:
            reading.problem = problem

    def _pages(self, name: str) -> Iterator[PostPage]:
        after: str | None = None
        asked: set[str] = set()
        for number in range(1, MAX_PAGES + 1):
            params: dict[str, str | int] = {"limit": PAGE_SIZE} | ({} if after is None else {"after": after})
            page = self._page(f"r/{name}/new", params, number)
            yield page
            after = page.after
            if after is None:
                return
            if after in asked:
                raise Unreadable(CoverageStatus.FAILED, f"page {number} points back to an earlier one")
            asked.add(after)

    def _page(self, path: str, params: dict[str, str | int], number: int) -> PostPage:
        retrying = tenacity.Retrying(
            stop=self._give_up,
            wait=self._pause,
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, Unreadable) and error.again),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._ask, path, params, number)

    def _ask(self, path: str, params: dict[str, str | int], number: int) -> PostPage:
        try:
            answer = self._reddit.request(method="GET", path=path, params={"raw_json": 1, **params})
            page = reddit_listing.parse(answer, read_from=self.mode) if answer else None
        except ParseError as problem:
            raise Unreadable(CoverageStatus.FAILED, str(problem)) from None
        except RAISED as error:
            raise translate(error) from None  # the cause may hold the key
        if page is None or not (page.posts or page.refusals):
            raise _EmptyPage(number)
        return page

    def _give_up(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Unreadable) and (error.wait or 0) > MAX_WAIT:
            return True
        # An empty page is mostly what it seems, an end: one more look is enough.
        return state.attempt_number >= (min(2, self._tries) if isinstance(error, _EmptyPage) else self._tries)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        wanted = error.wait if isinstance(error, Unreadable) else None
        return min(MAX_WAIT, self._backoff * 2 ** (state.attempt_number - 1) if wanted is None else wanted)


class _EmptyPage(Unreadable):
    def __init__(self, number: int) -> None:
        reason = "empty listing" if number == 1 else f"page {number} came empty though the one before pointed to it"
        super().__init__(CoverageStatus.FAILED, reason, again=True)


@dataclass
class _Reading:
    """One subreddit while it is read."""

    name: str
    posts: dict[str, Post] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    problem: Unreadable | None = None
    seen: int = 0
    ended: bool = False
    """Whether the listing said that it goes no further."""

    def add(self, page: PostPage) -> None:
        self.posts.update((post.post_id, post) for post in page.posts)
        self.refusals += page.refusals
        self.seen += len(page.posts) + len(page.refusals)
        self.ended = page.after is None

    @property
    def times(self) -> list[datetime]:
        """Creation times; pinned posts may be years old and say nothing about how far the reading reaches."""
        return [post.created_utc for post in self.posts.values() if not post.is_stickied]

    @property
    def oldest(self) -> datetime | None:
        return min(self.times, default=None)

    def coverage(self, since: datetime | None) -> SubredditCoverage:
        status, reason = self._worth(since)
        reaches = self.oldest
        if status is CoverageStatus.COMPLETE and since is not None:
            reaches = min(since, reaches or since)
        return SubredditCoverage(
            subreddit=self.name,
            status=status,
            expected=None,
            got=len(self.posts),
            reason=reason,
            oldest=self.oldest,
            newest=max(self.times, default=None),
            reaches_back_to=reaches,
            refused=len(self.refusals),
        )

    def _worth(self, since: datetime | None) -> tuple[CoverageStatus, str | None]:
        if self.problem is not None and not self.posts:
            return self.problem.status, str(self.problem)
        back_to = f"read back to {self.oldest:%Y-%m-%d %H:%M}Z" if self.oldest else "read back to no moment"
        at_the_end = isinstance(self.problem, _EmptyPage) and self.seen >= LISTING_END
        if self.problem is not None and not at_the_end:
            return CoverageStatus.PARTIAL, f"{self.problem}; {back_to}"
        if since is None:
            return CoverageStatus.COMPLETE, back_to
        if self.oldest is not None and self.oldest <= since:
            return self._despite_refusals()
        if self.seen >= LISTING_END or not self.ended:
            return CoverageStatus.PARTIAL, f"Reddit lists no more than about 1,000 posts; {back_to}"
        return self._despite_refusals()

    def _despite_refusals(self) -> tuple[CoverageStatus, str | None]:
        if self.refusals:
            return CoverageStatus.PARTIAL, f"{len(self.refusals)} posts could not be understood"
        return CoverageStatus.COMPLETE, None
