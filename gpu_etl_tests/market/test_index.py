from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from benchmarks.index import past_of
from gpu_etl.market.index import CardPrice, Level, Past, chipset_index

YESTERDAY, DAY = date(2026, 3, 7), date(2026, 3, 8)


def back(days: int) -> date:
    return DAY - timedelta(days=days)


def cards(*prices: int, sellers: int | None = 20) -> list[CardPrice]:
    return [CardPrice(f"sku{n}", price, sellers) for n, price in enumerate(prices)]


def by_card(*prices: int) -> dict[str, int]:
    return {f"sku{n}": price for n, price in enumerate(prices)}


def past(prices: Mapping[date, Mapping[str, int]], level: float = 100.0, base: date = YESTERDAY) -> Past:
    """Days that all stand at one level; their medians are not told."""
    return past_of({day: Level(level, base, None) for day in prices}, prices)


def test_it_starts_at_100() -> None:
    row = chipset_index(DAY, cards(*[500_000] * 12), Past())
    assert (row.index_value, row.base_day, row.previous_day, row.status) == (100.0, DAY, None, "published")
    assert (row.change_7d_pct, row.median_change_pct, row.composition_pct) == (None, None, None)


def test_like_for_like_changes_move_it() -> None:
    before = past({YESTERDAY: by_card(*[500_000] * 12)}, 120.0, date(2026, 1, 1))
    row = chipset_index(DAY, cards(*[495_000] * 6, *[500_000] * 6), before)
    assert row.mean_change_pct == pytest.approx(100 * (0.99**0.5 - 1))
    assert row.index_value == pytest.approx(120 * 0.99**0.5)
    assert (row.base_day, row.previous_day, row.matched_pairs) == (date(2026, 1, 1), YESTERDAY, 12)


def test_a_cheap_card_that_sells_out_moves_the_median_but_not_the_index() -> None:
    prices = by_card(*range(400_000, 620_000, 20_000))
    before = past_of({YESTERDAY: Level(100.0, YESTERDAY, 500_000)}, {YESTERDAY: prices})
    left = [CardPrice(sku, price, 20) for sku, price in prices.items() if price > 400_000]
    row = chipset_index(DAY, left, before)
    assert row.index_value == pytest.approx(100)
    assert (row.median_price, row.median_change_pct) == (510_000, pytest.approx(2))
    assert (row.mean_change_pct, row.composition_pct) == (pytest.approx(0), pytest.approx(2))


def test_a_jump_waits_for_a_second_sighting_and_then_counts() -> None:
    first = cards(250_000, *[500_000] * 9)
    days = {YESTERDAY: by_card(*[500_000] * 10)}
    row = chipset_index(DAY, first, past(days))
    assert (row.index_value, row.matched_pairs) == (pytest.approx(100), 9)

    days = {back(ago): by_card(*[500_000] * 10) for ago in range(27, 1, -1)}
    row = chipset_index(DAY, first, past({**days, YESTERDAY: by_card(250_000, *[500_000] * 9)}))
    assert row.index_value == pytest.approx(100 * 0.5**0.1, rel=0.003)


def test_a_jump_for_a_day_and_back_leaves_no_trace() -> None:
    days = {back(2): by_card(*[500_000] * 10), YESTERDAY: by_card(5_000_000, *[500_000] * 9)}
    row = chipset_index(DAY, cards(*[500_000] * 10), past(days))
    assert row.index_value == pytest.approx(100)


def test_a_day_without_a_matched_card_has_no_level() -> None:
    row = chipset_index(DAY, cards(*[500_000] * 12), past({YESTERDAY: {"gone": 500_000}}, 87.5))
    assert (row.index_value, row.base_day, row.change_7d_pct) == (None, None, None)
    assert (row.matched_pairs, row.mean_change_pct, row.status) == (0, None, "thin")


def test_a_day_on_which_all_cards_jump_has_no_level_and_the_next_one_goes_on() -> None:
    days = {back(ago): by_card(*[1_000_000] * 6) for ago in range(8, 1, -1)}
    jumped = chipset_index(YESTERDAY, cards(*[1_300_000] * 6), past(days))
    assert (jumped.index_value, jumped.change_7d_pct) == (None, None)

    stored = past(days)
    seen_twice = past_of(stored.levels, {**days, YESTERDAY: by_card(*[1_300_000] * 6)})
    row = chipset_index(DAY, cards(*[1_300_000] * 6), seen_twice)
    assert (row.index_value, row.base_day) == (pytest.approx(130), YESTERDAY)


@pytest.mark.parametrize(
    ("before", "now", "waits"),
    [(160_000, 200_000, False), (400_000, 500_000, False), (400_000, 500_001, True),
     (200_000, 160_000, False), (500_000, 400_000, False), (500_000, 399_999, True)],
)  # fmt: skip
def test_a_jump_is_more_than_a_quarter_up_or_a_fifth_down(before: int, now: int, waits: bool) -> None:
    row = chipset_index(DAY, cards(now, *[500_000] * 9), past({YESTERDAY: by_card(before, *[500_000] * 9)}))
    assert row.matched_pairs == (9 if waits else 10)


def test_a_card_that_was_sold_out_for_a_week_is_compared_across_the_gap() -> None:
    full, without = by_card(*[500_000] * 12), by_card(*[500_000] * 11)
    days = {back(9): full, **{back(ago): without for ago in range(8, 0, -1)}}
    row = chipset_index(DAY, cards(*[500_000] * 11, 550_000), past(days))
    assert row.matched_pairs == 11
    assert row.index_value is not None
    assert row.index_value > 100.05


def test_the_weeks_change_is_told_within_one_series_only() -> None:
    prices = {back(ago): by_card(*[500_000] * 12) for ago in range(8, 0, -1)}
    levels = {day: Level(80.0 + ago, date(2026, 1, 1), 500_000) for ago, day in enumerate(prices)}
    today = cards(*[500_000] * 12)
    row = chipset_index(DAY, today, past_of(levels, prices))
    assert row.index_value is not None
    assert row.change_7d_pct == pytest.approx(100 * (row.index_value / 81 - 1))
    without = {day: level for day, level in levels.items() if day != back(7)}
    row = chipset_index(DAY, today, past_of(without, prices))
    assert row.index_value is not None
    assert row.change_7d_pct == pytest.approx(100 * (row.index_value / 80 - 1))
    anew = {day: Level(100.0, back(3), 500_000) if day >= back(3) else level for day, level in levels.items()}
    row = chipset_index(DAY, today, past_of(anew, prices))
    assert (row.base_day, row.index_value, row.change_7d_pct) == (back(3), pytest.approx(100), None)


@pytest.mark.parametrize(
    ("prices", "sellers", "status", "says"),
    [
        ([500_000] * 4, 20, "withheld", "4 cards with a price"),
        ([500_000] * 9, 20, "thin", "9 cards with a price"),
        ([500_000] * 12, 4, "thin", "0 cards with 5 or more sellers"),
        ([500_000] * 12, None, "published", None),
    ],
)
def test_few_cards_or_sellers_are_not_published_as_solid(
    prices: list[int], sellers: int | None, status: str, says: str | None
) -> None:
    row = chipset_index(DAY, cards(*prices, sellers=sellers), Past())
    assert row.status == status
    assert row.reason is None if says is None else str(row.reason).startswith(says)


def test_a_vanished_range_is_end_of_life() -> None:
    cohort = frozenset(f"old{n}" for n in range(30)) | {"sku0", "sku1"}
    row = chipset_index(DAY, cards(*[4_136_750] * 12), Past(), cohort)
    assert row.status == "end_of_life"
    assert "94% of the cards of 90 days ago are gone" in str(row.reason)


def test_spread_is_the_interquartile_range_of_the_median() -> None:
    row = chipset_index(DAY, cards(100, 200, 300, 400, 500), Past())
    assert (row.low_price, row.median_price, row.spread_pct, row.sellers) == (100, 300, pytest.approx(200 / 3), 100)
    assert row.low_sku_id == "sku0"
