from __future__ import annotations

import pytest
import requests

from gpu_etl.demo.catalogue import AMD, CATEGORIES, COMPATIBLE_PARTS, NVIDIA, RTX_50, RX_9000, VGA
from gpu_etl.demo.market import Listing, Market
from gpu_etl.sources import danawa
from gpu_etl.sources.danawa_crawl import ListCrawl
from gpu_etl.sources.records import Availability, CoverageStatus, Gone, Offer, PageKind, PaymentCondition, Product
from gpu_etl_tests.demo.conftest import TODAY

WORDS = {
    None: Availability.IN_STOCK,
    "가격비교예정": Availability.COMING_SOON,
    "일시품절": Availability.OUT_OF_STOCK,
    "가격비교중지": Availability.SUSPENDED,
}


def told(listing: Listing) -> tuple[object, ...]:
    return listing.pcode, listing.title, listing.price, WORDS[listing.status], listing.sellers


def read(offer: Offer) -> tuple[object, ...]:
    return offer.listing_id, offer.title, offer.price, offer.availability, offer.seller_count


def crawl(web: requests.Session, base_url: str, category: str) -> tuple[ListCrawl, list[Offer]]:
    plan, offers = ListCrawl(base_url, category), []
    while url := plan.next_url():
        answer = web.get(url, timeout=5)
        kind, reason = danawa.classify_list(answer.status_code, answer.headers["Content-Type"], answer.content)
        assert (kind, reason) == (PageKind.OK, None)
        page = danawa.parse_list(answer.content)
        assert page.refusals == []
        offers += page.offers
        plan.feed(page)
    return plan, offers


def test_the_parser_reads_from_all_pages_exactly_what_the_market_lists(
    market: Market, base_url: str, web: requests.Session
) -> None:
    plan, offers = crawl(web, base_url, VGA)
    assert [read(offer) for offer in offers] == [told(listing) for listing in market.listings(TODAY)]
    done = plan.completeness()
    rows = sum(listing.variant_of is None for listing in market.listings(TODAY))
    assert (done.status, done.expected, done.got) == (CoverageStatus.COMPLETE, rows, rows)
    assert all(offer.url == f"{base_url}/info/?pcode={offer.listing_id}" for offer in offers)


@pytest.mark.parametrize(
    ("category", "part"), [(NVIDIA, "지포스"), (AMD, "라데온"), (RTX_50, "RTX 50"), (RX_9000, "RX 90")]
)
def test_a_sub_category_holds_its_part(
    market: Market, base_url: str, web: requests.Session, category: str, part: str
) -> None:
    _, offers = crawl(web, base_url, category)
    expected = [told(x) for x in market.listings(TODAY) if part in (x.product.chipset or "")]
    assert [read(offer) for offer in offers] == expected
    assert len(offers) >= 10


def test_a_page_has_30_rows_and_leads_to_the_sub_categories(base_url: str, web: requests.Session) -> None:
    body = web.get(danawa.list_url(base_url, VGA), timeout=5).content
    page = danawa.parse_list(body)
    assert (page.row_count, page.page_size) == (30, 30)
    assert set(page.subcategories) - {VGA} == set(CATEGORIES) - {VGA, COMPATIBLE_PARTS}
    assert b"prod_ad_item" in body
    assert b"399,000" in body  # the advertisement's price, which no offer has
    assert 399_000 not in {offer.price for offer in page.offers}


def test_an_empty_category_says_that_it_is_empty(base_url: str, web: requests.Session) -> None:
    page = danawa.parse_list(web.get(danawa.list_url(base_url, COMPATIBLE_PARTS), timeout=5).content)
    assert (page.offers, page.total) == ([], 0)


def test_every_list_page_weighs_as_much_as_a_real_one(base_url: str, web: requests.Session) -> None:
    for number in range(1, 6):
        assert len(web.get(danawa.list_url(base_url, VGA, number), timeout=5).content) > danawa.LIST_BYTES


def test_every_product_page_tells_its_price_and_malls(market: Market, base_url: str, web: requests.Session) -> None:
    for listing in market.listings(TODAY):
        answer = web.get(danawa.product_url(base_url, listing.pcode), timeout=5)
        kind = danawa.classify_product(answer.status_code, answer.headers["Content-Type"], answer.content)
        assert kind == (PageKind.OK, None)
        product = danawa.parse_product(answer.content)
        assert isinstance(product, Product)
        assert product.suspect_reason is None
        offer = product.offer
        expected = (listing.pcode, listing.title, listing.price, listing.sellers)
        assert (offer.listing_id, offer.title, offer.price, offer.seller_count) == expected
        sellers = market.sellers(listing.pcode, TODAY)
        assert [(s.seller, s.price, s.shipping) for s in product.sellers] == [
            (s.name, s.price, s.shipping) for s in sellers
        ]
        cash = [s.payment_condition is PaymentCondition.CASH for s in product.sellers]
        assert cash == [s.cash_only for s in sellers]
        payable = [s.price + s.shipping for s in sellers if not s.cash_only]
        assert product.payable_price == min(payable, default=None)


def test_a_product_that_is_no_more_is_gone(market: Market, base_url: str, web: requests.Session) -> None:
    present = {listing.pcode for listing in market.listings(TODAY)}
    departed = [listing.pcode for listing in market.listings(market.first_day) if listing.pcode not in present]
    assert len(departed) == 2
    for pcode in [*departed, "1", ""]:
        answer = web.get(danawa.product_url(base_url, pcode), timeout=5)
        kind, _ = danawa.classify_product(answer.status_code, answer.headers["Content-Type"], answer.content)
        assert kind is PageKind.GONE
        assert isinstance(danawa.parse_product(answer.content), Gone)
