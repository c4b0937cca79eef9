import pytest

from gpu_etl.market.suspects import RecentPrices, suspect_reason

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


def test_a_new_listing_has_nothing_to_be_compared_with() -> None:
    assert suspect_reason(300_000, None) is None
    assert suspect_reason(300_000, RecentPrices(900_000, 900_000, observations=2)) is None


@pytest.mark.parametrize("price", [1, 52, 1119])
def test_a_slip_of_the_shop_is_never_believed(price: int) -> None:
    assert "below 5,000" in (suspect_reason(price, None) or "")


def test_cents_are_not_won() -> None:
    assert suspect_reason(4_999, None, currency="USD") is None
