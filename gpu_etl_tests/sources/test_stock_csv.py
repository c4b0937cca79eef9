"""The inventory manager's file in the spellings it comes in."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.sources.stock_csv import NoStockFile, StockLine, read

TITLE = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"


def one(text: str) -> StockLine:
    found = read(text.encode())
    assert found.complaints == []
    [line] = found.lines
    return line


@pytest.mark.parametrize(
    "heading",
    [
        "Title,Quantity,Unit cost,Received date",
        "상품명,수량,매입단가(원),입고일",
        "Product Name,QTY,cost_price,received",
        "제품명,재고 수량,단가 [KRW],입고일자",
    ],
)
def test_columns_are_named_in_english_or_korean(heading: str) -> None:
    assert one(f'{heading}\n{TITLE},3,"900,000",2026-03-01\n') == StockLine(
        2, None, TITLE, 3, 900_000, date(2026, 3, 1)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_it_comes_in_any_encoding_and_with_any_delimiter(encoding: str, delimiter: str) -> None:
    text = delimiter.join(("품명", "수량")) + "\r\n" + delimiter.join((TITLE, "2")) + "\r\n\r\n"
    [line] = read(text.encode(encoding)).lines
    assert (line.title, line.quantity, line.unit_cost, line.received) == (TITLE, 2, None, None)


@pytest.mark.parametrize(
    "cost", ["1234000", '"1,234,000"', '"1,234,000원"', '"₩1,234,000"', "\\1234000", "1234000.00", "1234000 KRW"]
)
def test_money_is_read_as_it_is_written(cost: str) -> None:
    assert one(f"title,qty,cost\nx,1,{cost}\n").unit_cost == 1_234_000


@pytest.mark.parametrize(
    "day", ["2026-03-08", "2026.03.08", "2026. 3. 8.", "2026/3/8", "20260308", "2026년 3월 8일", "2026-03-08 00:00:00"]
)
def test_days_are_read_as_they_are_written(day: str) -> None:
    assert one(f"title,qty,received\nx,1,{day}\n").received == date(2026, 3, 8)


@pytest.mark.parametrize("quantity", ["1200", '"1,200"', "1200개", "1200 pcs", "1200.0"])
def test_quantities_are_read_as_they_are_written(quantity: str) -> None:
    assert one(f"title,qty\nx,{quantity}\n").quantity == 1200


def test_every_bad_line_is_named_with_what_is_wrong() -> None:
    found = read(
        b"sku,title,qty,cost,received\n"
        b",,1,,\n"
        b"a,,two,,\n"
        b"a,,-1,,\n"
        b"a,,1,120 dollars,\n"
        b"a,,1,0,\n"
        b"a,,1,,03/08/2026\n"
        b"a,,1,,2026-02-30\n"
        b'a,,1,"12,34",\n'
        b"a,,1,99999999999999999999,\n"
        b"a,,1,,\n"
    )
    assert found.complaints == [
        "line 2: it names no card",
        "line 3: quantity 'two' is no whole number",
        "line 4: quantity '-1' is no whole number",
        "line 5: unit cost '120 dollars' is no amount in won, such as 1,234,000",
        "line 6: unit cost 0: leave it empty where it is not known",
        "line 7: received date '03/08/2026' is none such as 2026-03-08 or 2026년 3월 8일",
        "line 8: received date '2026-02-30' is none such as 2026-03-08 or 2026년 3월 8일",
        "line 9: unit cost '12,34' is no amount in won, such as 1,234,000",
        "line 10: unit cost '99999999999999999999' is above 1,000,000,000",
    ]
    assert [line.number for line in found.lines] == [11]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "an Excel workbook: save it as CSV"),
        (b"\xff\x00\x81 nothing", "no text in UTF-8"),
        (b"title,price\nx,1\n", "no column of quantities"),
        (b"colour,qty\nred,1\n", "no column that names the card"),
    ],
)
def test_a_file_that_is_no_stock_is_refused_in_one_line(content: bytes, says: str) -> None:
    with pytest.raises(NoStockFile, match=says) as caught:
        read(content)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_it_is_read_or_refused(content: bytes) -> None:
    with suppress(NoStockFile):
        found = read(b"title,qty\n" + content)
        assert all(line.quantity >= 0 for line in found.lines)
