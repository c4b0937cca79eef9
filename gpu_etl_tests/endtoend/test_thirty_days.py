"""Day after day of the real market, in both templates: what is published is the truth, every row of it.

``GPU_ETL_TEST_DAYS`` says how many days (30 at most); the default keeps the test short. The days hold one on which a
fifth was off nearly everywhere: its prices are published as unconfirmed, and they are the truth all the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.pricing import Prices, truth_of
from gpu_etl_tests.replay import needs_replay, replay

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive, needs_replay]

LAST = date(2026, 2, 13)
COUNT = min(30, int(os.environ.get("GPU_ETL_TEST_DAYS", "3")))
DAYS = [(LAST - timedelta(days=back)).isoformat() for back in reversed(range(COUNT))]
NEW_CARDS = """select p.listing_id, p.payable_price from price_logs p join listings l using (source, listing_id)
               where p.market_day = %s and p.payable_price is not null"""


@pytest.mark.parametrize("template", ["old", "next"])
def test_every_day_is_published_as_it_was(
    database: Database, database_url: str, make_settings: Callable[..., Settings], template: str
) -> None:
    with replay("--template", template, "--day", DAYS[0]) as market:
        prices = Prices(database, database_url, make_settings, market.base_url, danawa_product_pages_at_most=15)
        for day in DAYS:
            market.control(day=day, reset_stats=True)
            assert prices.run(day) == []
            truth = truth_of(market, day)
            assert shown(prices.published(day), template) == expected(truth, template)
            assert {part: row["status"] for part, row in prices.coverage(day).items()} == {
                "112753": "complete",
                "gate": "complete",
                "products": "complete",
            }
            payable = {row["listing_id"]: row["payable_price"] for row in prices.rows(NEW_CARDS, day)}
            assert payable
            assert payable == {key: truth[key]["price_shipped"] for key in payable}
            stats = market.stats()
            assert (stats["requests"]["robots"], stats["max_concurrent"]["danawa"]) == (1, 1)
            assert stats["requests"]["product"] <= 15


def shown(published: dict[str, dict[str, Any]], template: str) -> dict[str, tuple[Any, ...]]:
    """The next template carries neither status words nor, on the list, seller counts."""
    columns = ("price",) if template == "next" else ("price", "availability", "seller_count")
    return {key: tuple(row[column] for column in columns) for key, row in published.items()}


def expected(truth: dict[str, dict[str, Any]], template: str) -> dict[str, tuple[Any, ...]]:
    if template == "next":
        return {key: (row["price"],) for key, row in truth.items()}
    return {
        key: (row["price"], "in_stock" if row["price"] else row["availability"], row["seller_count"])
        for key, row in truth.items()
    }
