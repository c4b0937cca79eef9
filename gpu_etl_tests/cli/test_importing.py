"""``gpu-etl import crawler-csv`` over a real database: imported prices are judged as crawled ones are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from gpu_etl.catalog import overrides
from gpu_etl.cli.importing import CsvImport, ImportSummary
from gpu_etl.database import Database
from gpu_etl.database.identities import Identities
from gpu_etl_tests.assets.helpers import observe

HEADER = "date,crawl_time_kst,product_id,name,type,price_krw,mall_raw,extra"
MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of a listing's prices: steady, then a dip for a day, then the price as it was."""
    for name, prices in (("1.csv", {1: 990_000, 2: 990_000, 3: 990_000}), ("2.csv", {4: 650_000, 5: 990_000})):
        rows = [f"2026-03-{day:02},2026-03-{day:02} 09:00:00,77,{MSI},,{price},12몰," for day, price in prices.items()]
        (tmp_path / name).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return tmp_path


def load(database: Database, *files: Path) -> ImportSummary:
    return CsvImport(database, Console(quiet=True), Identities(overrides.read(""))).load(files)


def held(database: Database) -> list[tuple[int, str]]:
    with database.transaction() as connection:
        rows = connection.execute(
            "select price, suspect_reason from price_logs where suspect_reason is not null order by market_day"
        ).fetchall()
    return [(row["price"], row["suspect_reason"]) for row in rows]


def test_a_dip_is_held_back_also_across_files(database: Database, folder: Path) -> None:
    summary = load(database, folder / "1.csv", folder / "2.csv")
    assert (summary.inserted, summary.suspect) == (5, 1)
    assert held(database) == [(650_000, "34% below its own 14-day median of 990,000, seen once")]
    assert "held back until they are seen again: 1 prices" in summary.in_words()


def test_a_file_is_judged_by_what_was_imported_before(database: Database, folder: Path) -> None:
    load(database, folder / "1.csv")
    summary = load(database, folder / "2.csv")
    assert summary.suspect == 1
    assert held(database) == [(650_000, "34% below its own 14-day median of 990,000, seen once")]


def test_a_file_is_judged_by_what_was_crawled_before(database: Database, folder: Path) -> None:
    with database.transaction() as connection:
        for day in (1, 2, 3):
            observe(connection, "77", MSI, date(2026, 3, day), 990_000)
    assert load(database, folder / "2.csv").suspect == 1


def test_an_earlier_file_that_comes_later_is_judged_by_itself(database: Database, folder: Path) -> None:
    load(database, folder / "2.csv")
    assert load(database, folder / "1.csv").suspect == 0
    assert held(database) == []


def test_importing_again_changes_nothing_even_without_the_files_before(database: Database, folder: Path) -> None:
    load(database, folder / "1.csv", folder / "2.csv")
    before = held(database)
    again = load(database, folder / "2.csv")
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2)
    assert held(database) == before


def test_a_file_that_cannot_be_read_is_named_once(database: Database, tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_bytes(b"\xb1\xd7\xb7\xa1")
    (tmp_path / "2.csv").write_text("no,layout\n", encoding="utf-8")
    summary = load(database, tmp_path / "1.csv", tmp_path / "2.csv", tmp_path)
    assert summary.in_words().splitlines() == [
        "0 files, 0 observations of 0 listings: 0 new, 0 changed, 0 already there",
        f"not read: {tmp_path}/1.csv: this is no text in UTF-8",
        f"not read: {tmp_path}/2.csv: no known layout has the header 'no,layout'",
        f"not read: {tmp_path}: Is a directory",
    ]
