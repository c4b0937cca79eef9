"""Midnight in the middle of a run, and a machine that is moved to another zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from gpu_etl.demo.market import Market
from gpu_etl.demo.server import serve
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
