"""Reading through the feed: one request, its pauses, and what its answer is said to be worth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gpu_etl.resources.reddit import RedditReader
from gpu_etl.resources.reddit_coverage import Collected
from gpu_etl.resources.reddit_rss import FeedReader
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.resources.reddit_fakes import NOW, Answer, FakeFetch, feed

FULL = [(n, "nvidia" if n % 2 else "AMD") for n in range(1, 101)]


def reader(fetch: FakeFetch) -> RedditReader:
    clock = fetch.clock
    return RedditReader(
        FeedReader(fetch, base_url="https://www.reddit.com", interval=60, sleep=clock.sleep, monotonic=clock.monotonic)
    )


def read(fetch: FakeFetch, *names: str, minutes: float | None = None) -> Collected:
    since = None if minutes is None else NOW - timedelta(minutes=minutes)
    return reader(fetch).read(names or ("nvidia", "Amd"), since=since, now=NOW)


def limited(reset: str | None) -> Answer:
    return Answer(429, b"<html>", {"X-Ratelimit-Reset": reset} if reset else {})


def test_all_subreddits_are_read_in_one_request() -> None:
    fetch = FakeFetch(Answer(body=feed(FULL)))
    collected = read(fetch, minutes=90)
    assert fetch.urls == ["https://www.reddit.com/r/nvidia+Amd/new/.rss?limit=100"]
    assert collected.mode == "rss"
    assert [(c.subreddit, c.status, c.got) for c in collected.coverage] == [
        ("nvidia", CoverageStatus.COMPLETE, 50),
        ("Amd", CoverageStatus.COMPLETE, 50),
    ]
    assert {c.reaches_back_to for c in collected.coverage} == {NOW - timedelta(minutes=100)}
    assert {post.score for post in collected.posts} == {None}


@pytest.mark.parametrize("minutes", [None, 600])
def test_a_full_feed_that_does_not_reach_the_moment_gives_lower_bounds(minutes: float | None) -> None:
    collected = read(FakeFetch(Answer(body=feed(FULL))), minutes=minutes)
    for coverage in collected.coverage:
        assert coverage.status is CoverageStatus.PARTIAL
        assert coverage.reason == "the feed holds 100 posts, back to 2026-03-01 10:20Z: counts are lower bounds"


def test_a_feed_that_is_not_full_holds_everything() -> None:
    collected = read(FakeFetch(Answer(body=feed(FULL[:40]))), minutes=6000)
    assert {c.status for c in collected.coverage} == {CoverageStatus.COMPLETE}


def test_a_subreddit_without_a_post_in_the_feed_is_not_a_complete_zero() -> None:
    collected = read(FakeFetch(Answer(body=feed(FULL))), "nvidia", "hardware", minutes=30)
    quiet = collected.coverage[1]
    assert (quiet.status, quiet.got, quiet.reason) == (CoverageStatus.PARTIAL, 0, "no post of it in the feed")
    assert quiet.reaches_back_to is None


@pytest.mark.parametrize(("reset", "wait"), [("20", 22), ("0", 2), (None, 60)])
def test_too_many_requests_waits_for_the_reset(reset: str | None, wait: float) -> None:
    fetch = FakeFetch(limited(reset), Answer(body=feed(FULL)))
    collected = read(fetch, minutes=30)
    assert {c.status for c in collected.coverage} == {CoverageStatus.COMPLETE}
    assert fetch.times[1] - fetch.times[0] == wait


def test_after_three_tries_all_are_blocked_with_the_reason() -> None:
    fetch = FakeFetch(limited("7"))
    collected = read(fetch)
    assert len(fetch.urls) == 3
    assert [(c.status, c.got) for c in collected.coverage] == [(CoverageStatus.BLOCKED, 0)] * 2
    assert "(429)" in str(collected.coverage[0].reason)
    assert collected.is_blind


def test_a_reset_longer_than_we_wait_is_not_waited_for() -> None:
    fetch = FakeFetch(limited("600"))
    assert {c.status for c in read(fetch).coverage} == {CoverageStatus.BLOCKED}
    assert (len(fetch.urls), fetch.clock.slept) == (1, [])


def test_two_requests_are_a_minute_apart() -> None:
    fetch = FakeFetch(Answer(503), ConnectionError("gone"), Answer(body=feed(FULL)))
    twice = reader(fetch)
    twice.read(["nvidia"], since=None, now=NOW)
    twice.read(["nvidia"], since=None, now=NOW)
    assert [b - a for a, b in zip(fetch.times, fetch.times[1:], strict=False)] == [60, 60, 60]


HTML = {"content-type": "text/html; charset=UTF-8"}


@pytest.mark.parametrize(
    ("answer", "status", "reason", "tries"),
    [
        (Answer(403, b"<html>blocked</html>", HTML), "blocked", "refuses its feed", 1),
        (Answer(200, b"<html>whoa there, pardner!</html>", HTML), "blocked", "a web page instead of a feed", 1),
        (Answer(404, b"<html></html>", HTML), "unavailable", "no feed of these subreddits (status 404)", 1),
        (Answer(302, b"", HTML), "unavailable", "no feed of these subreddits (status 302)", 1),
        (Answer(500, b"", HTML), "failed", "Reddit answers 500", 3),
        (Answer(200, b"{}", {"content-type": "application/json"}), "failed", "application/json instead of a feed", 3),
        (Answer(body=b""), "failed", "an empty answer instead of a feed", 3),
        (Answer(body=feed(FULL)[:-300]), "failed", "not a whole Atom feed", 3),
        (Answer(body=feed([])), "failed", "empty feed", 3),
        (TimeoutError("slow"), "failed", "no whole answer from Reddit's feed (TimeoutError)", 3),
    ],
)
def test_no_feed_is_a_reason_for_every_subreddit(
    answer: Answer | Exception, status: str, reason: str, tries: int
) -> None:
    fetch = FakeFetch(answer)
    collected = read(fetch)
    assert [c.status for c in collected.coverage] == [status, status]
    assert reason in str(collected.coverage[0].reason)
    assert len(fetch.urls) == tries
    assert collected.posts == []


def test_a_damaged_feed_gives_no_posts_at_all_rather_than_its_beginning() -> None:
    assert read(FakeFetch(Answer(body=feed(FULL)[: len(feed(FULL)) // 2]))).posts == []


def test_a_feed_knows_nothing_of_what_became_of_a_post() -> None:
    refreshed = reader(FakeFetch(Answer())).refresh(["p00001"])
    assert (refreshed.posts, refreshed.missing, refreshed.unread) == ([], [], ["p00001"])
