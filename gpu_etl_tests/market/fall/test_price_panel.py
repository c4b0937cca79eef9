"""Which prices of a panel are believed, and that nothing that is said of a day depends on a later one."""

from __future__ import annotations

import numpy as np
import pytest

from gpu_etl.market.fall.price_panel import Listing, PricePanel, Table, believed, bridged
from gpu_etl_tests.market.fall.fake_market import FIRST_DAY, market

NONE = float("nan")


def column(*values: float) -> Table:
    return np.array(values, dtype=float)[:, None]


def shown(table: Table) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in table[:, 0]]


def test_a_fall_seen_once_is_not_believed_and_a_second_sighting_is() -> None:
    usual, low = 1_288_600.0, 850_000.0
    assert shown(believed(column(usual, usual, usual, low, usual))) == [usual, usual, usual, None, usual]
    assert shown(believed(column(usual, usual, usual, low, low, low))) == [usual, usual, usual, None, low, low]


@pytest.mark.parametrize("slip", [1.0, 52.0, 4_999.0, 9_000_000.0, 150_000.0])
def test_slips_are_left_out(slip: float) -> None:
    assert shown(believed(column(900_000, 900_000, slip, 900_000))) == [900_000, 900_000, None, 900_000]


def test_an_ordinary_fall_is_believed_at_once() -> None:
    assert shown(believed(column(900_000, 900_000, 900_000, 800_000)))[-1] == 800_000


def test_a_gap_is_bridged_for_a_while() -> None:
    assert shown(bridged(column(1, NONE, NONE, NONE, 5, NONE), 2)) == [1, 1, 1, None, 5, 5]


def test_belief_in_a_day_does_not_change_with_later_days() -> None:
    price = market(80).price
    changed = price.copy()
    changed[50:] *= np.random.default_rng(1).uniform(0.1, 3, changed[50:].shape)
    np.testing.assert_array_equal(believed(price)[:50], believed(changed)[:50])


def test_a_panel_whose_tables_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 listings"):
        PricePanel(
            FIRST_DAY, [Listing("danawa", str(n), "card", "GeForce RTX 5070") for n in (1, 2)], column(1), column(1)
        )
