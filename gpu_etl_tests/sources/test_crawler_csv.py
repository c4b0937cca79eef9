from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from gpu_etl.sources import crawler_csv
from gpu_etl.sources.crawler_csv import SEOUL, Summary
from gpu_etl.sources.records import Availability, Offer, Refusal
from gpu_etl_tests.sources.material import shared

WIDE = "Id,Name,2023-05-10 21:46:37,2023-05-11 10:22:37,2023-05-11 21:27:08"
ONE = "Id,Name,Type,Price,Mall,2024-07-09 18:16:30"
MERGED = "date,crawl_time_kst,product_id,name,type,price_krw,mall_raw,extra"


def write(folder: Path, *lines: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def read(path: Path) -> tuple[list[Offer], list[Refusal], Summary]:
    refusals: list[Refusal] = []
    summary = Summary()
    offers = list(crawler_csv.read(path, on_refusal=refusals.append, summary=summary))
    assert summary.observations == len(offers)
    assert sum(summary.refusals.values()) == len(refusals)
    return offers, refusals, summary


def shown(offers: list[Offer]) -> list[tuple[str, str, int | None]]:
    return [(offer.listing_id, f"{offer.market_day:%m-%d}", offer.price) for offer in offers]


# --- each layout ------------------------------------------------------------------------------------------------------


def test_a_column_a_day(tmp_path: Path) -> None:
    offers, refusals, summary = read(
        write(tmp_path, WIDE, '5,RTX 4070,"1,377,570",0,1300000', "6,RTX 4060,0,,일시품절")
    )
    assert offers[0] == Offer(
        source="crawler_csv",
        listing_id="5",
        title="RTX 4070",
        price=1377570,
        currency="KRW",
        availability=Availability.IN_STOCK,
        seller_count=None,
        market_day=date(2023, 5, 10),
        url="https://prod.danawa.com/info/?pcode=5",
        observed_at=datetime(2023, 5, 10, 21, 46, 37, tzinfo=SEOUL),
    )
    assert shown(offers[1:]) == [("5", "05-11", 1300000), ("6", "05-11", None)]
    assert offers[2].availability is Availability.OUT_OF_STOCK
    assert (summary.rows, summary.not_listed, refusals) == (2, 3, [])


def test_cells_that_name_the_shops(tmp_path: Path) -> None:
    cell = '"생명컴퓨터_4,000,000|옥_션_3900000|G마켓_5,000,000"'
    offers, refusals, _ = read(write(tmp_path, WIDE, f"5,RTX 3090,{cell},0,옥션_52|G마켓_1000000|롯데"))
    assert [(offer.price, offer.seller_count) for offer in offers] == [(3900000, 3), (1000000, 1)]
    assert [(refusal.reason, refusal.excerpt) for refusal in refusals] == [
        ("one shop: price below the least plausible 2,500 won", "2023-05-11: 옥션_52"),
        ("one shop: unknown word instead of a price", "2023-05-11: 롯데"),
    ]


def test_a_cell_whose_every_shop_is_refused_is_refused(tmp_path: Path) -> None:
    offers, refusals, _ = read(write(tmp_path, WIDE, "5,RTX 3090,옥션_52,0,0"))
    assert offers == []
    assert refusals[-1].reason == "no shop with a readable price"


def test_one_crawl_a_file(tmp_path: Path) -> None:
    lines = ("5,RTX 4070,벌크,1001140,3몰,", "6,RTX 4060,,가격비교예정,0몰,", "7,RTX 4050,,0,0몰,")
    offers, refusals, summary = read(write(tmp_path, ONE, *lines))
    assert [(offer.title, offer.price, offer.seller_count) for offer in offers] == [
        ("RTX 4070 벌크", 1001140, 3),
        ("RTX 4060", None, 0),
    ]
    assert offers[1].availability is Availability.COMING_SOON
    assert {offer.observed_at for offer in offers} == {datetime(2024, 7, 9, 18, 16, 30, tzinfo=SEOUL)}
    assert (summary.not_listed, refusals) == (1, [])


def test_the_merged_layout_compressed_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    lines = [
        MERGED,
        "2024-07-09,2024-07-09 18:16:30,5,RTX 4070,,1001140,3몰,",
        "2024-07-10,2024-07-10 09:00:00,5,RTX 4070,,990000,,",
    ]
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode("utf-8-sig")))
    offers, refusals, _ = read(path)
    assert shown(offers) == [("5", "07-09", 1001140), ("5", "07-10", 990000)]
    assert [offer.seller_count for offer in offers] == [3, None]
    assert refusals == []


# --- two crawls, duplicates, days that come again ---------------------------------------------------------------------


def test_of_two_crawls_on_a_day_the_later_one_that_shows_something_wins(tmp_path: Path) -> None:
    offers, refusals, summary = read(
        write(tmp_path, WIDE, "5,A,0,600000,610000", "6,B,0,600000,0", "7,C,0,600000,일시품절", "8,D,0,0,0")
    )
    assert shown(offers) == [("5", "05-11", 610000), ("6", "05-11", 600000), ("7", "05-11", None)]
    assert offers[0].observed_at == datetime(2023, 5, 11, 21, 27, 8, tzinfo=SEOUL)
    assert offers[1].observed_at == datetime(2023, 5, 11, 10, 22, 37, tzinfo=SEOUL)
    assert (summary.superseded, refusals) == (2, [])


def test_columns_out_of_order_change_nothing(tmp_path: Path) -> None:
    header = "Id,Name,2023-05-11 21:27:08,2023-05-11 10:22:37"
    assert shown(read(write(tmp_path, header, "5,A,610000,600000"))[0]) == [("5", "05-11", 610000)]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (WIDE, "5,A,{},0,0"),
        (ONE, "5,A,,{},3몰,"),
        (MERGED, "2024-07-09,2024-07-09 18:16:30,5,A,,{},3몰,"),
    ],
)
def test_a_repeated_row_counts_once_and_another_value_is_refused(tmp_path: Path, header: str, row: str) -> None:
    lines = [row.format(600000), row.format(600000), row.format(700000)]
    offers, refusals, summary = read(write(tmp_path, header, *lines))
    assert [offer.price for offer in offers] == [600000]
    assert summary.duplicates == 1
    assert [refusal.reason for refusal in refusals] == ["second value for the same listing and day"]
    assert "700000, not 600000" in refusals[0].excerpt


def test_two_crawls_of_a_day_in_the_merged_layout(tmp_path: Path) -> None:
    rows = [
        f"2024-07-09,2024-07-09 {time},5,A,,{price},," for time, price in (("18:00:00", 700000), ("09:00:00", 600000))
    ]
    offers, _, summary = read(write(tmp_path, MERGED, *rows))
    assert ([offer.price for offer in offers], summary.superseded) == ([700000], 1)


def test_a_day_that_comes_again_is_refused(tmp_path: Path) -> None:
    rows = [f"2024-07-{day},2024-07-{day} 09:00:00,5,A,,600000,," for day in ("09", "10", "09")]
    offers, refusals, _ = read(write(tmp_path, MERGED, *rows))
    assert len(offers) == 2
    assert [refusal.reason for refusal in refusals] == ["day that had ended comes again"]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "subject", "reason"),
    [
        ("5,A,1,0,0", "5", "price below the least plausible 2,500 won"),
        ("5,A,52,0,0", "5", "price below the least plausible 2,500 won"),
        ('5,A,"1,119",0,0', "5", "price below the least plausible 2,500 won"),
        ("5,A,99999999999,0,0", "5", "price above the most plausible 1,000,000,000 won"),
        ("5,A,-600000,0,0", "5", "unknown word instead of a price"),
        ("5,A,곧판매,0,0", "5", "unknown word instead of a price"),
        ("5x,A,600000,0,0", "5x", "not a listing id"),
        (",A,600000,0,0", "", "not a listing id"),
        ("5, ,600000,0,0", "5", "row without a readable name"),
        ("5,A,600000", "5", "row with another number of cells than the header"),
    ],
)
def test_refusals_name_the_listing_and_the_reason(tmp_path: Path, row: str, subject: str, reason: str) -> None:
    offers, refusals, summary = read(write(tmp_path, WIDE, row))
    assert offers == []
    assert [(refusal.subject, refusal.reason) for refusal in refusals] == [(subject, reason)]
    assert summary.refusals == Counter({reason: 1})


def test_a_date_that_is_not_that_of_its_crawl_is_refused(tmp_path: Path) -> None:
    _, refusals, _ = read(write(tmp_path, MERGED, "2024-07-09,2024-07-10 00:10:00,5,A,,600000,,"))
    assert refusals[0].reason == "date and crawl time disagree"


@pytest.mark.parametrize(
    "header", ["", "a,b,c", "Id,Name", "Id,Name,Price", "Id,Name,Type,Price,Mall", "Id,Name,2023-05-11", "{"]
)
def test_an_unknown_header_is_one_line_that_names_file_and_header(tmp_path: Path, header: str) -> None:
    path = write(tmp_path, header, "5,A,600000")
    with pytest.raises(ValueError, match="no known layout") as problem:
        list(crawler_csv.read(path))
    assert str(path) in str(problem.value)
    assert header in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_file_that_is_not_utf8_or_cut_short_names_itself(tmp_path: Path) -> None:
    korean = write(tmp_path, WIDE, "5,지포스,600000,0,0", encoding="cp949")
    whole = gzip.compress(f"{WIDE}\n{'5,A,600000,0,0' * 1000}".encode())
    short, fake = tmp_path / "short.csv.gz", tmp_path / "fake.csv.gz"
    short.write_bytes(whole[: len(whole) // 2])
    fake.write_bytes(b"not gzip")
    for path in (korean, short, fake):
        with pytest.raises(ValueError, match=re.escape(str(path))):
            list(crawler_csv.read(path))


def test_a_file_with_nothing_but_a_header_is_an_empty_crawl(tmp_path: Path) -> None:
    assert read(write(tmp_path, ONE))[0] == []


def test_reading_is_lazy(tmp_path: Path) -> None:
    path = write(tmp_path, WIDE, "5,A,600000,0,0", "6,B,600000,0,0")
    rows = crawler_csv.read(path)
    assert next(rows).listing_id == "5"
    rows.close()  # type: ignore[attr-defined]


# --- the real files, against a second reader of our own ---------------------------------------------------------------

STATES = {"일시품절": "out_of_stock", "가격비교예정": "coming_soon", "가격비교중지": "suspended"}


def careful_reader(path: Path) -> dict[tuple[str, str], tuple[int | None, str, int | None]]:
    """What a person would note: (listing, day) -> (price, state, shops); written without the module under test."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    seen: dict[tuple[str, str], tuple[int | None, str, int | None]] = {}
    single = "Price" in header
    for row in rows:
        cells = [(header[5], row[3])] if single else list(zip(header[2:], row[2:], strict=True))
        for time, cell in sorted(cells):
            if cell in ("0", ""):
                continue
            shops = int(row[4].replace("몰", "")) if single else cell.count("_") or None
            prices = (
                [int(part.split("_")[-1].replace(",", "")) for part in cell.split("|")] if cell not in STATES else []
            )
            seen[row[0], time[:10]] = (min(prices, default=None), STATES.get(cell, "in_stock"), shops)
    return seen


REAL = {
    "2021-11.VGA.csv": 27_659,
    "2023-04.VGA.csv": 25_440,
    "2023-05.VGA.csv": 23_074,
    "2024-07-09.VGA.csv": 1_287,
    "2024-12-05.VGA.csv": 1_149,
    "2025-12-28.VGA.csv": 390,
}


@pytest.mark.parametrize(("name", "count"), REAL.items())
def test_every_observation_of_the_real_files_is_read(name: str, count: int) -> None:
    path = shared("data", "danawa_daily", "crawler_csv", name)
    offers, refusals, summary = read(path)
    found = {
        (offer.listing_id, str(offer.market_day)): (offer.price, offer.availability.value, offer.seller_count)
        for offer in offers
    }
    assert found == careful_reader(path)
    assert (len(offers), refusals) == (count, [])
    assert summary.duplicates == summary.superseded == 0


@pytest.mark.slow
def test_the_merged_series_is_read_but_for_its_two_glitches() -> None:
    path = shared("data", "danawa_daily", "vga_2024-07-09_2026-04-30.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        expected = {(row["product_id"], row["date"]): row["price_krw"] for row in csv.DictReader(file)}
    summary, refusals, count = Summary(), list[Refusal](), 0
    for offer in crawler_csv.read(path, on_refusal=refusals.append, summary=summary):
        count += 1
        written = expected.pop((offer.listing_id, str(offer.market_day)))
        assert str(offer.price) == written or (offer.price is None and STATES[written] == offer.availability)
    assert (count, summary.duplicates) == (703_310, 4)
    assert sorted(expected.values()) == ["1119", "52"]
    assert [refusal.excerpt for refusal in refusals] == ["2024-09-03: 1119", "2025-06-15: 52"]
