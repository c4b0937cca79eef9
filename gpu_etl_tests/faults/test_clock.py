"""Midnight in the middle of a run, and a machine that is moved to another zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from gpu_etl.assets import PRICES
from gpu_etl.cli import doctor_data
from gpu_etl.cli.findings import Finding
from gpu_etl.database import Database, ahead, pages, tables, urls
from gpu_etl.demo.market import Market
from gpu_etl.demo.server import serve
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.world import BAD, GOOD, KST, World, spoiled

pytestmark = pytest.mark.slow


def test_a_crawl_over_midnight_belongs_to_the_day_it_began(world: World, prices: Prices) -> None:
    """The site shows the next day's prices half way through; no price is made up, and none goes to another day."""
    asked: list[datetime] = []

    def clock() -> datetime:
        asked.append(datetime.now(KST))
        return datetime.combine(date.fromisoformat(GOOD if len(asked) < 4 else BAD), time(10), KST)

    with serve(world.market, clock=clock) as address:
        assert prices.run(GOOD, danawa_base_url=address, gpu_etl_now=f"{GOOD}T23:59:58+09:00") == []
    published = {key: row["price"] for key, row in prices.published(GOOD).items()}
    before, after = world.truth(GOOD), world.truth(BAD)
    assert published.keys() <= before.keys() | after.keys()
    assert all(price in (before.get(key), after.get(key)) for key, price in published.items())
    assert published != before
    assert prices.published(BAD) == {}


def test_a_run_that_is_repeated_after_midnight_does_not_give_its_day_todays_prices(
    world: World, prices: Prices
) -> None:
    assert prices.run(GOOD) == []
    good = prices.published(GOOD)
    world.day = BAD
    (failure,) = prices.run(GOOD, gpu_etl_now=f"{BAD}T00:00:01+09:00")
    assert failure == f"raw_pages: {GOOD} is not today ({BAD}): no day but today gets today's prices"
    assert prices.published(GOOD) == good


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1)], ids=["back", "ahead"])
def test_a_clock_that_is_a_day_off_stores_nothing(prices: Prices, off: timedelta) -> None:
    """The site's clock is right, and its Date says so; another day's prices and pages stay as they are."""
    today = datetime.now(KST).date()
    with (
        serve(Market(7, today, 20), clock=lambda: datetime.now(KST)) as site,
        spoiled(site, lambda _, body: body, clock=lambda: datetime.now(UTC) - off) as address,
    ):
        (failure,) = prices.run(str(today), danawa_base_url=address, gpu_etl_now=None)
    assert failure.startswith("raw_pages: danawa failed: this machine's clock says ")
    assert failure.endswith(": set the clock (timedatectl set-ntp true)")
    assert prices.rows("select * from raw_pages") == []
    assert prices.published(str(today)) == {}


@pytest.fixture
def silent() -> Iterator[tuple[date, str]]:
    """Today, and a site that shows today's prices and does not tell the time."""
    today = datetime.now(KST).date()
    with (
        serve(Market(7, today, 20), clock=lambda: datetime.now(KST)) as site,
        spoiled(site, lambda _, body: body, clock=None) as address,
    ):
        yield today, address


def ran_ahead(prices: Prices, address: str, to: date) -> None:
    """Store what a clock that said ``to`` would have; such a day cannot be run, so another is moved."""
    day = datetime.now(KST).date() - timedelta(days=1)
    assert prices.run(str(day), danawa_base_url=address) == []
    with psycopg.connect(urls.for_libpq(prices.database_url)) as connection:
        for table in tables.metadata.sorted_tables:
            if "market_day" in table.primary_key.columns:
                move = sql.SQL("update {} set market_day = %s where market_day = %s").format(sql.Identifier(table.name))
                connection.execute(move, (to, day))
        connection.execute("update crawls set finished_at = finished_at + %s where market_day = %s", (to - day, to))


def test_a_clock_that_is_behind_what_is_stored_crawls_nothing(prices: Prices, silent: tuple[date, str]) -> None:
    """Set back on a site that tells no time. What goes back on purpose, a replay or a rebuild, is not refused."""
    today, address = silent
    tomorrow = str(today + timedelta(days=1))
    ran_ahead(prices, address, today + timedelta(days=1))
    (failure,) = prices.run(str(today), danawa_base_url=address, gpu_etl_now=None)
    assert failure.startswith(f"raw_pages: this machine's clock says {today} ")
    assert f", but a crawl of {tomorrow} is stored, ended {tomorrow} 10:00: set the clock" in failure
    assert {str(row["market_day"]) for row in prices.rows("select market_day from raw_pages")} == {tomorrow}
    assert prices.coverage(str(today)) == {}
    assert prices.run(str(today), danawa_base_url=address) == []
    stored = prices.published(str(today))
    assert stored
    assert prices.of(PRICES[1:]).run(str(today), danawa_base_url=address, gpu_etl_now=None) == []
    assert prices.published(str(today)) == stored


def told(settings: Settings) -> dict[str, Finding]:
    return {each.subject: each for each in doctor_data.findings(settings) if each.level == "fail"}


def test_what_a_clock_that_ran_ahead_has_stored_is_taken_out_again(
    tmp_path: Path, prices: Prices, silent: tuple[date, str], database_url: str
) -> None:
    """All of it but the pages, and what is known without it is as it was before."""
    today, address = silent
    command = Command(tmp_path, database_url)
    day_before = today - timedelta(days=2)
    with serve(Market(7, today, 20), clock=lambda: datetime.combine(day_before, time(10), KST)) as earlier:
        assert prices.run(str(day_before), danawa_base_url=earlier) == []
    counted = [t.name for t in tables.metadata.sorted_tables if t.name not in ("raw_pages", "backtests")]
    asking = "select to_jsonb(t) - 'url' as row from {} as t order by 1"  # each of the two servers has its own address
    before = {name: prices.rows(asking.format(name)) for name in counted}
    false = today + timedelta(days=365)
    ran_ahead(prices, address, false)
    moved = today - timedelta(days=1)
    for table in ("listings", "skus"):
        prices.rows(f"update {table} set first_seen = %s where first_seen = %s returning 1", false, moved)
    prices.rows("update listings set last_seen = %s where last_seen = %s returning 1", false, moved)
    n = len(prices.published(str(false)))
    pages_read = prices.rows("select count(*) as n from raw_pages")

    settings = prices.settings(str(today), gpu_etl_now=None, database_url=database_url)
    found = told(settings)
    assert found["clock"].says.endswith(f"{false} 10:00")
    assert found["clock"].fix.endswith("take the days to come out again (gpu-etl retract)")
    assert found["days to come"].says == f"1 day(s) later than {today} are stored: {false}"
    asked = command("retract").stdout
    assert f"{false}: {n} prices would be taken out\nnothing was changed; if it is {today} " in asked
    assert told(settings) == found
    assert command("retract", "--yes").stdout == f"{false}: {n} prices are taken out\n"
    assert told(settings) == {}
    assert {name: prices.rows(asking.format(name)) for name in counted} == before
    assert prices.rows("select count(*) as n from raw_pages") == pages_read
    assert command("retract", "--yes").stdout == f"no day later than {today} is stored\n"
    assert prices.run(str(today), danawa_base_url=address, gpu_etl_now=None) == []


def test_a_clock_that_ran_ahead_is_no_trouble_where_the_site_says_that_it_is_right_now(
    prices: Prices, silent: tuple[date, str]
) -> None:
    """A false day to come does not keep the days before it from their prices."""
    today, address = silent
    ran_ahead(prices, address, today + timedelta(days=365))
    with spoiled(address, lambda _, body: body) as told:
        assert prices.run(str(today), danawa_base_url=told, gpu_etl_now=None) == []
    assert prices.published(str(today))


@pytest.mark.parametrize(
    ("days", "hours", "found"),
    [(1, 20, True), (1, -1, False), (0, 5, False)],
    ids=["a day to come", "a day of another zone", "today, ended later"],
)
def test_another_zone_moves_days_and_not_moments(database: Database, days: int, hours: int, found: bool) -> None:
    now = datetime(2026, 3, 5, 1, tzinfo=UTC)
    day, at = now.date() + timedelta(days=days), now + timedelta(hours=hours)
    record = pages.CrawlRecord("danawa", pages.LIST, day, at)
    with database.transaction() as connection:
        pages.store_crawl(connection, record, finished_at=at, rows_expected=1, rows_read=1)
        last = pages.crawled_ahead(connection, now, now.date())
        false = ahead.false_days(connection, now, now.date())
    assert last == (pages.CrawledAhead(day, at) if found else None)
    assert false == ({day: 0} if found else {})


def test_another_zone_leaves_the_days_that_are_stored(
    world: World, prices: Prices, true_rows: Callable[[str], bool]
) -> None:
    """Ten in the morning in Seoul is the evening before in Los Angeles: Seoul's day is no longer today."""
    assert prices.run(GOOD) == []
    world.day = BAD
    assert prices.run(BAD) == []
    there = {"market_timezone": "America/Los_Angeles", "gpu_etl_now": f"{BAD}T10:00:00+09:00"}
    (failure,) = prices.run(BAD, **there)
    assert failure == f"raw_pages: {BAD} is not today ({GOOD}): no day but today gets today's prices"
    assert true_rows(GOOD)
    assert true_rows(BAD)
