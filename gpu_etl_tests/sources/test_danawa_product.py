from __future__ import annotations

import json

import pytest

from gpu_etl.sources import danawa
from gpu_etl.sources.records import Availability, Gone, PageKind, PaymentCondition, PricePoint, Product
from gpu_etl_tests.sources.material import real_page

CARD, CASH, COUPON = PaymentCondition.CARD, PaymentCondition.CASH, PaymentCondition.COUPON


def shop(price: str, delivery: str = "무료배송", *, badge: str = "", logo: str = '<img alt="옥션">') -> str:
    return f"""<li class="list-item"><div class="box__logo">{logo}</div>
      <div class="box__price">{badge}<div class="sell-price"><span class="text__num">{price}</span></div></div>
      <div class="box__delivery"> {delivery} </div>
      <a class="link__full-cover" href="https://prod.danawa.com/bridge/loadingBridge.html?cate1=8&pcode=5&cmpnyc=EE715&r=1"></a></li>"""


def page(
    shops: str = "", *, low: str | None = "900000", shown: str = "900,000", sku: str = "5", title: str = "RTX 5070"
) -> bytes:
    offers = {"offers": {"@type": "AggregateOffer", "offerCount": "78", "lowPrice": low, "priceCurrency": "KRW"}}
    described = {"@type": "Product", "name": title, "sku": sku} | (offers if low is not None else {})
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="https://prod.danawa.com/info/?pcode=5&cate=112753">
<script type="application/ld+json">{json.dumps(described, ensure_ascii=False)}</script></head><body>
<h3 class="prod_tit"><span class="title">{title}</span></h3>
<script>var oGlobalSetting = {{ nProductCode: 5, nCategoryCode: "112753", nMinPrice: "{shown}" }};</script>
<div id="lowPriceCompanyArea"><ul class="list__mall-price">{shops}</ul></div></body></html>""".encode()


def read(body: bytes) -> Product:
    product = danawa.parse_product(body)
    assert isinstance(product, Product)
    return product


def test_a_page_whose_witnesses_agree() -> None:
    product = read(page(shop("900,000", "3,000원") + shop("901,000")))
    offer = product.offer
    assert (offer.listing_id, offer.title, offer.price, offer.seller_count) == ("5", "RTX 5070", 900000, 78)
    assert (offer.availability, offer.currency) == (Availability.IN_STOCK, "KRW")
    assert offer.url == "https://prod.danawa.com/info/?pcode=5"
    assert (product.payable_price, product.suspect_reason) == (901000, None)


def test_cash_and_coupon_prices_are_not_what_anybody_can_pay() -> None:
    cash = shop("800,000", badge='<span class="badge__cash">현금</span>')
    coupon = shop("905,000", badge='<span class="badge__coupon">쿠폰</span>')
    product = read(page(cash + shop("900,000", "10,000원") + coupon))
    assert [seller.payment_condition for seller in product.sellers] == [CASH, CARD, COUPON]
    assert (product.offer.price, product.payable_price, product.suspect_reason) == (900000, 910000, None)


@pytest.mark.parametrize(
    ("delivery", "shipping"),
    [
        ("무료배송", 0),
        ("2,500원", 2500),
        ('<div class="box__fast"><span>내일도착</span> 무료배송</div>', 0),
        ("3,000원 (5만원 이상 무료)", 3000),
        ("착불", None),
        ("", None),
    ],
)
def test_shipping(delivery: str, shipping: int | None) -> None:
    product = read(page(shop("900,000", delivery)))
    assert product.sellers[0].shipping == shipping
    assert product.payable_price == (None if shipping is None else 900000 + shipping)


@pytest.mark.parametrize(
    ("logo", "name"),
    [
        ('<img alt="옥션">', "옥션"),
        ('<span role="img" aria-label="GL SHOP">GL</span>', "GL SHOP"),
        ('<img alt="">', "EE715"),
        ("", "EE715"),
    ],
)
def test_a_shop_without_a_name_goes_by_its_code(logo: str, name: str) -> None:
    assert read(page(shop("900,000", logo=logo))).sellers[0].seller == name


def test_a_shop_link_keeps_no_click_counter() -> None:
    url = read(page(shop("900,000"))).sellers[0].url
    assert url == "https://prod.danawa.com/bridge/loadingBridge.html?pcode=5&cmpnyc=EE715"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page(shop("850,000")), "nMinPrice 900,000, first shop 850,000"),
        (page(shop("900,000"), low="950000"), "JSON-LD lowPrice 950,000"),
        (page(shop("900,000"), low=None), "JSON-LD lowPrice none"),
        (page(shop("900,000"), low="1.299"), "JSON-LD lowPrice none"),
        (page(""), "first shop none"),
        (page(shop("900,000"), sku="6"), "JSON-LD is about 6, the page about 5"),
        (page(shop("900,000") + shop("문의")), "shop 2 has no readable price"),
        (page(shop("900,000")).replace(b"lowPriceCompanyArea", b"shops"), "the page has no #lowPriceCompanyArea"),
    ],
)
def test_witnesses_that_differ_make_the_price_suspect_and_say_how(body: bytes, reason: str) -> None:
    product = read(body)
    assert product.offer.price == 900000
    assert reason in (product.suspect_reason or "")


def test_a_product_that_nobody_sells_is_unknown_without_suspicion() -> None:
    product = read(page("", low=None, shown="0"))
    assert (product.offer.price, product.offer.availability) == (None, Availability.UNKNOWN)
    assert (product.payable_price, product.sellers, product.suspect_reason) == (None, [], None)


@pytest.mark.parametrize(("low", "shown"), [("0", "0"), ("1119", "1,119")])
def test_a_price_that_cannot_be_is_not_published(low: str, shown: str) -> None:
    product = read(page("", low=low, shown=shown))
    assert product.offer.price is None
    assert product.suspect_reason


@pytest.mark.parametrize(
    ("old", "missing"),
    [
        (b"application/ld+json", "JSON-LD Product"),
        (b"nMinPrice", "nMinPrice"),
        (b"nProductCode", "nProductCode"),
        (b"prod_tit", "h3.prod_tit"),
    ],
)
def test_a_changed_layout_names_what_is_missing(old: bytes, missing: str) -> None:
    with pytest.raises(danawa.LayoutChanged, match=f"lacks {missing}$"):
        danawa.parse_product(page(shop("900,000")).replace(old, b"x"))


def test_half_a_page_is_truncated() -> None:
    whole = page(shop("900,000"))
    with pytest.raises(danawa.TruncatedPage):
        danawa.parse_product(whole[: len(whole) // 2])


def test_a_garbled_title_is_not_stored() -> None:
    with pytest.raises(danawa.UnreadableText):
        danawa.parse_product(page(shop("900,000"), title="지포스".encode().decode("latin-1")))


# --- real pages -------------------------------------------------------------------------------------------------------


def test_the_real_page_with_a_cash_only_shop() -> None:
    product = read(real_page("danawa_offers_17171645"))
    assert product.offer.title == "로지텍 MX Master 3S (정품) (블랙)"
    assert (product.offer.price, product.payable_price, product.offer.seller_count) == (126590, 126590, 78)
    assert product.suspect_reason is None
    shops = [(seller.seller, seller.price, seller.shipping, seller.payment_condition) for seller in product.sellers]
    assert len(shops) == 10
    assert shops[0] == ("11번가", 126590, 0, CARD)
    assert shops[4] == ("컴오아시스", 133980, 4000, CARD)
    assert shops[5] == ("GL SHOP", 139000, 0, CARD)
    assert shops[9] == ("한솔컴퓨터", 149000, 3000, CASH)


def test_the_real_page_where_the_lowest_price_is_not_the_cheapest_to_pay() -> None:
    product = read(real_page("danawa_offers_1151074"))
    assert (product.offer.price, product.payable_price, product.offer.seller_count) == (23000, 26840, 707)
    assert product.sellers[0].shipping == 10000
    assert product.suspect_reason is None


def test_the_real_page_of_a_closed_product_is_gone() -> None:
    body = real_page("danawa_expired_31162997")
    gone = danawa.parse_product(body)
    assert isinstance(gone, Gone)
    assert "종료된 상품" in gone.reason
    assert danawa.classify_product(200, "text/html", body)[0] is PageKind.GONE


# --- price history ----------------------------------------------------------------------------------------------------


def window(*points: dict[str, object]) -> dict[str, object]:
    return {"count": len(points), "result": list(points), "minPrice": 1, "maxPrice": 2}


def test_a_history_keeps_its_windows_apart() -> None:
    week = window({"date": "11-16", "Fulldate": "26-11-16", "minPrice": 1069000})
    month = window({"date": "26-10", "minPrice": "1,080,000"}, {"date": "26-11", "minPrice": 0})
    year = window({"minPrice": 5000}, {"date": "26-11", "minPrice": None})
    body = json.dumps({"1": week, "6": month, "24": year, "note": "x"}).encode()
    assert danawa.parse_history(body) == [
        PricePoint(1, "2026-11-16", 1069000),
        PricePoint(6, "2026-10", 1080000),
        PricePoint(6, "2026-11", None),
        PricePoint(24, "2026-11", None),
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<html>Access Denied</html>", "not JSON"),
        (b"[]", "none of the windows"),
        (b'{"result": []}', "none of the windows"),
        (b'{"1": {"rows": []}}', "no list 'result'"),
        (b'{"1": {"result": [{"date": "11-16", "minPrice": 1}]}}', "has a 'Fulldate'"),
        (b'{"6": {"result": [{"date": "26-11", "lowestPrice": 1}]}}', "no 'minPrice'"),
        (b'{"6": {"result": [{"date": "26-13", "minPrice": 1}]}}', "has a 'date'"),
        (b'{"6": {"result": [{"date": "26-11", "minPrice": "soon"}]}}', "the price 'soon'"),
        (b'{"6": {"result": [{"date": "26-11", "minPrice": -1}]}}', "the price -1"),
    ],
)
def test_a_history_that_changed_says_how(body: bytes, reason: str) -> None:
    with pytest.raises(danawa.ParseError, match=reason):
        danawa.parse_history(body)


def test_a_history_is_asked_for_as_the_page_asks() -> None:
    assert danawa.history_url("http://127.0.0.1:1/", "5").endswith(
        "/info/ajax/getProductPriceList.ajax.php?productCode=5"
    )
    headers = danawa.history_headers("http://127.0.0.1:1", "5")
    assert headers == {"Referer": "http://127.0.0.1:1/info/?pcode=5", "X-Requested-With": "XMLHttpRequest"}
    assert danawa.classify_history(200, "text/html", b"<html>no</html>")[0] is PageKind.BLOCKED
    assert danawa.classify_history(200, "text/html", b'{"1": {}}')[0] is PageKind.OK
