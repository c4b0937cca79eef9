import pytest

from gpu_etl.market.gates import DayCounts, PartCount, blindness

USUAL = [960] * 28


def day(**changes: object) -> DayCounts:
    """A day like any other, but for the changes."""
    plain = {
        "rows": 960,
        "priceless": 20,
        "previous_rows": 960,
        "vanished": 10,
        "compared": 930,
        "unchanged": 600,
        "moved": 20,
    }
    return DayCounts(**{**plain, "hours_since_previous": 24.0, **changes})  # type: ignore[arg-type]


def test_a_day_like_the_others_passes() -> None:
    assert blindness(day(), USUAL) == []


def test_the_first_day_ever_passes_on_its_own_numbers() -> None:
    assert blindness(DayCounts(rows=990, priceless=15), []) == []


def test_a_few_that_go_from_a_short_list_are_chance() -> None:
    assert blindness(day(well_sold=117, well_sold_vanished=5), USUAL) == []
    assert blindness(day(well_sold=200, well_sold_vanished=9), USUAL) != []


@pytest.mark.parametrize(
    ("listings", "lost", "refused"), [(136, 2, False), (136, 4, False), (136, 5, True), (40, 8, True)]
)
def test_a_few_prices_lost_from_a_short_list_are_chance(listings: int, lost: int, refused: bool) -> None:
    short = DayCounts(rows=listings, priceless=lost, common=listings, lost_price=lost)
    assert any("lost their price" in reason for reason in blindness(short, [listings])) == refused


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rows": 0}, "no rows at all"),
        ({"rows": 390, "compared": 380, "vanished": 0, "unchanged": 200}, "390 rows against a median of 960"),
        ({"vanished": 200}, "21% of the last day's listings vanished"),
        ({"priceless": 300}, "31% without a price"),
        ({"unreadable": 96}, "10% with a price that cannot be read (96 of 960; at most 2%)"),
        ({"slips": 20, "suspect": 20}, "2.1% with a price that is not credible (20 of 960; at most 1.5%)"),
        ({"suspect": 100}, "10% with a price that nothing confirms yet (100 of 960; at most 10%)"),
        ({"moved": 400}, "43% of the prices moved"),
        ({"unchanged": 925}, "99% of the prices are exactly the last day's"),
        (
            {"well_sold": 700, "well_sold_vanished": 35},
            "5% of the last day's listings of 5 shops and more vanished (35 of 700; at most 3%)",
        ),
        ({"common": 940, "lost_price": 20}, "2.1% of the listings lost their price (20 of 940; at most 1%)"),
        (
            {"chipsets": [PartCount("GeForce RTX 5070", 40, 20), PartCount("Arc B580", 5, 5)]},
            "50% of the last day's GeForce RTX 5070 listings of 5 shops and more vanished",
        ),
        (
            {"pages": [PartCount("page 7", 30, 9), PartCount("page 33", 9, 9)]},
            "30% of the prices on page 7 are doubtful",
        ),
        ({"rows_at_crawl": 960, "rows_reread": 900}, "900 rows read from pages that held 960 when they came"),
    ],
)
def test_each_kind_of_blindness_is_named_with_its_numbers(changes: dict[str, object], says: str) -> None:
    reasons = blindness(day(**changes), USUAL)
    assert len(reasons) == 1
    assert reasons[0].startswith(says)


def test_unchanged_prices_an_hour_later_are_no_wonder() -> None:
    assert blindness(day(unchanged=925, hours_since_previous=1.0), USUAL) == []


def test_the_lowest_genuine_day_of_two_years_passes() -> None:
    assert blindness(day(rows=779, vanished=100), USUAL) == []


def test_shares_of_a_handful_say_nothing() -> None:
    assert blindness(DayCounts(rows=5, priceless=5), []) == []


def test_limits_widen_with_the_days_that_nobody_looked() -> None:
    change = {"vanished": 170, "well_sold": 700, "well_sold_vanished": 50, "moved": 330}
    assert len(blindness(day(**change), USUAL)) == 3
    assert blindness(day(**change, days_since_previous=7), USUAL) == []


def test_a_day_of_discounts_everywhere_is_held_price_by_price_and_passes() -> None:
    assert blindness(day(suspect=58), USUAL) == []
