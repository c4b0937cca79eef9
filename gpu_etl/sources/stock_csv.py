"""The inventory manager's own list as a CSV file, as shop software and Excel write it.

Belongs here: columns, numbers and dates in the spellings of such files. Does not belong here: which card a line is
(``catalog``), storing (``database.stock``).

Column names are taken in English and Korean, in any order; further columns are left alone. A line that cannot be read
is named with its number, and nothing of the file counts then (the caller sees to that): half a stock is a wrong stock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

WON = "KRW"
_NAMES = {
    "sku": "sku skuid skucode 상품코드 제품코드 품목코드 품번 코드",
    "title": "title name product productname model item description 상품명 제품명 품명 품목명 모델명 모델",
    "quantity": "quantity qty count pieces pcs units stock onhand 수량 재고 재고수량 현재고 보유수량",
    "unit_cost": "unitcost cost costprice unitprice purchaseprice buyprice price "
    "단가 매입가 매입단가 원가 구매가 구매단가 입고가 입고단가 매입가격",
    "received": "received receiveddate receivedday receivedon date datereceived purchased purchasedate "
    "입고일 입고일자 입고날짜 매입일 매입일자 구매일 구매일자 날짜 일자",
}
COLUMNS: Mapping[str, frozenset[str]] = {column: frozenset(names.split()) for column, names in _NAMES.items()}
"""Names of columns, folded as :func:`_folded` does."""
MAX_QUANTITY = 1_000_000
MAX_COST = 1_000_000_000

_DATE = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_QUANTITY = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?\s*(?:개|대|ea|pcs?|pieces?)?", re.IGNORECASE)
_COST = re.compile(
    r"(?:[₩￦\\]|KRW|원)?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?\s*(?:원|won|KRW)?",  # cp949 has ₩ where ASCII has \
    re.IGNORECASE,
)


class NoStockFile(ValueError):
    """The file as a whole cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class StockLine:
    """One line of the file; unit cost in won, ``None`` when the file does not tell."""

    number: int
    sku: str | None
    title: str | None
    quantity: int
    unit_cost: int | None
    received: date | None


@dataclass(slots=True)
class StockFile:
    """What a file holds: lines that could be read, and complaints about those that could not, in order."""

    lines: list[StockLine] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def read(content: bytes) -> StockFile:
    """Read a file; UTF-8, UTF-16 with its mark, or Korean Windows; comma, semicolon or tab.

    Raises:
        NoStockFile: it is no text, or a column is missing.
    """
    text = _decoded(content)
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = StockFile()
    columns: dict[str, int] | None = None
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _columns(row)
                continue
            try:
                found.lines.append(_line(reader.line_num, row, columns))
            except ValueError as error:
                found.complaints.append(f"line {reader.line_num}: {error}")
    except csv.Error as error:
        raise NoStockFile(f"line {reader.line_num}: {error}") from None
    if columns is None:
        raise NoStockFile("the file is empty")
    return found


def _decoded(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NoStockFile("this is an Excel workbook: save it as CSV")
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise NoStockFile("this is no text in UTF-8, UTF-16 or Korean Windows (cp949)")


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Where each column stands; the first of several that fit."""
    columns: dict[str, int] = {}
    for place, name in enumerate(heading):
        for column, names in COLUMNS.items():
            if _folded(name) in names:
                columns.setdefault(column, place)
    if "quantity" not in columns:
        raise NoStockFile(f"no column of quantities (quantity, 수량) among: {', '.join(heading)}")
    if "sku" not in columns and "title" not in columns:
        raise NoStockFile(f"no column that names the card (sku, title, 상품명) among: {', '.join(heading)}")
    return columns


def _folded(name: str) -> str:
    """A column's name without case, spaces, marks, and what stands in brackets: "단가(원)" is "단가"."""
    return re.sub(r"[\W_]", "", re.sub(r"[(\[].*?[)\]]", "", name)).casefold()


def _line(number: int, row: Sequence[str], columns: Mapping[str, int]) -> StockLine:
    """Raises ``ValueError`` saying what is wrong with the line."""
    cells = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
    sku, title = cells.get("sku") or None, cells.get("title") or None
    if sku is None and title is None:
        raise ValueError("it names no card")
    return StockLine(
        number,
        sku,
        title,
        _quantity(cells["quantity"]),
        _cost(cells.get("unit_cost", "")),
        _day(cells.get("received", "")),
    )


def _quantity(text: str) -> int:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"quantity {text!r} is no whole number")
    quantity = int(found.group(1).replace(",", ""))
    if quantity > MAX_QUANTITY:
        raise ValueError(f"quantity {text!r} is above {MAX_QUANTITY:,}")
    return quantity


def _cost(text: str) -> int | None:
    if not text:
        return None
    found = _COST.fullmatch(text)
    if found is None:
        raise ValueError(f"unit cost {text!r} is no amount in won, such as 1,234,000")
    cost = int(found.group(1).replace(",", ""))
    if cost == 0:
        raise ValueError("unit cost 0: leave it empty where it is not known")
    if cost > MAX_COST:
        raise ValueError(f"unit cost {text!r} is above {MAX_COST:,}")
    return cost


def _day(text: str) -> date | None:
    if not text:
        return None
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise ValueError(f"received date {text!r} is none such as 2026-03-08 or 2026년 3월 8일")
