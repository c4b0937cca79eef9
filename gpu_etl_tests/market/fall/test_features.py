"""The features of a card-day: no look-ahead, the same cost and the same numbers however long the history is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from gpu_etl.market.fall.features import FEATURES, MARKET_WIDE, NAMES, READ_DAYS, Features, day_features, prepare
from gpu_etl.market.fall.labels import later_change
from gpu_etl.market.fall.price_panel import Listing, PricePanel
from gpu_etl.market.fall.talk import FEATURES as OF_TALK
from gpu_etl_tests.market.fall.fake_market import FIRST_DAY, market, talk, with_other_talk_from

ROW = 150


def of(features: Features, name: str) -> Features:
    return features[:, NAMES.index(name)]


def one(prices: list[float], sellers: list[float] | None = None) -> dict[str, float]:
    """The features of the last day of one listing."""
    panel = PricePanel(
        FIRST_DAY,
        [Listing("danawa", "1", "card", "GeForce RTX 5070", "MSI")],
        np.array(prices, dtype=float)[:, None],
        np.array(sellers or [10.0] * len(prices))[:, None],
    )
    columns, features = day_features(prepare(panel), len(prices) - 1)
    assert list(columns) == [0]
    return dict(zip(NAMES, map(float, features[0]), strict=True))


def test_no_feature_of_a_day_changes_when_all_later_days_do() -> None:
    panel, said = market(200), talk(200)
    rng = np.random.default_rng(3)
    price, sellers = panel.price.copy(), panel.sellers.copy()
    price[ROW + 1 :] = rng.uniform(100_000, 9_000_000, price[ROW + 1 :].shape)
    sellers[ROW + 1 :] = rng.uniform(0, 300, sellers[ROW + 1 :].shape)
    # Talk of the day itself is still being written when its prices are scored.
    otherwise = with_other_talk_from(said, ROW)
    before, features = day_features(prepare(panel, said), ROW)
    after, again = day_features(prepare(replace(panel, price=price, sellers=sellers), otherwise), ROW)
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(features, again)
    assert all(np.isfinite(of(features, name)).any() for name in OF_TALK)
    _, later = day_features(prepare(panel, otherwise), ROW + 1)
    assert not np.array_equal(of(later, "talk_share_28d"), of(features, "talk_share_28d")), "it is heard the day after"


def test_a_shorter_reading_gives_the_same_features() -> None:
    panel = market(200)
    window = PricePanel(
        panel.day_of(ROW + 1 - READ_DAYS),
        panel.listings,
        panel.price[ROW + 1 - READ_DAYS : ROW + 1],
        panel.sellers[ROW + 1 - READ_DAYS : ROW + 1],
    )
    _, whole = day_features(prepare(panel), ROW)
    _, part = day_features(prepare(window), READ_DAYS - 1)
    np.testing.assert_allclose(whole, part, rtol=1e-5, atol=1e-6)


def test_every_feature_is_known_and_moves_on_a_market_with_history() -> None:
    _, features = day_features(prepare(market(200)), 199)
    for name in NAMES:
        values = of(features, name)
        assert np.isfinite(values).any() or name == "successor_age" or name in OF_TALK, name
        if name in MARKET_WIDE:
            assert len(set(values.tolist())) == 1, name
    assert set(FEATURES.values()) >= {"trend", "range", "sellers", "stock", "chipset", "launches", "market"}


def test_what_the_simple_ones_say() -> None:
    found = one([100_000.0] * 60 + [110_000.0] * 20 + [104_500.0])
    assert found["change_7d"] == pytest.approx(np.log(0.95), rel=1e-5)
    assert found["change_28d"] == pytest.approx(np.log(1.045), rel=1e-5)
    assert found["above_low_90d"] == pytest.approx(np.log(1.045), rel=1e-5)
    assert found["below_high_28d"] == pytest.approx(np.log(110 / 104.5), rel=1e-5)
    assert (found["changes_28d"], found["cuts_28d"], found["days_unchanged"]) == (2, 1, 0)
    assert np.isnan(found["change_90d"])
    assert found["market_change_7d"] == found["chipset_change_7d"] == found["change_7d"]


def test_a_launch_counts_from_its_day_on() -> None:
    def age(day: date) -> tuple[float, float]:
        panel = PricePanel(
            day, [Listing("danawa", "1", "card", "GeForce RTX 4070")], np.array([[700_000.0]]), np.array([[5.0]])
        )
        _, features = day_features(prepare(panel), 0)
        return float(of(features, "chipset_age")[0]), float(of(features, "successor_age")[0])

    launch = date(2025, 3, 5)  # GeForce RTX 5070
    assert np.isnan(age(launch - timedelta(days=1))[1])
    assert age(launch + timedelta(days=10)) == (702, 10)


def test_a_listing_without_a_price_that_day_has_no_line() -> None:
    panel = market(120)
    panel.price[119, :5] = np.nan
    columns, _ = day_features(prepare(panel), 119)
    assert not set(columns.tolist()) & set(range(5))


def test_the_event_is_a_price_five_percent_lower_four_weeks_later() -> None:
    price = np.full((40, 3), 100_000.0)
    price[28] = (95_000, 95_001, np.nan)
    price[27, 2] = 80_000
    change = later_change(price)
    assert change[0].tolist() == pytest.approx([-0.05, -0.04999, -0.2])
    assert np.isnan(change[39]).all()
