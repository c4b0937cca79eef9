from dataclasses import replace
from datetime import date, timedelta

import pytest

from gpu_etl.market.trends import Counted, trend

DAY = date(2026, 3, 14)


def counted(recent: int, before: int, posts: int = 200) -> dict[date, Counted]:
    """So many a day in the week that ends with DAY, and in the week before."""
    return {DAY - timedelta(days=back): Counted(recent if back < 7 else before, posts) for back in range(14)}


def test_a_week_is_compared_with_the_week_before() -> None:
    row = trend(DAY, counted(3, 2), weight=3)
    assert (row.mentions, row.mentions_7d, row.mentions_previous_7d) == (3, 21, 14)
    assert row.growth_pct == pytest.approx(50)
    assert row.is_rising is False
    assert row.mentions_per_1000 == pytest.approx(15)
    assert row.weighted_score == 9


def test_growth_above_half_is_rising() -> None:
    assert trend(DAY, counted(31, 20), weight=1).is_rising is True


def test_a_day_that_was_not_read_is_unknown_not_zero() -> None:
    days = counted(3, 2)
    del days[DAY - timedelta(days=1)], days[DAY]
    row = trend(DAY, days, weight=1)
    assert (row.mentions, row.posts, row.mentions_7d, row.growth_pct, row.share_growth_pct, row.weighted_score) == (
        (None,) * 6
    )
    assert row.growth_reason == "Reddit was not read on 2 of the 14 days"
    assert row.is_rising is False


def test_the_running_day_has_numbers_but_is_not_compared() -> None:
    days = counted(4, 2) | {DAY - timedelta(days=14): Counted(2, 200)}
    days[DAY] = replace(days[DAY], mentions=1, posts=50, is_over=False)
    row = trend(DAY, days, weight=1)
    assert (row.mentions, row.mentions_per_1000) == (1, 20)
    assert (row.mentions_7d, row.mentions_previous_7d) == (6 * 4 + 2, 7 * 2)


def test_days_read_in_part_are_compared_by_their_share_alone() -> None:
    days = counted(4, 2)
    for back in (0, 3):  # half the posts, and half the mentions with them
        day = DAY - timedelta(days=back)
        days[day] = replace(days[day], mentions=2, posts=100, is_whole=False)
    row = trend(DAY, days, weight=1)
    assert row.growth_pct is None
    assert row.growth_reason == "Reddit was read only in part on 2 of the 14 days: compare shares"
    assert row.share_growth_pct == pytest.approx(100)
    assert row.is_rising is True
    assert row.mentions_7d == 24


def test_a_subreddit_that_joined_is_no_growth() -> None:
    days = counted(6, 2, posts=200)
    for back in range(7):
        day = DAY - timedelta(days=back)
        days[day] = replace(days[day], posts=600, parts=frozenset({"nvidia", "amd"}))
    row = trend(DAY, days, weight=1)
    assert row.growth_pct is None
    assert "not the same subreddits" in (row.growth_reason or "")
    assert row.share_growth_pct == pytest.approx(0)
    assert row.is_rising is False


def test_growth_from_nothing_has_no_number() -> None:
    row = trend(DAY, counted(1, 0), weight=1)
    assert (row.growth_pct, row.growth_reason, row.is_rising) == (None, "no mention in the week before", False)
    assert row.share_growth_pct is None


def test_zero_mentions_of_a_read_day_are_zero() -> None:
    row = trend(DAY, counted(0, 2), weight=2)
    assert (row.mentions, row.weighted_score, row.growth_pct) == (0, 0, -100)


def test_a_read_day_without_posts_has_no_share() -> None:
    assert trend(DAY, {DAY: Counted(0, 0)}, weight=1).mentions_per_1000 is None
