"""Looking for strings first changes nothing in what is found: not on real posts, not on made-up patterns and texts."""

from __future__ import annotations

import html
import json
import re
import string
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gpu_etl.market import signals
from gpu_etl.market.haystack import Haystack, Needles
from gpu_etl.market.needles import folded, needle
from gpu_etl.market.signals import Signal
from gpu_etl_tests.sources.material import shared

EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))
SOME, ALL = 15, 1
"""Every so many-th of the real posts."""


def together(needles: Needles) -> re.Pattern[str]:
    """The same patterns as the alternatives of one."""
    return re.compile("|".join(f"(?:{each.pattern.pattern})" for each in needles.each), re.IGNORECASE)


def test_folding_keeps_the_length_and_brings_together_what_matches_regardless_of_case() -> None:
    assert len(folded(EVERYTHING)) == len(EVERYTHING)
    for letter in string.ascii_lowercase + string.digits + "'-$/%":
        assert set(folded("".join(re.findall(re.escape(letter), EVERYTHING, re.IGNORECASE)))) == {letter}
    assert set(folded("".join(re.findall(r"\d", EVERYTHING)))) == set(string.digits)
    assert set(folded("".join(re.findall(r"\s", EVERYTHING)))) == {" "}


@pytest.mark.parametrize(
    ("pattern", "begins", "needs"),
    [
        ("coil[- ]?whine", {"coil ", "coil-", "coilw"}, [{"coil ", "coil-", "coilw"}]),
        ("leaks?|rumou?rs?", {"leak", "rumor", "rumou"}, [{"leak", "rumor", "rumou"}]),
        (r"(?<!\w)gpu.{0,9}?(?:die[sd]|dead)(?!\w)", {"gpu"}, [{"gpu"}, {"died", "dies", "dead"}]),
        (r"\d+ ?%", set("0123456789"), []),
        (r"(?:very )?\w+ hot", None, [{" hot"}]),
        ("Straße|[^x]?gpu", None, [{"gpu", "stra"}]),
        (".*", None, []),
    ],
)
def test_what_a_pattern_asks_of_a_text(pattern: str, begins: set[str] | None, needs: list[set[str]]) -> None:
    found = needle(pattern)
    assert (found.begins and set(found.begins)) == begins
    if "ß" in pattern:  # a letter with a case beyond ASCII says nothing
        needs = [{"stra", "gpu"}]
    assert [set(texts) for texts in found.needs] == needs


LETTERS = "aAkKsSiI.- 0é\u0130\u0131\u017f\u212a\u0663\u2003\ue000"
atoms = st.sampled_from(
    ["a", "K", "s", "i", "as", "ski", r"\.", "-", " ", "0", "é", "\ue000", r"\d", r"\s", r"\w", ".", "[a-k]", "[^s]"]
)
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*?", "{2}", "{1,2}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        inner.map(lambda part: rf"(?<!\w){part}"),
        inner.map(lambda part: rf"{part}\b"),
        inner.map(lambda part: f"{part}(?!s)"),
    ),
    max_leaves=6,
)


def matches_nothing(pattern: str, text: str) -> bool:
    """Whether a pattern has a match without any letter, somewhere in the text or in an empty one."""
    compiled = re.compile(pattern)
    found = [compiled.search("")] + [compiled.match(text, at) for at in range(len(text) + 1)]
    return any(match is not None and not match[0] for match in found)


def test_a_pattern_that_matches_nothing_at_the_end_comes_to_an_end() -> None:
    spans = [found.span() for found in Haystack("a").every(Needles([r"(?:a)?\b"]))]
    assert spans == [found.span() for found in re.finditer(r"(?:a)?\b", "a")]


@given(st.lists(patterns, min_size=1, max_size=3), st.text(LETTERS, max_size=12))
def test_made_up_patterns_find_what_they_find_without(sought: list[str], text: str) -> None:
    assume(not any(matches_nothing(pattern, text) for pattern in sought))  # a keyword is at least one letter
    needles = Needles(sought)
    pattern = together(needles)
    first = Haystack(text).first(needles)
    expected = pattern.search(text)
    assert (first and first.span()) == (expected and expected.span())
    assert [found.span() for found in Haystack(text).every(needles)] == [m.span() for m in pattern.finditer(text)]
    marked = Haystack(text).marked(needles, "\ue001", "\ue0ff")
    assert marked.text == pattern.sub(lambda m: "\ue001" + "\ue0ff" * (len(m.group()) - 1), text)
    again, afresh = (haystack.first(Needles(["k|s|0"])) for haystack in (marked, Haystack(marked.text)))
    assert (again and again.span()) == (afresh and afresh.span())


def find_without(title: str, body: str, rules: signals.Rules) -> list[Signal]:
    """The same search with every pattern tried everywhere."""
    if signals.why_excluded(title, body) is not None:
        return []
    places = {}
    for place, text in (("title", title), ("body", signals.own_words(body))):
        text = re.sub("[\ue000-\ue0ff]", " ", text)
        for mark, needles in rules.things.items():
            text = together(needles).sub(lambda m, mark=mark: mark + "\ue0ff" * (len(m.group()) - 1), text)  # type: ignore[misc]
        places[place] = text
    found = []
    for keyword in rules.keywords:
        pattern = together(keyword.needles)
        for place, text in places.items():
            if match := pattern.search(text):
                words = {"title": title, "body": body}[place][match.start() : match.end()]
                found.append(Signal(keyword.label, words, place, match.start(), match.end()))
                break
    return found


@pytest.mark.parametrize("every", [SOME, pytest.param(ALL, marks=pytest.mark.exhaustive)])
def test_real_posts_give_the_same_signals_with_and_without(every: int) -> None:
    rules = signals.load_rules()
    with shared("data", "reddit", "gpu_posts.ndjson").open(encoding="utf-8") as file:
        posts = [json.loads(line) for line in file][::every]
    found = 0
    for post in posts:
        title, body = html.unescape(post["title"]), html.unescape(post["selftext"])
        signals_of_post = signals.find(post["id"], title, body, rules)
        assert signals_of_post == find_without(title, body, rules), post["id"]
        found += len(signals_of_post)
    assert found > len(posts) / 10


PIECES = [
    "rtx 5070 ti", "RTX", "gpu", "video cards", "amd", "nvidia", "launched", "launch of the new", "release date",
    "leaked", "specs", "rumour", "crashes", "coil whine", "rma'd my", "melted connector", "price drop", "$249.99",
    "20 % off", "AR", "on sale", "[H]", "[W] paypal", "used", "selling my", "ebay", "when will", "come out",
    "next week", "march 5th", "2026", ".", "\n", "  ", "İſK", "is dead", "95 degrees", "so hot", "driver issues",
    "waiting for the next", "in", "is", "the",
]  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.booleans())
def test_sentences_of_the_trade_give_the_same_signals_with_and_without(pieces: list[str], is_upper: bool) -> None:
    text = " ".join(pieces)
    text = text.upper() if is_upper else text
    rules = signals.load_rules()
    assert signals.find("1abc", text, "", rules) == find_without(text, "", rules)
