"""Listings and the cards they are: renames, distributors' copies, corrections by hand that survive re-runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gpu_etl.catalog import overrides
from gpu_etl.database import Database
from gpu_etl.database.identities import Identities, Sighting, store_identities
from gpu_etl.errors import SettingsError
from gpu_etl.settings import Settings

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
PLAIN = "GIGABYTE 지포스 RTX 4070 WINDFORCE D6X 12GB 피씨디렉트"
OC = "GIGABYTE 지포스 RTX 4070 WINDFORCE OC D6X 12GB 피씨디렉트"
SUPER_OC = "GIGABYTE 지포스 RTX 4070 SUPER WINDFORCE OC D6X 12GB 피씨디렉트"
ELSEWHERE = "GIGABYTE 지포스 RTX 4070 WINDFORCE OC D6X 12GB 제이씨현"
HEADER = ",".join(overrides.COLUMNS)


def see(
    database: Database,
    title: str,
    day: date = FIRST,
    listing: str = "1",
    corrections: str = "",
    source: str = "danawa",
) -> dict[str, Any]:
    sighting = Sighting(source, listing, title, None, day, day)
    with database.transaction() as connection:
        store_identities(connection, [sighting], Identities(overrides.read(corrections)).of)
    return stored(database, source, listing)


def stored(database: Database, source: str, listing: str = "1") -> dict[str, Any]:
    question = "select * from listings where source = %s and listing_id = %s"
    row = database.run(lambda connection: connection.execute(question, (source, listing)).fetchone())
    assert row is not None
    return row


def test_siblings_are_different_cards(database: Database) -> None:
    ids = [see(database, title, listing=str(n))["sku_id"] for n, title in enumerate((PLAIN, OC, SUPER_OC))]
    assert len(set(ids)) == 3


def test_distributors_copies_are_one_card_with_two_listings(database: Database) -> None:
    assert see(database, OC, listing="1")["sku_id"] == see(database, ELSEWHERE, listing="2")["sku_id"]


def test_a_renamed_listing_goes_by_its_latest_title_and_keeps_its_first_day(database: Database) -> None:
    before = see(database, PLAIN, FIRST)
    after = see(database, OC, SECOND)
    assert (after["title"], after["first_seen"], after["last_seen"]) == (OC, FIRST, SECOND)
    assert after["sku_id"] != before["sku_id"]
    assert see(database, PLAIN, FIRST) == after


def test_what_is_no_card_and_what_is_not_known_are_told_apart(database: Database) -> None:
    laptop = see(database, "레노버 LEGION 노트북 RTX 4070 16GB", listing="1")
    unknown = see(database, "매트록스 M9120 PLUS LP PCIe x16 512MB", listing="2")
    assert (laptop["identity_status"], unknown["identity_status"]) == ("not_a_card", "unidentified")
    assert laptop["sku_id"] is unknown["sku_id"] is None
    assert laptop["identity_reason"]


def test_a_correction_by_hand_survives_re_runs(database: Database) -> None:
    correction = f"{HEADER}\ndanawa,1,,,PALIT,GeForce RTX 4070,DUAL,12,no,,seen on the box\n"
    corrected = see(database, OC, corrections=correction)
    assert see(database, OC, SECOND, corrections=correction)["sku_id"] == corrected["sku_id"]
    with database.transaction() as connection:
        row = connection.execute("select * from skus where sku_id = %s", (corrected["sku_id"],)).fetchone()
    assert row is not None
    assert (row["brand"], row["model_name"], row["is_oc"]) == ("PALIT", "DUAL", False)
    assert see(database, OC, SECOND)["sku_id"] != corrected["sku_id"]


CORRECTION = f"{HEADER}\ndanawa,1,,,PALIT,GeForce RTX 4070,DUAL,12,no,,seen on the box\n"


def test_a_corrected_listing_moves_with_what_imported_files_saw_of_it(database: Database) -> None:
    imported = see(database, OC, FIRST, source="crawler_csv")
    corrected = see(database, OC, SECOND, corrections=CORRECTION)
    moved = stored(database, "crawler_csv")
    assert moved["sku_id"] == corrected["sku_id"] != imported["sku_id"]
    assert {**moved, "sku_id": imported["sku_id"]} == imported
    with database.transaction() as connection:
        card = connection.execute("select * from skus where sku_id = %s", (corrected["sku_id"],)).fetchone()
    assert card is not None
    assert card["first_seen"] == FIRST


def test_files_imported_after_a_correction_follow_it(database: Database) -> None:
    corrected = see(database, OC, FIRST, corrections=CORRECTION)
    for day in (date(2026, 2, 1), SECOND):  # older files go by what is known, newer ones by the correction
        assert see(database, OC, day, corrections=CORRECTION, source="crawler_csv")["sku_id"] == corrected["sku_id"]
    assert see(database, OC, FIRST, corrections=CORRECTION) == corrected


def test_a_crawl_and_a_file_agree_by_the_later_title_and_on_the_same_day_by_the_crawls(database: Database) -> None:
    see(database, PLAIN, FIRST)
    assert see(database, OC, FIRST, source="crawler_csv")["sku_id"] == stored(database, "danawa")["sku_id"]
    later = see(database, OC, SECOND, source="crawler_csv")
    assert (stored(database, "danawa")["sku_id"], stored(database, "danawa")["title"]) == (later["sku_id"], PLAIN)
    assert see(database, OC, SECOND, source="crawler_csv") == later


def test_a_listing_can_be_declared_no_card(database: Database) -> None:
    row = see(database, OC, corrections=f"{HEADER}\ndanawa,1,,yes,,,,,,,a poster\n")
    assert (row["sku_id"], row["identity_status"]) == (None, "overridden")
    assert "a poster" in row["identity_reason"]


def test_the_corrections_file_is_found_in_the_home(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_settings(gpu_etl_home=tmp_path)
    assert settings.corrections().by_listing == {}
    (tmp_path / "sku_overrides.csv").write_text(f"{HEADER}\ndanawa,1,,yes,,,,,,,x\n", encoding="utf-8")
    assert list(settings.corrections().by_listing) == [("danawa", "1")]


def test_a_malformed_correction_is_one_line_naming_file_and_line(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"{HEADER}\ndanawa,1,,,,GeForce RTX 4071,,,,,\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"SKU_OVERRIDES_FILE: .*mine\.csv:2: .*4071") as caught:
        make_settings(sku_overrides_file=file).corrections()
    assert "\n" not in str(caught.value)
