"""Alerts of every kind over a real database: begun once, taken back with the day, told once, and only of today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gpu_etl.assets.alerts import load_risk_alerts, watch_sources
from gpu_etl.database import Database, acting, records, tables
from gpu_etl.database.bulk import merge
from gpu_etl.market.alerts import Kind
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.assets.helpers import DAY, back, observe

TITLE = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"
CHIPSET = "GeForce RTX 5070"
LOOPBACK = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")
NOON = datetime(DAY.year, DAY.month, DAY.day, 3, tzinfo=UTC)

Make = Callable[..., Settings]


@pytest.fixture
def settings(make_settings: Make) -> Settings:
    return make_settings(gpu_etl_now=NOON, notify_urls="json://127.0.0.1:1/", **LOOPBACK)


@pytest.fixture
def sku(database: Database) -> str:
    with database.transaction() as connection:
        return observe(connection, "1", TITLE, back(40), None)


def store(database: Database, day: date, sku: str, *, status: str = "published", **more: Any) -> None:
    """A day's row of ``price_changes``, and its chipset's status."""
    change = {"sku_id": sku, "market_day": day, "currency": "KRW", "listings": 1, "baseline_days": 3, **more}
    index = {"chipset": CHIPSET, "market_day": day, "status": status, "matched_pairs": 10, "cards": 12}
    with database.transaction() as connection:
        merge(connection, tables.price_changes, [change])
        merge(connection, tables.chipset_index, [{**index, "currency": "KRW", "low_price": more.get("price")}])


def cover(database: Database, day: date, status: CoverageStatus, part: str = "112753", reason: str = "") -> None:
    with database.transaction() as connection:
        row = records.Coverage("danawa", part, day, status, 0, None, reason or None)
        records.record_coverage(connection, [row], NOON)


def load(database: Database, settings: Settings, day: date = DAY) -> list[tuple[str, date, date | None]]:
    """Compute a day's alerts; returns all events there are: kind, first and last day."""
    with database.transaction() as connection:
        load_risk_alerts(connection, day, settings)
        rows = connection.execute("select * from risk_alerts order by opened_day, kind").fetchall()
    return [(row["kind"], row["opened_day"], row["closed_day"]) for row in rows]


def messages(database: Database) -> list[str]:
    with database.transaction() as connection:
        return [row["title"] for row in connection.execute("select title from outbox order by title")]


def test_a_fall_opens_in_a_published_chipset_only(database: Database, settings: Settings, sku: str) -> None:
    fall: dict[str, Any] = {"price": 880_000, "last_week_avg": 1_000_000, "change_pct": -12}
    store(database, DAY, sku, status="thin", **fall)
    assert load(database, settings) == []
    store(database, DAY, sku, **fall)
    assert load(database, settings) == [("drop", DAY, None)]
    assert messages(database) == ["drop: MSI GeForce RTX 5070 VENTUS 2X 12GB OC"]


def test_computing_a_past_day_sends_nothing_and_walks_on_to_today(
    database: Database, settings: Settings, sku: str
) -> None:
    store(database, back(3), sku, price=880_000, last_week_avg=1_000_000, change_pct=-12)
    store(database, DAY, sku, price=960_000, last_week_avg=1_000_000, change_pct=-4)
    assert load(database, settings, back(3)) == [("drop", back(3), DAY)]
    assert messages(database) == []


def test_what_a_day_does_not_begin_any_more_is_not_told(database: Database, settings: Settings, sku: str) -> None:
    store(database, DAY, sku, price=1_200_000, last_week_avg=1_000_000, change_pct=20)
    assert load(database, settings) == [("rise", DAY, None)]
    assert len(messages(database)) == 1
    store(database, DAY, sku, price=1_000_000, last_week_avg=1_000_000, change_pct=0)
    assert load(database, settings) == []
    assert messages(database) == []


def test_a_lowest_price_is_told_once_until_the_price_recovered(
    database: Database, settings: Settings, sku: str
) -> None:
    for days, price, low in (
        (5, 900_000, 900_000),
        (4, 890_000, 890_000),
        (3, 880_000, 880_000),
        (2, 950_000, 880_000),
    ):
        store(database, back(days), sku, price=price, all_time_low=low, all_time_low_day=back(days), days_90=80)
        load(database, settings, back(days))
    store(database, back(1), sku, price=870_000, all_time_low=870_000, all_time_low_day=back(1), days_90=80)
    events = load(database, settings, back(1))
    assert events == [("all_time_low", back(4), back(2)), ("all_time_low", back(1), None)]


def test_a_card_that_can_be_bought_again_is_news_for_a_week(database: Database, settings: Settings, sku: str) -> None:
    store(database, back(20), sku, price=900_000)
    for days in range(19, 7, -1):
        store(database, back(days), sku, price=None)
    for days in range(7, -1, -1):
        store(database, back(days), sku, price=900_000)
        load(database, settings, back(days))
    assert load(database, settings) == [("back_in_stock", back(7), DAY)]


def test_the_days_that_a_card_was_away_are_counted_however_many(
    database: Database, settings: Settings, sku: str
) -> None:
    store(database, back(120), sku, price=900_000)
    for days in range(119, 0, -1):
        store(database, back(days), sku, price=None)
    store(database, DAY, sku, price=900_000)
    assert load(database, settings) == [("back_in_stock", DAY, None)]
    with database.transaction() as connection:
        event = acting.list_alerts(connection, only_open=True, now=NOON)[0]
    assert (event["value"], event["factors"]["last_sold"]) == (119, str(back(120)))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("rise", {"price": 1_200_000, "change_pct": 20}), ("drop", {"price": 880_000, "change_pct": -12})],
)
def test_a_price_without_its_baseline_measures_no_change(
    database: Database, settings: Settings, sku: str, kind: str, fields: dict[str, Any]
) -> None:
    """A card that is sold now and then has a price, and none of a week before: the event is forgotten all the same."""
    store(database, back(20), sku, last_week_avg=1_000_000, **fields)
    load(database, settings, back(20))
    for days in (15, 10, 4):
        store(database, back(days), sku, price=fields["price"])
    assert load(database, settings, back(4)) == [(kind, back(20), back(4))]


def test_a_target_is_told_and_ends_when_nobody_waits(database: Database, settings: Settings, sku: str) -> None:
    store(database, back(1), sku, price=790_000, status="withheld")
    with database.transaction() as connection:
        for subject, kind in ((sku, "sku"), (CHIPSET, "chipset")):
            acting.watch(connection, subject, kind, 800_000, "for Kim", NOON - timedelta(days=1))
    store(database, back(2), sku, price=790_000, status="withheld")
    assert load(database, settings, back(2)) == [("target_price", back(1), None)] * 2, "nobody waited the day before"
    with database.transaction() as connection:
        assert acting.unwatch(connection, sku) == 1
    store(database, DAY, sku, price=790_000)
    expected = [("target_price", back(1), DAY), ("target_price", back(1), None)]
    assert sorted(load(database, settings), key=str) == sorted(expected, key=str)
    assert sorted(load(database, settings), key=str) == sorted(expected, key=str), "again, it stays ended"


def test_a_score_opens_at_its_threshold(database: Database, make_settings: Make, sku: str) -> None:
    store(database, DAY, sku, price=900_000)
    score = {"sku_id": sku, "market_day": DAY, "threshold": 50_000, "risk_score": Decimal("66.0")}
    with database.transaction() as connection:
        merge(connection, tables.risk_scores, [score])
    assert load(database, make_settings()) == []
    assert load(database, make_settings(risk_score_threshold=66)) == [("risk_score", DAY, None)]


def test_a_blind_source_is_told_once_and_again_when_it_can_be_read(
    database: Database, make_settings: Make, settings: Settings
) -> None:
    cover(database, back(2), CoverageStatus.COMPLETE)
    cover(database, back(1), CoverageStatus.BLOCKED, reason="a captcha")
    yesterday = make_settings(gpu_etl_now=NOON - timedelta(days=1), notify_urls="json://127.0.0.1:1/", **LOOPBACK)
    with database.transaction() as connection:
        watch_sources(connection, yesterday)
        watch_sources(connection, yesterday)
    assert messages(database) == ["source blind: danawa"]
    cover(database, DAY, CoverageStatus.COMPLETE)
    assert load(database, settings) == [("source_blind", back(1), DAY)]
    assert messages(database) == ["danawa can be read again", "source blind: danawa"]


def test_a_source_that_is_read_later_that_day_was_blind_all_the_same(database: Database, settings: Settings) -> None:
    cover(database, DAY, CoverageStatus.FAILED, reason="no answer")
    assert load(database, settings) == [("source_blind", DAY, None)]
    cover(database, DAY, CoverageStatus.COMPLETE)
    for _ in range(2):
        assert load(database, settings) == [("source_blind", DAY, DAY)]
    assert messages(database) == ["danawa can be read again", "source blind: danawa"]


def test_a_day_that_the_gate_refuses_is_blind_though_it_was_read(database: Database, settings: Settings) -> None:
    cover(database, DAY, CoverageStatus.COMPLETE)
    cover(database, DAY, CoverageStatus.FAILED, part="gate", reason="12 rows against 960")
    assert load(database, settings) == [("source_blind", DAY, None)]


def test_what_people_did_is_kept_when_a_day_is_taken_back_and_comes_again(
    database: Database, settings: Settings, sku: str
) -> None:
    fall: dict[str, Any] = {"price": 880_000, "last_week_avg": 1_000_000, "change_pct": -12}
    store(database, DAY, sku, **fall)
    load(database, settings)
    with database.transaction() as connection:
        [row] = acting.list_alerts(connection, only_open=True, now=NOON)
        assert acting.act(connection, row["alert_id"], "acknowledged", NOON, note="known") == 1
        assert acting.act(connection, row["alert_id"], "acknowledged", NOON, note="known") == 0
    store(database, DAY, sku, price=1_000_000, last_week_avg=1_000_000, change_pct=0)
    assert load(database, settings) == []
    store(database, DAY, sku, **fall)
    load(database, settings)
    with database.transaction() as connection:
        assert acting.list_alerts(connection, only_open=True, now=NOON) == []
        [again] = acting.find(connection, row["alert_id"], NOON)
        assert again["acknowledged_note"] == "known"


def test_a_snoozed_alert_is_active_again_afterwards(database: Database, settings: Settings, sku: str) -> None:
    store(database, DAY, sku, price=880_000, last_week_avg=1_000_000, change_pct=-12)
    load(database, settings)
    with database.transaction() as connection:
        until = NOON + timedelta(days=2)
        assert acting.act(connection, sku, "snoozed", NOON, until=until) == 1
        assert acting.list_alerts(connection, only_open=True, now=NOON) == []
        assert len(acting.list_alerts(connection, only_open=True, now=until)) == 1
        assert acting.act(connection, sku, "reopened", NOON + timedelta(hours=1)) == 1
        [row] = acting.list_alerts(connection, only_open=True, kinds=[Kind.DROP], now=NOON)
        assert [action["action"] for action in acting.actions_of(connection, row)] == ["snoozed", "reopened"]


def test_only_the_kinds_that_somebody_wants_are_told(database: Database, make_settings: Make, sku: str) -> None:
    store(database, DAY, sku, price=1_200_000, last_week_avg=1_000_000, change_pct=20)
    some = make_settings(
        gpu_etl_now=NOON, notify_urls="json://127.0.0.1:1/", notify_kinds="drop, source_blind", **LOOPBACK
    )
    assert load(database, some) == [("rise", DAY, None)]
    assert messages(database) == []


def test_a_run_past_midnight_still_tells_its_day(database: Database, make_settings: Make, sku: str) -> None:
    store(database, DAY, sku, price=880_000, last_week_avg=1_000_000, change_pct=-12)
    midnight = datetime(DAY.year, DAY.month, DAY.day, 15, tzinfo=UTC)
    for hours, told in ((4, 0), (2, 1)):
        late = make_settings(
            gpu_etl_now=midnight + timedelta(hours=hours), notify_urls="json://127.0.0.1:1/", **LOOPBACK
        )
        load(database, late)
        assert len(messages(database)) == told
