"""Danawa's product page: one listing's lowest price, told three times, and up to ten of the shops behind it.

Belongs here: where on the page the pieces are, and whether they agree. Does not belong here: what the pieces mean
(``danawa_words``), what a price far from yesterday's means (``market``).

The three witnesses of the lowest price are JSON-LD ``lowPrice``, the script variable ``nMinPrice`` and the first row of
the shop list that is not cash-only; on every real page seen they are equal. Shipping is in none of them.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gpu_etl.sources.danawa_words import CURRENCY, SOURCE, canonical_url, price_problem, won
from gpu_etl.sources.pages import LayoutChanged, UnreadableText, clean_text, clean_title, html_tree, is_mojibake
from gpu_etl.sources.records import Availability, Offer, PaymentCondition, Product, SellerOffer

SHOPS = "#lowPriceCompanyArea"
SHOP = "#lowPriceCompanyArea ul.list__mall-price > li.list-item"
JSON_LD = 'script[type="application/ld+json"]'

_SETTING = re.compile(r"""\b(nProductCode|nMinPrice)["']?\s*:\s*["']?(\d[\d,]*\d|\d|)""")
_SHIPPING = re.compile(r"(\d[\d,]*)\s*원")


def parse(text: str) -> Product:
    """Read a whole product page; raises :class:`LayoutChanged` naming every piece that is missing."""
    tree = html_tree(text)
    setting = dict(_SETTING.findall(text))
    structured = _structured(tree)
    title = tree.css_first("h3.prod_tit span.title") or tree.css_first("h3.prod_tit")
    pieces = {
        "JSON-LD Product": structured,
        "nProductCode": setting.get("nProductCode"),
        "nMinPrice": "nMinPrice" in setting,
        "h3.prod_tit": title,
    }
    missing = [name for name, piece in pieces.items() if not piece]
    if missing or title is None:
        raise LayoutChanged(f"the product page lacks {', '.join(missing)}")
    name = title.text()
    if is_mojibake(name) or not clean_text(name):
        raise UnreadableText(f"the title of product {setting['nProductCode']} is unreadable")
    sellers, problems = _sellers(tree)
    price, doubt = _headline(structured, setting, sellers)
    if structured.get("sku") != setting["nProductCode"]:
        problems.append(f"JSON-LD is about {structured.get('sku')}, the page about {setting['nProductCode']}")
    doubts = [*([doubt] if doubt else []), *problems]
    return Product(
        offer=_offer(tree, setting["nProductCode"], clean_title(name), price, structured),
        payable_price=payable(sellers),
        sellers=sellers,
        suspect_reason="; ".join(doubts) or None,
    )


def payable(sellers: list[SellerOffer]) -> int | None:
    """The cheapest card price with shipping, in won; shops whose shipping is unknown cannot say."""
    totals = [
        seller.price + seller.shipping
        for seller in sellers
        if seller.payment_condition is PaymentCondition.CARD and seller.shipping is not None
    ]
    return min(totals, default=None)


def _structured(tree: LexborHTMLParser) -> dict[str, Any]:
    for script in tree.css(JSON_LD):
        try:
            data = json.loads(script.text(), strict=False)
        except json.JSONDecodeError:
            continue
        if isinstance(data, dict) and data.get("@type") == "Product":
            return data
    return {}


def _headline(
    structured: dict[str, Any], setting: dict[str, str], sellers: list[SellerOffer]
) -> tuple[int | None, str | None]:
    """The lowest price, and how its witnesses differ.

    All three silent (no price, no offers, no shops) is a product that nobody sells now, which is no contradiction.
    Where they differ, the page's own ``nMinPrice`` is the price, because the list page shows that one.
    """
    offers = structured.get("offers")
    low = offers.get("lowPrice") if isinstance(offers, dict) else None
    shown = won(setting["nMinPrice"]) or None
    first = next((seller.price for seller in sellers if seller.payment_condition is not PaymentCondition.CASH), None)
    witnesses = {
        "JSON-LD lowPrice": won(str(low)) if low is not None else None,
        "nMinPrice": shown,
        "first shop": first,
    }
    if low is None and shown is None and not sellers:
        return None, None
    told = ", ".join(f"{name} {'none' if price is None else f'{price:,}'}" for name, price in witnesses.items())
    price = shown or witnesses["JSON-LD lowPrice"] or first
    if not price:
        return None, f"the page shows no usable price: {told}"
    if price_problem(price):
        return None, price_problem(price)
    return price, None if set(witnesses.values()) == {price} else f"witnesses of the price differ: {told}"


def _offer(tree: LexborHTMLParser, listing_id: str, title: str, price: int | None, structured: dict[str, Any]) -> Offer:
    offers = structured.get("offers")
    count = str(offers.get("offerCount", "")) if isinstance(offers, dict) else ""
    link = tree.css_first("link[rel=canonical]")
    return Offer(
        source=SOURCE,
        listing_id=listing_id,
        title=title,
        price=price,
        currency=CURRENCY,
        availability=Availability.UNKNOWN if price is None else Availability.IN_STOCK,
        seller_count=won(count),
        url=canonical_url(link.attributes.get("href") if link else None, listing_id),
    )


def _sellers(tree: LexborHTMLParser) -> tuple[list[SellerOffer], list[str]]:
    """The shops in page order, and what is wrong with the rows that could not be read."""
    sellers, problems = [], []
    for number, row in enumerate(tree.css(SHOP), 1):
        shown = row.css_first(".sell-price .text__num")
        price = won(shown.text()) if shown else None
        if price is None or price_problem(price):
            problems.append(f"shop {number} has no readable price")
            continue
        link = row.css_first("a[href*='cmpnyc=']")
        query = parse_qs(urlsplit(link.attributes.get("href") or "").query) if link else {}
        sellers.append(
            SellerOffer(_seller_name(row, query), price, _shipping(row), _condition(row), _bridge(link, query))
        )
    if not sellers and not tree.css_first(SHOPS):
        problems.append(f"the page has no {SHOPS}")
    return sellers, problems


def _seller_name(row: LexborNode, query: dict[str, list[str]]) -> str:
    """The shop's name; its code where the page shows a logo without one, as it does for some."""
    for selector, attribute in ((".box__logo img", "alt"), (".box__logo [aria-label]", "aria-label")):
        node = row.css_first(selector)
        name = clean_text((node.attributes.get(attribute) if node else None) or "")
        if name:
            return name
    return query.get("cmpnyc", ["unknown"])[0]


def _shipping(row: LexborNode) -> int | None:
    """``무료배송`` is 0, ``3,000원`` is 3000, anything else (collect, depends on the place) is unknown."""
    node = row.css_first(".box__delivery")
    text = node.text() if node else ""
    amount = _SHIPPING.search(text)
    if amount:
        return won(amount.group(1))
    return 0 if "무료" in text else None


def _condition(row: LexborNode) -> PaymentCondition:
    if row.css_first(".badge__cash"):
        return PaymentCondition.CASH
    badges = " ".join(badge.text() for badge in row.css(".box__price [class*=badge]"))
    return PaymentCondition.COUPON if "쿠폰" in badges else PaymentCondition.CARD


def _bridge(link: LexborNode | None, query: dict[str, list[str]]) -> str | None:
    """The shop's link without what only counts clicks; kept for a person, never followed (robots.txt)."""
    parts = urlsplit((link.attributes.get("href") if link else None) or "")
    if parts.scheme not in ("http", "https"):
        return None
    kept = urlencode([(key, query[key][0]) for key in ("pcode", "cmpnyc", "link_pcode") if key in query])
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{kept}"
