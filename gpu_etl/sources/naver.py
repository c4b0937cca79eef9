"""Naver Shopping's search API, official and keyed: one answer holds up to a hundred products that fit a query.

Belongs here: what is asked and what an answer says. Does not belong here: the key and the quota (``assets.naver``),
which of the products are cards (``catalog``).

Only catalogue products (``productType`` 1) are taken: they are what a Danawa listing is, one product with its lowest
price over many shops. Types 2 and 3 are single shops' own pages, 4 to 6 used, 7 to 9 discontinued, 10 to 12 announced.
https://developers.naver.com/docs/serviceapi/search/shopping/shopping.md
"""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlencode

from gpu_etl.sources import pages
from gpu_etl.sources.money import minor_units
from gpu_etl.sources.pages import LayoutChanged, ParseError, clean_text, clean_title, is_mojibake
from gpu_etl.sources.records import Availability, ListPage, Offer, PageKind, Refusal

SOURCE = "naver"
CURRENCY = "KRW"
PATH = "/v1/search/shop.json"
PAGE_SIZE = 100
CATALOGUE = "1"
_MARKUP = re.compile(r"</?b>")
_ID = re.compile(r"\d{1,20}")


def search_url(base_url: str, query: str, page: int = 1) -> str:
    """Where a page of results is, most fitting first; used goods, rentals and purchases abroad left out by the API."""
    start = (page - 1) * PAGE_SIZE + 1
    asked = {"query": query, "display": PAGE_SIZE, "start": start, "sort": "sim", "exclude": "used:rental:cbshop"}
    return f"{base_url.rstrip('/')}{PATH}?{urlencode(asked)}"


def headers(client_id: str, client_secret: str) -> dict[str, str]:
    """The headers that carry the key."""
    return {"X-Naver-Client-Id": client_id, "X-Naver-Client-Secret": client_secret}


def classify(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What an answer is, and why when it is no result."""
    kind, reason = pages.classify(status, content_type, body)
    if kind is PageKind.OK and not body.lstrip().startswith(b"{"):
        return PageKind.BLOCKED, "something else than JSON"
    return kind, reason


def parse(body: bytes) -> ListPage:
    """Read one answer: an offer a catalogue product, its price in won; ``total`` is what the query found in all.

    Raises :class:`ParseError` for a body that is not JSON, :class:`LayoutChanged` for a missing key.
    """
    try:
        answer = json.loads(pages.decode(body))
    except json.JSONDecodeError as problem:
        raise ParseError(f"the search result is not JSON: {problem.msg}") from None
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not isinstance(answer.get("total"), int):
        raise LayoutChanged("the search result has no list 'items' or no number 'total'")
    offers: dict[str, Offer] = {}
    refusals: list[Refusal] = []
    for item in items:
        read = _read(item) if isinstance(item, dict) else Refusal("?", "an item that is no record", str(item)[:200])
        if isinstance(read, Offer):
            offers.setdefault(read.listing_id, read)
        elif read is not None:
            refusals.append(read)
    if items and len(refusals) * 2 > len(items):
        raise LayoutChanged(f"{len(refusals)} of {len(items)} items could not be read: {refusals[0].reason}")
    found = list(offers.values())
    return ListPage(found, answer["total"], len(found), list(offers), PAGE_SIZE, refusals=refusals)


def _read(item: dict[str, Any]) -> Offer | Refusal | None:
    """One item; ``None`` where it is no catalogue product."""
    listing_id, title = str(item.get("productId") or ""), _text(item.get("title"))
    excerpt = json.dumps(item, ensure_ascii=False)[:200]
    missing = [name for name in ("productId", "title", "lprice", "productType") if name not in item]
    if missing:
        return Refusal(clean_text(listing_id)[:80] or "?", f"an item without {', '.join(missing)}", excerpt)
    if str(item["productType"]) != CATALOGUE:
        return None
    if not _ID.fullmatch(listing_id) or not title or is_mojibake(title):
        return Refusal(clean_text(listing_id)[:80] or "?", "no listing id, or an unreadable title", excerpt)
    price = minor_units(str(item["lprice"]), CURRENCY)
    if price is None and str(item["lprice"]) not in ("", "0"):
        return Refusal(listing_id, "lprice is no amount of won", excerpt)
    availability = Availability.IN_STOCK if price else Availability.UNKNOWN
    link = str(item.get("link") or "")
    url = link if link.startswith(("https://", "http://")) else None
    return Offer(SOURCE, listing_id, title, price, CURRENCY, availability, url=url)


def _text(value: object) -> str:
    """A title without the marks of what fitted the query."""
    return clean_title(html.unescape(_MARKUP.sub("", value))) if isinstance(value, str) else ""
