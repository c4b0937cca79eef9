"""The two catalogues hold the same keys, every key that a template or module asks for is there, numbers are written
as each language writes them."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest

from gpu_etl.catalog import NotACard, identify
from gpu_etl.market.fall.advice import advise
from gpu_etl.market.fall.features import NAMES
from gpu_etl.market.fall.words import SAID
from gpu_etl.words import LANGUAGES, Words, catalogue, catalogue_files, choose

FOLDERS = [Path(str(resources.files(name))) for name in ("gpu_etl.dashboard", "gpu_etl.offline")]
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
    for path in (path for folder in FOLDERS for ending in ("*.html", "*.py") for path in folder.rglob(ending)):
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r"""(?:\bt|words\.text)\(\s*f?['"]([a-z_0-9.]+)['"]\s*[,)]""", text):
            found[key] = path.name
        for heads in re.findall(r"m\.heads\(([^)]*)\)", text):
            for name in re.findall(r"'([^' ]+)[^']*'", heads):
                found[name if "." in name else f"columns.{name}"] = path.name
    return found


def test_every_key_that_is_asked_for_is_there() -> None:
    missing = {key: file for key, file in asked_for().items() if key not in catalogue("en")}
    assert missing == {}
    assert {"columns.price", "chipset.index", "nav.skip", "report.made"} <= asked_for().keys()


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
    assert choose(asked, remembered, accepted, "en") == language


def test_a_reader_who_asks_for_neither_gets_the_language_of_the_setting() -> None:
    assert (choose(None, None, "", "ko"), choose(None, None, "de", "ko"), choose(None, None, "en", "ko")) == (
        "ko",
        "ko",
        "en",
    )


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


WHOLE = dict.fromkeys(NAMES, 0.1)
AGED = WHOLE | {"successor_age": 800.0}
YOUNG = {name: value for name, value in WHOLE.items() if name not in ("successor_age", "sellers_change_28d")}
FALLEN = {name: -value for name, value in WHOLE.items()}
LITTLE = {name: 0.0 for name in NAMES if not re.search(r"_(7|14|28)d$|sellers|premium|successor|chipset_age", name)}
SPARSE = {**LITTLE, "changes_28d": 1.0, "days_listed_28d": 0.5}


@pytest.mark.parametrize(
    "known", [WHOLE, AGED, YOUNG, FALLEN, SPARSE], ids=["whole", "aged", "young", "fell", "sparse"]
)
@pytest.mark.parametrize("part", SAID)
def test_every_part_of_a_score_is_told_in_korean(part: str, known: dict[str, float]) -> None:
    assert in_korean(SAID[part](known)[1])


@pytest.mark.parametrize(
    "title",
    ["MSI RTX 4070 노트북", "RTX 4070 워터블럭", "외장 egpu box RTX 4070", "RTX 4070 고장품", "", "사과"],
)
def test_what_is_no_card_is_told_in_korean(title: str) -> None:
    found = identify(title)
    assert isinstance(found, NotACard)
    assert in_korean(re.sub(r"'.*?'", "'말'", found.reason))


@pytest.mark.parametrize(
    "said",
    [
        advise(0.1, None, "its price rose 1.2 % in 14 days; 9 shops sell it", {}).reason,
        advise(0.3, None, "", {}).reason,
        advise(None, "not enough data: 2 days of prices in 28, 7 are needed", "", {}).reason,
        "12,300 won a week at risk on each piece of 806,030 (1.5 %); score 88: its price stood still in 7 days",
        "unknown: it is not on the market that day",
        "not read: 00:00 to 00:14, 08:00 to 24:00",
    ],
)  # fmt: skip
def test_what_is_made_of_several_sentences_is_told_in_korean(said: str) -> None:
    assert in_korean(said.replace(" to ", "~"))


def in_korean(said: str) -> bool:
    told = KO.told("reasons", said)
    return told != said and not re.search(r"[A-Za-z]{2,}", re.sub(r"\bCPU\b|\bReddit\b|\bchipsets\.csv\b", "", told))
