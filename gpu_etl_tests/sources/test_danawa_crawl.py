"""The plan of a crawl, against lists that hold still, that shrink, that move, and that ignore page numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gpu_etl.sources.danawa_crawl import PASSES, Completeness, ListCrawl, products_worth_reading
from gpu_etl.sources.records import Availability, ListPage, Offer

Site = Callable[[int, int], tuple[list[str], int]]
"""Rows and total of a page, by page number and by the number of the request."""


def crawl(site: Site, *, size: int = 3, most: int = 100) -> tuple[Completeness, list[str]]:
    plan, asked = ListCrawl("http://shop", "7"), []
    while url := plan.next_url():
        asked.append(url.removeprefix("http://shop/list/?cate="))
        number = int(url.partition("&page=")[2] or 1)
        rows, total = site(number, len(asked))
        if rows:
            plan.feed(ListPage([], total, len(rows), rows, size, ["7", "8", "9"]))
        elif not plan.feed_empty(total):
            raise AssertionError(f"{url} was not beyond the end")
        assert len(asked) <= most
    return plan.completeness(), asked


def slice_of(rows: list[str], number: int, size: int = 3) -> list[str]:
    return rows[(number - 1) * size : number * size]


ROWS = [str(n) for n in range(8)]


def test_a_list_that_holds_still_is_walked_once() -> None:
    done, asked = crawl(lambda number, _: (slice_of(ROWS, number), 8))
    assert (done.status, done.got) == ("complete", 8)
    assert asked == ["7", "7&page=2", "7&page=3"]


def test_a_list_that_got_shorter_has_fewer_pages_than_promised() -> None:
    def site(number: int, request: int) -> tuple[list[str], int]:
        left = ROWS if request < 2 else ROWS[:5]
        return slice_of(left, number), len(left)

    done, asked = crawl(site)
    assert (done.status, done.expected) == ("complete", 5)
    assert asked == ["7", "7&page=2"]


def test_the_end_is_taken_for_the_end_when_it_comes_closer_while_it_is_asked_for() -> None:
    def site(number: int, request: int) -> tuple[list[str], int]:
        left = ROWS if request < 3 else ROWS[:6]
        return slice_of(left, number), len(left)

    done, asked = crawl(site)
    assert (done.status, done.got) == ("complete", 6)
    assert asked == ["7", "7&page=2", "7&page=3"]


def test_an_empty_page_before_the_end_is_none() -> None:
    plan = ListCrawl("http://shop", "7")
    plan.feed(ListPage([], 8, 3, ROWS[:3], 3))
    assert not plan.feed_empty(8)
    assert not plan.feed_empty(None)


def test_a_list_that_moves_is_walked_back_until_every_row_was_seen() -> None:
    rows = [str(n) for n in range(30)]

    def site(number: int, request: int) -> tuple[list[str], int]:
        turn = request % len(rows)
        return slice_of(rows[turn:] + rows[:turn], number), len(rows)

    done, asked = crawl(site)
    assert (done.status, done.got) == ("complete", 30)
    assert asked[10:13] == ["7&page=10", "7&page=9", "7&page=8"]


def test_a_list_that_hides_rows_is_given_up_after_some_walks() -> None:
    done, asked = crawl(lambda number, _: (slice_of(ROWS, number)[:2], 8))
    assert done.status == "failed"
    assert done.reason == f"read 6 of 8 rows, after {PASSES} walks through its pages"
    assert len(asked) == 3 * PASSES


def test_where_page_numbers_are_ignored_the_sub_categories_are_read() -> None:
    done, asked = crawl(lambda *_: (ROWS[:3], 8))
    assert (done.status, done.got) == ("partial", 3)
    assert asked == ["7", "7&page=2", "8", "9"]


# --- which product pages ----------------------------------------------------------------------------------------------


def offer(listing_id: str, price: int | None) -> Offer:
    return Offer("danawa", listing_id, f"card {listing_id}", price, "KRW", Availability.IN_STOCK)


OFFERS = {
    key: offer(key, price)
    for key, price in {"a": 100, "b": 90, "c": 200, "d": 180, "e": None, "f": 55, "g": 50}.items()
}
BEFORE = {"a": 100, "b": 100, "c": 200, "d": 100, "e": 70, "f": 55, "h": 40}
CHIPSETS = {"a": "Arc B580", "b": "Arc B580", "c": "Arc B570", "e": "Arc B570"}


def chosen(mode: str = "moved", most: int = 100) -> list[str]:
    return products_worth_reading(OFFERS, BEFORE, CHIPSETS, ["f", "h"], mode=mode, most=most)


def test_suspects_come_first_then_the_cheapest_then_the_largest_moves() -> None:
    assert chosen() == ["f", "b", "c", "e", "d"]


def test_all_adds_the_rest_and_none_is_none() -> None:
    assert chosen("all") == ["f", "b", "c", "e", "d", "a", "g"]
    assert chosen("none") == []


@pytest.mark.parametrize("most", [0, 2, 4])
def test_never_more_than_allowed(most: int) -> None:
    assert chosen(most=most) == ["f", "b", "c", "e", "d"][:most]
