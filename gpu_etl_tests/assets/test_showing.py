"""What a materialization shows of its day: the picture holds the stored numbers, and strangers' words as text."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import dagster as dg
import pytest

from gpu_etl.assets import showing
from gpu_etl.database import Database, glance, tables
from gpu_etl.database.bulk import merge
from gpu_etl_tests.assets.helpers import DAY, back

Picture = Callable[..., dg.MarkdownMetadataValue]


def store(database: Database, table: Any, rows: list[dict[str, Any]]) -> None:
    database.run(lambda connection: merge(connection, table, rows))


def index_row(chipset: str, day: date, value: float | None, **more: Any) -> dict[str, Any]:
    row = {"chipset": chipset, "market_day": day, "status": "published", "index_value": value, "matched_pairs": 5}
    return {**row, "cards": 5, "currency": "KRW", "low_price": 806_030, **more}


def words(database: Database, picture: Picture, day: date = DAY) -> list[str | None]:
    """The words of a picture, in order."""
    shown = database.run(lambda connection: picture(connection, day)).value
    assert shown is not None
    assert shown.startswith("![")
    svg = ElementTree.fromstring(base64.b64decode(shown.partition("base64,")[2].removesuffix(")")))
    return [text.text for text in svg.findall(".//{*}text")]


def test_chipsets_with_price_and_weekly_change(database: Database) -> None:
    store(database, tables.chipset_index, [
        index_row("GeForce RTX 5070", DAY, 90, cards=9),
        index_row("GeForce RTX 5070", back(7), 100),
        index_row("Arc B580", DAY, None, low_price=None, status="withheld", reason="2 cards"),
        index_row("Radeon RX 9070", back(1), 100),
    ])  # fmt: skip
    shown = words(database, showing.chipset_picture)
    assert shown[0] == f"Chipsets on {DAY}"
    assert shown[4:] == ["GeForce RTX 5070", "806,030", "\u221210.0 %", "Arc B580", "\u2013", "\u2013"]


def test_a_course_has_a_place_for_every_day_and_nothing_where_nothing_is_known(database: Database) -> None:
    store(database, tables.chipset_index, [index_row("Arc B580", back(days), days) for days in (27, 5, 0, 28)])
    (chipset,) = database.run(lambda connection: glance.chipsets(connection, DAY))
    assert len(chipset.course) == glance.COURSE_DAYS
    known = {at: value for at, value in enumerate(chipset.course) if value is not None}
    assert known == {0: 27, 22: 5, 27: 0}


def trend_row(keyword: str, day: date, mentions: int | None, **more: Any) -> dict[str, Any]:
    row = {"keyword": keyword, "market_day": day, "mentions": mentions, "is_rising": False, "weight": 1}
    return {**row, **more}


def test_keywords_with_mentions_and_growth_the_rising_ones_set_off(database: Database) -> None:
    store(database, tables.keyword_trends, [
        trend_row("<b>Leak</b>", DAY, 3, mentions_7d=12, growth_pct=200, is_rising=True),
        trend_row("<b>Leak</b>", back(1), 9),
        trend_row("Issues", DAY, None, growth_reason="Reddit was not read on 3 of the 14 days"),
    ])  # fmt: skip
    assert words(database, showing.keyword_picture)[4:] == [
        "<b>Leak</b>",
        "12",
        "+200.0 %",
        "Issues",
        "\u2013",
        "\u2013",
    ]


def test_the_cards_most_at_risk_come_first_and_those_that_gained_are_left_out(database: Database) -> None:
    for number, (brand, index) in enumerate((("MSI", 20_000), ('"><i>', 60_000), ("ASUS", -5), ("EMTEK", None))):
        sku = f"{number:012x}"
        card = {"sku_id": sku, "brand": brand, "chipset": "GeForce RTX 5070", "model_name": "X", "vram_gb": 12}
        store(database, tables.skus, [{**card, "is_oc": False, "first_seen": DAY}])
        scored = {"sku_id": sku, "market_day": DAY, "risk_index": index, "threshold": 50_000}
        store(database, tables.risk_scores, [{**scored, "is_high_risk": None if index is None else index > 50_000}])
    assert words(database, showing.risk_picture)[3:] == [
        '"><i> GeForce RTX 5070 X 12GB', "60,000", "MSI GeForce RTX 5070 X 12GB", "20,000",
    ]  # fmt: skip


@pytest.mark.parametrize("picture", [showing.chipset_picture, showing.keyword_picture, showing.risk_picture])
def test_a_day_without_anything_says_so(database: Database, picture: Picture) -> None:
    shown = database.run(lambda connection: picture(connection, DAY + timedelta(days=400))).value
    assert shown is not None
    assert shown.endswith("nothing to show.")
