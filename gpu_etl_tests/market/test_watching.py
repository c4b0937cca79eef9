"""Which number each kind of alert measures, against what, and whether it is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gpu_etl.market import wording
from gpu_etl.market.alerts import Kind, Reading
from gpu_etl.market.watching import (
    Limits,
    SourceDay,
    card_readings,
    chipset_readings,
    day_readings,
    source_reading,
    target_readings,
)

DAY = date(2026, 3, 8)
LIMITS = Limits()


def back(days: int) -> date:
    return DAY - timedelta(days=days)


def card(**more: Any) -> dict[str, Any]:
    return {
        "sku_id": "a", "product": "MSI RTX 5070", "chipset": "GeForce RTX 5070", "chipset_status": "published",
        "market_day": DAY, "price": 900_000, "last_week_avg": Decimal(1_000_000), "change_pct": Decimal(-10),
        "high_28": 1_100_000, "high_90": 1_200_000, "days_90": 90, "low_before": 910_000, "low_before_day": back(30),
        "last_sold": back(1), "risk_index": Decimal(100_003), "risk_threshold": 50_000, "loss": Decimal(100_000),
        "new_release_mentions": 10, "mention_part": Decimal(3), "risk_score": Decimal("91.5"), "probability": None,
        "won_at_risk": None, "score_parts": None, "model_version": None, **more,
    }  # fmt: skip


def read(row: dict[str, Any], limits: Limits = LIMITS, published: int = 90) -> dict[Kind, Reading]:
    days = [back(days) for days in range(published, 0, -1)]
    return {reading.kind: reading for reading in card_readings(row, limits, days)}


def test_each_kind_measures_its_number() -> None:
    assert {kind: reading.value for kind, reading in read(card()).items()} == {
        Kind.RISK: Decimal(100_003),
        Kind.RISK_SCORE: Decimal("91.5"),
        Kind.DROP: Decimal(10),
        Kind.RISE: Decimal(-10),
        Kind.ALL_TIME_LOW: Decimal(900_000),
        Kind.BACK_IN_STOCK: Decimal(0),
    }


@pytest.mark.parametrize(("baseline", "fall"), [("last_week", 10), ("high_28", Decimal(200) / 11), ("high_90", 25)])
def test_a_fall_is_measured_against_the_named_baseline(baseline: str, fall: Decimal) -> None:
    found = read(card(), Limits(drop_baseline=baseline))[Kind.DROP]
    assert found.value is not None
    assert round(found.value, 6) == round(Decimal(fall), 6)
    assert "price" in found.factors["baseline"] or "average" in found.factors["baseline"]


@pytest.mark.parametrize("status", ["thin", "withheld", "end_of_life", None])
def test_where_few_cards_are_left_jumps_are_not_believed(status: str | None) -> None:
    doubted = {kind for kind, reading in read(card(chipset_status=status)).items() if not reading.may_open}
    market = {Kind.RISK_SCORE, Kind.DROP, Kind.RISE, Kind.ALL_TIME_LOW, Kind.BACK_IN_STOCK}
    assert doubted == (market | {Kind.RISK} if status == "end_of_life" else market)


def test_unknown_is_not_measured() -> None:
    unknown = dict.fromkeys(("price", "last_week_avg", "change_pct", "risk_index", "risk_score", "high_28"))
    assert {reading.value for reading in read(card(**unknown)).values()} == {None}


def test_a_low_needs_history() -> None:
    assert not read(card(days_90=59))[Kind.ALL_TIME_LOW].may_open
    assert not read(card(days_90=None))[Kind.ALL_TIME_LOW].may_open
    assert Kind.ALL_TIME_LOW not in read(card(low_before=None))


def test_being_back_is_counted_in_days_that_were_published() -> None:
    assert read(card(last_sold=back(9)))[Kind.BACK_IN_STOCK].value == 8
    assert read(card(last_sold=back(9)), published=3)[Kind.BACK_IN_STOCK].value == 3, "the crawl was blind before"
    assert read(card(last_sold=None))[Kind.BACK_IN_STOCK].value == 0, "a new card is not back"


@pytest.mark.parametrize(("cards", "believed"), [(20, True), (21, False)])
def test_where_many_cards_are_back_at_once_it_is_the_source_that_is_back(cards: int, believed: bool) -> None:
    days = [back(number) for number in range(90, 0, -1)]
    rows = [card(sku_id=str(number), last_sold=back(9) if number < cards else back(1)) for number in range(100)]
    found = [reading for reading in day_readings(rows, LIMITS, days) if reading.kind is Kind.BACK_IN_STOCK]
    assert {reading.may_open for reading in found} == {believed}


def test_a_chipset_is_watched_by_its_index() -> None:
    row = {
        "chipset": "GeForce RTX 5070", "status": "published", "change_7d_pct": Decimal("-12.5"), "index_value": 87,
        "low_price": 800_000, "cards": 20,
    }  # fmt: skip
    drop, rise = chipset_readings(row, Limits())
    assert (drop.kind, drop.value, drop.may_open, rise.value) == (Kind.DROP, Decimal("12.5"), True, Decimal("-12.5"))
    assert not next(chipset_readings({**row, "status": "thin"}, Limits())).may_open


def test_a_target_is_told_whatever_the_status_and_ends_when_nobody_waits() -> None:
    row = {
        "subject": "a", "subject_kind": "sku", "target_price": 900_000, "price": 890_000, "product": "MSI RTX 5070",
        "chipset": "GeForce RTX 5070", "best_sku_id": "a", "note": "for Kim",
    }  # fmt: skip
    waited, withdrawn = target_readings([row, {**row, "target_price": None, "price": None}])
    assert (waited.value, waited.threshold, waited.may_open, waited.ends) == (890_000, 900_000, True, None)
    assert (withdrawn.value, withdrawn.ends) == (None, "nobody waits for it any more")


@pytest.mark.parametrize(
    ("parts", "last_read", "value"),
    [
        ({"112753": ("complete", None), "gate": ("complete", None)}, back(1), 0),
        ({"nvidia": ("partial", "not read: 00:00 to 03:00"), "amd": ("failed", "no answer")}, back(1), 0),
        ({"112753": ("blocked", "a captcha")}, back(1), 1),
        ({"112753": ("complete", None), "gate": ("failed", "12 rows against 960")}, back(3), 3),
        ({"112753": ("failed", "no answer")}, None, 1),
        ({}, back(1), None),
        ({}, back(2), 2),
        ({}, None, None),
    ],
)
def test_a_source_is_blind_when_nothing_of_it_could_be_read_or_published(
    parts: dict[str, tuple[str, str | None]], last_read: date | None, value: int | None
) -> None:
    assert source_reading(DAY, SourceDay("danawa", parts, last_read)).value == value


def test_a_try_that_failed_says_nothing_before_the_days_reading_is_due() -> None:
    failed = SourceDay("reddit", {"nvidia": ("failed", "no answer")}, back(1))
    assert source_reading(DAY, failed, is_due=False).value is None
    assert source_reading(DAY, replace(failed, last_read=back(2)), is_due=False).value == 2
    assert source_reading(DAY, failed).value == 1


def test_a_source_that_is_not_asked_any_more_ends() -> None:
    assert source_reading(DAY, SourceDay("naver", {}, back(30), is_asked=False)).ends == "it is not asked any more"


def test_every_kind_has_words_and_numbers() -> None:
    readings = [
        *read(card(score_parts=[{"words": "it rose by a fifth last month"}], probability=Decimal("0.41"))).values()
    ]
    readings.append(source_reading(DAY, SourceDay("danawa", {"112753": ("blocked", "a captcha")}, back(1))))
    lines = {
        reading.kind: wording.line(
            {"kind": reading.kind, "product": reading.product, "value": reading.value, "threshold": reading.threshold,
             "factors": reading.factors}
        )
        for reading in readings
    }  # fmt: skip
    assert lines[Kind.RISK] == (
        "MSI RTX 5070: risk index 100,003 won over 50,000 (price 900,000, last week 1,000,000, 10 new-release mentions)"
    )
    assert lines[Kind.RISK_SCORE] == (
        "MSI RTX 5070: risk score 92 of 100, told from 90 on; 41% chance of a price 5 % lower within 28 days; "
        "most of it: it rose by a fifth last month"
    )
    assert lines[Kind.DROP] == ("MSI RTX 5070: fell 10.0 % below last week's average: 900,000 won against 1,000,000")
    assert lines[Kind.ALL_TIME_LOW] == "MSI RTX 5070: costs 900,000 won, less than ever before (910,000 on 2026-02-06)"
    assert lines[Kind.SOURCE_BLIND] == ("danawa: nothing of it can be published: a captcha (last read: 2026-03-07)")
