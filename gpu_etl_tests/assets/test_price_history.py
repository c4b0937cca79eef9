"""Where a price stands in its own past, over a real database, held against the same told in plain Python."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from math import log
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import changes
from gpu_etl.database import Database, tables
from gpu_etl.database.bulk import merge
from gpu_etl.settings import Settings
from gpu_etl_tests.assets.helpers import DAY, back, observe

MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"
ELSEWHERE = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB 대원씨티에스"
ASUS = "ASUS PRIME 지포스 RTX 5070 Ti OC D7 16GB"
EXACT = ("days_28", "low_28", "high_28", "days_90", "low_90", "high_90", "all_time_low", "all_time_low_day")
ROUNDED = ("percentile_28", "percentile_90", "volatility_28")
HISTORY = (*EXACT, "unchanged_days", *ROUNDED)
Series = Mapping[date, int | None]


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def store(connection: Connection[DictRow], listing: str, title: str, series: Series) -> str:
    """Store a listing's prices of many days; returns the card's id."""
    sku = observe(connection, listing, title, max(series), series[max(series)])
    stored = connection.execute("select * from price_logs where listing_id = %s limit 1", (listing,)).fetchone() or {}
    rows = [
        {**stored, "market_day": day, "price": price, "availability": "in_stock" if price else "out_of_stock"}
        for day, price in series.items()
    ]
    merge(connection, tables.price_logs, rows)
    return sku


def load(connection: Connection[DictRow], settings: Settings, *days: date) -> None:
    for day in days:
        changes.load_price_changes(connection, day, settings)


def rows_of(connection: Connection[DictRow]) -> dict[tuple[str, date], DictRow]:
    rows = connection.execute("select c.*, c.xmin::text as version from price_changes c").fetchall()
    return {(row["sku_id"], row["market_day"]): row for row in rows}


def without_version(rows: Mapping[tuple[str, date], DictRow]) -> dict[tuple[str, date], dict[str, Any]]:
    return {key: {name: value for name, value in row.items() if name != "version"} for key, row in rows.items()}


def told_plainly(series: Series, day: date) -> dict[str, Any]:
    known = {d: price for d, price in sorted(series.items()) if price is not None and d <= day}
    today = known.get(day)
    told: dict[str, Any] = {}
    for length, least in ((28, 14), (90, 45)):
        prices = [price for d, price in known.items() if d > day - timedelta(days=length)]
        enough = len(prices) >= least
        told[f"days_{length}"] = len(prices)
        told[f"low_{length}"] = min(prices) if enough else None
        told[f"high_{length}"] = max(prices) if enough else None
        told[f"percentile_{length}"] = (
            100 * sum((price < today) + (price == today) / 2 for price in prices) / len(prices)
            if enough and today is not None
            else None
        )
    told["all_time_low"] = min(known.values(), default=None)
    told["all_time_low_day"] = next((d for d, price in known.items() if price == told["all_time_low"]), None)
    days = list(known)
    moved = [d for before, d in pairwise(days) if known[before] != known[d]]
    told["unchanged_days"] = (day - moved[-1]).days if moved and today is not None else None
    steps = [
        log(known[d] / known[d - timedelta(days=1)])
        for d in days
        if d > day - timedelta(days=28) and d - timedelta(days=1) in known
    ]
    told["volatility_28"] = 100 * statistics.stdev(steps) if len(steps) >= 14 else None
    return told


def random_series(seed: int, days: int) -> Series:
    """Prices that stand still, jump, go missing for a while, and once are not listed at all."""
    dice = random.Random(seed)
    price = 900_000
    series: dict[date, int | None] = {}
    for ago in range(days, -1, -1):
        if dice.random() < 0.25:
            price = 1_000 * round(price * dice.uniform(0.94, 1.05) / 1_000)
        if 40 > ago > 36:
            continue
        series[back(ago)] = None if dice.random() < 0.06 or 75 > ago > 60 else price
    return series


def test_every_day_is_what_plain_python_makes_of_the_days_before_it(database: Database, settings: Settings) -> None:
    series = {MSI: random_series(1, 110), ASUS: {**random_series(2, 60), **{back(n): 1_200_000 for n in range(45)}}}
    with database.transaction() as connection:
        cards = {store(connection, str(n), title, prices): prices for n, (title, prices) in enumerate(series.items())}
        load(connection, settings, *(back(ago) for ago in range(110, -1, -1)))
        rows = rows_of(connection)
    assert len(rows) == sum(len(prices) for prices in series.values())
    for (sku, day), row in rows.items():
        expected = told_plainly(cards[sku], day)
        for name in ROUNDED:
            if expected[name] is not None:
                expected[name] = pytest.approx(expected[name], abs=0.006)
                row[name] = float(row[name])
        assert {name: row[name] for name in HISTORY} == expected, (sku, day)
        is_whole = all(row[name] is not None for name in HISTORY if name != "unchanged_days")
        assert (row["history_reason"] is None) == is_whole, (sku, day)


def test_a_day_computed_again_looks_at_no_later_day(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        store(connection, "1", MSI, random_series(3, 60))
        load(connection, settings, *(back(ago) for ago in range(60, -1, -1)))
        before = rows_of(connection)
        load(connection, settings, back(30), back(45), back(2))
        assert rows_of(connection) == before


def test_a_corrected_day_is_right_after_it_as_if_it_had_been_right_from_the_first(
    database: Database, settings: Settings
) -> None:
    series = {**random_series(4, 60), back(30): 500_000}
    days = [back(ago) for ago in range(60, -1, -1)]
    with database.transaction() as connection:
        sku = store(connection, "1", MSI, series)
        load(connection, settings, *days)
        assert rows_of(connection)[sku, DAY]["all_time_low"] == 500_000

        store(connection, "1", MSI, {**series, back(30): 870_000})
        load(connection, settings, *(day for day in days if day >= back(30)))
        corrected = rows_of(connection)
        assert corrected[sku, DAY]["all_time_low"] > 500_000

        connection.execute("delete from price_changes")
        load(connection, settings, *days)
        assert without_version(rows_of(connection)) == without_version(corrected)


def test_a_short_history_says_how_short_it_is(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        sku = store(connection, "1", MSI, {back(ago): 900_000 for ago in range(3)})
        load(connection, settings, back(2), back(1), DAY)
        row = rows_of(connection)[sku, DAY]
    assert (row["days_28"], row["low_28"], row["percentile_90"], row["volatility_28"]) == (3, None, None, None)
    assert row["history_reason"] == (
        "3 of the last 28 days have a price, 14 are needed; 3 of the last 90 days have a price, 45 are needed"
    )
    assert (row["all_time_low"], row["all_time_low_day"], row["unchanged_days"]) == (900_000, back(2), None)


@pytest.mark.parametrize(("until", "unchanged"), [(120, 0), (100, 119), (91, 119), (1, 119)])
def test_a_price_older_than_the_ranges_stands_since_its_first_day(
    database: Database, settings: Settings, until: int, unchanged: int
) -> None:
    series = {back(ago): 910_000 if ago > 119 else 900_000 for ago in (*range(140, until - 1, -1), 0)}
    with database.transaction() as connection:
        sku = store(connection, "1", MSI, series)
        load(connection, settings, *series, DAY)
        assert rows_of(connection)[sku, DAY]["unchanged_days"] == unchanged


def test_a_day_without_a_price_keeps_the_ranges_and_has_no_place_in_them(
    database: Database, settings: Settings
) -> None:
    series = {**{back(ago): 900_000 + 1_000 * ago for ago in range(60, 0, -1)}, DAY: None}
    with database.transaction() as connection:
        sku = store(connection, "1", MSI, series)
        load(connection, settings, *series)
        row = rows_of(connection)[sku, DAY]
    assert (row["price"], row["low_28"], row["high_28"], row["low_90"]) == (None, 901_000, 927_000, 901_000)
    assert (row["percentile_28"], row["unchanged_days"], row["history_reason"]) == (None, None, "no price that day")


def test_what_anybody_can_pay_is_the_least_over_the_listings_that_were_read(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as connection:
        sku = observe(connection, "1", MSI, DAY, 880_000)
        observe(connection, "2", ELSEWHERE, DAY, 890_000, payable_price=893_000)
        observe(connection, "3", ELSEWHERE, DAY, 885_000, payable_price=897_500)
        observe(connection, "4", ELSEWHERE, DAY, 700_000, payable_price=700_000, suspect_reason="seen once")
        load(connection, settings, DAY)
        row = rows_of(connection)[sku, DAY]
    assert (row["price"], row["best_listing_id"], row["payable_price"]) == (880_000, "1", 893_000)


def test_a_higher_price_never_stands_lower_in_its_range(database: Database, settings: Settings) -> None:
    past = {back(ago): 880_000 + 1_000 * (7 * ago % 19) for ago in range(50, 0, -1)}
    places: list[tuple[Any, Any]] = []
    with database.transaction() as connection:
        for price in (800_000, 880_000, 885_500, 890_000, 898_000, 950_000):
            sku = store(connection, "1", MSI, {**past, DAY: price})
            load(connection, settings, *([] if places else past), DAY)
            row = rows_of(connection)[sku, DAY]
            places.append((row["percentile_28"], row["percentile_90"]))
    assert places == sorted(places)
    assert [float(place) for place, _ in (places[0], places[-1])] == pytest.approx([100 / 56, 100 - 100 / 56], abs=0.01)
