"""Days of stored pages, made by hand: what a crawl would have left in the database."""

from __future__ import annotations

from datetime import UTC, date, datetime

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import publishing
from gpu_etl.assets.reading import read_day
from gpu_etl.catalog import overrides
from gpu_etl.database import Database, pages, prices
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


def store(database: Database, part: str, *stored: tuple[str, bytes], day: date = DAY) -> None:
    record = CrawlRecord("danawa", part, day, NOW)

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


def publish(database: Database, day: date = DAY) -> dict[str, DictRow]:
    """Publish the day without asking the gate; returns its headline prices by listing."""

    def work(connection: Connection[DictRow]) -> dict[str, DictRow]:
        publishing.store_offers(connection, read_day(connection, "danawa", day))
        publishing.identify_listings(connection, day, overrides.read(""))
        publishing.store_prices(connection, "danawa", day, "run")
        return prices.published(connection, "danawa", day)

    return database.run(work)
