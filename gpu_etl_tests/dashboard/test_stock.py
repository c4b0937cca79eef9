"""The stock page: what it is worth, what to sell first and why, and lines of which something is unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpu_etl.catalog import identify
from gpu_etl.database import Database, stock, tables
from gpu_etl.database.bulk import merge
from gpu_etl.settings import Settings
from gpu_etl.sources import stock_csv
from gpu_etl_tests.assets.helpers import observe
from gpu_etl_tests.dashboard.serving import BOARDS, DAY, NOW, served

FILE = f"""title,quantity,unit_cost,received
{BOARDS["1"]},10,900000,2026-02-01
{BOARDS["2"]},2,,2026-02-03
"=cmd|<script>alert(1)</script>",3,100000,
"""


@pytest.fixture
def _stocked(database: Database) -> None:
    found = stock_csv.read(FILE.encode())

    def work(connection: Any) -> None:
        for listing, price, loss in (("1", 800_000, 40_000), ("2", 1_200_000, -5_000)):
            sku = observe(connection, listing, BOARDS[listing], DAY, price)
            change = {"sku_id": sku, "market_day": DAY, "price": price, "currency": "KRW", "listings": 1}
            merge(connection, tables.price_changes, [{**change, "baseline_days": 3}])
            score = {"sku_id": sku, "market_day": DAY, "loss": loss, "threshold": 50_000}
            merge(connection, tables.risk_scores, [score])
        stock.store(connection, found.lines, identify, file="stock.csv", at=NOW, add=False)

    database.run(work)


@pytest.mark.usefixtures("_stocked")
def test_value_gain_and_what_to_sell_first(make_settings: Callable[..., Settings], database: Database) -> None:
    with served(make_settings(), database) as site:
        page, text = site.get("/api/stock").json(), site.get("/stock").text
        download = site.get("/api/stock/lines.csv").content.decode("utf-8-sig")
    first, second, unknown = page["lines"]
    assert (first["sell_rank"], first["value"], first["gain"], first["risk_week"]) == (
        1,
        8_000_000,
        -1_000_000,
        400_000,
    )
    assert (second["sell_rank"], second["value"], second["gain"], second["risk_week"]) == (None, 2_400_000, None, 0)
    assert (unknown["sku_id"], unknown["value"]) == (None, None)
    assert (page["totals"]["value"], page["totals"]["value_left_out"]) == (10_400_000, 1)
    assert "₩10,400,000" in text
    assert "−₩1,000,000" in text
    assert "10 pieces · ₩400,000 at risk in a week" in text
    assert "without 1 line whose price or cost is unknown" in text
    assert "<script>alert" not in text
    assert "'=cmd|" in download, "no spreadsheet runs a title"


def test_without_stock_the_page_says_how_to_bring_it_in(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    with served(make_settings(), database) as site:
        assert "gpu-etl stock import FILE.csv" in site.get("/stock").text


@pytest.mark.usefixtures("_stocked")
def test_a_stock_without_prices_is_worth_an_unknown_amount(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    database.run(lambda connection: connection.execute("delete from price_changes"))
    with served(make_settings(), database) as site:
        assert site.get("/api/stock").json()["totals"]["value"] is None
        assert site.get("/stock").status_code == 200
