"""Danawa's server-rendered list: ``li.prod_item`` rows, each with one ``li#productInfoDetail_<pcode>`` a variant.

Belongs here: where on such a page the pieces are. Does not belong here: what the pieces mean (``danawa_words``), the
Next.js rendering of the same address (``danawa_next``), choosing between the two (``danawa``).
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gpu_etl.sources import danawa_ajax
from gpu_etl.sources.danawa_words import Collector, PriceTag, read_malls, read_price, won
from gpu_etl.sources.pages import EmptyList, LayoutChanged, html_tree
from gpu_etl.sources.records import Availability, ListPage

ROW = "li.prod_item"
VARIANT = "li[id^=productInfoDetail_]"
PRICE = "p.price_sect"
TITLE = "p.prod_name a[name=productName], p.prod_name a[class*=_title_]"

NO_RESULT = "#nosearchArea"
"""Stands on a search that found nothing. The words alone do not tell: every search page holds them, hidden."""

SUBCATEGORY_LINKS = ".category_nav a[href*=cate], .depth_list a[href*=cate]"
COMPATIBLE_PARTS = "호환"
"""In the name of a sub-category this says: not the cards themselves but power supplies and cases that go with them."""

UNREADABLE_TOLERATED = 0.5
"""Share of a page's rows that may be refused before the page counts as unread."""

_CATEGORY = re.compile(r"[?&]cate=(\d+)")
_ROW_ID = re.compile(r"productItem(\d+)")


def parse(text: str) -> ListPage:
    """Read a whole list page.

    Raises :class:`LayoutChanged` naming the missing piece, :class:`EmptyList` where the list has rows but not here.
    """
    tree = html_tree(text)
    if "main_ad_prodlist" in text:
        for advertisements in tree.css(".main_ad_prodlist"):
            advertisements.decompose()
    rows = _without_advertisements(tree.css(ROW))
    total = _total(tree, text)
    if not rows and total != 0:
        _refuse_empty(tree, total)
    collector = Collector()
    ids = [row_id for row in rows if (row_id := _read_row(row, collector))]
    unique = list(dict.fromkeys(ids))
    if len(unique) < len(rows) * UNREADABLE_TOLERATED:
        raise LayoutChanged(_what_is_missing(rows, len(unique)))
    return ListPage(
        offers=list(collector.offers.values()),
        total=total,
        row_count=len(unique),
        row_ids=unique,
        page_size=_page_size(tree, text),
        subcategories=_subcategories(tree) if "category_nav" in text or "depth_list" in text else [],
        refusals=collector.refusals,
        form=danawa_ajax.form_of(text),
    )


def _refuse_empty(tree: LexborHTMLParser, total: int | None) -> None:
    counted = "names no total" if total is None else f"counts {total:,} rows"
    if total and tree.css_first("ul.product_list") and not tree.css_first("ul.product_list > li"):
        raise EmptyList(f"an empty list on a page that {counted}", total)
    raise LayoutChanged(f"no {ROW} on a page that {counted}")


def _without_advertisements(rows: list[LexborNode]) -> list[LexborNode]:
    """The rows of the list proper.

    An advertisement has another id (``adReaderProductItem…``, ``adSmartArea…``), its own class, or no popularity rank
    where most rows have one; curated lists show no rank at all.
    """
    rows = [
        row for row in rows if _ROW_ID.fullmatch(row.id or "") and "prod_ad_item" not in (row.attributes["class"] or "")
    ]
    ranked = [row for row in rows if row.css_first("strong.pop_rank")]
    return ranked if len(ranked) > len(rows) / 2 else rows


def _read_row(row: LexborNode, collector: Collector) -> str | None:
    """Add the row's variants; its own listing id, or ``None`` when nothing of it could be read."""
    row_id = (row.id or "").removeprefix("productItem")
    link = _title_link(row)
    variants = row.css(VARIANT)
    if link is None or not variants:
        collector.refuse(
            row_id, "row without a title" if link is None else "row without a price list", row.text()[:300]
        )
        return None
    title, read = link.text(), False
    for variant in variants:
        read = _read_variant(variant, row_id, title, collector) or read
    return row_id if read else None


def _title_link(row: LexborNode) -> LexborNode | None:
    return row.css_first(TITLE) or row.css_first("p.prod_name a[href*='pcode=']")


def _read_variant(variant: LexborNode, row_id: str, row_title: str, collector: Collector) -> bool:
    listing_id = (variant.id or "").removeprefix("productInfoDetail_")
    field = variant.css_first(PRICE)
    if field is None:
        return collector.refuse(listing_id, f"variant without {PRICE}", variant.text()[:300])
    number, link, malls = field.css_first("strong"), field.css_first("a"), variant.css_first("p.chk_sect")
    shown = number or link
    title = row_title if listing_id == _representative(variant, row_id) else f"{row_title} {_label(variant)}"
    return collector.add(
        listing_id,
        title,
        read_price(shown.text()) if shown else PriceTag(None, Availability.UNKNOWN, "no price"),
        seller_count=read_malls(malls.text()) if malls else None,
        link=link.attributes.get("href") if link else None,
    )


def _representative(variant: LexborNode, row_id: str) -> str:
    named = variant.css_first("input[name=compareRepValue]")
    return (named.attributes.get("value") if named else None) or row_id


def _label(variant: LexborNode) -> str:
    """What tells a variant from its row, such as ``벌크`` or ``16GB``; its popularity and unit price left out."""
    for part in variant.css("p.memory_sect span.text, p.memory_sect a"):
        label = part.text().strip()
        if label:
            return label
    return ""


def _first(tree: LexborHTMLParser, text: str, word: str, selector: str) -> LexborNode | None:
    """The first match, whose markup must hold ``word``: a tree takes ten times as long to look through as its text."""
    return tree.css_first(selector) if word in text else None


def _total(tree: LexborHTMLParser, text: str) -> int | None:
    """How many rows the category has; other tabs (shops' own offers, discontinued ones) have counts of their own."""
    if _first(tree, text, "nosearchArea", NO_RESULT):
        return 0
    for selector in (".tab_item.selected strong.list_num", "strong.list_num"):
        shown = _first(tree, text, "list_num", selector)
        if shown:
            return won(shown.text().strip().strip("()"))
    field = _first(tree, text, "totalProductCount", "#totalProductCount")
    return won(field.attributes.get("value") or "") if field else None


def _page_size(tree: LexborHTMLParser, text: str) -> int | None:
    chosen = _first(tree, text, "qnt_selector", ".qnt_selector option[selected]")
    value = (chosen.attributes.get("value") if chosen else None) or ""
    return int(value) if value.isdecimal() else None


def _subcategories(tree: LexborHTMLParser) -> list[str]:
    """Codes in the category navigation, in page order."""
    codes: dict[str, None] = {}
    for link in tree.css(SUBCATEGORY_LINKS):
        found = _CATEGORY.search(link.attributes.get("href") or "")
        if found and COMPATIBLE_PARTS not in link.text():
            codes[found.group(1)] = None
    return list(codes)


def _what_is_missing(rows: list[LexborNode], read: int) -> str:
    lacking = {
        "a title link in p.prod_name": [_title_link(row) is None for row in rows],
        VARIANT: [row.css_first(VARIANT) is None for row in rows],
        PRICE: [row.css_first(PRICE) is None for row in rows],
    }
    missing = [name for name, lacks in lacking.items() if sum(lacks) > len(rows) / 2]
    what = f"most lack {missing[0]}" if missing else "the others were refused"
    return f"{read} of {len(rows)} rows could be read; {what}"
