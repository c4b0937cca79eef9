"""A made-up market in which dear listings come back to their chipset: something that a model can learn."""

from __future__ import annotations

from datetime import date

import numpy as np

from gpu_etl.market.fall.price_panel import Listing, PricePanel
from gpu_etl.market.fall.talk import Talk

FIRST_DAY = date(2025, 1, 1)
CHIPSETS = ("GeForce RTX 5070", "GeForce RTX 5070 Ti", "Radeon RX 9070 XT")


def market(days: int, listings: int = 36, seed: int = 7) -> PricePanel:
    """Listings whose price jumps up now and then and falls back within weeks; a few days are missing."""
    rng = np.random.default_rng(seed)
    usual = rng.uniform(600_000, 1_500_000, listings)
    above = np.zeros((days, listings))
    for day in range(1, days):
        jump = np.where(rng.random(listings) < 0.012, rng.uniform(0.08, 0.25, listings), 0.0)
        above[day] = above[day - 1] * np.where(rng.random(listings) < 0.3, 0.85, 1.0) + jump
    price = np.round(usual * np.exp(above), -1)
    price[rng.random((days, listings)) < 0.03] = np.nan
    sellers = np.round(rng.uniform(1, 60, listings) + rng.normal(0, 1, (days, listings))).clip(1)
    known = [
        Listing("danawa", str(at), f"card-{at // 2}", CHIPSETS[at % 3], ("MSI", "ASUS")[at % 2])
        for at in range(listings)
    ]
    return PricePanel(FIRST_DAY, known, price, np.where(np.isnan(price), np.nan, sellers))


def talk(days: int, seed: int = 17) -> Talk:
    """A few posts a day name each chipset and the series expected after the RTX 50, some of them as news."""
    rng = np.random.default_rng(seed)
    named = (*CHIPSETS, "GeForce RTX 60")
    mentions = rng.integers(0, 12, (days, len(named))).astype(float)
    return Talk(named, rng.integers(80, 120, days).astype(float), mentions, np.floor(mentions / 2))


def with_other_talk_from(said: Talk, row: int) -> Talk:
    """The same up to a row, other counts from it on."""
    other = talk(len(said.posts), seed=23)
    upto = np.arange(len(said.posts)) < row
    return Talk(
        said.chipsets,
        np.where(upto, said.posts, other.posts),
        np.where(upto[:, None], said.mentions, other.mentions),
        np.where(upto[:, None], said.news, other.news),
    )
