from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import pytest

from gpu_etl.demo.market import DIP, FALLING, SLIDE_DAYS, Listing, Market
from gpu_etl.market.gates import DayCounts, blindness
from gpu_etl.market.suspects import RecentPrices, suspect_reason
from gpu_etl_tests.demo.conftest import TODAY

A_DAY = timedelta(days=1)


def days(market: Market) -> list[date]:
    return [market.first_day + timedelta(days=number) for number in range(market.days + 1)]


def prices(market: Market, day: date) -> dict[str, int]:
    return {listing.pcode: listing.price for listing in market.listings(day) if listing.price is not None}


def test_same_seed_same_market_and_another_seed_another_one() -> None:
    first, again, other = (Market(seed, TODAY, 10).listings(TODAY) for seed in (1, 1, 2))
    assert first == again
    assert [listing.title for listing in first] != [listing.title for listing in other]


def test_a_listing_keeps_its_number_and_title(market: Market) -> None:
    titles: dict[str, set[str]] = {}
    for day in days(market):
        for listing in market.listings(day):
            titles.setdefault(listing.pcode, set()).add(listing.title)
    assert len(titles) > 120
    assert all(len(names) == 1 for names in titles.values())
    assert len({name for names in titles.values() for name in names}) == len(titles)


def test_the_shelves_hold_what_a_real_category_holds(market: Market) -> None:
    today = market.listings(TODAY)
    titles = "\n".join(listing.title for listing in today)
    for part in ("지포스 RTX 30", "지포스 RTX 40", "지포스 RTX 50", "라데온 RX 66", "라데온 RX 7", "라데온 RX 9070 XT"):
        assert part in titles
    for part in ("인텔 아크 B580", "(중고)", "(해외구매)", "워터블럭", "eGPU", "라이저 케이블", "게이밍PC"):
        assert part in titles
    assert 100 <= sum(listing.product.watts > 0 for listing in today) <= 140
    assert len([listing for listing in today if listing.variant_of]) == 3


def test_a_variant_stands_right_after_its_row(market: Market) -> None:
    today = market.listings(TODAY)
    for before, listing in pairwise(today):
        if listing.variant_of:
            assert before.pcode == listing.variant_of
            assert listing.title == f"{before.title} 벌크"


def test_prices_are_tens_of_won_and_state_words_replace_them(market: Market) -> None:
    words = set()
    for day in days(market):
        for listing in market.listings(day):
            assert (listing.price is None) == (listing.status is not None) == (listing.sellers is None)
            if listing.price is not None:
                assert listing.price % 10 == 0
                assert listing.price > 10_000
            words.add(listing.status)
    assert words == {None, "가격비교예정", "일시품절", "가격비교중지"}


def test_one_chipset_falls_hard_and_the_others_do_not(market: Market) -> None:
    def change(listing: Listing, before: dict[str, int]) -> float:
        return listing.price / before[listing.pcode] - 1 if listing.price else 0.0

    before = prices(market, TODAY - SLIDE_DAYS * A_DAY)
    today = [listing for listing in market.listings(TODAY) if listing.price and listing.pcode in before]
    falling = [change(listing, before) for listing in today if listing.product.chipset == FALLING]
    others = [change(listing, before) for listing in today if "RTX 5070" not in (listing.product.chipset or "")]
    assert len(falling) >= 10
    assert max(falling) < -0.10
    assert abs(median(others)) < 0.02


def test_the_fall_loses_more_than_the_default_threshold_against_last_week(market: Market) -> None:
    back = [prices(market, TODAY - number * A_DAY) for number in (6, 7, 8)]
    losses = {
        listing.pcode: sum(day[listing.pcode] for day in back) / 3 - listing.price
        for listing in market.listings(TODAY)
        if listing.price and listing.pcode not in market.dipped and all(listing.pcode in day for day in back)
    }
    falling = {listing.pcode for listing in market.listings(TODAY) if listing.product.chipset == FALLING}
    high = {pcode for pcode, loss in losses.items() if loss > 50_000}
    assert len(high & falling) >= 10
    assert len(high) < len(losses) / 4


def test_two_dips_of_one_day_are_held_and_nothing_else_is(market: Market) -> None:
    held = {}
    for day in days(market)[14:]:
        today, history = prices(market, day), [prices(market, day - number * A_DAY) for number in range(14, 0, -1)]
        for pcode, price in today.items():
            own = [past[pcode] for past in history if pcode in past]
            if own and suspect_reason(price, RecentPrices(median(own), own[-1], len(own))):
                held[pcode] = day
    assert held == market.dipped
    assert sorted(held.values()) == [TODAY - 5 * A_DAY, TODAY]
    for pcode, day in held.items():
        assert market.listing(pcode, day + A_DAY).price * 0.7 > market.listing(pcode, day).price  # type: ignore[union-attr, operator]


def test_every_day_passes_for_a_market_that_was_read_whole(market: Market) -> None:
    rows: list[int] = []
    moved_on = False
    for day in days(market)[1:]:
        listings, before = market.listings(day), market.listings(day - A_DAY)
        now, then = prices(market, day), prices(market, day - A_DAY)
        both = [(then[pcode], now[pcode]) for pcode in now if pcode in then]
        vanished = len({listing.pcode for listing in before} - {listing.pcode for listing in listings})
        moved_on = moved_on or vanished > 0
        counts = DayCounts(
            rows=len(listings),
            priceless=len(listings) - len(now),
            previous_rows=len(before),
            vanished=vanished,
            compared=len(both),
            unchanged=sum(a == b for a, b in both),
            moved=sum(abs(b / a - 1) > 0.10 for a, b in both),
            hours_since_previous=24,
        )
        assert blindness(counts, rows[-28:]) == []
        rows.append(len(listings))
    assert moved_on


def test_the_first_mall_that_takes_cards_asks_the_listings_price(market: Market) -> None:
    cash_first = 0
    for listing in market.listings(TODAY):
        sellers = market.sellers(listing.pcode, TODAY)
        if listing.price is None or listing.sellers is None:
            assert sellers == []
            continue
        assert len(sellers) == min(10, listing.sellers)
        assert len({seller.name for seller in sellers}) == len(sellers)
        by_card = [seller.price for seller in sellers if not seller.cash_only]
        assert by_card[0] == listing.price
        assert by_card == sorted(by_card)
        cash_first += sellers[0].cash_only
    assert cash_first > 5


def test_only_one_mall_has_the_price_of_a_dip(market: Market) -> None:
    pcode = next(pcode for pcode, day in market.dipped.items() if day == TODAY)
    low, second = [seller.price for seller in market.sellers(pcode, TODAY) if not seller.cash_only][:2]
    assert low < second * (DIP + 0.05)


def test_the_market_goes_on_after_today_and_then_ends(market: Market) -> None:
    assert prices(market, TODAY + A_DAY) != prices(market, TODAY)
    assert market.listings(market.last_day)
    with pytest.raises(ValueError, match="2026-05-20 is not a day of this market"):
        market.listings(market.last_day + A_DAY)
    with pytest.raises(ValueError, match="is not a day of this market"):
        market.listings(market.first_day - A_DAY)


@pytest.mark.parametrize("length", [0, -1, 1501])
def test_a_history_of_impossible_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"days={length}: a market has between 1 and 1500"):
        Market(1, TODAY, length)


@pytest.mark.parametrize("length", [1, 4, 8, 30, 400])
def test_any_length_of_history_has_its_story_of_today(length: int) -> None:
    market = Market(3, TODAY, length)
    assert TODAY in market.dipped.values()
    assert len(market.listings(market.first_day)) > 120
    assert len(market.listings(TODAY)) > 120
