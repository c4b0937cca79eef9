"""The keyword rules as data, and what they find in sentences written for these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_etl.market import signals
from gpu_etl.market.signals import RulesError, Signal

RULES = signals.load_rules()

ONE = """
things:
  card: 'gpus?|graphics cards?'
keywords:
  - label: Shortage
    weight_group: default
    direction: up
    patterns:
      - 'sold out'
      - '<card> shortage'
"""


def labels(title: str, body: str = "") -> set[str]:
    return {signal.keyword for signal in signals.find("1abc", title, body, RULES)}


def test_the_six_keywords_and_their_weights() -> None:
    assert [(k.label, k.weight_group) for k in RULES.keywords] == [
        ("New Release", "new_release"),
        ("Leak", "new_release"),
        ("Issues", "default"),
        ("Price Drop", "price_drop"),
        ("Used Market", "default"),
        ("5070 release date", "new_release"),
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("NVIDIA launches the GeForce RTX 5070 at $549", {"New Release"}),
        ("Intel announces Arc B580", {"New Release"}),
        ("RTX 5070 release date?", {"New Release", "5070 release date"}),
        ("When will the 9070 XT come out", {"New Release", "5070 release date"}),
        ("RX 9060 XT launches on June 5th", {"New Release", "5070 release date"}),
        ("RTX 6070 specs leaked", {"Leak"}),
        ("Rumor: RTX 5080 SUPER gets 24GB", {"Leak"}),
        ("My 4090 has a melted connector", {"Issues"}),
        ("Is this coil whine normal?", {"Issues"}),
        ("RTX 4070 black screens since yesterday", {"Issues"}),
        ("[GPU] Sapphire RX 7800 XT - $419 ($449 - $30 off)", {"Price Drop"}),
        ("RTX 4070 prices finally dropped", {"Price Drop"}),
        ("[USA-CA] [H] RTX 3080 [W] PayPal", {"Used Market"}),
        ("Is a used RTX 3090 worth it?", {"Used Market"}),
    ],
)
def test_synonyms_are_heard(title: str, expected: set[str]) -> None:
    assert labels(title) == expected


@pytest.mark.parametrize(
    "title",
    [
        "A bleak future for custom loops",
        "My water cooling leaked all over the desk",
        "llama.cpp released with support for RTX 5090",
        "NVIDIA releases driver 580.10",
        "The new Nemotron model from NVIDIA is out",
        "GPU memory is used at 83 %",
        "What should I buy for 1440p?",
        "Elden Ring release date announced",
        "",
    ],
)
def test_what_only_sounds_like_it_is_not(title: str) -> None:
    assert labels(title) == set()


def test_a_keyword_counts_once_a_post_and_the_title_comes_first() -> None:
    found = signals.find("1abc", "coil whine", "more coil whine, and my 4090 crashes", RULES)
    assert found == [Signal("Issues", "coil whine", "title", 0, 10)]


def test_a_span_points_at_the_words_as_stored() -> None:
    body = "> quoted\n\nHello.\nMy RTX 4070 Ti SUPER crashes daily."
    (signal,) = signals.find("1abc", "help", body, RULES)
    assert (signal.matched_in, body[signal.start : signal.end]) == ("body", signal.matched_text)
    assert signal.matched_text == "RTX 4070 Ti SUPER crashes"


@pytest.mark.parametrize(
    "body",
    [
        "> my RTX 4070 crashes",
        "See:\n\n    RTX 4070 crashes\n    twice",
        "```\nRTX 4070 crashes\n```",
        "what does `RTX 4070 crashes` mean",
        "[log](https://example.com/rtx-4070-coil-whine)",
        "**GPU** | RTX 4070 crashes | $500",
    ],
)
def test_quotes_code_tables_and_addresses_are_not_the_posts_own_words(body: str) -> None:
    assert signals.find("1abc", "question", body, RULES) == []
    assert len(signals.own_words(body)) == len(body)


def test_a_fence_that_is_never_closed_hides_the_rest() -> None:
    assert signals.find("1abc", "t", "```\nRTX 4070 crashes\nand again", RULES) == []


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        ({"title": "RTX 5070 launch megathread"}, "megathread"),
        ({"title": "Confirmed Trade Thread - March"}, "megathread"),
        ({"title": "Simple Questions - March 3"}, None),
        ({"title": "RTX 5070 launch", "body": "*I am a bot, and this action was performed automatically.*"}, "bot"),
        ({"title": "RTX 5070 launch", "is_stickied": True}, "stickied"),
        ({"title": "RTX 5070 launch"}, None),
    ],
)
def test_posts_of_many_voices_or_none_are_left_out_with_the_reason(post: dict[str, object], reason: str | None) -> None:
    assert signals.why_excluded(**post) == reason  # type: ignore[arg-type]
    if reason in ("megathread", "bot"):
        assert signals.find("1abc", str(post["title"]), str(post.get("body", "")), RULES) == []


def test_adding_a_keyword_needs_no_code(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(ONE, encoding="utf-8")
    rules = signals.load_rules(file)
    assert [s.keyword for s in signals.find("1abc", "Another graphics card shortage", "", rules)] == ["Shortage"]
    assert (rules.keywords[0].direction, rules.keywords[0].weight) == ("up", None)
    file.write_text(ONE.replace("weight_group: default", "weight: 2.5"), encoding="utf-8")
    assert signals.load_rules(file).keywords[0].weight == 2.5


def test_the_version_changes_with_the_rules_and_with_nothing_else() -> None:
    assert signals.load(ONE).version == signals.load(ONE).version
    assert signals.load(ONE).version != signals.load(ONE.replace("sold out", "out of stock")).version


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no list under 'keywords'"),
        ("keywords: []", "no list under 'keywords'"),
        ("keywords: [\n", "not YAML in line"),
        ("keywords: [{patterns: [a]}]", "keyword 1 has no label"),
        ("keywords: [{label: A}]", "'A' has no list of patterns"),
        ("keywords: [{label: A, patterns: ['(']}]", "'A' has a pattern that does not compile, '('"),
        ("keywords: [{label: A, patterns: ['(?i)a']}]", "'A' has a pattern that does not compile, '(?i)a'"),
        ("keywords: [{label: A, patterns: ['a*']}]", "'A' has a pattern that matches everything"),
        ("keywords: [{label: A, patterns: [3]}]", "'A' has a pattern that is no text: 3"),
        ("keywords: [{label: A, patterns: ['<gpu> x']}]", "'A' uses the term <gpu>, which is not defined"),
        ("keywords: [{label: A, patterns: [a], wait: 3}]", "'A' has an unknown field 'wait'"),
        ("keywords: [{label: A, patterns: [a], weight: -3}]", "'A' has weight -3; allowed is a number of 0 or more"),
        ("keywords: [{label: A, patterns: [a], weight: much}]", "'A' has weight 'much'; allowed is a number"),
        ("things: {x: 'a*'}\nkeywords: [{label: A, patterns: [a]}]", "thing 'x' has a pattern that matches everything"),
        (
            "keywords: [{label: A, patterns: [a], weight_group: big}]",
            "'A' has weight_group 'big'; allowed are new_release",
        ),
        ("keywords: [{label: A, patterns: [a], direction: 1}]", "'A' has direction 1; allowed are down, up, unclear"),
        ("keywords: [{label: A, patterns: [a]}, {label: a, patterns: [b]}]", "'a' is there twice"),
        ("things: [x]\nkeywords: [{label: A, patterns: [a]}]", "'things' must map"),
        ("terms: {x: 3}\nkeywords: [{label: A, patterns: [a]}]", "term 'x' has a pattern that is no text"),
    ],
)
def test_a_malformed_entry_is_named_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(RulesError) as caught:
        signals.load(text)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"none\.yaml cannot be read"):
        signals.load_rules(tmp_path / "none.yaml")


def test_long_and_strange_text_is_searched_in_reasonable_time() -> None:
    body = ("gpu " * 1000) + "\ue000\ue0ff İ " + "x" * 20000 + " rtx 4070 crashes"
    assert [s.matched_text for s in signals.find("1abc", "İ", body, RULES)] == ["rtx 4070 crashes"]
