"""Finding cards by what people type, in either language."""

from __future__ import annotations

from datetime import date

import pytest

from gpu_etl import catalog

ZOTAC = "ZOTAC GeForce RTX 4070 Ti SUPER TRINITY 16GB OC"
KOREAN = "이엠텍 지포스 RTX 4070 STORM X 듀얼 D6 12GB"


@pytest.mark.parametrize(
    ("wanted", "text", "is_found"),
    [
        ("4070", ZOTAC, True),
        ("지포스", ZOTAC, True),
        ("조텍", ZOTAC, True),
        ("4070 조텍", ZOTAC, True),
        ("조텍 4070ti super", ZOTAC, True),
        ("zot trin", ZOTAC, True),
        ("EMTEK geforce", KOREAN, True),
        ("이엠텍 rtx4070", KOREAN, True),
        ("407", ZOTAC, False),
        ("4080", ZOTAC, False),
        ("조텍", KOREAN, False),
        ("라데온", ZOTAC, False),
        ("", ZOTAC, True),
    ],
)
def test_words_find_a_card_in_either_language(wanted: str, text: str, is_found: bool) -> None:
    assert catalog.matching(catalog.search_terms(wanted), catalog.search_terms(text)) is is_found


@pytest.mark.parametrize("text", ["", "   ", "%_'\";--", "<script>", "\u202e\u200b"])
def test_odd_input_gives_terms_of_letters_and_digits(text: str) -> None:
    assert all(term.isalnum() for term in catalog.search_terms(text))


def test_a_chipset_follows_those_named_in_the_table_and_its_plain_sibling() -> None:
    assert catalog.predecessors("GeForce RTX 4070 SUPER") == ["GeForce RTX 4070"]
    assert {"GeForce RTX 4070", "GeForce RTX 4070 SUPER"} <= set(catalog.predecessors("GeForce RTX 5070"))
    assert catalog.predecessors("no such chipset") == []


@pytest.mark.parametrize(
    ("day", "successor"),
    [
        (date(2024, 1, 16), None),
        (date(2024, 1, 17), "GeForce RTX 4070 SUPER"),
        (date(2024, 4, 16), "GeForce RTX 4070 SUPER"),
        (date(2024, 4, 17), None),
        (date(2025, 3, 5), "GeForce RTX 5070"),
    ],
)
def test_a_successor_is_new_for_ninety_days(day: date, successor: str | None) -> None:
    assert catalog.new_successor("GeForce RTX 4070", day) == successor
