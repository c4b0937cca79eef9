"""Whether posts are read as good or bad, against sentences of the trade and against labels."""

from __future__ import annotations

import csv
import html
import json
import time
from pathlib import Path

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from gpu_etl.market.polarity import polarity
from gpu_etl_tests.sources.material import shared

LABELS = Path(__file__).parent / "labels" / "polarity.csv"

GOOD = [
    "Insane deal on the 9070 XT",
    "This is a killer card for 1440p",
    "Sick uplift over my 3080",
    "Finally a 5080 at MSRP",
    "RTX 3090 prices crashed",
    "Runs cool and whisper quiet",
]
BAD = [
    "Melting connector on my 4090",
    "Black screen after every boot",
    "The coil whine is unbearable",
    "Another price hike for the 5090",
    "Scalpers bought everything",
    "DOA card, second RMA this month",
]
PLAIN = [
    "RTX 5070 or 9070 XT for 1440p?",
    "[USA-CA] [H] RTX 3080 [W] PayPal",
    "Need help with my build, please",
    "NVIDIA announces the RTX 5060",
    "",
]


@pytest.mark.parametrize(
    ("title", "sign"), [*((t, 1) for t in GOOD), *((t, -1) for t in BAD), *((t, 0) for t in PLAIN)]
)
def test_the_words_of_the_trade_are_understood(title: str, sign: int) -> None:
    assert polarity(title).sign == sign


def test_a_silent_title_leaves_it_to_the_text() -> None:
    assert polarity("My 4090", "It crashes daily. Black screens too.").sign == -1
    assert polarity("My 4090", "Thanks for reading.\n\n> it crashes daily").sign == 0


def test_a_denied_complaint_is_none() -> None:
    assert polarity("No issues with my 4090").sign >= 0
    assert polarity("This card is not worth it").sign == -1


def test_scores_stay_within_bounds() -> None:
    assert -1 <= polarity("garbage " * 200, "overpriced garbage. " * 200).score <= 1


def agreement(pairs: list[tuple[int, int]]) -> tuple[float, float]:
    """Share of posts rated right, and the mean over the three signs of F1."""
    f1 = []
    for sign in (-1, 0, 1):
        both = sum(pair == (sign, sign) for pair in pairs)
        f1.append(2 * both / sum((true == sign) + (rated == sign) for true, rated in pairs))
    return sum(true == rated for true, rated in pairs) / len(pairs), sum(f1) / 3


def test_beats_plain_vader_on_the_labels_kept_for_testing() -> None:
    with LABELS.open(newline="", encoding="utf-8") as file:
        labels = {r["post_id"]: int(r["polarity"]) for r in csv.DictReader(file) if r["half"] == "test"}
    with shared("data", "reddit", "gpu_posts.ndjson").open(encoding="utf-8") as file:
        posts = {p["id"]: (html.unescape(p["title"]), html.unescape(p["selftext"])) for p in map(json.loads, file)}
    vader = SentimentIntensityAnalyzer()

    def plain(title: str, body: str) -> int:
        score = vader.polarity_scores(f"{title}\n{body}")["compound"]
        return 0 if abs(score) < 0.05 else (1 if score > 0 else -1)

    ours = agreement([(sign, polarity(*posts[i]).sign) for i, sign in labels.items()])
    theirs = agreement([(sign, plain(*posts[i])) for i, sign in labels.items()])
    assert len(labels) >= 70
    assert ours[0] >= 0.64
    assert ours[0] >= theirs[0] + 0.15
    assert ours[1] >= theirs[1] + 0.05


def test_a_post_is_rated_in_milliseconds() -> None:
    polarity("warm", "up")
    start = time.perf_counter()
    for _ in range(20):
        polarity("My 4090", "It crashes daily and I do not know why. " * 50)
    assert time.perf_counter() - start < 2
