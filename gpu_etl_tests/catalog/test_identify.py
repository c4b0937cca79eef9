import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.catalog import Card, Condition, NotACard, chipsets, identify
from gpu_etl.catalog.lexicon import LONGEST_WORD, MOST_WORDS, Lexicon
from gpu_etl_tests.catalog.titles import CARDS, NO_CARDS, SAME_BOARD, SIBLINGS

TITLES = (*CARDS, *NO_CARDS)
FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in string.printable if "!" <= char <= "~"} | {ord(" "): "\u3000"}


@pytest.mark.parametrize("title", CARDS)
def test_card(title: str) -> None:
    assert identify(title) == CARDS[title]


@pytest.mark.parametrize("title", NO_CARDS)
def test_no_card_and_why(title: str) -> None:
    answer = identify(title)
    assert isinstance(answer, NotACard)
    assert answer.code == NO_CARDS[title]
    assert answer.reason


@pytest.mark.parametrize("titles", SAME_BOARD)
def test_copies_of_one_board_are_one_sku(titles: tuple[str, ...]) -> None:
    assert len({key(title) for title in titles}) == 1


@pytest.mark.parametrize("titles", SIBLINGS)
def test_siblings_are_different_skus(titles: tuple[str, ...]) -> None:
    assert len({key(title) for title in titles}) == len(titles)


def test_a_used_board_is_the_same_card_in_another_condition() -> None:
    new, used = (identify(f"GIGABYTE 지포스 RTX 4070 WINDFORCE OC D6X 12GB{suffix}") for suffix in ("", " (중고)"))
    assert isinstance(new, Card)
    assert isinstance(used, Card)
    assert new.sku_key == used.sku_key
    assert (new.condition, used.condition) == (Condition.NEW, Condition.USED)


def key(title: str) -> object:
    card = identify(title)
    assert isinstance(card, Card), title
    return card.sku_key


@pytest.mark.parametrize("chip", chipsets(), ids=lambda chip: str(chip.name))
def test_every_canonical_name_identifies_itself(chip: object) -> None:
    name = getattr(chip, "name", "")
    for title in (name, name.upper(), f"{name} (중고)"):
        answer = identify(title)
        assert isinstance(answer, Card), title
        assert (answer.chipset, answer.model_name) == (name, "")


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_never_raises(text: str) -> None:
    answer = identify(text)
    assert isinstance(answer, Card | NotACard)
    assert identify(text) == answer


@given(st.lists(st.sampled_from(sorted({word for title in TITLES for word in title.split()})), max_size=12))
def test_never_raises_on_shuffled_titles(words: list[str]) -> None:
    answer = identify(" ".join(words))
    assert isinstance(answer, Card | NotACard)
    if isinstance(answer, Card):
        assert answer.vram_gb is None or answer.vram_gb > 0
        assert isinstance(answer.condition, Condition)


@pytest.mark.parametrize(
    "text", ["\x00", "RTX 4070\x00", "\ud800", "RTX 4070 12GB \udfff", "지포스 RTX 4070 ²", "٣٠٨٠ GB", "① GB"]
)
def test_odd_characters(text: str) -> None:
    assert isinstance(identify(text), Card | NotACard)


@given(st.sampled_from(TITLES), st.sampled_from([" ", "  ", "\t", "\u00a0", "\u3000", "\n", " \u2009"]))
def test_white_space_does_not_matter(title: str, space: str) -> None:
    assert identify(space + title.replace(" ", space) + space) == identify(title)


@given(st.sampled_from(TITLES), st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))
def test_case_does_not_matter(title: str, change: object) -> None:
    assert callable(change)
    assert identify(change(title)) == identify(title)


@given(st.sampled_from(TITLES))
def test_width_does_not_matter(title: str) -> None:
    assert identify(title.translate(FULL_WIDTH)) == identify(title)


@given(st.sampled_from(sorted(CARDS)))
def test_marks_do_not_matter(title: str) -> None:
    marked = title.replace("RTX", "RTX™").replace("Radeon", "Radeon®").replace(" ", " \u200b")
    assert identify(marked) == identify(title)


def test_a_very_long_title_is_cut_not_refused() -> None:
    assert identify("MSI 지포스 RTX 4070 D6X 12GB " + "x" * 1_000_000) == identify(
        "MSI 지포스 RTX 4070 D6X 12GB " + "x" * 600
    )


def test_the_memory_of_words_is_bounded() -> None:
    lexicon = Lexicon()
    for number in range(MOST_WORDS + 10):
        lexicon[f"w{number}"]
    assert len(lexicon) <= MOST_WORDS
    lexicon["x" * (LONGEST_WORD + 1)]
    assert "x" * (LONGEST_WORD + 1) not in lexicon
