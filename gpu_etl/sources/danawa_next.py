"""Danawa's Next.js list: no product in the markup, all of them in the strings pushed to ``self.__next_f``.

Belongs here: finding the list in those strings. Does not belong here: what its values mean (``danawa_words``), the
server-rendered form of the same address (``danawa_list``).

This template says less: no shop count, and no word for why a product has no price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gpu_etl.sources.danawa_list import COMPATIBLE_PARTS
from gpu_etl.sources.danawa_words import Collector, PriceTag, tag_of, won
from gpu_etl.sources.pages import EmptyList, LayoutChanged
from gpu_etl.sources.records import Availability, ListPage

PUSH = "self.__next_f"
_CHUNK = re.compile(r'self\.__next_f\.push\(\[1,("(?:[^"\\]++|\\.)*+")\]\)')
_PRODUCTS = re.compile(r'"products":\s*(?=\[)')
_CHILDREN = re.compile(r'"childCategories":\s*(?=\[)')
_META = re.compile(r'"totalCount":(\d+),"currentPage":\d+,"pageSize":(\d+)')
_TOTAL = re.compile(r'"totalCount":(\d+)')
_DECODER = json.JSONDecoder()


def parse(text: str) -> ListPage:
    """Read a whole list page.

    Raises :class:`LayoutChanged` naming the missing piece, :class:`EmptyList` where the list has rows but not here.
    """
    try:
        flight = "".join(json.loads(chunk) for chunk in _CHUNK.findall(text))
    except json.JSONDecodeError as problem:
        raise LayoutChanged(f"a {PUSH} chunk is not a JSON string: {problem}") from None
    total, page_size = _meta(flight)
    products = max(_product_lists(flight), key=len, default=[])
    if not products and total and [] in _arrays(flight, _PRODUCTS):
        raise EmptyList(f"an empty list on a page that counts {total:,} rows", total)
    if not products and total != 0:
        raise LayoutChanged("no list of products with descriptionSegments in the pushed chunks")
    rows = [product for product in products if "/bridge/" not in str(product.get("productUrl"))]
    if sum("price" not in product for product in rows) * 2 > len(rows):
        raise LayoutChanged("most products have no price field")
    collector = Collector()
    ids = [row_id for product in rows if (row_id := _read_product(product, collector))]
    unique = list(dict.fromkeys(ids))
    if len(unique) * 2 < len(rows):
        raise LayoutChanged(f"{len(unique)} of {len(rows)} products could be read")
    return ListPage(
        offers=list(collector.offers.values()),
        total=total,
        row_count=len(unique),
        row_ids=unique,
        page_size=page_size,
        subcategories=_subcategories(flight),
        refusals=collector.refusals,
    )


def _arrays(flight: str, key: re.Pattern[str]) -> Iterator[list[Any]]:
    for found in key.finditer(flight):
        try:
            yield _DECODER.raw_decode(flight, found.end())[0]
        except json.JSONDecodeError:
            continue


def _product_lists(flight: str) -> Iterator[list[dict[str, Any]]]:
    """Every list of products that could be the category's own; recommendations carry no description."""
    for items in _arrays(flight, _PRODUCTS):
        products = [item for item in items if isinstance(item, dict)]
        if any("descriptionSegments" in product for product in products):
            yield products


def _meta(flight: str) -> tuple[int | None, int | None]:
    """The category's row count and the rows a page holds."""
    found = _META.search(flight)
    if found:
        return int(found.group(1)), int(found.group(2))
    counted = _TOTAL.search(flight)
    return (int(counted.group(1)) if counted else None), None


def _read_product(product: dict[str, Any], collector: Collector) -> str | None:
    """Add the product's variants; its own id, or ``None`` when nothing of it could be read."""
    row_id, title, link = str(product.get("id") or ""), str(product.get("productName") or ""), product.get("productUrl")
    read = False
    bundle = product.get("bundleProducts")
    for variant in bundle if isinstance(bundle, list) else []:
        if not isinstance(variant, dict):
            collector.refuse(row_id, "variant that is no record", str(variant))
            continue
        listing_id = str(variant.get("productCode") or "")
        name = title if listing_id == row_id else f"{title} {variant.get('bundleName') or ''}"
        own_link = str(link).replace(f"pcode={row_id}", f"pcode={listing_id}")
        read = collector.add(listing_id, name, _price(variant.get("price")), link=own_link) or read
    if row_id not in collector.offers:
        read = collector.add(row_id, title, _price(product.get("price")), link=str(link)) or read
    return row_id if read else None


def _price(field: object) -> PriceTag:
    """A product without a price has 0, null or nothing here; that alone is no fault of the page."""
    value = field.get("min") if isinstance(field, dict) else field
    if isinstance(value, str):
        value = won(value) if won(value) is not None else value
    if value is None or (value == 0 and not isinstance(value, bool)):
        return PriceTag(None, Availability.UNKNOWN)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return PriceTag(None, Availability.UNKNOWN, "not a number of won", str(value)[:40])
    return tag_of(value)


def _subcategories(flight: str) -> list[str]:
    children = max(_arrays(flight, _CHILDREN), key=len, default=[])
    named = [(str(child.get("code")), str(child.get("name"))) for child in children if isinstance(child, dict)]
    return list(dict.fromkeys(code for code, name in named if code.isdecimal() and COMPATIBLE_PARTS not in name))
