"""Reddit through the real job against the replay: its truth, or a gap that has a name; never a silent zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from gpu_etl.database import urls
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive, needs_replay]

DAY = "2026-03-05"
SUBREDDITS = ("LocalLLaMA", "buildapc", "hardwareswap")

SHARES = (0.56, 0.9, 0.98, 1)
"""Of a post's last score, by its age: what the replay shows."""

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def market() -> Iterator[Replay]:
    with replay("--limit", "5", "--day", DAY, "--rate-limit", "oauth=1000000/60") as running:
        yield running


@pytest.fixture
def faults(market: Replay) -> Iterator[Callable[..., None]]:
    market.control(faults=[], day=DAY, reset_stats=True)
    try:
        yield lambda *names: market.control(faults=list(names), reset_stats=True)
    finally:
        market.control(faults=[], day=DAY)


@pytest.fixture
def run(tmp_path: Path, database_url: str, market: Replay, faults: Any) -> Run:
    """``run(day, time, key=...)``: the collection as the command runs it."""

    def once(day: str = DAY, time: str = "10:00:00", *, key: bool = True, **more: str) -> dict[str, Any]:
        market.control(day=day)
        environment = {
            **market.environment(day, time),
            "REDDIT_SUBREDDITS": " ".join(SUBREDDITS),
            "REDDIT_RSS_INTERVAL_SECONDS": "0",
            "MAX_RETRIES": "1",
            "HTTP_DEADLINE_SECONDS": "10",
            **({} if key else {"REDDIT_CLIENT_ID": "", "REDDIT_CLIENT_SECRET": ""}),
            **more,
        }
        answer: dict[str, Any] = Command(tmp_path, database_url, environment).json(
            "run", "reddit-collection", "--day", day
        )
        return answer

    return once


@pytest.fixture
def stored(database_url: str) -> Callable[..., list[dict[str, Any]]]:
    def ask(question: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(urls.for_libpq(database_url), row_factory=dict_row) as connection:
            return connection.execute(question, parameters).fetchall()

    return ask


def truth(market: Replay) -> dict[str, dict[str, Any]]:
    return {post["id"]: post for post in market.truth(DAY, "+".join(SUBREDDITS).lower())["posts"]}


def words(text: str) -> list[str]:
    return text.replace("\0", " ").split()


def check_posts(market: Replay, stored: Any) -> None:
    """All posts of the truth are there, each with its subreddit, title, time, day, score and comments."""
    true = truth(market)
    posts = {
        row["post_id"]: row
        for row in stored(
            """select p.*, o.score, o.comments from reddit_posts p join reddit_observations o using (post_id)"""
        )
    }
    assert set(posts) == set(true)
    for post_id, expected in true.items():
        post = posts[post_id]
        assert (post["subreddit"], post["comments"], post["created_utc"].timestamp()) == (
            expected["subreddit"],
            expected["num_comments"],
            expected["created_utc"],
        )
        assert post["score"] in {int(expected["score"] * share) for share in SHARES}
        assert words(post["title"]) == words(expected["title"])


@pytest.mark.parametrize(
    "fault",
    [
        "",
        "token-500:1",
        "reddit-empty-200:1",
        "http429:1:/new:after=1",
        "http429:1:/new:after=1:form=date",
        "nul-in-title",
        "truncate:1:/new",
    ],
)
def test_by_key_a_day_is_the_truth(market: Replay, run: Run, stored: Any, faults: Any, fault: str) -> None:
    faults(*filter(None, [fault]))
    outcome = run()
    assert (outcome["success"], outcome["errors"]) == (True, [])
    check_posts(market, stored)
    today = stored("select * from source_coverage where market_day = %s", DAY)
    assert {row["status"] for row in today} == {"complete"}
    assert len(today) == len(SUBREDDITS)
    counted = stored("select * from keyword_trends where market_day = %s", DAY)
    assert all(row["mentions"] is not None for row in counted)
    assert sum(row["mentions"] for row in stored("select * from keyword_trends where mentions is not null")) > 0


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("token-500", "failed", "no token: Reddit answers 500"),
        ("reddit-empty-200", "failed", "empty listing"),
        ("reddit-html-200", "blocked", "a page that blocks us"),
        ("json-field-renamed", "failed", "has the field"),
        ("http429:/new:after=200", "blocked", "too many requests (429)"),
    ],
)
def test_by_key_a_fault_that_stays_fails_and_is_no_zero(
    run: Run, stored: Any, faults: Any, fault: str, status: str, reason: str
) -> None:
    faults(fault)
    outcome = run()
    assert outcome["success"] is False
    [error] = outcome["errors"]
    assert error.startswith(
        "reddit_posts: no subreddit could be read: " + ", ".join(f"r/{name}" for name in SUBREDDITS)
    )
    assert error.count(reason) == 1
    coverage = stored("select * from source_coverage")
    assert [(row["status"], row["got"]) for row in coverage] == [(status, 0)] * len(SUBREDDITS)
    assert all(reason in row["reason"] for row in coverage)
    assert stored("select * from keyword_trends where mentions is not null") == []
    faults()
    assert run()["success"]
    assert {row["status"] for row in stored("select * from source_coverage where market_day = %s", DAY)} == {"complete"}


def test_one_subreddit_that_cannot_be_read_is_a_gap_of_its_own(
    market: Replay, run: Run, stored: Any, faults: Any
) -> None:
    faults("http500:/r/buildapc/new")
    outcome = run()
    assert outcome["success"]
    assert any("r/buildapc failed" in warning for warning in outcome["warnings"])
    coverage = {
        row["part"]: row["status"] for row in stored("select * from source_coverage where market_day = %s", DAY)
    }
    assert coverage == {"LocalLLaMA": "complete", "buildapc": "failed", "hardwareswap": "complete"}


def test_what_is_deleted_later_loses_its_text_and_stays_counted(
    market: Replay, run: Run, stored: Any, faults: Any
) -> None:
    run()
    before = stored("select keyword, market_day, mentions, posts from keyword_trends order by 1, 2")
    texts = {row["post_id"]: row["title"] for row in stored("select post_id, title from reddit_posts")}
    faults("deleted-posts")
    gone = {post_id for post_id, post in truth(market).items() if post["state"] != "live"}
    assert gone
    outcome = run("2026-03-06")
    assert outcome["success"], outcome["errors"]
    after = {row["post_id"]: row for row in stored("select * from reddit_posts where post_id = any(%s)", list(texts))}
    for post_id, title in texts.items():
        row = after[post_id]
        assert (row["title"] == "", row["url"] == "", row["is_removed"]) == ((post_id in gone),) * 3 or title == ""
    assert stored("select * from market_signals where matched_text <> '' and post_id = any(%s)", list(gone)) == []
    counts = {(row["keyword"], row["market_day"]): row for row in stored("select * from keyword_trends")}
    for row in before:
        if str(row["market_day"]) < DAY:
            now = counts[row["keyword"], row["market_day"]]
            assert (now["mentions"], now["posts"]) == (row["mentions"], row["posts"])


def test_a_listing_that_ends_at_a_thousand_is_a_named_gap(market: Replay, run: Run, stored: Any) -> None:
    everything = "+".join(sorted({post["subreddit"] for post in market.truth(DAY)["posts"]}))
    run(REDDIT_SUBREDDITS=everything.replace("+", " "))
    first_days = stored(
        "select part, min(market_day) as day from source_coverage where status in ('complete', 'partial') group by 1"
    )
    for row in first_days:
        [oldest] = stored(
            "select status, reason from source_coverage where part = %s and market_day = %s", row["part"], row["day"]
        )
        assert oldest["status"] == "partial"
        assert oldest["reason"].startswith("not read: 00:00 to ")


def test_by_feed_the_hours_add_up(market: Replay, run: Run, stored: Any) -> None:
    for hour in range(0, 24, 6):
        assert run(DAY, f"{hour:02d}:30:00", key=False)["success"]
    assert run("2026-03-06", "00:30:00", key=False)["success"]
    posts = stored("select * from reddit_posts where market_day = %s", DAY)
    assert {post["read_from"] for post in posts} == {"rss"}
    assert stored("select * from reddit_observations") == []
    assert len(posts) >= 100


def test_a_limited_feed_is_read_after_its_reset_or_is_a_gap(run: Run, stored: Any, faults: Any) -> None:
    faults("rss-429:1:reset=0")
    assert run(key=False)["success"]
    faults("rss-429:reset=200")
    outcome = run("2026-03-06", key=False)
    assert outcome["success"] is False
    assert "429" in outcome["errors"][0]
    coverage = stored("select * from source_coverage where market_day = '2026-03-06'")
    assert {row["status"] for row in coverage} == {"blocked"}
    assert all("429" in row["reason"] for row in coverage)
