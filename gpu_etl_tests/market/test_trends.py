from datetime import date, timedelta

import pytest

from gpu_etl.market.trends import trend

DAY = date(2026, 3, 14)


def mentions(recent: int, before: int) -> dict[date, int]:
    """So many a day in the week that ends with DAY, and in the week before."""
    return {DAY - timedelta(days=back): recent if back < 7 else before for back in range(14)}


def test_a_week_is_compared_with_the_week_before() -> None:
    row = trend(DAY, mentions(3, 2), posts=200, weight=3)
    assert (row.mentions, row.mentions_7d, row.mentions_previous_7d) == (3, 21, 14)
    assert row.growth_pct == pytest.approx(50)
    assert row.is_rising is False
    assert row.mentions_per_1000 == pytest.approx(15)
    assert row.weighted_score == 9


def test_growth_above_half_is_rising() -> None:
    assert trend(DAY, mentions(31, 20), posts=200, weight=1).is_rising is True


def test_a_day_that_was_not_read_is_unknown_not_zero() -> None:
    counted = mentions(3, 2)
    del counted[DAY]
    row = trend(DAY, counted, posts=None, weight=1)
    assert (row.mentions, row.posts, row.mentions_7d, row.growth_pct, row.weighted_score) == (None,) * 5
    assert row.mentions_previous_7d == 14
    assert "not read" in (row.growth_reason or "")


def test_growth_from_nothing_has_no_number() -> None:
    row = trend(DAY, mentions(1, 0), posts=10, weight=1)
    assert (row.growth_pct, row.growth_reason, row.is_rising) == (None, "no mention in the week before", False)


def test_zero_mentions_of_a_read_day_are_zero() -> None:
    row = trend(DAY, mentions(0, 2), posts=10, weight=2)
    assert (row.mentions, row.weighted_score, row.growth_pct) == (0, 0, -100)
