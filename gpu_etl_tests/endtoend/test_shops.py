"""Shops of SHOP_URLS beside Danawa: their own sources, their own currencies, their own failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.endtoend.shop_server import Shop, product_page, shop
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, needs_replay]

DAY = "2026-03-05"
CARD = "ASUS Dual GeForce RTX 5070 OC 12GB GDDR7"
SHIPPING = {"@type": "OfferShippingDetails", "shippingRate": {"value": "4.90", "currency": "EUR"}}


@pytest.fixture(scope="module")
def market() -> Iterator[Replay]:
    with replay("--limit", "60", "--day", DAY) as running:
        yield running


@pytest.fixture
def store() -> Iterator[Shop]:
    with shop() as running:
        yield running


@pytest.fixture
def prices(market: Replay, database: Database, database_url: str, make_settings: Callable[..., Settings]) -> Prices:
    return Prices(database, database_url, make_settings, market.base_url, danawa_product_pages="none")


def of_shops(prices: Prices) -> dict[str, tuple[object, ...]]:
    stored = prices.rows("select * from price_logs where source like 'jsonld:%%' order by source, listing_id")
    shown = ("price", "currency", "availability", "suspect_reason")
    return {f"{row['source']} {row['listing_id']}": tuple(row[name] for name in shown) for row in stored}


def test_offers_keep_their_own_currency_and_become_cards(prices: Prices, store: Shop) -> None:
    store.pages["/a"] = product_page(
        CARD, "a", price="599.00", priceCurrency="EUR", shippingDetails=SHIPPING, seller="S"
    )
    store.pages["/b"] = product_page(CARD, "b", price=870120, priceCurrency="KRW")
    assert prices.run(DAY, shop_urls=f"{store.url('/a')} {store.url('/b')}") == []
    assert of_shops(prices) == {
        "jsonld:127.0.0.1 a": (59_900, "EUR", "in_stock", None),
        "jsonld:127.0.0.1 b": (870_120, "KRW", "in_stock", None),
    }
    known = prices.rows(
        "select s.chipset, s.brand from listings l join skus s using (sku_id) where l.source like 'jsonld:%%'"
    )
    assert known == [{"chipset": "GeForce RTX 5070", "brand": "ASUS"}] * 2
    coverage = prices.coverage(DAY)["shop"]
    assert (coverage["source"], coverage["status"], coverage["got"]) == ("jsonld:127.0.0.1", "complete", 2)
    assert store.asked["/robots.txt"] == 1


def test_other_money_is_converted_beside_the_price_with_the_rate_and_its_day(prices: Prices, store: Shop) -> None:
    store.pages["/a"] = product_page(CARD, "a", price="599.00", priceCurrency="USD")
    store.pages["/b"] = product_page(CARD, "b", price=870120, priceCurrency="KRW")
    store.pages["/c"] = product_page(CARD, "c", price="10.00", priceCurrency="XAU")
    store.pages["/rates.xml"] = """<?xml version="1.0"?><Cube><Cube time='2026-03-04'>
        <Cube currency='USD' rate='1.25'/><Cube currency='KRW' rate='1700.50'/></Cube></Cube>"""
    urls = " ".join(map(store.url, ("/a", "/b", "/c")))
    assert prices.run(DAY, shop_urls=urls, ecb_rates_url=store.url("/rates.xml")) == []
    stored = prices.rows(
        """select listing_id, price, price_in_won, conversion_rate::float8 as rate, conversion_day::text as day
           from price_logs where source like 'jsonld:%%' order by 1"""
    )
    assert stored == [
        {"listing_id": "a", "price": 59_900, "price_in_won": 814_880, "rate": 1360.4, "day": "2026-03-04"},
        {"listing_id": "b", "price": 870_120, "price_in_won": None, "rate": None, "day": None},
        {"listing_id": "c", "price": 1_000, "price_in_won": None, "rate": None, "day": None},
    ]


def test_without_rates_prices_stay_as_they_are_asked(prices: Prices, store: Shop) -> None:
    store.pages["/a"] = product_page(CARD, "a", price="599.00", priceCurrency="USD")
    assert prices.run(DAY, shop_urls=store.url("/a"), ecb_rates_url=store.url("/gone.xml")) == []
    assert prices.rows("select price_in_won from price_logs where source like 'jsonld:%%'") == [{"price_in_won": None}]
    assert prices.coverage(DAY)["rates"]["status"] == "failed"


def test_one_shop_that_refuses_leaves_the_other_and_danawa_alone(prices: Prices, store: Shop) -> None:
    store.pages["/a"] = product_page(CARD, "a", price="599.00", priceCurrency="EUR")
    with shop() as closed:
        closed.pages["/x"] = 403
        urls = f"{closed.url('/x', 'localhost')} {closed.url('/y', 'localhost')} {store.url('/a')}"
        assert prices.run(DAY, shop_urls=urls) == []
        assert closed.asked["/y"] == 0
    assert list(of_shops(prices)) == ["jsonld:127.0.0.1 a"]
    assert len(prices.published(DAY)) == 60
    status = {
        row["source"]: (row["status"], row["reason"])
        for row in prices.rows("select * from source_coverage where part = 'shop'")
    }
    assert status["jsonld:127.0.0.1"] == ("complete", None)
    assert status["jsonld:localhost"][0] == "blocked"
    assert "status 403: the site forbids it" in status["jsonld:localhost"][1]


def test_a_page_without_a_product_is_quarantined_and_the_rest_published(prices: Prices, store: Shop) -> None:
    store.pages["/a"] = product_page(CARD, "a", price="599.00", priceCurrency="EUR")
    store.pages["/news"] = "<html><head><title>News</title></head><body>none</body></html>"
    store.pages["/broken"] = 500
    urls = " ".join(map(store.url, ("/a", "/cart/1", "/broken", "/news")))
    assert prices.run(DAY, shop_urls=urls) == []
    assert list(of_shops(prices)) == ["jsonld:127.0.0.1 a"]
    refused = prices.rows("select subject, reason from quarantine where source like 'jsonld:%%'")
    assert refused == [{"subject": store.url("/news"), "reason": "the page describes no product"}]
    coverage = prices.coverage(DAY)["shop"]
    assert (coverage["status"], coverage["got"], coverage["expected"]) == ("partial", 2, 4)
    assert "status 500" in coverage["reason"]
    assert "robots.txt" in coverage["reason"]
    assert store.asked["/cart/1"] == 0


def test_witnesses_that_disagree_make_a_shops_price_suspect(prices: Prices, store: Shop) -> None:
    page = product_page(CARD, "a", price="599.00", priceCurrency="EUR")
    said = '<meta property="og:title" content="x"><meta property="og:price:amount" content="59.90">'
    store.pages["/a"] = page.replace("</head>", f'{said}<meta property="og:price:currency" content="EUR"></head>')
    assert prices.run(DAY, shop_urls=store.url("/a")) == []
    assert of_shops(prices)["jsonld:127.0.0.1 a"][3] == (
        "JSON-LD says 59900 EUR, OpenGraph says 5990 EUR (minor units)"
    )


def test_a_shop_that_is_down_leaves_the_others_alone(prices: Prices, store: Shop) -> None:
    store.pages["/a"] = product_page(CARD, "a", price="599.00", priceCurrency="EUR")
    assert prices.run(DAY, shop_urls=f"http://127.0.0.2:9/x {store.url('/a')}", max_retries=0) == []
    assert list(of_shops(prices)) == ["jsonld:127.0.0.1 a"]
