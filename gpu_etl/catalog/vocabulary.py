"""What words mean on this market, read once from the checked-in tables.

Belongs here: makers, distributors, sub-brands, conditions, words that rule a card out, and their tables' checks. Does
not belong here: how a title is cut into words (``lexicon``) or what follows from them (``identify``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from typing import TypeVar

from gpu_etl.catalog.card import Condition, RejectCode
from gpu_etl.catalog.tables import Row, Table, TableError, packaged
from gpu_etl.catalog.text import fold

T = TypeVar("T")


class Kind(IntEnum):
    """What part of a title a token is. Kinds from ``NAME`` to ``WHITE`` may be part of the board's name."""

    NAME = 0
    SERIES = 1
    COLOUR = 2
    WHITE = 3
    MAKER = 4
    CHIP_VENDOR = 5
    DISTRIBUTOR = 6
    VRAM = 7
    MEMORY = 8
    OC = 9
    NOISE = 10
    NOUN = 11
    CONDITION = 12
    REJECT = 13
    PART = 14
    """A piece of a chipset's name."""
    UNIT = 15
    OPEN = 16
    CLOSE = 17
    COMMA = 18
    SLASH = 19
    CODE = 20
    """A maker's part number."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A word that rules a card out."""

    code: RejectCode
    unless_memory: bool = False
    """Only while the title states no memory: "워터블럭 D6X 16GB" is a card that wears a water block."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one spelling stands for."""

    kind: Kind
    name: str = ""
    """How a sub-brand is written in a model name."""
    value: str | Condition | None = None
    """The maker of a maker's or sub-brand's word, or the condition."""
    reject: Reject | None = None
    """How it rules a card out. A part of some cards (a water block) is a sub-brand's word and this at once."""


CONDITIONS = {
    "used": Condition.USED,
    "refurbished": Condition.REFURBISHED,
    "import": Condition.IMPORT,
    "bulk": Condition.BULK,
}
REJECTS = {
    "accessory": Reject(RejectCode.ACCESSORY),
    "accessory_unless_memory": Reject(RejectCode.ACCESSORY, unless_memory=True),
    "external_box": Reject(RejectCode.EXTERNAL_BOX),
    "defective": Reject(RejectCode.DEFECTIVE),
    "laptop": Reject(RejectCode.LAPTOP),
    "computer": Reject(RejectCode.COMPUTER),
    "computer_unless_memory": Reject(RejectCode.COMPUTER, unless_memory=True),
    "computer_maker": Reject(RejectCode.COMPUTER),
    "other_product": Reject(RejectCode.OTHER_PRODUCT),
}
NAMED = {"oc_named": Kind.OC, "colour": Kind.COLOUR}
"""Kinds whose words may stay in the board's name: "SUPRIM SOC" is not "SUPRIM OC"."""
PLAIN = {"noun": Kind.NOUN, "noise": Kind.NOISE, "oc": Kind.OC, "white": Kind.WHITE}
BRAND_KINDS = {"maker": Kind.MAKER, "chip_vendor": Kind.CHIP_VENDOR, "distributor": Kind.DISTRIBUTOR}


def _spellings(row: Row) -> tuple[str, ...]:
    words = row.words("spellings")
    if not words:
        raise row.fail("spellings is empty")
    for word in words:
        if word != fold(word):
            raise row.fail(f"spelling {word!r} must be lower case and plain width: {fold(word)!r}")
    return words


def _add(found: dict[str, T], row: Row, word: str, meaning: T) -> None:
    if word in found:
        raise row.fail(f"spelling {word!r} is listed twice")
    found[word] = meaning


def read_brands(table: Table) -> dict[str, Meaning]:
    """Read makers, chip vendors and distributors: spelling to meaning."""
    found: dict[str, Meaning] = {}
    for row in table.rows(("brand", "kind", "spellings")):
        kind = BRAND_KINDS[row.one_of("kind", tuple(BRAND_KINDS))]
        for word in _spellings(row):
            _add(found, row, word, Meaning(kind, value=row.text("brand")))
    return found


def read_series(table: Table, makers: frozenset[str]) -> dict[str, Meaning]:
    """Read sub-brands: spelling to the one name it goes by, and the maker if it is one maker's alone."""
    found: dict[str, Meaning] = {}
    for row in table.rows(("name", "spellings", "brand")):
        brand = row.get("brand") or None
        if brand and brand not in makers:
            raise row.fail(f"brand {brand!r} is not in brands.csv")
        for word in _spellings(row):
            _add(found, row, word, Meaning(Kind.SERIES, name=row.text("name").upper(), value=brand))
    return found


def _meaning(meaning: str, word: str) -> Meaning:
    if meaning in PLAIN:
        return Meaning(PLAIN[meaning], name="WHITE" if meaning == "white" else "")
    if meaning in NAMED:
        return Meaning(NAMED[meaning], name=word.upper())
    if meaning in CONDITIONS:
        return Meaning(Kind.CONDITION, value=CONDITIONS[meaning])
    return Meaning(Kind.REJECT, name=word.upper(), reject=REJECTS[meaning])


def read_words(table: Table) -> dict[str, Meaning]:
    """Read conditions, filler, colours and words that rule a card out."""
    found: dict[str, Meaning] = {}
    for row in table.rows(("meaning", "spellings")):
        meaning = row.one_of("meaning", (*PLAIN, *NAMED, *CONDITIONS, *REJECTS))
        for word in _spellings(row):
            _add(found, row, word, _meaning(meaning, word))
    return found


def read_chip_words(table: Table) -> dict[str, str]:
    """Read other spellings of words in chipset names: spelling to the vendor's word."""
    found: dict[str, str] = {}
    for row in table.rows(("word", "spellings")):
        for word in _spellings(row):
            _add(found, row, word, row.text("word"))
    return found


def merge(*parts: tuple[str, dict[str, Meaning]]) -> dict[str, Meaning]:
    """Join the tables; raises ``TableError`` when two claim one spelling, unless one only says when it rules out."""
    found: dict[str, Meaning] = {}
    for file, part in parts:
        for word, meaning in part.items():
            known = found.get(word)
            if known is None:
                found[word] = meaning
            elif known.kind is Kind.SERIES and meaning.reject:
                found[word] = replace(known, reject=meaning.reject)
            else:
                raise TableError(file, 1, f"spelling {word!r} is in another table too")
    return found


@cache
def vocabulary() -> dict[str, Meaning]:
    """Every spelling with a meaning; several words of a phrase are separated by one space."""
    brands = read_brands(packaged("brands.csv"))
    makers = frozenset(str(meaning.value) for meaning in brands.values() if meaning.kind is Kind.MAKER)
    return merge(
        ("brands.csv", brands),
        ("series.csv", read_series(packaged("series.csv"), makers)),
        ("words.csv", read_words(packaged("words.csv"))),
    )


@cache
def chip_words() -> dict[str, str]:
    """Other spellings of the words in chipset names."""
    return read_chip_words(packaged("chip_words.csv"))
