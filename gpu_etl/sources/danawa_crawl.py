"""In which order Danawa's pages are asked for, and when a crawl of its list is whole.

Belongs here: the plans: for the list a machine that is fed parsed pages and says which address comes next, for the
product pages a choice. Does not belong here: fetching (``resources.http``), reading a page (``danawa``), storing it
(``assets``).

Two things about the site decide the plan of the list (facts of 2026): a page holds 30 rows and names the total, so a
crawl knows what it is missing; and the page number of a plain GET is honoured at some times and ignored at others, so
page 2 that repeats page 1 means: widen by sub-category instead.

The list lives while it is read. Rows that slip from one page to the next are found by walking the pages again, the
second time backwards: what moves out of reach of a reader who walks one way comes towards one who walks the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gpu_etl.sources import danawa, danawa_ajax
from gpu_etl.sources.records import CoverageStatus, ListPage, Offer

MISSING_TOLERATED = 0.005
"""Share of the site's own total that may be missing: rows move between pages while they are read."""

PASSES = 4
"""How often the pages are walked at most."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of the category a crawl has read."""

    status: CoverageStatus
    expected: int | None
    got: int
    reason: str | None


class ListCrawl:
    """One crawl of a category: ask :meth:`next_url`, hand the page to :meth:`feed`, until there is no next."""

    def __init__(self, base_url: str, category: str, *, use_ajax: bool = False) -> None:
        """``use_ajax``: where page numbers are ignored, ask as the site's own script does, which robots.txt forbids."""
        self._base_url = base_url
        self._category = category
        self._use_ajax = use_ajax
        self._form: dict[str, str] = {}
        self._ajax_has_failed = False
        self._rows: set[str] = set()
        self._total: int | None = None
        self._first_rows: list[str] = []
        self._subcategories: list[str] = []
        self._page_size = 30
        self._number = 1
        self.pages_ignored = False
        self._plan = self._walk()
        self._next: str | None = next(self._plan)

    def next_url(self) -> str | None:
        """The address to fetch now, the same until it is fed; ``None`` when the crawl has ended."""
        return self._next

    def feed(self, page: ListPage) -> None:
        """Take the page of :meth:`next_url`."""
        self._latest = page
        self._rows.update(page.row_ids)
        self._next = next(self._plan, None)

    def feed_empty(self, total: int | None) -> bool:
        """Take an empty page of a list that counts ``total`` rows; ``False`` where it should have held some.

        A list that got shorter while it was read has fewer pages than its first page promised.
        """
        if total is None or self._number <= self._pages_of(total):
            return False
        self.feed(ListPage([], total))
        return True

    def give_up_ajax(self) -> None:
        """The page of :meth:`next_url` could not be had the script's way: go on with the pages that can."""
        self._ajax_has_failed = True
        self._next = next(self._plan, None)

    @property
    def pages_planned(self) -> int | None:
        """Pages that one walk takes, as far as is known; for a progress display."""
        if self.pages_ignored:
            return 2 + len(self._subcategories)
        return None if self._total is None else self._page_count()

    def _url(self, category: str, page: int = 1) -> str:
        self._number = page
        return danawa.list_url(self._base_url, category, page)

    def _page_count(self) -> int:
        return self._pages_of(self._total or 0)

    def _pages_of(self, total: int) -> int:
        return max(1, -(-total // self._page_size))

    def _walk(self) -> Iterator[str]:
        yield self._url(self._category)
        self._learn_first()
        yield from self._walk_on()
        if self.pages_ignored:
            yield from self._widen()
            return
        for walked in range(1, PASSES):
            if self._missing() <= 0:
                return
            yield from self._walk_back() if walked % 2 else self._walk_on(first=1)

    def _widen(self) -> Iterator[str]:
        if self._use_ajax and self._form:
            self._page_size = danawa_ajax.ROWS
            for _ in range(PASSES):
                yield from self._walk_ajax()
                if self._ajax_has_failed:
                    break
                if self._missing() <= 0:
                    return
        yield from (self._url(code) for code in self._subcategories)

    def _walk_ajax(self) -> Iterator[str]:
        number = 1
        while number <= self._page_count() and not self._ajax_has_failed:
            self._number = number
            yield danawa_ajax.page_url(self._base_url, self._form, number)
            self._learn_total()
            number += 1

    def _learn_first(self) -> None:
        page = self._latest
        self._form = page.form
        self._total = page.total
        self._first_rows = page.row_ids
        self._page_size = page.page_size or self._page_size
        self._subcategories = [code for code in page.subcategories if code != self._category]

    def _walk_on(self, first: int = 2) -> Iterator[str]:
        number = first
        while number <= self._page_count():
            yield self._url(self._category, number)
            if number == 2 and self._latest.row_ids == self._first_rows:
                self.pages_ignored = True
                return
            self._learn_total()
            number += 1

    def _walk_back(self) -> Iterator[str]:
        for number in range(self._page_count(), 0, -1):
            yield self._url(self._category, number)
            self._learn_total()

    def _learn_total(self) -> None:
        self._total = self._latest.total if self._latest.total is not None else self._total

    def _missing(self) -> int:
        return (self._total or 0) - len(self._rows)

    def completeness(self) -> Completeness:
        """Judge the crawl once it has ended.

        ``partial`` is worth publishing (its rows are right, and the same rows can be expected tomorrow); ``failed`` is
        not.
        """
        got, total = len(self._rows), self._total
        if total is None:
            return Completeness(CoverageStatus.FAILED, None, got, "the site did not say how many rows it has")
        if got >= total:
            return Completeness(CoverageStatus.COMPLETE, total, got, None)
        read = f"read {got:,} of {total:,} rows"
        if self.pages_ignored:
            reason = f"{read}: the site ignores page numbers, so only the top of each of its categories can be read"
            return Completeness(CoverageStatus.PARTIAL, total, got, reason)
        if total - got <= total * MISSING_TOLERATED:
            return Completeness(CoverageStatus.PARTIAL, total, got, f"{read}: rows moved while they were read")
        return Completeness(CoverageStatus.FAILED, total, got, f"{read}, after {PASSES} walks through its pages")


def products_worth_reading(
    offers: Mapping[str, Offer],
    before: Mapping[str, int | None],
    chipsets: Mapping[str, str],
    suspects: Collection[str],
    *,
    mode: str,
    most: int,
) -> list[str]:
    """The listings whose product pages are asked for, the most worthwhile first, ``most`` at most.

    ``before`` holds the last day's price by listing, ``chipsets`` the chipset of each new card among the listings,
    ``suspects`` those whose price is not believed. ``mode`` is ``none``; ``moved``: the suspects, the cheapest card of
    each chipset, and what moved, the largest move first; or ``all``: the same, then every other listing.
    """
    if mode == "none":
        return []
    moves = {key: _move(offer.price, before[key]) for key, offer in offers.items() if key in before}
    cheapest: dict[str, tuple[int, str]] = {}
    for key, chipset in chipsets.items():
        price = offers[key].price
        if price is not None:
            cheapest[chipset] = min(cheapest.get(chipset, (price, key)), (price, key))
    chosen = [
        *sorted(key for key in suspects if key in offers),
        *sorted(key for _, key in cheapest.values()),
        *sorted((key for key, move in moves.items() if move > 0), key=lambda key: (-moves[key], key)),
        *(sorted(offers) if mode == "all" else ()),
    ]
    return list(dict.fromkeys(chosen))[:most]


def _move(price: int | None, before: int | None) -> float:
    """By what share a price moved; one that came or went moved wholly."""
    if price is None or before is None:
        return 0.0 if price == before else 1.0
    return abs(price - before) / before
