"""From stored pages to offers: what a listing's several pages come to."""

from __future__ import annotations

import pytest

from gpu_etl.assets.failures import Refused
from gpu_etl.assets.reading import Reading, read_day
from gpu_etl.database import Database, pages
from gpu_etl_tests.assets.stored import DAY, GONE, NEW, SHOPS, USED, list_of, product_page, publish, store


def read(database: Database) -> Reading:
    return database.run(lambda connection: read_day(connection, "danawa", DAY))


def test_the_product_page_adds_shops_and_what_anybody_can_pay(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(1, 700_000, SHOPS)))
    found = publish(database)["1"]
    assert (found["price"], found["payable_price"], found["suspect_reason"]) == (700_000, 701_000, None)
    offers = read(database).offers["1"]
    assert [seller.seller for seller in offers.sellers] == ["a", "b", "c"]


def test_a_used_card_has_no_price_that_anybody_pays_for_a_new_one(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, USED, 700_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(1, 700_000, SHOPS)))
    found = publish(database)["1"]
    assert (found["price"], found["payable_price"]) == (700_000, None)


def test_witnesses_that_contradict_each_other_make_the_price_suspect(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000))))
    page = product_page(1, 700_000, SHOPS).replace(b'"lowPrice": "700000"', b'"lowPrice": "690000"')
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", page))
    assert "JSON-LD lowPrice 690,000, nMinPrice 700,000" in str(publish(database)["1"]["suspect_reason"])


def test_a_closed_product_is_discontinued_whatever_the_list_still_says(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000), (2, NEW, 710_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", GONE))
    found = publish(database)
    assert (found["1"]["price"], found["1"]["availability"]) == (None, "discontinued")
    assert (found["2"]["price"], found["2"]["availability"]) == (710_000, "in_stock")


def test_a_product_page_about_something_else_says_nothing(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(2, 500_000, SHOPS)))
    assert read(database).offers["1"].detail_sha256 is None


def test_without_a_whole_crawl_there_is_nothing_to_parse(database: Database) -> None:
    with pytest.raises(Refused, match="no whole crawl of danawa on 2026-03-05"):
        read(database)
