"""Launches and rumours over a real database: what is stored, and what the command prints of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import launches
from gpu_etl.database import Database, tables
from gpu_etl.database.bulk import merge
from gpu_etl.settings import Settings
from gpu_etl_tests.market.test_lags import talk
from gpu_etl_tests.market.test_launches import walk

LAUNCHED = date(2025, 4, 16)
"""The RTX 5060 Ti, which follows the RTX 4060 Ti."""
PUBLISHED = {"GeForce RTX 4060 Ti": -0.08, "GeForce RTX 3050": 0, "GeForce RTX 3060": 0, "GeForce RTX 5080": 0}
FIRST = LAUNCHED - timedelta(days=208)


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def store_index(connection: Connection[DictRow], levels: dict[str, dict[date, float]], **more: Any) -> None:
    rows = [
        {
            "chipset": chipset,
            "market_day": day,
            "status": "published",
            "index_value": round(level, 4),
            "base_day": min(days),
            "matched_pairs": 12,
            "cards": 12,
            "currency": "KRW",
            **more,
        }
        for chipset, days in levels.items()
        for day, level in days.items()
    ]
    merge(connection, tables.chipset_index, rows)


def history() -> dict[str, dict[date, float]]:
    """An index of four chipsets over 240 days; one of them falls by 8 % on the day."""
    shifted = {}
    for seed, (chipset, jump) in enumerate(PUBLISHED.items()):
        levels = walk(seed, jump)
        first = min(levels)
        shifted[chipset] = {FIRST + (day - first): level for day, level in levels.items()}
    return shifted


def store_talk(connection: Connection[DictRow], days: int) -> None:
    rows = [
        {
            "keyword": "Leak",
            "market_day": FIRST + timedelta(days=after),
            "mentions": 3,
            "posts": 1000,
            "mentions_per_1000": round(share, 2),
            "is_rising": False,
            "weight": 3,
        }
        for after, share in enumerate(talk(1, days).values())
    ]
    merge(connection, tables.keyword_trends, rows)


def test_a_launch_is_measured_and_the_others_say_why_not(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        store_index(connection, history())
        effects, counts = launches.load_launch_effects(connection, settings)
        again, unchanged = launches.load_launch_effects(connection, settings)
        stored = connection.execute("select * from launch_effects where status = 'measured'").fetchall()
        days = connection.execute("select min(launch_day), max(launch_day) from launch_effects").fetchone()
    assert counts.inserted == len(effects) > 5
    assert (again, unchanged.unchanged) == (effects, len(effects))
    [row] = stored
    assert (row["successor"], row["predecessor"]) == ("GeForce RTX 5060 Ti", "GeForce RTX 4060 Ti")
    assert row["controls"] == ["GeForce RTX 3050", "GeForce RTX 3060", "GeForce RTX 5080"]
    assert -15 < row["effect_low"] < row["effect_pct"] < row["effect_high"] < 0
    assert all(effect.reason for effect in effects if effect.status == "withheld")
    assert days is not None
    assert FIRST <= days["min"] <= days["max"] <= FIRST + timedelta(days=240)


def test_an_index_that_is_not_published_measures_nothing(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        store_index(connection, history(), status="end_of_life", reason="gone")
        effects, _ = launches.load_launch_effects(connection, settings)
    assert {effect.status for effect in effects} == {"withheld"}


def test_a_series_that_began_anew_is_not_compared_with_the_one_before(database: Database, settings: Settings) -> None:
    levels = history()
    half = LAUNCHED - timedelta(days=40)
    with database.transaction() as connection:
        store_index(connection, levels)
        early = {chipset: {day: v for day, v in days.items() if day < half} for chipset, days in levels.items()}
        late = {chipset: {day: v for day, v in days.items() if day >= half} for chipset, days in levels.items()}
        store_index(connection, {**early, **late})
        store_index(connection, late)
        effects, _ = launches.load_launch_effects(connection, settings)
    reasons = {effect.reason for effect in effects if effect.predecessor == "GeForce RTX 4060 Ti"}
    assert reasons == {"11 ordinary days before the window, 42 are needed"}


def test_chipsets_narrows_what_is_measured(database: Database, make_settings: Callable[..., Settings]) -> None:
    with database.transaction() as connection:
        store_index(connection, history())
        effects, _ = launches.load_launch_effects(connection, make_settings(chipsets="GeForce RTX 4060 Ti"))
    assert [effect.predecessor for effect in effects] == ["GeForce RTX 4060 Ti"]


def test_rumours_are_tested_over_all_days_and_stored(database: Database) -> None:
    with database.transaction() as connection:
        store_index(connection, history())
        store_talk(connection, 120)
        found, counts = launches.load_rumour_lags(connection)
        rows = connection.execute("select * from rumour_lags order by lag_days").fetchall()
    assert counts.inserted == len(found) == len(rows) == 7
    assert {(row["p_value"], row["is_significant"]) for row in rows} == {(None, False)}
    assert (rows[0]["from_day"], rows[0]["to_day"]) == (FIRST, FIRST + timedelta(days=119))


def test_an_empty_database_has_no_launches(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        assert launches.load_launch_effects(connection, settings)[0] == []
        assert launches.load_rumour_lags(connection)[0] == []
