"""What product pages add to a day, and that nothing which goes wrong with them takes the day away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.pricing import Prices, differences, truth_of
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive, needs_replay]

DAY, NEXT_DAY = "2026-03-04", "2026-03-05"
BEFORE_DISCOUNTS, DISCOUNTS = ["2026-01-25", "2026-01-26", "2026-01-27"], "2026-01-28"
"""On that day 58 of 982 prices fell by a fifth, and rose again the next."""


@pytest.fixture(scope="module")
def market() -> Iterator[Replay]:
    with replay("--limit", "100") as running:
        yield running


@pytest.fixture
def prices(market: Replay, database: Database, database_url: str, make_settings: Callable[..., Settings]) -> Prices:
    market.control(day=DAY, template="old", faults=[], reset_stats=True)
    return Prices(database, database_url, make_settings, market.base_url)


def sellers(prices: Prices, day: str) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in prices.rows(
        "select * from price_offers where market_day = %s and position > 0 order by listing_id, position", day
    ):
        offer = (row["position"], row["seller"], row["price"], row["shipping"], row["payment_condition"])
        found.setdefault(row["listing_id"], []).append(offer)
    return found


@pytest.mark.parametrize("template", ["old", "next"])
def test_all_product_pages_tell_the_shops_and_what_anybody_can_pay(
    prices: Prices, market: Replay, template: str
) -> None:
    market.control(template=template)
    assert prices.run(DAY, danawa_product_pages="all", danawa_product_pages_at_most=500) == []
    truth = truth_of(market, DAY, sellers=True)
    published = prices.published(DAY)
    new_cards = {row["listing_id"] for row in prices.rows("select listing_id from listings where condition = 'new'")}
    assert differences(published, truth) == []
    assert 60 < len(new_cards) < len(truth)
    for key, row in truth.items():
        assert published[key]["payable_price"] == (row["price_shipped"] if key in new_cards else None)
        assert published[key]["suspect_reason"] is None
        if row["price"]:
            assert published[key]["seller_count"] == row["seller_count"]  # the list's own or, failing that, the page's
    assert sellers(prices, DAY) == {
        key: [
            (place, shop["seller"], shop["price"], shop["shipping"], shop["payment_condition"])
            for place, shop in enumerate(row["sellers"], 1)
        ]
        for key, row in truth.items()
        if row["sellers"]
    }
    products = prices.coverage(DAY)["products"]
    assert (products["status"], products["got"], products["expected"]) == ("complete", len(truth), len(truth))


def test_what_moved_and_the_cheapest_of_each_chipset_are_asked_for_and_nothing_else(
    prices: Prices, market: Replay
) -> None:
    assert prices.run(DAY, danawa_product_pages_at_most=500) == []
    cheapest_first = prices.coverage(DAY)["products"]["got"]
    market.control(day=NEXT_DAY)
    assert prices.run(NEXT_DAY, danawa_product_pages_at_most=500) == []
    before, after = prices.published(DAY), prices.published(NEXT_DAY)
    moved = {key for key in before.keys() & after.keys() if before[key]["price"] != after[key]["price"]}
    asked = {key for key, row in after.items() if row["payable_price"] is not None or key in sellers(prices, NEXT_DAY)}
    chipsets = prices.rows(
        """select count(distinct s.chipset) as n from price_logs p join skus s using (sku_id)
           where p.market_day = %s and p.price is not null""",
        NEXT_DAY,
    )[0]["n"]
    assert 10 < cheapest_first <= chipsets
    assert {key for key in moved if after[key]["price"]} <= asked
    assert len(asked - moved) <= chipsets
    assert len(asked) < len(after) * 0.8


def test_a_real_day_stays_polite(prices: Prices, market: Replay) -> None:
    assert prices.run(DAY, danawa_product_pages="all", http_requests_per_second=100) == []
    stats = market.stats()
    assert stats["requests"] == {"robots": 1, "list": 4, "product": 60}
    assert stats["max_concurrent"]["danawa"] == 1
    assert stats["min_gap_seconds"]["product"] >= 0.009


def test_none_asks_for_none(prices: Prices, market: Replay) -> None:
    assert prices.run(DAY, danawa_product_pages="none") == []
    assert "product" not in market.stats()["requests"]
    assert "products" not in prices.coverage(DAY)


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ("captcha200:/info/", "blocked", "0 of 20 product pages"),
        ("http500:/info/", "failed", "status 500"),
        ("zero-bytes:/info/", "failed", "no content"),
        ("reset:2:/info/", "partial", "19 of 20 product pages"),
        ("bomb:1:/info/", "failed", "once decompressed"),
    ],
)
def test_a_product_page_that_fails_takes_nothing_from_the_day(
    prices: Prices, market: Replay, fault: str, status: str, says: str
) -> None:
    market.control(faults=[fault])
    assert prices.run(DAY, danawa_product_pages="all", danawa_product_pages_at_most=20) == []
    assert differences(prices.published(DAY), truth_of(market, DAY)) == []
    coverage = prices.coverage(DAY)
    assert coverage["112753"]["status"] == "complete"
    assert coverage["products"]["status"] == status
    assert says in coverage["products"]["reason"]
    refused = market.stats()["requests"]["product"]
    assert refused <= 6 or status == "partial"  # a site that says no is left alone


@pytest.mark.parametrize("fault", ["layout-change:/info/", "mojibake:/info/", "json-field-renamed:/info/"])
def test_product_pages_that_changed_are_put_aside_and_named(prices: Prices, market: Replay, fault: str) -> None:
    market.control(faults=[fault])
    assert prices.run(DAY, danawa_product_pages="all", danawa_product_pages_at_most=20) == []
    published = prices.published(DAY)
    assert differences(published, truth_of(market, DAY)) == []
    assert not any(row["suspect_reason"] for row in published.values())
    assert not any(row["payable_price"] for row in published.values())
    assert prices.rows("select * from quarantine where market_day = %s and subject like 'product page%%'", DAY)


def test_a_list_that_contradicts_the_product_page_is_not_believed_even_on_the_first_day(
    prices: Prices, market: Replay
) -> None:
    market.control(faults=["price-x10:/list/?cate=112753&page=2"])
    assert prices.run(DAY, danawa_product_pages="all", danawa_product_pages_at_most=500) == []
    truth = truth_of(market, DAY)
    wrong = {key for key, row in prices.published(DAY).items() if row["price"] != truth[key]["price"]}
    assert wrong
    assert differences(prices.published(DAY), truth) == []
    for key in wrong:
        assert "the list says" in prices.published(DAY)[key]["suspect_reason"]


@pytest.fixture(scope="module")
def wide_market() -> Iterator[Replay]:
    """Large enough that the unbelievable prices of one day are a small share."""
    with replay("--limit", "400") as running:
        yield running


@pytest.fixture
def wide_prices(
    wide_market: Replay, database: Database, database_url: str, make_settings: Callable[..., Settings]
) -> Prices:
    return Prices(database, database_url, make_settings, wide_market.base_url, danawa_product_pages_at_most=30)


def test_two_shops_confirm_a_fall_which_is_else_shown_a_day_late(wide_prices: Prices, wide_market: Replay) -> None:
    for day in [*BEFORE_DISCOUNTS, DISCOUNTS]:
        wide_market.control(day=day, faults=[])
        assert wide_prices.run(day, danawa_product_pages="none") == []
    held = {key for key, row in wide_prices.published(DISCOUNTS).items() if row["suspect_reason"]}
    assert len(held) >= 15
    assert wide_prices.run(DISCOUNTS) == []
    after = wide_prices.published(DISCOUNTS)
    still_held = {key for key, row in after.items() if row["suspect_reason"]}
    truth = truth_of(wide_market, DISCOUNTS)
    assert still_held < held
    assert all(truth[key]["seller_count"] >= 2 for key in held - still_held)
    assert differences(after, truth) == []


def test_a_single_shop_that_dips_stays_held_and_is_released_when_seen_again(
    wide_prices: Prices, wide_market: Replay
) -> None:
    wide_market.control(day="2026-03-03", faults=[])
    assert wide_prices.run("2026-03-03") == []
    wide_market.control(day=DAY, faults=["one-seller-dip"])
    assert wide_prices.run(DAY) == []
    held = {key: row for key, row in wide_prices.published(DAY).items() if row["suspect_reason"]}
    assert len(held) > 15
    assert sum(key in sellers(wide_prices, DAY) for key in held) > 15
    assert differences(wide_prices.published(DAY), truth_of(wide_market, DAY)) == []
    wide_market.control(day=NEXT_DAY)
    assert wide_prices.run(NEXT_DAY) == []
    again = wide_prices.published(NEXT_DAY)
    seen_again = [key for key in held if key in again and again[key]["price"] <= held[key]["price"] * 1.05]
    assert len(seen_again) > 10
    assert all(again[key]["suspect_reason"] is None for key in seen_again)
