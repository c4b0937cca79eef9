"""The parsers against the replay of the real series: what a perfect client would end up with is known there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from gpu_etl.sources import danawa
from gpu_etl.sources.danawa_words import LEAST_PRICE
from gpu_etl.sources.records import Gone, ListPage, Offer, PageKind, Product
from gpu_etl_tests.sources.material import shared

pytestmark = pytest.mark.slow

DAYS = ["2024-09-03", "2025-12-28", "2026-03-05"]
"""One with a glitch price (1,119 won), one whose crawl lost half of the market, an ordinary one."""


class Site:
    """The replayed site, and what it says should come of it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()

    def show(self, **change: Any) -> None:
        answer = self._session.post(f"{self.base_url}/__control", json={"faults": [], **change}, timeout=10)
        answer.raise_for_status()

    def get(self, url: str, headers: dict[str, str] | None = None) -> requests.Response:
        return self._session.get(url, headers=headers, timeout=10)

    def list_page(self, page: int = 1) -> requests.Response:
        return self.get(danawa.list_url(self.base_url, danawa.GRAPHICS_CARDS, page))

    def whole_list(self) -> list[ListPage]:
        read = [danawa.parse_list(self.list_page().content)]
        assert read[0].total is not None
        last = -(-read[0].total // (read[0].page_size or 30))
        for page in range(2, last + 1):
            try:
                read.append(danawa.parse_list(self.list_page(page).content))
            except danawa.EmptyList:
                break
        return read

    def truth(self, day: str) -> dict[str, Any]:
        answer = self.get(f"{self.base_url}/__truth?day={day}&sellers=1&subreddits=none")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def close(self) -> None:
        self._session.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    command = [sys.executable, str(shared("tools", "market_replay.py")), "--max-seconds", "300"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = Site(json.loads(process.stdout.readline())["base_url"])
        yield found
        found.close()
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def offers_of(pages: list[ListPage]) -> dict[str, Offer]:
    return {offer.listing_id: offer for page in pages for offer in page.offers}


def received_before_the_break(url: str) -> bytes:
    """What has come of a page when its transfer breaks off; that it does is asserted."""
    received = bytearray()
    with requests.get(url, stream=True, timeout=10) as answer:
        try:
            for chunk in answer.iter_content(4096):
                received += chunk
        except requests.exceptions.ChunkedEncodingError:
            return bytes(received)
    raise AssertionError(f"the transfer of {url} did not break off")


def expected_title(listing: dict[str, Any]) -> str:
    return " ".join(f"{listing['row_title']} {listing['variant']}".split())


@pytest.mark.parametrize(
    ("day", "template"), [(day, template) for day in DAYS for template in ("old", "next")] + [(DAYS[-1], "mixed")]
)
def test_a_whole_list_is_the_truth(site: Site, day: str, template: str) -> None:
    site.show(day=day, template=template)
    pages, truth = site.whole_list(), site.truth(day)
    offers = offers_of(pages)
    glitches = {one["listing_id"] for one in truth["listings"] if one["price"] and one["price"] < LEAST_PRICE}
    assert {one.subject for page in pages for one in page.refusals} == glitches
    assert sum(page.row_count for page in pages) == pages[0].total == truth["rows_on_site"]
    assert {key: (offer.title, offer.price) for key, offer in offers.items()} == {
        one["listing_id"]: (expected_title(one), None if one["listing_id"] in glitches else one["price"])
        for one in truth["listings"]
    }
    if template == "old":
        assert {key: (offer.availability, offer.seller_count) for key, offer in offers.items()} == {
            one["listing_id"]: (
                "unknown" if one["listing_id"] in glitches else one["availability"],
                one["seller_count"],
            )
            for one in truth["listings"]
        }


def test_product_pages_and_histories_are_the_truth(site: Site) -> None:
    site.show(day="2026-03-05", template="old")
    listings = site.truth("2026-03-05")["listings"][::80]
    assert any(one["price"] is None for one in site.truth("2026-03-05")["listings"])
    for one in listings:
        product = danawa.parse_product(site.get(danawa.product_url(site.base_url, one["listing_id"])).content)
        assert isinstance(product, Product)
        assert product.suspect_reason is None
        assert (product.offer.listing_id, product.offer.price) == (one["listing_id"], one["price"])
        assert product.payable_price == one["price_shipped"]
        assert [(shop.seller, shop.price, shop.shipping, shop.payment_condition.value) for shop in product.sellers] == [
            (s["seller"], s["price"], s["shipping"], s["payment_condition"]) for s in one["sellers"]
        ]
        history = site.get(
            danawa.history_url(site.base_url, one["listing_id"]),
            danawa.history_headers(site.base_url, one["listing_id"]),
        )
        points = danawa.parse_history(history.content)
        assert [sum(point.window_months == months for point in points) for months in (1, 3, 6, 12, 24)] == [
            5,
            13,
            6,
            12,
            24,
        ]


def test_a_listing_that_left_is_gone_and_one_that_never_was_too(site: Site) -> None:
    site.show(day="2026-03-05")
    today = {one["listing_id"] for one in site.truth("2026-03-05")["listings"]}
    left = next(one["listing_id"] for one in site.truth("2024-07-09")["listings"] if one["listing_id"] not in today)
    answer = site.get(danawa.product_url(site.base_url, left))
    assert isinstance(danawa.parse_product(answer.content), Gone)
    never = site.get(danawa.product_url(site.base_url, "1"))
    for found in (answer, never):
        kind = danawa.classify_product(found.status_code, found.headers["Content-Type"], found.content)[0]
        assert kind is PageKind.GONE


@pytest.mark.parametrize("template", ["old", "next"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [("layout-change", danawa.LayoutChanged), ("mojibake", danawa.UnreadableText)],
)
def test_a_page_that_cannot_be_read_raises(
    site: Site, template: str, fault: str, error: type[danawa.ParseError]
) -> None:
    site.show(template=template, faults=[fault])
    with pytest.raises(error):
        danawa.parse_list(site.list_page().content)
    listing_id = site.truth("2026-03-05")["listings"][0]["listing_id"]
    with pytest.raises(error):
        danawa.parse_product(site.get(danawa.product_url(site.base_url, listing_id)).content)


def test_a_renamed_price_field_raises_or_makes_suspect(site: Site) -> None:
    site.show(day="2026-03-05", template="next", faults=["json-field-renamed"])
    with pytest.raises(danawa.LayoutChanged, match="price"):
        danawa.parse_list(site.list_page().content)
    listing_id = site.truth("2026-03-05")["listings"][0]["listing_id"]
    product = danawa.parse_product(site.get(danawa.product_url(site.base_url, listing_id)).content)
    assert isinstance(product, Product)
    assert "JSON-LD lowPrice none" in (product.suspect_reason or "")
    headers = danawa.history_headers(site.base_url, listing_id)
    with pytest.raises(danawa.LayoutChanged, match="minPrice"):
        danawa.parse_history(site.get(danawa.history_url(site.base_url, listing_id), headers).content)


@pytest.mark.parametrize("template", ["old", "next"])
@pytest.mark.parametrize("fault", ["euc-kr", "nul-in-title", "sql-in-title", "script-in-title"])
def test_odd_text_reads_true(site: Site, template: str, fault: str) -> None:
    site.show(day="2026-03-05", template=template, faults=[fault])
    offers, truth = (
        offers_of([danawa.parse_list(site.list_page(n).content) for n in (1, 2, 3)]),
        site.truth("2026-03-05"),
    )
    expected = {one["listing_id"]: (expected_title(one), one["price"]) for one in truth["listings"]}
    assert len(offers) >= 90
    assert {key: (offer.title, offer.price) for key, offer in offers.items()}.items() <= expected.items()


@pytest.mark.parametrize("template", ["old", "next"])
def test_half_a_market_shows_in_the_row_count(site: Site, template: str) -> None:
    site.show(day="2026-03-05", template=template, faults=["half-missing"])
    pages = site.whole_list()
    rows = sum(page.row_count for page in pages)
    on_site = site.truth("2026-03-05")["rows_on_site"]
    assert pages[0].total == on_site
    assert 0.3 < rows / on_site < 0.5


@pytest.mark.parametrize("template", ["old", "next"])
def test_price_zero_is_never_a_price(site: Site, template: str) -> None:
    site.show(day="2026-03-05", template=template, faults=["price-zero"])
    pages, truth = site.whole_list(), site.truth("2026-03-05")
    zeros = {one["listing_id"] for one in truth["listings"] if one.get("served_price") == 0}
    offers = offers_of(pages)
    assert len(zeros) > 50
    assert all(offers[key].price is None and offers[key].availability == "unknown" for key in zeros)
    refused = {one.subject for page in pages for one in page.refusals if one.reason == "price 0"}
    assert refused == (zeros if template == "old" else set())


@pytest.mark.parametrize("template", ["old", "next"])
def test_rows_repeated_on_the_next_page_are_the_same_listings(site: Site, template: str) -> None:
    site.show(day="2026-03-05", template=template, faults=["duplicate-rows"])
    pages, truth = site.whole_list(), site.truth("2026-03-05")
    assert sum(page.row_count for page in pages) > truth["rows_on_site"]
    prices = {one["listing_id"]: one["price"] for one in truth["listings"]}
    assert {key: offer.price for key, offer in offers_of(pages).items()} == prices


@pytest.mark.parametrize("template", ["old", "next"])
def test_a_page_cut_off_in_transfer_is_truncated(site: Site, template: str) -> None:
    site.show(template=template, faults=["truncate:/list/"])
    received = received_before_the_break(danawa.list_url(site.base_url, "112753"))
    assert len(received) > 10_000
    with pytest.raises(danawa.TruncatedPage):
        danawa.parse_list(received)


@pytest.mark.parametrize(("fault", "kind"), [("captcha200", "blocked"), ("zero-bytes", "empty"), ("http500", "error")])
def test_what_is_no_page_is_named_before_it_is_parsed(site: Site, fault: str, kind: str) -> None:
    site.show(faults=[fault])
    answer = site.list_page()
    found = danawa.classify_list(answer.status_code, answer.headers["Content-Type"], answer.content)
    assert found[0] == kind
    assert found[1]
