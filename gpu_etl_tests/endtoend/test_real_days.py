"""Eight real days through the whole job, held against the replay's truth; and what a second run of a day changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from gpu_etl.database import urls
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, needs_replay]

DAYS = [f"2026-03-0{n}" for n in range(1, 9)]
SUBREDDITS = "LocalLLaMA buildapcforme hardwareswap buildapc overclocking"
PRICES = ("raw_pages", "crawls", "price_offers", "skus", "listings", "price_logs")
COMMUNITY = ("reddit_posts", "reddit_observations", "market_signals", "chipset_mentions", "keyword_trends")
ANALYTICS = ("price_changes", "chipset_index", "risk_scores", "risk_alerts")
COUNTED = (*PRICES, *COMMUNITY, *ANALYTICS, "source_coverage", "quarantine")


def rows(database_url: str, question: str, *parameters: Any) -> list[dict[str, Any]]:
    with psycopg.connect(urls.for_libpq(database_url), row_factory=dict_row) as connection:
        return connection.execute(question, parameters).fetchall()


@pytest.fixture(params=["old", "next"])
def market(request: pytest.FixtureRequest) -> Iterator[Replay]:
    with replay("--day", DAYS[0], "--template", request.param) as running:
        yield running


@pytest.fixture
def gpu_etl(tmp_path: Path, database_url: str, market: Replay) -> Command:
    return Command(tmp_path, database_url, {**market.environment(DAYS[0]), "REDDIT_SUBREDDITS": SUBREDDITS})


def run_day(gpu_etl: Command, market: Replay, day: str) -> dict[str, Any]:
    market.control(day=day)
    outcome: dict[str, Any] = gpu_etl.json("run", "full", "--day", day, GPU_ETL_NOW=f"{day}T10:00:00+09:00")
    assert outcome["errors"] == []
    assert outcome["success"]
    return outcome


@pytest.mark.parametrize("market", [pytest.param("old", marks=pytest.mark.exhaustive), "next"], indirect=True)
def test_eight_days_leave_exactly_the_truth(gpu_etl: Command, market: Replay, database_url: str, request: Any) -> None:
    template = request.node.callspec.params["market"]
    days = DAYS if template == "old" else DAYS[:2]
    expected_posts: dict[str, dict[str, Any]] = {}
    for day in days:
        run_day(gpu_etl, market, day)
        truth = market.truth(day, SUBREDDITS.replace(" ", "+"))
        expected_posts |= {post["id"]: post for post in truth["posts"]}
        assert stored_listings(database_url, day, template) == true_listings(truth, template)
    stored = rows(
        database_url, "select post_id, subreddit, title, extract(epoch from created_utc)::int as at from reddit_posts"
    )
    by_id = {row["post_id"]: row for row in stored}
    assert set(expected_posts) <= set(by_id)
    for post_id, post in expected_posts.items():
        found = by_id[post_id]
        assert (found["subreddit"], found["title"], found["at"]) == (
            post["subreddit"],
            post["title"],
            int(post["created_utc"]),
        )
    if template == "old":
        check_changes(database_url, days[-1])


def stored_listings(database_url: str, day: str, template: str) -> dict[str, tuple[Any, ...]]:
    stored = rows(database_url, "select * from price_logs where market_day = %s and source = 'danawa'", day)
    if template == "next":  # it carries neither status words nor seller counts
        return {row["listing_id"]: (row["price"],) for row in stored}
    return {row["listing_id"]: (row["price"], row["availability"], row["seller_count"]) for row in stored}


def true_listings(truth: dict[str, Any], template: str) -> dict[str, tuple[Any, ...]]:
    if template == "next":
        return {row["listing_id"]: (row["price"],) for row in truth["listings"]}
    return {
        row["listing_id"]: (row["price"], "in_stock" if row["price"] else row["availability"], row["seller_count"])
        for row in truth["listings"]
    }


def check_changes(database_url: str, day: str) -> None:
    """Recompute every weekly change of the day from ``price_logs`` in plain Python."""
    logs = rows(
        database_url,
        """select p.market_day, l.sku_id, p.price from price_logs p join listings l using (source, listing_id)
           where l.condition = 'new' and p.price is not null and p.suspect_reason is null""",
    )
    lowest: dict[tuple[str, date], int] = {}
    for row in logs:
        key = (row["sku_id"], row["market_day"])
        lowest[key] = min(row["price"], lowest.get(key, row["price"]))
    today = date.fromisoformat(day)
    changes = rows(database_url, "select * from price_changes where market_day = %s", day)
    assert len(changes) > 300
    for row in changes:
        before = [
            lowest[key] for key in ((row["sku_id"], today.replace(day=today.day - n)) for n in (6, 7)) if key in lowest
        ]
        assert row["price"] == lowest.get((row["sku_id"], today))
        assert row["baseline_days"] == len(before)
        if row["price"] is None or not before:
            assert row["change_pct"] is None
            assert row["reason"]
        else:
            assert float(row["last_week_avg"]) == pytest.approx(sum(before) / len(before), abs=0.01)
            assert float(row["change_pct"]) == pytest.approx(
                100 * (row["price"] / (sum(before) / len(before)) - 1), abs=0.01
            )


@pytest.mark.parametrize("market", ["old"], indirect=True)
def test_neither_a_second_run_nor_a_captcha_changes_what_is_there(
    gpu_etl: Command, market: Replay, database_url: str
) -> None:
    """Every fault has its row in ``test_faults``; this is the one that goes through the command line."""
    run_day(gpu_etl, market, DAYS[0])
    before = contents(database_url)
    run_day(gpu_etl, market, DAYS[0])
    assert contents(database_url) == before
    assert len(before["price_logs"]) == 989

    market.control(day=DAYS[1], faults=["captcha200:page=3"])
    failed = gpu_etl("run", "price-crawl", "--day", DAYS[1], GPU_ETL_NOW=f"{DAYS[1]}T10:00:00+09:00", MAX_RETRIES="1")
    assert failed.returncode == 1
    line = failed.stderr.strip().splitlines()[-1]
    assert line.startswith(f"gpu-etl: price_crawl {DAYS[1]} failed: raw_pages: ")
    assert "danawa blocked" in line
    assert "Traceback" not in failed.stderr
    assert contents(database_url)["price_logs"] == before["price_logs"]
    assert rows(database_url, "select * from price_offers where market_day = %s", DAYS[1]) == []
    market.control(faults=[])
    run_day(gpu_etl, market, DAYS[1])
    assert stored_listings(database_url, DAYS[1], "old") == true_listings(market.truth(DAYS[1]), "old")


def contents(database_url: str) -> dict[str, list[dict[str, Any]]]:
    """Every table of the product as rows of text."""
    return {table: rows(database_url, f"select t::text as row from {table} t order by 1") for table in COUNTED}
