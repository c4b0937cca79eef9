from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_etl import catalog
from gpu_etl.market.worth import Launch, launch_price, worth

PLAIN, SUPER, TI = "GeForce RTX 4070", "GeForce RTX 4070 SUPER", "GeForce RTX 4070 Ti"
LAUNCH = Launch(900_000, "599 dollars at a rate")
WON = st.integers(min_value=10_000, max_value=20_000_000)


def test_a_launch_price_says_how_it_was_made() -> None:
    made = launch_price(599, date(2024, 1, 17), Decimal("1325.9"))
    assert made == Launch(874_000, "599 dollars at 1,325.9 won, the mean of 2024-01, plus 10% value added tax")


def test_an_unknown_launch_price_says_why() -> None:
    assert launch_price(None, date(2024, 1, 17), Decimal(1300)) == Launch(None, "no launch price in the catalogue")
    assert launch_price(599, date(2031, 1, 17), None) == Launch(
        None, "no rate of 2031-01 for its 599 dollars in the catalogue"
    )


def test_the_cheapest_card_is_held_against_launch_siblings_and_speed() -> None:
    low_prices = {PLAIN: ("published", 810_000), SUPER: ("thin", 891_000), TI: ("end_of_life", 4_000_000)}
    made = worth(PLAIN, low_prices, LAUNCH, [SUPER, TI, "GeForce RTX 4070 Ti SUPER"], 27_000)
    assert (made.launch_price, made.premium_pct, made.premium_reason) == (900_000, pytest.approx(-10), LAUNCH.sentence)
    assert made.price_per_point == 30
    assert made.gaps == [{"chipset": SUPER, "gap": 81_000, "gap_pct": 10.0, "status": "thin"}]


@pytest.mark.parametrize("status", ["withheld", "end_of_life"])
def test_a_ghost_price_is_worth_nothing(status: str) -> None:
    made = worth(SUPER, {SUPER: (status, 4_136_750), PLAIN: ("published", 810_000)}, LAUNCH, [PLAIN], 30_000)
    assert (made.premium_pct, made.price_per_point, made.gaps) == (None, None, [])
    assert made.premium_reason == f"no comparison: its index is {status.replace('_', ' ')}"


def test_without_a_mark_there_is_no_price_per_point() -> None:
    assert worth(PLAIN, {PLAIN: ("published", 810_000)}, LAUNCH, [], None).price_per_point is None


@given(price=WON, more=WON)
def test_a_dearer_card_never_has_a_lower_premium_or_price_per_point(price: int, more: int) -> None:
    cheap = worth(PLAIN, {PLAIN: ("published", price)}, LAUNCH, [], 27_000)
    dear = worth(PLAIN, {PLAIN: ("published", price + more)}, LAUNCH, [], 27_000)
    assert (dear.premium_pct or 0) > (cheap.premium_pct or 0)
    assert (dear.price_per_point or 0) > (cheap.price_per_point or 0)


@given(price=WON, other=WON)
def test_gaps_mirror_each_other(price: int, other: int) -> None:
    low_prices = {PLAIN: ("published", price), SUPER: ("published", other)}
    [there] = worth(PLAIN, low_prices, LAUNCH, [SUPER], None).gaps
    [back] = worth(SUPER, low_prices, LAUNCH, [PLAIN], None).gaps
    assert there["gap"] == -back["gap"]


def test_the_catalogue_knows_the_4070s_siblings_and_the_rate_of_their_launches() -> None:
    assert catalog.siblings(PLAIN) == [SUPER, TI, "GeForce RTX 4070 Ti SUPER"]
    assert catalog.siblings("GeForce RTX 5080") == []
    assert catalog.won_per_dollar(date(2025, 3, 5)) == Decimal("1458.3")
    assert catalog.won_per_dollar(date(2012, 3, 5)) is None


def test_every_recent_launch_price_can_be_converted() -> None:
    chips = [chip for chip in catalog.chipsets() if chip.name in catalog.recent() and chip.price_usd and chip.launched]
    made = {
        chip.name: launch_price(chip.price_usd, chip.launched, catalog.won_per_dollar(chip.launched))
        for chip in chips
        if chip.launched
    }
    assert len(made) > 50
    assert [name for name, launch in made.items() if launch.price is None] == []
