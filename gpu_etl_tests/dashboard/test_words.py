"""The two catalogues hold the same keys, every key that a template or module asks for is there, numbers are written
as each language writes them."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest

from gpu_etl.dashboard.words import LANGUAGES, Words, catalogue, catalogue_files, choose

FOLDER = Path(str(resources.files("gpu_etl.dashboard")))
EN, KO = Words("en"), Words("ko")


def test_both_languages_know_the_same() -> None:
    first, second = (catalogue(language) for language in LANGUAGES)
    assert set(first) == set(second)
    for key in first:
        assert fields(first[key]) == fields(second[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_in_two_files(language: str) -> None:
    keys = [key for texts in catalogue_files(language).values() for key, _ in texts]
    assert sorted(keys) == sorted(set(keys))


def fields(value: object) -> set[str]:
    texts = value.values() if isinstance(value, dict) else [value]
    return {name for text in texts for _, name, _, _ in Formatter().parse(str(text)) if name}


def asked_for() -> dict[str, str]:
    """Keys that templates and modules name in full, with the file."""
    found = {}
    for path in [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r"""(?:\bt|words\.text)\(\s*f?['"]([a-z_0-9.]+)['"]\s*[,)]""", text):
            found[key] = path.name
    return found


def test_every_key_that_is_asked_for_is_there() -> None:
    missing = {key: file for key, file in asked_for().items() if key not in catalogue("en")}
    assert missing == {}
    assert len(asked_for()) > 20


def test_every_table_of_every_page_has_a_name() -> None:
    from gpu_etl.dashboard.pages import PAGES

    for page in PAGES:
        for table in page.tables:
            assert EN.has(f"tables.{table}"), f"{page.name}: {table}"
        assert not page.in_menu or EN.has(f"nav.{page.name}")


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "language"),
    [
        (None, None, "", "en"),
        ("ko", "en", "en", "ko"),
        (None, "ko", "en", "ko"),
        ("xx", "yy", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, None, "de;q=1.0, ko;q=0.3, en;q=0.7", "en"),
        (None, None, "ko;q=x, en;q=0.1", "en"),
    ],
)
def test_a_reader_gets_the_language_asked_for(
    asked: str | None, remembered: str | None, accepted: str, language: str
) -> None:
    assert choose(asked, remembered, accepted) == language


def test_money_shares_and_days_are_written_as_each_language_does() -> None:
    assert (EN.won(1_234_567), KO.won(1_234_567)) == ("₩1,234,567", "1,234,567원")
    assert (EN.won(-50_000), KO.won(-50_000)) == ("−₩50,000", "−50,000원")
    assert (EN.won(None), KO.won_change(None)) == ("–", "–")
    assert (EN.won_change(12), EN.won_change(-12), EN.won_change(0)) == ("+₩12", "−₩12", "₩0")
    assert (EN.change(-4.25), EN.change(0.04), EN.change(-0.04), EN.change(3)) == ("−4.2%", "0.0%", "0.0%", "+3.0%")
    assert (EN.day(date(2026, 3, 8)), KO.day(date(2026, 3, 8))) == ("8 Mar 2026", "2026년 3월 8일")
    assert (EN.age(0), EN.age(1), EN.age(4), KO.age(4)) == ("today", "yesterday", "4 days old", "4일 전")


def test_a_reason_that_has_no_translation_is_shown_as_it_is() -> None:
    assert KO.told("reasons", "no price 6 to 8 days back") == "6~8일 전 가격 없음"
    assert KO.told("reasons", "something new") == "something new"
    assert KO.told("reasons", "7 cards with a price, 10 make it solid") == "가격 있는 카드 7개, 10개면 충분"
    assert (
        KO.told("reasons", "no price that day; 3 of the last 90 days have a price, 45 are needed")
        == "그날 가격 없음; 최근 90일 중 3일만 가격이 있음(45일 필요)"
    )
    assert EN.told("reasons", "9 cards with a price, 10 make it solid") == "9 cards with a price, 10 make it solid"
    assert KO.told("reasons", None) == ""
