"""What a page says of a number is true of it: an index that is withheld is not shown, nothing that is known is called
unknown, and what came and went is counted as it happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gpu_etl.database import Database, dashboard_overview, explaining, tables
from gpu_etl.database.bulk import merge
from gpu_etl.market.risk import risk
from gpu_etl.settings import Settings
from gpu_etl_tests.assets.helpers import observe
from gpu_etl_tests.dashboard.serving import DAY, Site, back, served

SHOWN = "GeForce RTX 5070"
GHOST = "GeForce RTX 4070"
TITLE = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"


def index(chipset: str, days_back: int, status: str, value: float, **more: Any) -> dict[str, Any]:
    row = {"chipset": chipset, "market_day": back(days_back), "status": status, "matched_pairs": 5, "cards": 12}
    return {**row, "currency": "KRW", "index_value": value, "low_price": 800_000, "median_price": 900_000, **more}


def change(sku: str, days_back: int, price: int | None, **more: Any) -> dict[str, Any]:
    row = {"sku_id": (sku * 12)[:12], "market_day": back(days_back), "price": price, "currency": "KRW", "listings": 1}
    return {**row, "baseline_days": 0, **more}


def score(sku: str) -> dict[str, Any]:
    scored = risk(880_000, Decimal("900000.33"), None, 50_000)
    return {"sku_id": sku, "market_day": DAY, "price": 880_000, "threshold": 50_000, **asdict(scored)}


def card(sku: str) -> dict[str, Any]:
    return {"sku_id": sku * 12, "chipset": SHOWN, "model_name": sku, "is_oc": False, "first_seen": back(40)}


@pytest.fixture
def serve(make_settings: Callable[..., Settings], database: Database) -> Callable[..., Any]:
    @contextmanager
    def serving(*given: tuple[Any, list[dict[str, Any]]]) -> Iterator[Site]:
        for table, rows in given:
            database.run(lambda connection, table=table, rows=rows: merge(connection, table, rows))  # type: ignore[misc]
        with served(make_settings(), database) as site:
            yield site

    return serving


@pytest.mark.parametrize("status", ["withheld", "end_of_life"])
def test_an_index_that_is_withheld_is_shown_nowhere(serve: Callable[..., Any], status: str) -> None:
    rows = [
        row
        for days, shown, ghost in ((7, 100, 100), (0, 98, 60))
        for row in (
            index(SHOWN, days, "published", shown, change_7d_pct=None if days else -2),
            index(
                GHOST,
                days,
                status,
                ghost,
                reason="3 cards",
                change_7d_pct=None if days else -40,
                premium_reason=f"no comparison: its index is {status.replace('_', ' ')}",
            ),
        )
    ]
    priced = [change("a", days, 800_000) for days in (7, 0)]
    with serve((tables.chipset_index, rows), (tables.skus, [card("a")]), (tables.price_changes, priced)) as site:
        overview = site.get("/api/overview").json()
        assert {row["chipset"]: row["change_7d_pct"] for row in overview["chipsets"]} == {SHOWN: -2, GHOST: None}
        assert {(point["chipset"], point["index_value"]) for point in overview["courses"]} == {
            (SHOWN, 100), (SHOWN, 98), (GHOST, None),
        }  # fmt: skip
        ghost = site.get("/api/chipsets/geforce-rtx-4070").json()
        assert (ghost["latest"]["index_value"], ghost["latest"]["change_7d_pct"]) == (None, None)
        assert ghost["latest"]["low_price"] == 800_000
        assert {day["index_value"] for day in ghost["days"]} == {None}
        text = site.get("/chipsets/geforce-rtx-4070").text
        assert text.count("no comparison: its index is") == 2, "neither with its launch nor with siblings"
        assert "No sibling has a price" not in text
        for page in ("/", "/chipsets", "/chipsets/geforce-rtx-4070", "/compare?chipset=geforce-rtx-4070"):
            assert "40.0%" not in site.get(page).text, page
        for page in ("/chipsets/geforce-rtx-4070?measure=index", "/compare?chipset=geforce-rtx-4070&mode=indexed"):
            assert "No index is shown" in site.get(page).text, page


def test_the_week_of_an_index_stands_beside_the_index_not_beside_its_cheapest_card(serve: Callable[..., Any]) -> None:
    rows = [index(SHOWN, 7, "published", 100), index(SHOWN, 0, "published", 97, change_7d_pct=-3)]
    priced = [change("a", 0, 800_000)]
    with serve((tables.chipset_index, rows), (tables.skus, [card("a")]), (tables.price_changes, priced)) as site:
        text = site.get("/chipsets/geforce-rtx-5070").text
    cells = re.findall(r'<div class="cell">(.*?)</div>', text, re.DOTALL)
    beside = [re.search(r"<h2>(.*?)</h2>", cell)[1] for cell in cells if "in 7 days" in cell]  # type: ignore[index]
    assert beside == ["Index"]


def test_two_series_of_an_index_are_not_drawn_as_one(serve: Callable[..., Any]) -> None:
    """It began anew at 100 after four weeks without a price; what it was before is another number."""
    rows = [
        index(SHOWN, 36, "thin", 80, base_day=back(80)), index(SHOWN, 35, "thin", 81, base_day=back(80)),
        index(SHOWN, 1, "thin", 100, base_day=back(1)), index(SHOWN, 0, "thin", 99, base_day=back(1)),
    ]  # fmt: skip
    priced = [change("a", days, 800_000) for days in (36, 0)]
    with serve((tables.chipset_index, rows), (tables.skus, [card("a")]), (tables.price_changes, priced)) as site:
        chipset = site.get("/api/chipsets/geforce-rtx-5070").json()
        compared = site.get("/api/compare?chipset=geforce-rtx-5070&mode=indexed").json()
    assert [day["index_value"] for day in chipset["days"]] == [None, None, 100, 99]
    assert [day["level"] for day in compared["days"]] == [None, None, 100, 99]


def test_a_week_in_which_nothing_moved_is_no_missing_week(serve: Callable[..., Any]) -> None:
    rows = [index(SHOWN, 7, "published", 100), index(SHOWN, 0, "published", 100, change_7d_pct=0)]
    with serve((tables.chipset_index, rows), (tables.price_changes, [change("a", 0, 800_000)])) as site:
        text = site.get("/").text
    assert "Of 1 chipsets with a published index 0 got cheaper in a week, 0 dearer, 1 stood still." in text
    assert "Weekly changes need prices of a week ago" not in text


def test_the_sentences_of_the_overview_stand_apart(serve: Callable[..., Any]) -> None:
    rows = [index(SHOWN, 7, "published", 100), index(SHOWN, 0, "published", 98, change_7d_pct=-2)]
    prices = [change("a", 1, 810_000), change("a", 0, 800_000)]
    with serve((tables.chipset_index, rows), (tables.price_changes, prices)) as site:
        lead = site.get("/").text.partition('<p class="lead">')[2].partition("</p>")[0]
    text = " ".join(re.sub(r"<[^>]+>", "", lead).split())
    assert re.search(r"0 stood still\. Most of all: GeForce RTX 5070 .2\.0%\. Since \d", text), text


def test_a_price_that_never_moved_is_not_called_cheaper_on_half_of_its_days(serve: Callable[..., Any]) -> None:
    still = change("a", 0, 800_000, low_90=800_000, high_90=800_000, percentile_90=50, all_time_low=800_000)
    with serve((tables.skus, [card("a")]), (tables.price_changes, [still])) as site:
        text = re.sub(r"\s+", " ", site.get(f"/skus/{'a' * 12}").text)
    assert "It was cheaper on 50% of those days, equal prices counted half." in text


def test_the_last_price_of_a_card_that_is_gone_is_not_held_against_todays(serve: Callable[..., Any]) -> None:
    priced = [change("a", 9, 500_000), change("b", 0, 800_000), change("c", 0, 900_000)]
    cards = [card(sku) for sku in "abc"]
    with serve((tables.skus, cards), (tables.price_changes, priced)) as site:
        query = "&".join(f"sku={sku * 12}" for sku in "abc")
        compared = site.get(f"/api/compare?{query}").json()["compared"]
    assert [(one["price"], one["gap"]) for one in compared] == [(500_000, None), (800_000, 0), (900_000, 100_000)]


def test_a_price_in_dollars_is_not_told_as_one_in_won(serve: Callable[..., Any], database: Database) -> None:
    with database.transaction() as connection:
        sku = observe(connection, "1", TITLE, DAY, 880_000)
        observe(connection, "2", TITLE, DAY, 59_999, source="shop", currency="USD")
        observe(connection, "3", TITLE, DAY, 9_999, source="shop", currency="USD", suspect_reason="seen once")
        merge(connection, tables.price_offers, [OFFER])
        merge(connection, tables.price_changes, [change(sku, 0, 880_000, last_week_avg=Decimal("900000.33"))])
        merge(connection, tables.risk_scores, [score(sku)])
        found = explaining.explanation(connection, sku, DAY)
    assert found
    told = "\n".join(explaining.in_words(found))
    assert "599.99 USD, in_stock" in told
    assert (
        "risk index 20,000.33 = last week's average 900,000.33 won - price 880,000 won "
        "+ 0.3 x unknown new-release mentions (Reddit was not read in the last 7 days: the loss alone)"
    ) in told
    assert "1. B&H: 605.00 USD by card" in told
    with serve() as site:
        page = site.get(f"/api/skus/{sku}").json()
        text = site.get(f"/skus/{sku}").text
    assert [(one["currency"], one["price"]) for one in page["listings"]] == [
        ("KRW", 880_000), ("USD", 9_999), ("USD", 59_999),
    ]  # fmt: skip
    assert page["suspects"] == [], "the chart is in won"
    assert {"USD 599.99", "USD 605.00", "₩880,000"} <= set(re.findall(r"(?:USD |₩)[\d,.]+", text))
    assert "₩59,999" not in text


OFFER = {
    "source": "shop", "listing_id": "2", "market_day": DAY, "position": 1, "title": TITLE, "seller": "B&H",
    "price": 60_500, "currency": "USD", "payment_condition": "card", "availability": "in_stock",
    "observed_at": datetime(2026, 3, 8, tzinfo=UTC),
}  # fmt: skip


def test_what_came_and_went_is_counted_whether_it_is_still_listed_or_not(database: Database) -> None:
    rows = [
        change("a", 9, 800_000), change("a", 0, 790_000),  # was gone and came back
        change("b", 0, 700_000),  # was never there
        change("c", 1, 600_000), change("c", 0, None),  # is listed, and cannot be bought
        change("d", 1, 500_000),  # is not listed any more
        change("e", 1, None), change("e", 0, 400_000),  # had no price yet
        change("f", 1, 300_000), change("f", 0, 290_000),
        change("g", 1, None), change("h", 0, None),
    ]  # fmt: skip
    database.run(lambda connection: merge(connection, tables.price_changes, rows))
    counts = database.run(lambda connection: dashboard_overview.counts(connection, DAY, back(1)))
    assert counts == dashboard_overview.Counts(fell=1, rose=0, unchanged=0, arrived=2, back_in_stock=1, sold_out=2)
