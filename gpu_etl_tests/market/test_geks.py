"""The level of a window of days: what must hold of it whatever the prices are."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gpu_etl.market.geks import Prices, geks, jevons, spliced

PRICE = st.floats(min_value=100_000, max_value=5_000_000)
FACTOR = st.floats(min_value=0.5, max_value=2)
NONE = float("nan")


@st.composite
def windows(draw: st.DrawFn) -> Prices:
    """Days x cards with gaps; the last day has a price."""
    days, cards = draw(st.integers(2, 8)), draw(st.integers(1, 6))
    cell = st.one_of(PRICE, PRICE, st.just(NONE))
    table = np.array([[draw(cell) for _ in range(cards)] for _ in range(days)])
    assume(not np.isnan(table[-1]).all())
    return table


def same(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and one == pytest.approx(other, rel=1e-9))


def test_two_days_are_compared_by_the_cards_that_both_have() -> None:
    prices = np.array([[100.0, 200, NONE], [110, NONE, 300], [121, 220, 300]])
    assert jevons(prices)[0, 1] == pytest.approx(log(1.1))
    assert jevons(prices)[0, 2] == pytest.approx((log(1.21) + log(1.1)) / 2)
    assert np.isnan(jevons(np.array([[100.0, NONE], [NONE, 200]]))[0, 1])


def test_a_card_that_comes_back_dearer_after_a_gap_counts() -> None:
    prices = np.array([[100.0, 100], [100, NONE], [100, 121]])
    level = spliced(prices, [100, 100])
    chain_of_days = 100
    assert level is not None
    assert level > chain_of_days + 3


def test_days_that_no_card_connects_have_no_level() -> None:
    assert spliced(np.array([[100.0, NONE], [NONE, 200]]), [100]) is None
    assert spliced(np.array([[100.0], [200]]), [None]) is None
    assert spliced(np.array([[100.0]]), []) is None


@given(window=windows())
def test_the_way_there_and_back_is_no_change(window: Prices) -> None:
    assume(not np.isnan(window[0]).all())
    there, back = geks(window)[0], geks(window[::-1])[0]
    assert (np.isnan(there) and np.isnan(back)) or there == pytest.approx(-back, abs=1e-9)


@given(window=windows(), at=st.integers(0, 7))
def test_prices_as_they_were_on_a_day_give_that_days_level(window: Prices, at: int) -> None:
    at %= len(window) - 1
    assume(not np.isnan(window[at]).any())
    window[-1] = window[at]
    levels: list[float | None] = [None] * (len(window) - 1)
    levels[at] = 93.5
    assert spliced(window, levels) == pytest.approx(93.5)


@given(window=windows(), factor=FACTOR)
def test_all_prices_times_a_factor_give_the_level_times_that_factor(window: Prices, factor: float) -> None:
    levels = [100.0] * (len(window) - 1)
    before = spliced(window, levels)
    window[-1] *= factor
    after = spliced(window, levels)
    assert (before is None and after is None) or same(after, (before or 0) * factor)


@given(window=windows(), units=st.lists(FACTOR, min_size=6, max_size=6))
def test_it_does_not_matter_in_which_unit_a_card_is_priced(window: Prices, units: list[float]) -> None:
    levels = [100.0] * (len(window) - 1)
    assert same(spliced(window * np.array(units[: window.shape[1]]), levels), spliced(window, levels))


@given(window=windows())
def test_the_order_of_cards_does_not_matter(window: Prices) -> None:
    levels = [100.0] * (len(window) - 1)
    assert same(spliced(window[:, ::-1], levels), spliced(window, levels))


@given(window=windows(), card=st.integers(0, 5), fall=st.floats(min_value=0.3, max_value=1))
def test_a_price_that_falls_never_raises_it(window: Prices, card: int, fall: float) -> None:
    levels = [100.0] * (len(window) - 1)
    before = spliced(window, levels)
    window[-1, card % window.shape[1]] *= fall
    after = spliced(window, levels)
    assert (before is None) == (after is None)
    assert before is None or after is None or after <= before * (1 + 1e-12)


@given(window=windows())
def test_with_every_price_known_it_is_the_plain_geometric_mean(window: Prices) -> None:
    assume(not np.isnan(window).any())
    changes = np.log(window[-1]) - np.log(window[0])
    assert exp(geks(window)[0]) == pytest.approx(exp(changes.mean()))
