"""From stored pages to offers: what a listing's several pages come to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import publishing
from gpu_etl.assets.failures import Refused
from gpu_etl.assets.reading import Reading, read_day
from gpu_etl.catalog import overrides
from gpu_etl.database import Database, pages
from gpu_etl.database.pages import CrawlRecord
from gpu_etl.sources.records import PageKind
from gpu_etl_tests.sources.material import old_page, row, variant, won

DAY = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 1, tzinfo=UTC)
GONE = '<script>alert("가격비교 서비스가 종료된 상품입니다.");</script>'.encode()
NEW, USED = "ASUS DUAL 지포스 RTX 4070 SUPER OC D6X 12GB", "ASUS DUAL 지포스 RTX 4070 SUPER OC D6X 12GB (중고)"


def list_of(*listings: tuple[int, str, int]) -> bytes:
    rows = "".join(row(pcode, title, variant(pcode, won(f"{price:,}"))) for pcode, title, price in listings)
    return old_page(rows, total=f"({len(listings)})")


def product_page(pcode: int, price: int, shops: str) -> bytes:
    return f"""<html><head><script type="application/ld+json">{{"@type": "Product", "name": "x", "sku": "{pcode}",
      "offers": {{"lowPrice": "{price}", "offerCount": "2", "priceCurrency": "KRW"}}}}</script></head><body>
      <h3 class="prod_tit"><span class="title">{NEW}</span></h3><div id="lowPriceCompanyArea">
      <ul class="list__mall-price">{shops}</ul></div>
      <script>var oGlobalSetting = {{nProductCode: {pcode}, nMinPrice: "{price:,}"}};</script></body></html>""".encode()


def shop(name: str, price: int, delivery: str, badge: str = "") -> str:
    return f"""<li class="list-item"><div class="box__logo"><img alt="{name}"></div><div class="box__price">{badge}
      <div class="sell-price"><span class="text__num">{price:,}</span></div></div>
      <div class="box__delivery">{delivery}</div></li>"""


CASH = '<span class="badge__cash">현금</span>'
SHOPS = shop("a", 700_000, "3,000원") + shop("b", 701_000, "무료배송") + shop("c", 650_000, "무료배송", CASH)


def store(database: Database, part: str, *stored: tuple[str, bytes]) -> None:
    record = CrawlRecord("danawa", part, DAY, NOW)

    def work(connection: Connection[DictRow]) -> None:
        for url, body in stored:
            digest = pages.store_page(
                connection,
                record,
                url=url,
                fetched_at=NOW,
                status=200,
                content_type="text/html",
                kind=PageKind.GONE if body is GONE else PageKind.OK,
                body=body,
            )
            record.pages.append((url, digest))
        pages.store_crawl(connection, record, finished_at=NOW, rows_expected=1, rows_read=1)

    database.run(work)


def read(database: Database) -> Reading:
    return database.run(lambda connection: read_day(connection, "danawa", DAY))


def published(database: Database) -> dict[str, DictRow]:
    def work(connection: Connection[DictRow]) -> list[DictRow]:
        reading = read_day(connection, "danawa", DAY)
        publishing.store_offers(connection, reading)
        publishing.identify_listings(connection, DAY, overrides.read(""))
        publishing.store_prices(connection, "danawa", DAY, "run")
        return connection.execute("select * from price_logs").fetchall()

    return {str(row["listing_id"]): row for row in database.run(work)}


def test_the_product_page_adds_shops_and_what_anybody_can_pay(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(1, 700_000, SHOPS)))
    found = published(database)["1"]
    assert (found["price"], found["payable_price"], found["suspect_reason"]) == (700_000, 701_000, None)
    offers = read(database).offers["1"]
    assert [seller.seller for seller in offers.sellers] == ["a", "b", "c"]


def test_a_used_card_has_no_price_that_anybody_pays_for_a_new_one(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, USED, 700_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(1, 700_000, SHOPS)))
    found = published(database)["1"]
    assert (found["price"], found["payable_price"]) == (700_000, None)


def test_witnesses_that_contradict_each_other_make_the_price_suspect(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000))))
    page = product_page(1, 700_000, SHOPS).replace(b'"lowPrice": "700000"', b'"lowPrice": "690000"')
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", page))
    assert "JSON-LD lowPrice 690,000, nMinPrice 700,000" in str(published(database)["1"]["suspect_reason"])


def test_a_closed_product_is_discontinued_whatever_the_list_still_says(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000), (2, NEW, 710_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", GONE))
    found = published(database)
    assert (found["1"]["price"], found["1"]["availability"]) == (None, "discontinued")
    assert (found["2"]["price"], found["2"]["availability"]) == (710_000, "in_stock")


def test_a_product_page_about_something_else_says_nothing(database: Database) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(2, 500_000, SHOPS)))
    assert read(database).offers["1"].detail_sha256 is None


def test_without_a_whole_crawl_there_is_nothing_to_parse(database: Database) -> None:
    with pytest.raises(Refused, match="no whole crawl of danawa on 2026-03-05"):
        read(database)
