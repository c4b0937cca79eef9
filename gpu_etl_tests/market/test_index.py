from datetime import date

import pytest

from gpu_etl.market.index import CardPrice, Link, chipset_index

YESTERDAY, DAY = date(2026, 3, 7), date(2026, 3, 8)


def cards(*prices: int, sellers: int | None = 20) -> list[CardPrice]:
    return [CardPrice(f"sku{n}", price, sellers) for n, price in enumerate(prices)]


def by_card(*prices: int) -> dict[str, int]:
    return {f"sku{n}": price for n, price in enumerate(prices)}


def test_the_chain_starts_at_100() -> None:
    row = chipset_index(DAY, cards(*[500_000] * 12), {}, None)
    assert (row.index_value, row.base_day, row.previous_day, row.status) == (100.0, DAY, None, "published")


def test_the_mean_of_like_for_like_changes_moves_it() -> None:
    link = Link(YESTERDAY, 120.0, date(2026, 1, 1))
    row = chipset_index(DAY, cards(*[495_000] * 6, *[500_000] * 6), by_card(*[500_000] * 12), link)
    assert row.mean_change_pct == pytest.approx(-0.5)
    assert row.index_value == pytest.approx(120 * 0.995)
    assert (row.base_day, row.previous_day, row.matched_pairs) == (date(2026, 1, 1), YESTERDAY, 12)


def test_a_cheap_card_that_sells_out_moves_the_median_but_not_the_index() -> None:
    link = Link(YESTERDAY, 100.0, YESTERDAY)
    before = by_card(*range(400_000, 620_000, 20_000))
    left = [CardPrice(sku, price, 20) for sku, price in before.items() if price > 400_000]
    row = chipset_index(DAY, left, before, link)
    assert row.index_value == pytest.approx(100)
    assert row.median_price == 510_000


def test_one_slip_moves_it_by_the_clipped_change_only() -> None:
    row = chipset_index(DAY, cards(50_000, *[500_000] * 9), by_card(*[500_000] * 10), Link(YESTERDAY, 100.0, YESTERDAY))
    assert row.index_value == pytest.approx(100 * (1 - 0.25 / 10))


def test_a_day_without_a_matched_card_keeps_the_level() -> None:
    row = chipset_index(DAY, cards(*[500_000] * 12), {}, Link(YESTERDAY, 87.5, YESTERDAY))
    assert (row.index_value, row.matched_pairs, row.mean_change_pct, row.status) == (87.5, 0, None, "thin")


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
    row = chipset_index(DAY, cards(*prices, sellers=sellers), {}, None)
    assert row.status == status
    assert row.reason is None if says is None else str(row.reason).startswith(says)


def test_a_vanished_range_is_end_of_life() -> None:
    cohort = frozenset(f"old{n}" for n in range(30)) | {"sku0", "sku1"}
    row = chipset_index(DAY, cards(*[4_136_750] * 12), {}, None, cohort)
    assert row.status == "end_of_life"
    assert "94% of the cards of 90 days ago are gone" in str(row.reason)


def test_spread_is_the_interquartile_range_of_the_median() -> None:
    row = chipset_index(DAY, cards(100, 200, 300, 400, 500), {}, None)
    assert (row.low_price, row.median_price, row.spread_pct, row.sellers) == (100, 300, pytest.approx(200 / 3), 100)
