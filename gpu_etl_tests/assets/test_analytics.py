"""The analyses over a real database: what a card costs, how that compares, what it risks, and when an alert lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from gpu_etl.assets import analytics, changes
from gpu_etl.database import Database, records
from gpu_etl.database import acting as queries
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.assets.helpers import DAY, back, observe

MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"
MSI_ELSEWHERE = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB 대원씨티에스"
MSI_USED = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB (중고)"
ASUS = "ASUS PRIME 지포스 RTX 5070 Ti OC D7 16GB"


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def change_of(database: Database, settings: Settings, sku_id: str, day: date = DAY) -> dict[str, Any]:
    with database.transaction() as connection:
        rows, _ = changes.load_price_changes(connection, day, settings)
    return next(row for row in rows if row["sku_id"] == sku_id)


def test_a_card_costs_what_its_cheapest_new_listing_asks(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        sku = observe(connection, "1", MSI, DAY, 900_000)
        assert observe(connection, "2", MSI_ELSEWHERE, DAY, 880_000) == sku
        observe(connection, "3", MSI_USED, DAY, 500_000)
        observe(connection, "4", MSI_ELSEWHERE, DAY, 90_000, suspect_reason="seen once")
    row = change_of(database, settings, sku)
    assert (row["price"], row["best_listing_id"], row["listings"], row["sellers"]) == (880_000, "2", 3, 36)


def test_the_week_is_compared_with_the_days_six_to_eight_back(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        for days, price in ((0, 950_000), (5, 1), (6, 1_000_000), (7, 1_010_000), (8, 990_000), (9, 1)):
            sku = observe(connection, "1", MSI, back(days), price)
    row = change_of(database, settings, sku)
    assert (row["last_week_avg"], row["baseline_days"]) == (Decimal("1000000.00"), 3)
    assert (row["change_amount"], row["change_pct"], row["reason"]) == (Decimal("-50000.00"), Decimal("-5.00"), None)


def test_missing_baseline_days_are_left_out_of_the_mean(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        observe(connection, "1", MSI, back(7), 800_000)
        observe(connection, "1", MSI, back(8), None)
        sku = observe(connection, "1", MSI, DAY, 900_000)
    row = change_of(database, settings, sku)
    assert (row["last_week_avg"], row["baseline_days"], row["change_pct"]) == (Decimal(800_000), 1, Decimal("12.50"))


@pytest.mark.parametrize(
    ("price", "suspect", "reason"),
    [
        (900_000, None, "no price 6 to 8 days back"),
        (None, None, "no new listing in stock"),
        (90_000, "seen once", "only an unconfirmed price today"),
    ],
)
def test_unknown_is_null_with_a_reason(
    database: Database, settings: Settings, price: int | None, suspect: str | None, reason: str
) -> None:
    with database.transaction() as connection:
        sku = observe(connection, "1", MSI, DAY, price, suspect_reason=suspect)
    row = change_of(database, settings, sku)
    assert row["change_pct"] is None
    assert row["reason"] == reason


def test_imported_history_counts_but_never_over_a_crawl(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        observe(connection, "1", MSI, back(7), 1_000_000, source="crawler_csv")
        observe(connection, "1", MSI, back(6), 500_000, source="crawler_csv")
        observe(connection, "1", MSI, back(6), 1_000_000)
        sku = observe(connection, "1", MSI, DAY, 900_000)
    row = change_of(database, settings, sku)
    assert (row["last_week_avg"], row["baseline_days"], row["change_pct"]) == (Decimal(1_000_000), 2, Decimal("-10.00"))


def test_a_renamed_listing_keeps_its_history(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        observe(connection, "1", "MSI 지포스 RTX 5070 벤투스 2X D7 12GB", back(7), 1_000_000)
        sku = observe(connection, "1", MSI, DAY, 900_000)
    assert change_of(database, settings, sku)["change_pct"] == Decimal("-10.00")


def test_chipsets_narrows_what_is_analysed(database: Database, make_settings: Callable[..., Settings]) -> None:
    with database.transaction() as connection:
        observe(connection, "1", MSI, DAY, 900_000)
        ti = observe(connection, "2", ASUS, DAY, 1_200_000)
        rows, _ = changes.load_price_changes(connection, DAY, make_settings(chipsets="GeForce RTX 5070 Ti"))
    assert [row["sku_id"] for row in rows] == [ti]


def week(database: Database, settings: Settings, prices: dict[int, int | None], listing: str = "1") -> str:
    """Observe one card on several days back and analyse each of them in order; returns its id."""
    sku = ""
    for days in sorted(prices, reverse=True):
        with database.transaction() as connection:
            sku = observe(connection, listing, MSI, back(days), prices[days])
            analytics.load_day(connection, back(days), settings, load_rules())
    return sku


def alerts(database: Database) -> list[tuple[date, date | None]]:
    with database.transaction() as connection:
        rows = connection.execute("select opened_day, closed_day from risk_alerts order by 1").fetchall()
    return [(row["opened_day"], row["closed_day"]) for row in rows]


def test_an_alert_opens_once_closes_and_opens_again(database: Database, settings: Settings) -> None:
    steady = dict.fromkeys(range(20, 12, -1), 1_000_000)
    week(database, settings, {**steady, 12: 900_000, 11: 890_000, 10: 990_000, 9: 990_000, 0: 990_000})
    assert alerts(database) == [(back(12), back(10))]
    week(database, settings, {4: 850_000})
    assert alerts(database) == [(back(12), back(10)), (back(4), None)]


def test_analysing_a_day_again_changes_nothing(database: Database, settings: Settings) -> None:
    week(database, settings, {7: 1_000_000, 6: 1_000_000, 0: 900_000})
    tables = ("price_changes", "chipset_index", "risk_scores", "risk_alerts")

    def everything() -> list[str]:
        with database.transaction() as connection:
            return [
                str(row["row"])
                for table in tables
                for row in connection.execute(f"select t::text || t.xmin as row from {table} t order by 1").fetchall()
            ]

    before = everything()
    with database.transaction() as connection:
        analytics.load_day(connection, DAY, settings, load_rules())
    assert everything() == before
    assert len(alerts(database)) == 1


def test_an_acknowledged_alert_stays_acknowledged_when_its_day_is_computed_again(
    database: Database, settings: Settings
) -> None:
    sku = week(database, settings, {7: 1_000_000, 0: 900_000})
    with database.transaction() as connection:
        assert queries.acknowledge(connection, sku, "sold off", settings.now()) == 1
        analytics.load_day(connection, DAY, settings, load_rules())
        assert queries.list_alerts(connection, only_open=True) == []
        [row] = queries.list_alerts(connection, only_open=False)
    assert row["acknowledged_note"] == "sold off"
    assert row["latest_index"] == 100_000


def test_a_corrected_past_day_takes_its_alert_back(database: Database, settings: Settings) -> None:
    week(database, settings, {7: 1_000_000, 0: 900_000})
    assert alerts(database) == [(DAY, None)]
    week(database, settings, {0: 1_000_000})
    assert alerts(database) == []


def test_the_index_continues_from_the_last_day_there_is(database: Database, settings: Settings) -> None:
    week(database, settings, {5: 1_000_000, 0: 990_000})
    with database.transaction() as connection:
        rows = connection.execute(
            "select market_day, index_value, previous_day, status from chipset_index order by market_day"
        ).fetchall()
    assert [(row["market_day"], float(row["index_value"]), row["previous_day"]) for row in rows] == [
        (back(5), 100.0, None),
        (DAY, 99.0, back(5)),
    ]
    assert {row["status"] for row in rows} == {"withheld"}


def test_without_reddit_the_risk_is_the_loss_alone_and_says_so(database: Database, settings: Settings) -> None:
    week(database, settings, {7: 1_000_000, 0: 900_000})
    with database.transaction() as connection:
        [row] = connection.execute("select * from risk_scores where market_day = %s", (DAY,)).fetchall()
    assert (row["risk_index"], row["new_release_mentions"], row["mention_part"]) == (100_000, None, None)
    assert row["is_high_risk"] is True
    assert "Reddit was not read" in row["reason"]


def test_a_week_of_talk_that_was_read_on_some_days_says_so(database: Database, settings: Settings) -> None:
    rows = [records.Coverage("reddit", "nvidia", back(days), status, 0) for days, status in READ_IN_PART.items()]
    with database.transaction() as connection:
        records.record_coverage(connection, rows, settings.now())
    week(database, settings, {7: 1_000_000, 0: 900_000})
    with database.transaction() as connection:
        [row] = connection.execute("select * from risk_scores where market_day = %s", (DAY,)).fetchall()
    assert (row["new_release_mentions"], row["risk_index"]) == (0, 100_000)
    assert row["reason"] == "Reddit was not read on 4 of the last 7 days: there may be more mentions"


READ_IN_PART = {
    7: CoverageStatus.COMPLETE,
    6: CoverageStatus.COMPLETE,
    3: CoverageStatus.BLOCKED,
    1: CoverageStatus.PARTIAL,
    0: CoverageStatus.COMPLETE,
}
"""How the days back to last week's were read."""
