"""Product pages of any shop that describes itself in schema.org's words.

Belongs here: JSON-LD, and microdata and OpenGraph as weaker witnesses. Does not belong here: a shop's own markup (a
shop without such data needs a module of its own), what an ``offers`` value says (``jsonld_offers``).

The strongest witness that names a price is believed; one that contradicts it makes the price suspect, as does a page
that describes several products. The currency is the page's, never assumed and never converted.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from gpu_etl.sources import pages
from gpu_etl.sources.jsonld_offers import Reading, availability_of, read_offers
from gpu_etl.sources.money import NO_CURRENCY, currency_code, minor_units
from gpu_etl.sources.pages import ParseError, UnreadableText, clean_text, clean_title, is_mojibake
from gpu_etl.sources.records import Availability, Offer, PageKind, PaymentCondition, Product

SCRIPT = 'script[type="application/ld+json"]'
_SOLD_OUT = re.compile(r"\b(sold out|out of stock)\b|품절", re.IGNORECASE)
_LISTING_ID = re.compile(r"[\w.:/-]{1,100}")


def classify(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What a shop's answer is, and why when it is not a page."""
    return pages.classify(status, content_type, body)


def source_of(url: str) -> str:
    """The name of the shop at ``url`` as a source: ``jsonld:<host>``."""
    return f"jsonld:{urlsplit(url).hostname or 'unknown'}"


def parse_product(page: bytes, url: str) -> Product | None:
    """Read one shop's product page fetched from ``url``; ``None`` when it describes no product.

    Prices are in minor units of ``offer.currency`` (``XXX`` where the page names no price). ``offer.price`` is the
    lowest price asked for the product as new, shipping not included; ``payable_price`` is known only where the page
    tells shipping.

    Raises :class:`UnreadableText` for text that was decoded wrongly, :class:`ParseError` for JSON-LD about a product
    that is not JSON.
    """
    tree = pages.html_tree(pages.decode(page))
    address = _address(tree, url)
    described, broken = _described_products(tree)
    product, several = _choose(described, address)
    witnesses = [_from_structured(product)] if product else []
    witnesses += [witness for witness in (_from_microdata(tree), _from_opengraph(tree)) if witness]
    titles = [witness.title for witness in witnesses if witness.title]
    if not titles or not any(witness.is_product for witness in witnesses):
        if broken:
            raise ParseError(f"JSON-LD about a product is not JSON: {broken}")
        return None
    if is_mojibake(titles[0]):
        raise UnreadableText("the product's name is unreadable")
    return _combine(tree, product or {}, witnesses, several, address, url)


@dataclass(slots=True)
class _Witness:
    """What one of the page's descriptions says."""

    name: str
    title: str
    is_product: bool
    """Whether this alone makes the page a product page; OpenGraph titles stand on every page."""
    reading: Reading = field(default_factory=Reading)


def _combine(
    tree: LexborHTMLParser,
    product: dict[str, Any],
    witnesses: list[_Witness],
    several: str | None,
    address: str,
    url: str,
) -> Product:
    best = next((witness for witness in witnesses if witness.reading.price is not None), witnesses[0])
    reading = best.reading
    states = [witness.reading.availability for witness in (best, *witnesses)]
    availability = next((state for state in states if state is not Availability.UNKNOWN), Availability.UNKNOWN)
    if not reading.was_offered and availability is Availability.UNKNOWN and _says_sold_out(tree):
        availability = Availability.OUT_OF_STOCK
    doubts = [several, *(witness.reading.problem for witness in witnesses), *_contradictions(best, witnesses)]
    return Product(
        offer=Offer(
            source=source_of(url),
            listing_id=_listing_id(product, address),
            title=clean_title(html.unescape(next(witness.title for witness in witnesses if witness.title))),
            price=reading.price,
            currency=reading.currency or NO_CURRENCY,
            availability=availability,
            seller_count=reading.seller_count,
            url=_own_link(tree, product, address),
        ),
        payable_price=_payable(reading) if availability is Availability.IN_STOCK else None,
        sellers=reading.sellers,
        suspect_reason="; ".join(dict.fromkeys(doubt for doubt in doubts if doubt)) or None,
    )


def _payable(reading: Reading) -> int | None:
    totals = [
        seller.price + seller.shipping
        for seller in reading.sellers
        if seller.shipping is not None and seller.payment_condition is PaymentCondition.CARD
    ]
    return min(totals, default=None)


def _contradictions(best: _Witness, witnesses: list[_Witness]) -> Iterator[str]:
    """How weaker witnesses differ from the one that is believed."""
    for other in witnesses:
        said, heard = best.reading, other.reading
        if other is best:
            continue
        if heard.price is not None and (heard.price, heard.currency) != (said.price, said.currency):
            yield (
                f"{best.name} says {said.price} {said.currency}, {other.name} says {heard.price} {heard.currency}"
                " (minor units)"
            )
        states = {said.availability, heard.availability} - {Availability.UNKNOWN}
        if len(states) > 1:
            yield f"{best.name} says {said.availability}, {other.name} says {heard.availability}"


def _address(tree: LexborHTMLParser, url: str) -> str:
    """The page's canonical address where it names one on the same host, else the one it was fetched from."""
    link = tree.css_first("link[rel=canonical]")
    named = urljoin(url, (link.attributes.get("href") if link else None) or url)
    same_host = urlsplit(named).hostname == urlsplit(url).hostname
    return named if same_host and urlsplit(named).scheme in ("http", "https") else url


def _own_link(tree: LexborHTMLParser, product: dict[str, Any], address: str) -> str:
    """The address to keep: the canonical one, else the one that the product's description names, made absolute."""
    named = urljoin(address, str(product.get("url") or ""))
    if tree.css_first("link[rel=canonical]") or urlsplit(named).hostname != urlsplit(address).hostname:
        return address
    return named if urlsplit(named).scheme in ("http", "https") else address


def _listing_id(product: dict[str, Any], address: str) -> str:
    """The shop's own number of the product; where it tells none, the page's path."""
    for key in ("sku", "productID", "mpn"):
        value = product.get(key)
        if isinstance(value, str | int) and _LISTING_ID.fullmatch(str(value)):
            return str(value)
    parts = urlsplit(address)
    return clean_text(f"{parts.path}?{parts.query}" if parts.query else parts.path or "/")[:200]


def _says_sold_out(tree: LexborHTMLParser) -> bool:
    """Whether a page that offers nothing says so in words that a person reads."""
    for hidden in tree.css("script, style, template, noscript"):
        hidden.decompose()
    return tree.body is not None and _SOLD_OUT.search(tree.body.text(separator=" ")) is not None


# --- JSON-LD --------------------------------------------------------------------------------------------------------


def _described_products(tree: LexborHTMLParser) -> tuple[list[dict[str, Any]], str | None]:
    """The products that the page describes, and why a script about one could not be read."""
    found: list[dict[str, Any]] = []
    broken = None
    for script in tree.css(SCRIPT):
        text = script.text().strip().removeprefix("<!--").removesuffix("-->")
        try:
            data = json.loads(text, strict=False, parse_float=Decimal)
        except (json.JSONDecodeError, RecursionError) as problem:
            broken = str(problem) if '"Product"' in text else broken
            continue
        found += _products(data)
    return found, broken


def _products(node: Any) -> Iterator[dict[str, Any]]:
    """Products among the top-level nodes; not those that another node mentions, such as related ones."""
    if isinstance(node, list):
        for item in node:
            yield from _products(item)
    elif isinstance(node, dict):
        if _is_a(node, "Product"):
            yield node
        for key in ("@graph", "mainEntity", "hasVariant"):
            if key in node:
                yield from _products(node[key])


def _is_a(node: dict[str, Any], kind: str) -> bool:
    types = node.get("@type")
    return any(str(name).rsplit("/", 1)[-1] == kind for name in (types if isinstance(types, list) else [types]))


def _choose(products: list[dict[str, Any]], address: str) -> tuple[dict[str, Any] | None, str | None]:
    """The product that the page is about, and a doubt where that is a guess."""
    if len(products) < 2:
        return (products[0] if products else None), None
    here = [product for product in products if product.get("url") and urljoin(address, str(product["url"])) == address]
    if len(here) == 1:
        return here[0], None
    offering = [product for product in here or products if product.get("offers")] or products
    names = {str(product.get("name")) for product in offering}
    return offering[0], f"the page describes {len(names)} products" if len(names) > 1 else None


def _from_structured(product: dict[str, Any]) -> _Witness:
    return _Witness("JSON-LD", str(product.get("name") or ""), True, read_offers(product.get("offers")))


# --- weaker witnesses -----------------------------------------------------------------------------------------------


def _from_microdata(tree: LexborHTMLParser) -> _Witness | None:
    scope = tree.css_first("[itemtype*='schema.org/Product']")
    if scope is None:
        return None

    def prop(name: str) -> str:
        node = scope.css_first(f"[itemprop='{name}']")
        if node is None:
            return ""
        return node.attributes.get("content") or node.attributes.get("href") or node.text()

    price = prop("price") or prop("lowPrice")
    return _Witness("microdata", prop("name"), True, _plain(price, prop("priceCurrency"), prop("availability")))


def _from_opengraph(tree: LexborHTMLParser) -> _Witness | None:
    said = {
        (node.attributes.get("property") or "").removeprefix("og:").removeprefix("product:"): node.attributes["content"]
        for node in tree.css("meta[property^='og:'][content], meta[property^='product:'][content]")
    }
    title = said.get("title") or ""
    price = said.get("price:amount") or ""
    if not title:
        return None
    reading = _plain(price, said.get("price:currency") or "", said.get("availability") or "")
    return _Witness("OpenGraph", title, bool(price), reading)


def _plain(price: str, currency: str, availability: str) -> Reading:
    """A reading of one price without any structure around it."""
    code = currency_code(currency)
    amount = minor_units(price, code) if code else None
    problem = None
    if price.strip() and amount is None:
        problem = f"price {clean_text(price)[:40]!r} {'without a currency' if not code else f'is no amount of {code}'}"
    return Reading(amount, code if amount is not None else None, availability_of(availability), problem=problem)
