"""A site that ignores page numbers: the top of each category by default, all of it where the operator has opted in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.pricing import Prices, differences, truth_of
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive, needs_replay]

DAY = "2026-03-05"


@pytest.fixture(scope="module")
def running() -> Iterator[Replay]:
    with replay("--limit", "220", "--day", DAY, "--paging", "ajax") as found:
        yield found


@pytest.fixture
def market(running: Replay) -> Replay:
    running.control(faults=[], template="old", reset_stats=True)
    return running


@pytest.fixture
def prices(market: Replay, database: Database, database_url: str, make_settings: Callable[..., Settings]) -> Prices:
    return Prices(database, database_url, make_settings, market.base_url, danawa_product_pages="none")


def test_robots_txt_is_obeyed_unless_told_otherwise(prices: Prices, market: Replay) -> None:
    assert prices.run(DAY) == []
    assert "list-ajax" not in market.stats()["requests"]
    published, truth = prices.published(DAY), truth_of(market, DAY)
    assert 30 < len(published) < len(truth)
    assert all(published[key]["price"] == truth[key]["price"] for key in published)
    coverage = prices.coverage(DAY)["112753"]
    assert coverage["status"] == "partial"
    assert "the site ignores page numbers" in coverage["reason"]


def test_asked_as_its_own_script_does_the_site_tells_everything(prices: Prices, market: Replay) -> None:
    assert prices.run(DAY, danawa_use_ajax=True, danawa_product_pages_at_most=0) == []
    assert differences(prices.published(DAY), truth_of(market, DAY)) == []
    assert prices.coverage(DAY)["112753"]["status"] == "complete"
    assert market.stats()["requests"] == {"robots": 1, "list": 2, "list-ajax": 3}


@pytest.mark.parametrize("fault", ["zero-bytes:/list/ajax/", "captcha200:/list/ajax/", "truncate:/list/ajax/"])
def test_where_the_script_gets_nothing_the_pages_have_to_do(prices: Prices, market: Replay, fault: str) -> None:
    market.control(faults=[fault])
    assert prices.run(DAY, danawa_use_ajax=True, danawa_product_pages_at_most=0) == []
    published, truth = prices.published(DAY), truth_of(market, DAY)
    assert 30 < len(published) < len(truth)
    assert all(published[key]["price"] == truth[key]["price"] for key in published)
    assert prices.coverage(DAY)["112753"]["status"] == "partial"


def test_a_listing_gets_its_history_once_and_apart_from_our_own_prices(prices: Prices, market: Replay) -> None:
    assert prices.run(DAY, danawa_use_ajax=True, danawa_product_pages_at_most=10) == []
    stored = prices.rows("select window_months, count(*) as n from price_histories group by 1 order by 1")
    assert [(row["window_months"], row["n"]) for row in stored] == [(1, 50), (3, 130), (6, 60), (12, 120), (24, 240)]
    coverage = prices.coverage(DAY)["history"]
    assert (coverage["status"], coverage["got"]) == ("complete", 10)
    assert len(prices.rows("select distinct market_day from price_logs")) == 1
    assert prices.run(DAY, danawa_use_ajax=True, danawa_product_pages_at_most=10) == []
    assert prices.rows("select count(distinct listing_id) as n from price_histories") == [{"n": 20}]


def test_histories_that_cannot_be_had_take_nothing_from_the_day(prices: Prices, market: Replay) -> None:
    market.control(faults=["captcha200:/info/ajax/"])
    assert prices.run(DAY, danawa_use_ajax=True, danawa_product_pages_at_most=10) == []
    assert differences(prices.published(DAY), truth_of(market, DAY)) == []
    assert prices.coverage(DAY)["history"]["status"] == "failed"
    assert market.stats()["requests"]["history"] == 3
