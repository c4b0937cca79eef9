"""What the catalogue and the keyword rules make of the market, against what it was made from."""

from __future__ import annotations

from collections import Counter

import pytest

from gpu_etl.catalog import Card, Condition, NotACard, identify, mentions
from gpu_etl.demo.catalogue import BULK, IMPORT, USED
from gpu_etl.demo.market import Listing, Market
from gpu_etl.market import signals
from gpu_etl_tests.demo.conftest import NOW, TODAY

ENGLISH = {"지포스": "GeForce", "라데온": "Radeon", "인텔 아크": "Arc"}
CONDITIONS = {USED: Condition.USED, IMPORT: Condition.IMPORT, BULK: Condition.BULK}


def chipset(listing: Listing) -> str:
    name = listing.product.chipset or ""
    for korean, english in ENGLISH.items():
        name = name.replace(korean, english)
    return name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_card_is_known_by_its_title_and_nothing_else_is_one(seed: int) -> None:
    for listing in Market(seed, TODAY, 1).listings(TODAY):
        found = identify(listing.title)
        if listing.product.chipset is None:
            assert isinstance(found, NotACard), listing.title
            continue
        assert isinstance(found, Card), listing.title
        condition = next((c for word, c in CONDITIONS.items() if listing.title.endswith(word)), Condition.NEW)
        assert (found.chipset, found.condition) == (chipset(listing), condition), listing.title
        assert f" {found.vram_gb:g}GB" in listing.title


def test_boards_of_two_distributors_are_one_card(market: Market) -> None:
    keys = Counter(found.sku_key for x in market.listings(TODAY) if isinstance(found := identify(x.title), Card))
    assert 1 <= sum(number > 1 for number in keys.values()) <= 8


def test_every_keyword_is_heard_and_none_in_chatter(market: Market) -> None:
    rules = signals.load_rules()
    posts = market.posts(NOW)
    heard = Counter(
        (signal.keyword, post.topic == "chatter")
        for post in posts
        for signal in signals.find(post.post_id, post.title, post.body, rules)
    )
    for keyword in rules.keywords:
        assert heard[keyword.label, False] >= 10, keyword.label
        assert heard[keyword.label, True] == 0, keyword.label


def test_half_of_the_posts_name_a_chipset(market: Market) -> None:
    posts = market.posts(NOW)
    assert sum(bool(mentions(f"{post.title} {post.body}")) for post in posts) > len(posts) / 2
