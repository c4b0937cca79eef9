"""Naver Shopping beside Danawa, against a small server of our own that knows its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gpu_etl.assets.naver import queries_for
from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl.sources import naver
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.endtoend.shop_server import Shop, shop
from gpu_etl_tests.replay import Replay, needs_replay, replay
from gpu_etl_tests.sources.test_contract import naver_answer, naver_item

pytestmark = [pytest.mark.slow, needs_replay]

DAY = "2026-03-05"
CARD = "이엠텍 지포스 RTX 4070 SUPER STORM X Dual OC D6X 12GB"


@pytest.fixture(scope="module")
def market() -> Iterator[Replay]:
    with replay("--limit", "40", "--day", DAY) as running:
        yield running


@pytest.fixture
def api() -> Iterator[Shop]:
    with shop() as running:
        running.pages["/robots.txt"] = "User-agent: *\nDisallow: /\n"
        running.wanted = {"X-Naver-Client-Id": "id", "X-Naver-Client-Secret": "canary"}
        for number, query in enumerate(queries_for("rtx-4070-series")):
            path = naver.search_url("", query)
            items = [naver_item("77", title=CARD), naver_item(str(100 + number), title="RTX 4070 지지대")]
            running.pages[path] = naver_answer(*items).decode()
        yield running


@pytest.fixture
def prices(
    market: Replay, api: Shop, database: Database, database_url: str, make_settings: Callable[..., Settings]
) -> Prices:
    return Prices(
        database,
        database_url,
        make_settings,
        market.base_url,
        danawa_product_pages="none",
        chipsets="rtx-4070-series",
        naver_base_url=api.url("").rstrip("/"),
        naver_client_id="id",
        naver_client_secret="canary",
    )


def searches(api: Shop) -> int:
    return sum(count for path, count in api.asked.items() if path.startswith(naver.PATH))


def test_catalogue_products_become_listings_each_once(prices: Prices, api: Shop) -> None:
    assert prices.run(DAY) == []
    stored = prices.rows(
        """select p.listing_id, p.price, l.identity_status, s.chipset from price_logs p
           join listings l using (source, listing_id) left join skus s on s.sku_id = l.sku_id
           where p.source = 'naver' order by p.listing_id desc"""
    )
    assert len(stored) == 5
    assert stored[0] == {
        "listing_id": "77",
        "price": 899_000,
        "identity_status": "identified",
        "chipset": "GeForce RTX 4070 SUPER",
    }
    assert {row["identity_status"] for row in stored[1:]} == {"not_a_card"}
    coverage = prices.coverage(DAY)["search"]
    assert (coverage["status"], coverage["got"], coverage["expected"]) == ("complete", 4, 4)
    kept = prices.rows("select url, body from raw_pages where source = 'naver'")
    assert len(kept) == 4
    assert not any("canary" in row["url"] for row in kept)


def test_the_quota_is_kept(prices: Prices, api: Shop) -> None:
    assert prices.run(DAY, naver_calls_a_day=2) == []
    assert searches(api) == 2


def test_without_a_key_nothing_is_asked(prices: Prices, api: Shop) -> None:
    assert prices.run(DAY, naver_client_secret="") == []
    assert api.asked == {}


def test_a_refused_key_is_asked_once_and_takes_nothing_from_danawa(prices: Prices, api: Shop) -> None:
    assert prices.run(DAY, naver_client_secret="wrong") == []
    assert searches(api) == 1
    assert len(prices.published(DAY)) == 40
    coverage = prices.coverage(DAY)["search"]
    assert coverage["status"] == "blocked"
    assert "status 401" in coverage["reason"]
