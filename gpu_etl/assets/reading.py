"""From a day's stored pages to offers: the list's rows, and what the product pages add to them.

Belongs here: joining what several pages say about one listing. Does not belong here: what one page says (``sources``),
whether the day is credible (``publishing``), fetching.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from gpu_etl.assets.crawling import SOURCE as DANAWA
from gpu_etl.assets.failures import Refused
from gpu_etl.database import pages
from gpu_etl.database.pages import StoredPage
from gpu_etl.market.suspects import disagreement
from gpu_etl.sources import danawa, jsonld, naver
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import Availability, Gone, Offer, PageKind, Product, Refusal, SellerOffer

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

CONTRADICTORY_FROM = 4
"""Product pages from which on it counts that most contradict themselves: that is a changed layout, not a bad price."""


@dataclass(frozen=True, slots=True)
class ReadOffer:
    """A listing as the day's pages show it, and the pages it stands on."""

    offer: Offer
    """Undated: it is of the reading's day, and of the moment at which ``page`` was fetched."""
    page: StoredPage
    detail_sha256: str | None = None
    """The stored product page, where it was read and could be."""
    payable_price: int | None = None
    sellers: tuple[SellerOffer, ...] = ()
    doubt: str | None = None
    """What the product page contradicts."""


@dataclass(slots=True)
class Reading:
    """A source's day as its stored pages tell it."""

    source: str
    day: date
    offers: dict[str, ReadOffer] = field(default_factory=dict)
    refusals: list[tuple[Refusal, str | None]] = field(default_factory=list)
    """With the SHA-256 of the page they stand on."""
    unreadable: set[str] = field(default_factory=set)
    """The listings of which the list itself could not be read in part or whole."""
    row_ids: set[str] = field(default_factory=set)
    """The list's rows, where the source has a list."""


def read_day(connection: Connection[DictRow], source: str, day: date) -> Reading:
    """Parse the stored pages of a source and day.

    Raises:
        Refused: there is no whole crawl, or a page of its list cannot be read.
    """
    reading = Reading(source, day)
    if source == naver.SOURCE:
        _read_searches(reading, pages.crawl_pages(connection, source, day, pages.SEARCH))
        return reading
    if source != DANAWA:
        _read_shop(reading, pages.crawl_pages(connection, source, day, pages.SHOP))
        return reading
    _read_list(reading, pages.crawl_pages(connection, source, day, pages.LIST))
    if not reading.row_ids:
        raise Refused(f"there is no whole crawl of {source} on {day}: nothing to parse")
    details = _read_products(reading, pages.crawl_pages(connection, source, day, pages.PRODUCTS))
    for listing_id, (page, product) in details.items():
        reading.offers[listing_id] = _with_product(reading.offers[listing_id], page, product)
    return reading


def _read_list(reading: Reading, stored: Iterable[StoredPage]) -> None:
    """Each listing once: its first sighting counts."""
    for page in stored:
        try:
            parsed = danawa.parse_stored_list(page.url, page.body)
        except danawa.EmptyList:
            continue  # beyond the end of a list that got shorter, or the crawl would not have counted
        except ParseError as error:
            raise Refused(f"{error} at {page.url}") from None
        reading.refusals += [(refusal, page.sha256) for refusal in parsed.refusals]
        reading.unreadable.update(refusal.subject for refusal in parsed.refusals)
        reading.row_ids.update(parsed.row_ids)
        for offer in parsed.offers:
            reading.offers.setdefault(offer.listing_id, ReadOffer(offer, page))


def _read_products(reading: Reading, stored: Iterable[StoredPage]) -> dict[str, tuple[StoredPage, Product | Gone]]:
    """The product pages of listings that the list shows; none when most of them contradict themselves."""
    found: dict[str, tuple[StoredPage, Product | Gone]] = {}
    for page in stored:
        listing_id = parse_qs(urlsplit(page.url).query).get("pcode", ["?"])[0]
        try:
            product = Gone(listing_id, "no page") if page.kind is PageKind.GONE else danawa.parse_product(page.body)
        except ParseError as error:
            reading.refusals.append((Refusal(f"product page {listing_id}", str(error)), page.sha256))
            continue
        if listing_id in reading.offers and (isinstance(product, Gone) or product.offer.listing_id == listing_id):
            found[listing_id] = (page, product)
    doubted = [item for item in found.values() if isinstance(item[1], Product) and item[1].suspect_reason]
    if len(found) >= CONTRADICTORY_FROM and len(doubted) * 2 > len(found):
        page, product = doubted[0]
        reason = f"most product pages contradict themselves: {getattr(product, 'suspect_reason', '')}"
        reading.refusals.append((Refusal("product pages", reason), page.sha256))
        return {}
    return found


def _with_product(read: ReadOffer, page: StoredPage, product: Product | Gone) -> ReadOffer:
    """What the list says of a listing, and what its product page adds; the price stays the list's."""
    if isinstance(product, Gone):
        offer = replace(read.offer, price=None, availability=Availability.DISCONTINUED)
        return replace(read, offer=offer, detail_sha256=page.sha256)
    told = read.offer.seller_count
    offer = replace(read.offer, seller_count=product.offer.seller_count if told is None else told)
    doubts = [product.suspect_reason, disagreement(read.offer.price, product.offer.price)]
    return replace(
        read,
        offer=offer,
        detail_sha256=page.sha256,
        payable_price=product.payable_price,
        sellers=tuple(product.sellers),
        doubt="; ".join(doubt for doubt in doubts if doubt) or None,
    )


def _read_searches(reading: Reading, stored: Iterable[StoredPage]) -> None:
    """A product that several queries found counts once; an answer that cannot be read leaves the others alone."""
    for page in stored:
        try:
            parsed = naver.parse(page.body)
        except ParseError as error:
            reading.refusals.append((Refusal(page.url, str(error)), page.sha256))
            continue
        reading.refusals += [(refusal, page.sha256) for refusal in parsed.refusals]
        for offer in parsed.offers:
            reading.offers.setdefault(offer.listing_id, ReadOffer(offer, page))


def _read_shop(reading: Reading, stored: Iterable[StoredPage]) -> None:
    """Every page is one listing; one that cannot be read leaves the others alone."""
    for page in stored:
        try:
            product = jsonld.parse_product(page.body, page.url)
        except ParseError as error:
            reading.refusals.append((Refusal(page.url, str(error)), page.sha256))
            continue
        if product is None:
            reading.refusals.append((Refusal(page.url, "the page describes no product"), page.sha256))
            continue
        sellers = tuple(product.sellers)
        read = ReadOffer(product.offer, page, page.sha256, product.payable_price, sellers, product.suspect_reason)
        reading.offers.setdefault(product.offer.listing_id, read)
