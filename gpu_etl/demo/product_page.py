"""The simulated shop's product page: one listing, its lowest price in three places, and the malls behind it.

Belongs here: that page's markup, and what stands where a product was. Does not belong here: the list (``site``), which
mall asks what (``market``).
"""

from __future__ import annotations

import json
from datetime import date
from html import escape

from gpu_etl.demo.catalogue import VGA
from gpu_etl.demo.market import Listing, Market, Seller
from gpu_etl.demo.site import NO_IMAGE, document, specifications

GONE = (
    '<meta name="robots" content="none" /><script type="text/javascript">'
    'alert("가격비교 서비스가 종료된 상품입니다.");location.replace("/");</script>'
)


def product_page(market: Market, day: date, base_url: str, pcode: str) -> str:
    """The page of a listing; :data:`GONE` where nothing is listed under ``pcode`` on ``day``."""
    listing = market.listing(pcode, day)
    if listing is None:
        return GONE
    sellers = market.sellers(pcode, day)
    specification = " / ".join(specifications(listing.product))
    shops = "".join(_shop(seller, place, base_url, pcode) for place, seller in enumerate(sellers))
    body = f"""
<script>var oGlobalSetting = {_settings(listing)};</script>
<div class="summary_info"><div class="top_summary">
<h3 class="prod_tit"><span class="title">{escape(listing.title)}</span></h3>
<div class="spec_list"><div class="items">{escape(specification)}</div></div>
<div class="made_info"><span class="txt">등록월: {listing.product.released}</span></div></div></div>
<div id="lowPriceCompanyArea"><ul class="list__mall-price">
{shops}</ul></div>"""
    return document(f"[다나와] {listing.title} (시뮬레이션)", body, _head(listing, specification, base_url))


def _settings(listing: Listing) -> str:
    """A script object, whose keys JavaScript writes without quotes."""
    values = {
        "sProductName": listing.title,
        "nCategoryCode": VGA,
        "nMinPrice": f"{listing.price or 0:,}",
        "nInitialPrice": "0",
        "productCodes": listing.pcode,
    }
    quoted = ", ".join(f"{key}: {_script(value)}" for key, value in values.items())
    return f"{{nProductCode: {listing.pcode}, {quoted}}}"


def _head(listing: Listing, specification: str, base_url: str) -> str:
    url = f"{base_url}/info/?pcode={listing.pcode}"
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing.title,
        "image": [],
        "description": specification,
        "sku": listing.pcode,
        "brand": {"@type": "Brand", "name": listing.title.split()[0]},
    }
    if listing.price is not None:
        data["offers"] = {
            "@type": "AggregateOffer",
            "offerCount": str(listing.sellers),
            "lowPrice": str(listing.price),
            "priceCurrency": "KRW",
            "url": url,
        }
    price = "가격 정보 없음" if listing.price is None else f"최저가 {listing.price:,}원"
    return f"""<link rel="canonical" href="{escape(url)}"><meta property="og:description" content="{price}">
<script type="application/ld+json">{_script(data)}</script>"""


def _shop(seller: Seller, place: int, base_url: str, pcode: str) -> str:
    delivery = "무료배송" if seller.shipping == 0 else f"{seller.shipping:,}원"
    box, badge = (
        ("box__price lowest", '<span class="badge__lowest">최저가</span>') if place == 0 else ("box__price", "")
    )
    badge += '<span class="badge__cash">현금</span>' if seller.cash_only else ""
    link = escape(f"{base_url}/bridge/loadingBridge.html?pcode={pcode}&cmpnyc={seller.code}&link_pcode={pcode}{place}")
    return f"""<li class="list-item"><a class="link__full-cover" href="{link}">구매하기</a>
<div class="box__logo"><img src="{NO_IMAGE}" alt="{escape(seller.name)}"></div>
<div class="{box}">{badge}
<div class="sell-price" data-base-price="{seller.price}" data-delivery-price="{seller.shipping}">
<span class="text__num">{seller.price:,}</span><span class="text__unit">원</span></div></div>
<div class="box__delivery">{delivery}</div></li>
"""


def _script(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
