"""Danawa (다나와), the Korean price comparison: what its pages are, what they say, and where they are.

Belongs here: the whole of what the rest of the project uses of this source. Does not belong here: how the pages are
marked up (``danawa_list``, ``danawa_next``, ``danawa_product``, ``danawa_history``, ``danawa_ajax``), in which order
they are asked for (``danawa_crawl``), fetching.

robots.txt allows ``/list/`` and ``/info/`` and forbids ``/list/ajax/``, ``/info/ajax/`` and ``/bridge/``: a history is
asked for only where the operator has opted in, a shop's bridge link is stored and never followed.
"""

from __future__ import annotations

from urllib.parse import urlencode

from gpu_etl.sources import danawa_ajax, danawa_history, danawa_list, danawa_next, danawa_product, pages
from gpu_etl.sources.danawa_words import CURRENCY, SITE, SOURCE, product_url
from gpu_etl.sources.pages import EmptyList, LayoutChanged, ParseError, TruncatedPage, UnreadableText
from gpu_etl.sources.records import Gone, ListPage, PageKind, PricePoint, Product

__all__ = [
    "CURRENCY",
    "GRAPHICS_CARDS",
    "SITE",
    "SOURCE",
    "EmptyList",
    "LayoutChanged",
    "ParseError",
    "TruncatedPage",
    "UnreadableText",
    "classify_fragment",
    "classify_history",
    "classify_list",
    "classify_product",
    "history_headers",
    "history_url",
    "list_url",
    "parse_fragment",
    "parse_history",
    "parse_list",
    "parse_product",
    "parse_stored_list",
    "product_url",
]

GRAPHICS_CARDS = "112753"
"""The category 그래픽카드(VGA). 112758, which some crawlers use for it, is laptops."""

LIST_BYTES = 50_000
"""A list page of either template weighs more than this; refusals and errors weigh less."""

GONE_MARKERS = ("가격비교 서비스가 종료된 상품", "존재하지 않는 상품")
"""What stands, with status 200 and in 182 bytes, where a product page was."""


def classify_list(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What an answer to :func:`list_url` is, and why when it is not a list."""
    return pages.classify(status, content_type, body, minimum_bytes=LIST_BYTES)


def classify_product(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What an answer to :func:`product_url` is, and why when it is not a product page."""
    return pages.classify(status, content_type, body, minimum_bytes=LIST_BYTES, gone_markers=GONE_MARKERS)


def classify_history(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What an answer to :func:`history_url` is; JSON in a body typed as HTML is as it should be."""
    kind, reason = pages.classify(status, content_type, body)
    if kind is PageKind.OK and not body.lstrip().startswith(b"{"):
        return PageKind.BLOCKED, "an HTML page instead of the price history"
    return kind, reason


def parse_list(page: bytes) -> ListPage:
    """Read a category list (or search) page of either template: one offer a variant, its price in won.

    ``market_day`` and ``observed_at`` of the offers stay ``None``: the page does not say when it was fetched.

    Raises :class:`TruncatedPage`, :class:`UnreadableText`, :class:`LayoutChanged`, or :class:`EmptyList` for a page
    beyond the list's end (all :class:`ParseError`); a list without rows comes back only where the page itself says that
    there are none.
    """
    text = pages.decode(page)
    _require_end(text, page)
    if "prod_item" not in text and danawa_next.PUSH in text:
        return danawa_next.parse(text)
    return danawa_list.parse(text)


def classify_fragment(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What an answer to the list's own form is, and why when it is no list."""
    return pages.classify(status, content_type, body)


def parse_fragment(body: bytes) -> ListPage:
    """Read the answer to the list's own form: rows in the server-rendered markup, without a page around them.

    Raises as :func:`parse_list` does; that it was cut off shows in its missing end, the page numbers.
    """
    text = pages.decode(body)
    if "number_wrap" not in text[-20_000:]:
        raise TruncatedPage(f"the rows are not followed by page numbers ({len(body):,} bytes)")
    return danawa_list.parse(text)


def parse_stored_list(url: str, body: bytes) -> ListPage:
    """Read a stored page of a list, whichever way it was asked for. Raises as :func:`parse_list` does."""
    return parse_fragment(body) if danawa_ajax.is_page(url) else parse_list(body)


def parse_product(page: bytes) -> Product | Gone:
    """Read a product page: the headline offer and up to ten shops behind it; :class:`Gone` for a closed product.

    Raises as :func:`parse_list` does. Witnesses of the price that contradict each other are no error: they are named in
    ``suspect_reason``.
    """
    text = pages.decode(page)
    for marker in GONE_MARKERS:
        if marker in text and len(page) < LIST_BYTES:
            return Gone(listing_id=None, reason=f"the page says: {marker}")
    _require_end(text, page)
    return danawa_product.parse(text)


def parse_history(body: bytes) -> list[PricePoint]:
    """Read the answer to :func:`history_url`: weekly points of 1 and 3 months, monthly ones of 6, 12 and 24.

    Points of different windows describe the same time differently and are never mixed. 0 and null are ``None``.

    Raises :class:`ParseError` naming the key that is missing, or that the body is not JSON.
    """
    return danawa_history.parse(body)


def list_url(base_url: str, category: str, page: int = 1) -> str:
    """Where a category's list is. The site ignores ``page`` at some times and honours it at others."""
    query = {"cate": category} | ({"page": str(page)} if page > 1 else {})
    return f"{base_url.rstrip('/')}/list/?{urlencode(query)}"


def history_url(base_url: str, listing_id: str) -> str:
    """Where a listing's price history is; robots.txt forbids it."""
    query = urlencode({"productCode": listing_id})
    return f"{base_url.rstrip('/')}/info/ajax/getProductPriceList.ajax.php?{query}"


def history_headers(base_url: str, listing_id: str) -> dict[str, str]:
    """Headers without which :func:`history_url` answers nothing."""
    return {"Referer": product_url(base_url, listing_id), "X-Requested-With": "XMLHttpRequest"}


def _require_end(text: str, page: bytes) -> None:
    if "</html>" not in text[-4096:].lower():
        raise TruncatedPage(f"the page does not end with </html> ({len(page):,} bytes)")
