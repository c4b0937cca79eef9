"""Reading the replay of real posts through PRAW and through the feed: its truth, or a gap with its name.

One rule holds for every fault: what is said to be complete equals the truth, and nothing else is silent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gpu_etl.resources.reddit import Collected, CredentialsError, open_reader
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.replay import Replay, needs_replay, needs_series, replay

DAY = "2026-03-05"
SUBREDDITS = ("LocalLLaMA", "buildapc", "hardwareswap")

pytestmark = [needs_replay, needs_series]


@pytest.fixture(scope="module")
def market() -> Iterator[Replay]:
    # Without a generous limit prawcore paces itself, as it should, and most of the tests' time is pauses.
    with replay(
        "--limit", "5", "--day", DAY, "--reddit-client", "id:hush", "--rate-limit", "oauth=1000000/60"
    ) as running:
        yield running


@pytest.fixture
def faults(market: Replay) -> Iterator[Callable[..., None]]:
    """Arm faults for one test."""
    market.control(faults=[], reset_stats=True)
    try:
        yield lambda *names: market.control(faults=list(names), reset_stats=True)
    finally:
        market.control(faults=[])


@pytest.fixture
def read(market: Replay, make_settings: Callable[..., Settings]) -> Callable[..., Collected]:
    """``read(key=..., hours=..., names=...)``: one reading of the replay."""

    def reading(
        *, key: bool = True, hours: float | None = None, names: tuple[str, ...] = SUBREDDITS, **overrides: Any
    ) -> Collected:
        settings = make_settings(
            reddit_client_id="id" if key else "",
            reddit_base_url=market.base_url,
            reddit_oauth_url=market.base_url,
            reddit_rss_interval_seconds=0,
            **{"reddit_client_secret": "hush", "http_deadline_seconds": 5, "max_retries": 2, **overrides},
        )
        with open_reader(settings) as reader:
            return reader.read(
                names, since=None if hours is None else now(market) - timedelta(hours=hours), now=now(market)
            )

    return reading


def now(market: Replay) -> datetime:
    return datetime.fromtimestamp(market.truth(DAY)["reddit_now"], UTC)


def truth(market: Replay, names: tuple[str, ...] = SUBREDDITS) -> dict[str, dict[str, Any]]:
    return {post["id"]: post for post in market.truth(DAY, "+".join(names).lower())["posts"]}


def words(title: str) -> list[str]:
    return title.split()


def test_every_post_comes_with_its_title_time_and_score(market: Replay, read: Callable[..., Collected]) -> None:
    collected = read()
    expected = truth(market)
    assert {post.post_id for post in collected.posts} == set(expected)
    for post in collected.posts:
        true = expected[post.post_id]
        assert words(post.title) == words(true["title"])
        assert post.created_utc.timestamp() == true["created_utc"]
        assert (post.subreddit, post.comments) == (true["subreddit"], true["num_comments"])
    assert {coverage.status for coverage in collected.coverage} == {CoverageStatus.COMPLETE}
    assert sum(coverage.got for coverage in collected.coverage) == len(expected)


def test_a_window_is_whole_and_costs_only_its_pages(market: Replay, read: Callable[..., Collected]) -> None:
    market.control(reset_stats=True)
    collected = read(hours=5, names=("LocalLLaMA",))
    start = (now(market) - timedelta(hours=5)).timestamp()
    wanted = {i for i, post in truth(market, ("LocalLLaMA",)).items() if post["created_utc"] >= start}
    assert wanted <= {post.post_id for post in collected.posts}
    assert market.stats()["requests"]["reddit-new"] == 1
    assert collected.coverage[0].status is CoverageStatus.COMPLETE


def test_a_listing_of_a_thousand_is_read_to_its_end_and_its_end_is_a_gap(
    market: Replay, read: Callable[..., Collected]
) -> None:
    everything = "+".join(sorted({post["subreddit"] for post in truth(market, ()).values()}))
    collected = read(hours=24 * 30, names=(everything,))
    assert len(collected.posts) == 1000
    assert collected.coverage[0].status is CoverageStatus.PARTIAL
    assert "no more than about 1,000 posts" in str(collected.coverage[0].reason)


@pytest.mark.parametrize(
    "fault",
    [
        "http500:1:/new",
        "http503-retry-after:1:/new:after=1",
        "http429:1:/new:after=1",
        "http429:1:/new:after=1:form=date",
        "token-500:1",
        "http429:1:/access_token:after=1",
        "reddit-empty-200:1",
        "zero-bytes:1:/new",
        "reset:1:/new",
        "truncate:1:/new",
        "gzip-truncated:1:/new",
    ],
)
def test_a_fault_that_passes_leaves_no_trace(
    market: Replay, read: Callable[..., Collected], faults: Callable[..., None], fault: str
) -> None:
    faults(fault)
    collected = read(names=("buildapc",))
    assert {post.post_id for post in collected.posts} == set(truth(market, ("buildapc",)))
    assert collected.coverage[0].status is CoverageStatus.COMPLETE


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("token-500", "failed", "no token: Reddit answers 500"),
        ("reddit-empty-200", "failed", "empty listing"),
        ("zero-bytes:/new", "failed", "empty listing"),
        ("reddit-html-200", "blocked", "a page that blocks us"),
        ("json-field-renamed", "failed", "has the field"),
        ("http429:/new:after=200", "blocked", "too many requests (429)"),
        ("redirect-loop:/new", "unavailable", "sends us elsewhere"),
        ("gzip-truncated:/new", "failed", ""),
    ],
)
def test_a_fault_that_stays_is_a_named_gap_in_every_subreddit(
    read: Callable[..., Collected], faults: Callable[..., None], fault: str, status: str, reason: str
) -> None:
    faults(fault)
    collected = read(max_retries=0)
    assert [coverage.status for coverage in collected.coverage] == [status] * 3
    assert [coverage.got for coverage in collected.coverage] == [0] * 3
    for coverage in collected.coverage:
        assert coverage.reason
        assert reason in coverage.reason
    assert collected.is_blind


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["hang:/new", "slow-drip:/new"])
def test_no_server_holds_us_beyond_the_deadline(
    read: Callable[..., Collected], faults: Callable[..., None], fault: str
) -> None:
    faults(fault)
    start = time.monotonic()
    collected = read(http_deadline_seconds=0.3, max_retries=0)
    assert time.monotonic() - start < 3 * 0.3 + 8  # prawcore asks three times, with pauses of up to 6 s
    assert {coverage.status for coverage in collected.coverage} == {CoverageStatus.FAILED}
    assert "in time" in str(collected.coverage[0].reason)


def test_a_bomb_is_not_unpacked(read: Callable[..., Collected], faults: Callable[..., None]) -> None:
    faults("bomb:/new")
    assert read(max_retries=0, names=("buildapc",)).is_blind


def test_a_wrong_key_is_said_in_one_line_without_the_secret(read: Callable[..., Collected]) -> None:
    with pytest.raises(CredentialsError) as caught:
        read(reddit_client_secret="wrong-secret")
    assert "wrong-secret" not in str(caught.value)


def test_taken_down_posts_come_marked_and_without_their_text(
    market: Replay, read: Callable[..., Collected], faults: Callable[..., None]
) -> None:
    faults("deleted-posts")
    gone = {i for i, post in truth(market).items() if post["state"] != "live"}
    posts = read().posts
    assert {post.post_id for post in posts if post.removed} == gone
    assert {post.title + post.body + post.url for post in posts if post.removed} == {""}


def test_posts_deleted_later_are_missing_at_refresh(
    market: Replay, make_settings: Callable[..., Settings], faults: Callable[..., None]
) -> None:
    ids = list(truth(market))
    faults("deleted-posts")
    states = {i: post["state"] for i, post in truth(market).items()}
    settings = make_settings(
        reddit_client_id="id",
        reddit_client_secret="hush",
        reddit_base_url=market.base_url,
        reddit_oauth_url=market.base_url,
    )
    with open_reader(settings) as reader:
        refreshed = reader.refresh(ids)
    assert set(refreshed.missing) == {i for i, state in states.items() if state != "live"}
    assert {post.post_id for post in refreshed.posts} == {i for i, state in states.items() if state == "live"}
    assert refreshed.unread == []


@pytest.mark.parametrize("fault", ["nul-in-title", "sql-in-title", "script-in-title"])
@pytest.mark.parametrize("key", [True, False])
def test_strange_titles_arrive_as_they_are(
    market: Replay, read: Callable[..., Collected], faults: Callable[..., None], key: bool, fault: str
) -> None:
    faults(fault)
    expected = truth(market)
    posts = read(key=key).posts
    assert posts
    for post in posts:
        assert words(post.title) == words(expected[post.post_id]["title"])
        assert "\0" not in post.title


@pytest.mark.slow
def test_the_pace_follows_the_rate_limit(make_settings: Callable[..., Settings]) -> None:
    with replay("--limit", "5", "--day", DAY, "--rate-limit", "oauth=3/2") as running:
        settings = make_settings(
            reddit_client_id="id",
            reddit_client_secret="x",
            reddit_base_url=running.base_url,
            reddit_oauth_url=running.base_url,
        )
        with open_reader(settings) as reader:
            collected = reader.read(("LocalLLaMA",), since=None, now=now(running))
        statuses = running.stats()["statuses"]
    assert len(collected.posts) == 481
    assert statuses == {"reddit-token 200": 1, "reddit-new 200": 5}


def test_the_feed_holds_the_newest_hundred(market: Replay, read: Callable[..., Collected]) -> None:
    collected = read(key=False, hours=5)
    newest = sorted(truth(market).values(), key=lambda post: -float(post["created_utc"]))[:100]
    assert [post.post_id for post in collected.posts] == [post["id"] for post in newest]
    by_name = {coverage.subreddit: coverage for coverage in collected.coverage}
    assert by_name["LocalLLaMA"].status is CoverageStatus.COMPLETE
    assert (by_name["buildapc"].status, by_name["buildapc"].got) == (CoverageStatus.PARTIAL, 0)
    assert "submitted by" not in "".join(post.title + post.body for post in collected.posts)


def test_feed_and_api_say_the_same_of_a_post(read: Callable[..., Collected]) -> None:
    by_feed = read(key=False).posts
    by_key = {post.post_id: post for post in read().posts}
    assert len(by_feed) == 100
    for post in by_feed:
        other = by_key[post.post_id]
        assert (post.created_utc, post.subreddit, post.url) == (other.created_utc, other.subreddit, other.url)
        assert words(post.body.replace(">", " ")) == words(other.body.replace(">", " "))


def test_a_feed_that_is_limited_once_is_read_after_its_reset(
    market: Replay, read: Callable[..., Collected], faults: Callable[..., None]
) -> None:
    faults("rss-429:1:reset=0")
    assert len(read(key=False).posts) == 100
    assert market.stats()["requests"]["reddit-rss"] == 2


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("rss-429:reset=200", "blocked"),
        ("reddit-html-200", "blocked"),
        ("reddit-empty-200", "failed"),
        ("http500:.rss", "failed"),
        ("zero-bytes:.rss", "failed"),
        ("truncate:.rss", "failed"),
    ],
)
def test_a_feed_that_cannot_be_read_is_a_named_gap(
    read: Callable[..., Collected], faults: Callable[..., None], fault: str, status: str
) -> None:
    faults(fault)
    collected = read(key=False)
    assert [coverage.status for coverage in collected.coverage] == [status] * 3
    assert all(coverage.reason for coverage in collected.coverage)
    assert collected.is_blind
