"""The simulated shop's pages, in the shape of Danawa's server-rendered ones.

Belongs here: robots.txt, the list page, the sub-categories. Does not belong here: the product page (``product_page``),
prices (``market``), HTTP (``server``).
"""

from __future__ import annotations

from datetime import date
from html import escape

from gpu_etl.demo.catalogue import CATEGORIES, VGA, Product
from gpu_etl.demo.market import Listing, Market

PAGE_SIZE = 30
LEAST_BYTES = 52_000
"""Real pages weigh more than 50 kB; a lighter one is taken for a refusal."""

ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /community/
Disallow: /list/ajax/
Disallow: /info/ajax/
Disallow: /bridge/
"""

NO_IMAGE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

Row = list[Listing]
"""The listings that share one row of a page: the row's own, then its variants."""


def rows_of(market: Market, day: date, category: str) -> list[Row]:
    """The rows of a category in page order."""
    rows: dict[str, Row] = {}
    for listing in market.listings(day):
        if category in listing.product.categories:
            rows.setdefault(listing.variant_of or listing.pcode, []).append(listing)
    return list(rows.values())


def list_page(market: Market, day: date, base_url: str, category: str = VGA, page: int = 1) -> str | None:
    """One page of a category, ``None`` where there is no such category; a page beyond the end is the last one."""
    if category not in CATEGORIES:
        return None
    rows = rows_of(market, day, category)
    last = max(1, -(-len(rows) // PAGE_SIZE))
    page = min(max(1, page), last)
    first = (page - 1) * PAGE_SIZE
    shown = rows[first : first + PAGE_SIZE]
    items = [_row(row, rank, base_url) for rank, row in enumerate(shown, first + 1)]
    items.insert(min(3, len(items)), _advertisement("adReaderProductItem900001", base_url))
    body = f"""
<div class="category_nav"><ul class="depth_list">{_navigation(base_url, category)}</ul></div>
<div class="goods_list_tab"><ul><li class="tab_item selected" id="priceCompareTab"><a href="#">가격비교
<strong class="list_num">({len(rows):,})</strong></a></li>
<li class="tab_item"><a href="#">검색상품 <strong class="list_num">({len(rows) * 37:,})</strong></a></li></ul></div>
<div class="view_opt"><select class="qnt_selector"><option value="30" selected="selected">30개</option>
<option value="60">60개</option><option value="90">90개</option></select></div>
<div class="main_ad_prodlist"><ul class="product_list">{_advertisement("adSmartArea900002", base_url)}</ul></div>
<div class="main_prodlist main_prodlist_list"><ul class="product_list">
{"".join(items)}
</ul></div>
<div class="num_nav_wrap"><div class="number_wrap">{_numbers(page, last)}</div></div>"""
    return document(f"{CATEGORIES[category]} : 다나와 가격비교 (시뮬레이션)", body)


def document(title: str, body: str, head: str = "") -> str:
    """A whole page, as heavy as a real one."""
    page = f"""<!DOCTYPE html>
<html lang="ko"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="description" content="A simulated market for demonstrations; none of these prices is real.">{head}</head>
<body><div id="wrap"><div id="danawa_header"><a href="#">로그인</a> <a href="#">관심상품</a></div>{body}</div>
<!-- weight -->
</body></html>
"""
    missing = LEAST_BYTES - len(page.encode())
    return page.replace("<!-- weight -->", f"<!-- weight {'.' * missing} -->") if missing > 0 else page


def specifications(product: Product) -> list[str]:
    """What stands in grey under a title."""
    if not product.watts:
        return ["컴퓨터 부품"]
    plug = 650 + 50 * round(max(0, product.watts - 200) / 50)
    return ["그래픽카드", product.chipset or "", f"사용전력 : {product.watts}W", f"정격파워 {plug}W 이상", "3팬"]


def product_link(base_url: str, pcode: str) -> str:
    """The address of a product page, as a list writes it."""
    return escape(f"{base_url}/info/?pcode={pcode}&cate={VGA}")


def _navigation(base_url: str, current: str) -> str:
    return "".join(
        f'<li{" class=on" if code == current else ""}><a href="{base_url}/list/?cate={code}">{escape(name)}</a></li>'
        for code, name in CATEGORIES.items()
    )


def _row(row: Row, rank: int, base_url: str) -> str:
    product = row[0].product
    pcode = product.variant_of or product.pcode
    link = product_link(base_url, pcode)
    variants = "".join(_variant(listing, pcode, base_url, hidden=place > 2) for place, listing in enumerate(row))
    specification = "<em>/</em>".join(escape(item) for item in specifications(product))
    return f"""<li id="productItem{pcode}" class="prod_item prod_layer">
<input type="hidden" id="productItem_categoryInfo_{pcode}" value="861|876|0|0">
<div class="prod_main_info">
<div class="thumb_image"><a href="{link}" class="thumb_link">
<img src="{NO_IMAGE}" alt="{escape(product.title)}"></a></div>
<div class="prod_info"><p class="prod_name"><strong class="pop_rank">{rank}</strong>
<a href="{link}" name="productName" class="click_log_product_standard_title_">{escape(product.title)}</a></p>
<div class="spec-box spec-box--full"><div class="spec_list">{specification}</div></div>
<div class="prod_sub_info"><dl class="meta_item mt_date"><dt>등록월</dt><dd>{product.released} 등록</dd></dl></div>
</div>
<div class="prod_pricelist" data-cate="861|876|0|0"><ul>
{variants}</ul></div></div></li>
"""


def _variant(listing: Listing, representative: str, base_url: str, *, hidden: bool) -> str:
    malls = "" if listing.sellers is None else f"{listing.sellers}몰"
    label = listing.product.label
    price = f"{listing.price:,}</strong>원" if listing.price is not None else f"{listing.status}</strong>"
    return f"""<li id="productInfoDetail_{listing.pcode}"{' style="display: none"' if hidden else ""}>
<p class="memory_sect"><span class="text">{label}</span></p>
<p class="chk_sect"><input type="checkbox" name="compareValue" value="{listing.pcode}">
<input type="hidden" name="compareRepValue" value="{representative}">{malls}</p>
<p class="price_sect">
<a href="{product_link(base_url, listing.pcode)}" class="click_log_product_standard_price_"><strong>{price}</a></p>
</li>
"""


def _advertisement(row_id: str, base_url: str) -> str:
    """Looks like a row and is none: another id, no rank."""
    return f"""<li id="{row_id}" class="prod_item prod_ad_item"><div class="prod_main_info"><div class="prod_info">
<p class="prod_name"><a href="{base_url}/bridge/ad" name="productName">
AD 오늘의 특가 지포스 RTX 5070 D7 12GB</a></p></div>
<div class="prod_pricelist"><ul><li id="adInfoDetail_900001"><p class="price_sect"><a href="{base_url}/bridge/ad">
<strong>399,000</strong>원</a></p></li></ul></div></div></li>
"""


def _numbers(page: int, last: int) -> str:
    return "".join(
        f'<a class="num{" now_on" if number == page else ""}" href="#" onclick="movePage({number})">{number}</a>'
        for number in range(1, last + 1)
    )
