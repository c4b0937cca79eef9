from datetime import date, timedelta

import pytest

from gpu_etl.market.suspects import Judge, RecentPrices, disagreement, suspect_reason
from gpu_etl.sources.records import PaymentCondition, SellerOffer

STEADY = RecentPrices(median=1_288_600, last=1_288_600, observations=14)


def test_an_ordinary_price_is_believed() -> None:
    assert suspect_reason(1_250_000, STEADY) is None


def test_a_deep_dip_waits_for_a_second_sighting() -> None:
    assert suspect_reason(850_000, STEADY) == "34% below its own 14-day median of 1,288,600, seen once"


def test_the_second_sighting_releases_it() -> None:
    seen_yesterday = RecentPrices(median=1_288_600, last=850_000, observations=14)
    assert suspect_reason(850_000, seen_yesterday) is None


def test_a_slow_slide_is_no_dip() -> None:
    assert suspect_reason(900_000, RecentPrices(median=1_100_000, last=950_000, observations=14)) is None


@pytest.mark.parametrize(("price", "says"), [(9_000_000, "10 times"), (90_000, "0.1 times")])
def test_a_tenfold_price_needs_no_history_to_be_strange(price: int, says: str) -> None:
    only_yesterday = RecentPrices(median=900_000, last=900_000, observations=1)
    assert (suspect_reason(price, only_yesterday) or "").startswith(says)


@pytest.mark.parametrize("observations", [1, 13])
@pytest.mark.parametrize("slip", [105_290, 10_529_000, 1_119])
def test_the_ordinary_price_is_believed_on_the_day_after_a_slip(slip: int, observations: int) -> None:
    assert suspect_reason(1_052_000, RecentPrices(median=1_052_900, last=slip, observations=observations)) is None


def test_a_new_listing_has_nothing_to_be_compared_with() -> None:
    assert suspect_reason(300_000, None) is None


def test_a_deep_fall_is_strange_on_the_second_day_already() -> None:
    only_yesterday = RecentPrices(median=900_000, last=900_000, observations=1)
    assert suspect_reason(600_000, only_yesterday) == "33% below its last price of 900,000, seen once"
    assert suspect_reason(650_000, only_yesterday) is None


def shop(name: str, price: int, condition: PaymentCondition = PaymentCondition.CARD) -> SellerOffer:
    return SellerOffer(name, price, 0, condition)


def test_two_shops_that_take_cards_confirm_a_fall() -> None:
    assert suspect_reason(850_000, STEADY, sellers=[shop("a", 850_000), shop("b", 900_000)]) is None


@pytest.mark.parametrize(
    "second",
    [shop("b", 1_290_000), shop("a", 860_000), shop("b", 860_000, PaymentCondition.CASH)],
    ids=["asks the usual", "is the same shop", "wants cash"],
)
def test_one_shop_alone_confirms_nothing(second: SellerOffer) -> None:
    assert suspect_reason(850_000, STEADY, sellers=[shop("a", 850_000), second]) is not None


def test_no_number_of_shops_makes_a_slip_of_a_digit_credible() -> None:
    shops = [shop(name, 128_860) for name in "abcdefgh"]
    assert suspect_reason(128_860, STEADY, sellers=shops) == "0.1 times its last price of 1,288,600, seen once"


def test_the_list_and_the_product_page_may_differ_by_minutes_not_by_digits() -> None:
    assert disagreement(500_000, 510_000) is None
    assert disagreement(None, 510_000) is None
    assert disagreement(500_000, None) is None
    assert disagreement(5_000_000, 500_000) == "the list says 5,000,000, the product page 500,000"


@pytest.mark.parametrize("price", [1, 52, 1119])
def test_a_slip_of_the_shop_is_never_believed(price: int) -> None:
    assert "below 5,000" in (suspect_reason(price, None) or "")


def test_cents_are_not_won() -> None:
    assert suspect_reason(4_999, None, currency="USD") is None


def judged(*prices: int, judge: Judge | None = None, first: date = date(2026, 3, 1)) -> list[bool]:
    """Whether each of a listing's prices, a day apart, is held back."""
    judge = judge or Judge()
    days = (first + timedelta(days=after) for after in range(len(prices)))
    return [judge.reason("1", day, price) is not None for day, price in zip(days, prices, strict=True)]


def test_a_series_is_judged_day_by_day() -> None:
    dip = [1_288_600, 1_288_600, 1_290_000, 850_000, 1_288_600]
    assert judged(*dip) == [False, False, False, True, False]
    assert judged(*dip[:4], 850_000) == [False, False, False, True, False], "the second sighting releases it"
    assert judged(52, 1_288_600, 6_500_000) == [True, True, True]
    assert judged(1_288_600, 900_000) == [False, True]
    assert judged(1_000_800, 100_820, 1_012_800) == [False, True, False], "back from a slip, as on 2025-04-25"


def test_a_held_price_is_no_part_of_the_median_that_the_next_is_held_against() -> None:
    judge = Judge()
    assert judged(*[1_000_000] * 3, 700_000, 1_000_000, 840_000, judge=judge) == [False] * 3 + [True, False, True]
    assert judge.held == 2


def test_prices_of_more_than_a_fortnight_ago_are_forgotten() -> None:
    judge = Judge()
    assert judged(*[1_000_000] * 5, judge=judge) == [False] * 5
    assert judged(600_000, judge=judge, first=date(2026, 3, 20)) == [False]


def test_a_day_before_one_that_was_judged_is_not_judged() -> None:
    judge = Judge()
    assert judged(*[1_000_000] * 5, judge=judge) == [False] * 5
    assert judged(600_000, judge=judge) == [False]


def test_one_that_goes_on_after_another_leaves_that_one_as_it_was() -> None:
    before = Judge()
    judged(*[1_000_000] * 5, judge=before)
    for _ in range(2):
        again = Judge(before)
        assert judged(600_000, judge=again, first=date(2026, 3, 6)) == [True]
        assert (again.held, before.held) == (1, 0)
