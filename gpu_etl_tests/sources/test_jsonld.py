from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_etl.sources import jsonld
from gpu_etl.sources.money import currency_code, minor_units
from gpu_etl.sources.pages import ParseError, UnreadableText
from gpu_etl.sources.records import Availability, PageKind, Product
from gpu_etl_tests.sources.material import real_page

URL = "https://shop.example/p/5?color=black"


def page(*described: Any, head: str = "", body: str = "") -> bytes:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in described)
    return f"<!DOCTYPE html><html><head>{head}{scripts}</head><body>{body}</body></html>".encode()


def product(offers: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "RTX 5070",
        "sku": "A5",
        "offers": offers,
    } | more


def offer(price: Any = "599.99", currency: Any = "USD", **more: Any) -> dict[str, Any]:
    return {"@type": "Offer", "price": price, "priceCurrency": currency, "availability": "InStock"} | more


def read(body: bytes, url: str = URL) -> Product:
    found = jsonld.parse_product(body, url)
    assert found is not None
    return found


# --- real pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "url", "listing_id", "title", "price", "availability"),
    [
        (
            "newegg_in_stock",
            "https://www.newegg.com/p/N82E16814126451",
            "N82E16814126451",
            "ASUS Dual GeForce GTX 1650",
            (15499, "USD"),
            "in_stock",
        ),
        (
            "newegg_out_of_stock",
            "https://www.newegg.com/p/N82E16814487518",
            "N82E16814487518",
            "EVGA GeForce RTX 3080 FTW3 ULTRA",
            (None, "XXX"),
            "out_of_stock",
        ),
        (
            "bestbuy_out_of_stock",
            "https://www.bestbuy.com/site/6439402.p",
            "6439402",
            "NVIDIA GeForce RTX 3060 Ti 8GB",
            (39999, "USD"),
            "out_of_stock",
        ),
        (
            "adorama_in_stock",
            "https://www.adorama.com/ev11gp42384k.html",
            "EV11GP42384K",
            "EVGA NVIDIA GeForce RTX 2080 Ti XC HYBRID",
            (145500, "USD"),
            "out_of_stock",
        ),
        (
            "danawa_offers_17171645",
            "https://prod.danawa.com/info/?pcode=17171645",
            "17171645",
            "로지텍 MX Master 3S",
            (126590, "KRW"),
            "unknown",
        ),
    ],
)
def test_real_pages_say_what_a_person_reads(
    name: str, url: str, listing_id: str, title: str, price: tuple[int | None, str], availability: str
) -> None:
    found = read(real_page(name), url)
    assert found.offer.source == f"jsonld:{url.split('/')[2]}"
    assert found.offer.listing_id == listing_id
    assert found.offer.title.startswith(title)
    assert (found.offer.price, found.offer.currency, found.offer.availability) == (*price, availability)
    assert found.suspect_reason is None
    assert (found.offer.url or "").startswith(f"https://{url.split('/')[2]}/")


@pytest.mark.parametrize("name", ["walmart_captcha", "danawa_search_buds3pro", "danawa_expired_31162997"])
def test_real_pages_without_a_product_are_none(name: str) -> None:
    assert jsonld.parse_product(real_page(name), "https://www.walmart.com/ip/1") is None


def test_the_captcha_is_blocked() -> None:
    assert jsonld.classify(200, "text/html", real_page("walmart_captcha"))[0] is PageKind.BLOCKED


# --- offers in all their shapes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offers", "price", "sellers"),
    [
        (offer(), 59999, 1),
        (offer(599.99), 59999, 1),
        (offer("1,299.00"), 129900, 1),
        ([offer("650"), offer("599.99")], 59999, 2),
        ({"@type": "AggregateOffer", "lowPrice": "599.99", "offerCount": "12", "priceCurrency": "usd"}, 59999, 12),
        ({"@type": "AggregateOffer", "lowPrice": 1, "offers": [offer(), offer("700")]}, 59999, 2),
        ({"@type": "Offer", "priceSpecification": [{"price": "599.99", "priceCurrency": "USD"}]}, 59999, 1),
        ([offer("400", itemCondition="https://schema.org/UsedCondition"), offer()], 59999, 1),
        ([offer("500", availability="OutOfStock"), offer()], 59999, 2),
    ],
)
def test_offers(offers: Any, price: int, sellers: int) -> None:
    found = read(page(product(offers)))
    assert (found.offer.price, found.offer.currency, found.offer.seller_count) == (price, "USD", sellers)
    assert found.suspect_reason is None


@pytest.mark.parametrize(
    "data",
    [
        [{"@type": "BreadcrumbList"}, product(offer())],
        {"@graph": [{"@type": "WebSite"}, product(offer())]},
        {"@type": "WebPage", "mainEntity": product(offer())},
        product(offer(), **{"@type": ["Product", "Thing"]}),
        product(offer(), **{"@type": "http://schema.org/Product"}),
    ],
)
def test_a_product_is_found_where_shops_put_it(data: Any) -> None:
    assert read(page(data)).offer.price == 59999


def test_a_product_that_another_one_mentions_is_not_the_page() -> None:
    related = product(offer("10"), name="Cable")
    found = read(page(product(offer(), isRelatedTo=[related])))
    assert (found.offer.title, found.offer.price, found.suspect_reason) == ("RTX 5070", 59999, None)


@pytest.mark.parametrize(
    ("word", "availability"),
    [
        ("http://schema.org/InStock", "in_stock"),
        ("https://schema.org/LimitedAvailability", "in_stock"),
        ("Outofstock", "out_of_stock"),
        ("http://schema.org/SoldOut", "out_of_stock"),
        ("BackOrder", "out_of_stock"),
        ("Pre-Order", "coming_soon"),
        ("discontinued", "discontinued"),
        ("Perhaps", "unknown"),
        (None, "unknown"),
    ],
)
def test_availability(word: str | None, availability: str) -> None:
    assert read(page(product(offer(availability=word)))).offer.availability == availability


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("1,299.00", "USD", 129900),
        ("1.299,00 €", "EUR", 129900),
        ("1 299,00", "EUR", 129900),
        ("1'299.00", "CHF", 129900),
        ("₩870,120", "KRW", 870120),
        ("334280.00", "KRW", 334280),
        ("1.299.000", "KRW", 1299000),
        ("12,99", "EUR", 1299),
        ("12.345", "KWD", 12345),
        (154.99, "USD", 15499),
        (88000, "JPY", 88000),
        ("1.299", "USD", None),
        ("12.5", "KRW", None),
        ("1,23,456", "USD", None),
        ("10 - 20", "USD", None),
        ("-5.00", "USD", None),
        ("0.00", "USD", None),
        ("ask", "USD", None),
        (float("nan"), "USD", None),
        (True, "USD", None),
        (None, "USD", None),
    ],
)
def test_amounts_become_minor_units_or_nothing(amount: object, currency: str, units: int | None) -> None:
    assert minor_units(amount, currency) == units


@given(st.integers(1, 10**11), st.sampled_from(["KRW", "USD", "KWD"]))
def test_any_amount_survives_being_written_with_commas_and_a_point(units: int, currency: str) -> None:
    decimals = {"KRW": 0, "USD": 2, "KWD": 3}[currency]
    whole, rest = divmod(units, 10**decimals)
    written = f"{whole:,}" + (f".{rest:0{decimals}}" if decimals else "")
    assert minor_units(written, currency) == units


def test_currency_codes() -> None:
    assert [currency_code(text) for text in (" usd ", "KRW", "원", "XXX", "", None)] == [
        "USD",
        "KRW",
        None,
        None,
        None,
        None,
    ]


# --- doubts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offers", "reason"),
    [
        (offer(currency=None), "price '599.99' without a currency"),
        (offer("call us"), "price 'call us' is no amount of USD"),
        (offer("1.299"), "is no amount of USD"),
        ({"@type": "Offer", "availability": "InStock"}, "an offer names no price"),
        (offer(itemCondition="RefurbishedCondition"), "only used or refurbished offers"),
    ],
)
def test_a_price_that_cannot_be_read_is_none_with_the_reason(offers: Any, reason: str) -> None:
    found = read(page(product(offers)))
    assert (found.offer.price, found.offer.currency) == (None, "XXX")
    assert reason in (found.suspect_reason or "")


def test_offers_in_several_currencies_are_suspect_and_never_mixed() -> None:
    found = read(page(product([offer("650"), offer("10", "EUR")])))
    assert (found.offer.price, found.offer.currency) == (65000, "USD")
    assert "several currencies: EUR, USD" in (found.suspect_reason or "")


@pytest.mark.parametrize("offers", [None, []])
def test_a_product_without_offers_is_unknown_unless_the_page_says_sold_out(offers: Any) -> None:
    assert read(page(product(offers))).offer.availability is Availability.UNKNOWN
    sold_out = read(page(product(offers), body="<p>CURRENTLY SOLD OUT</p>"))
    assert (sold_out.offer.price, sold_out.offer.availability) == (None, Availability.OUT_OF_STOCK)
    in_a_script = read(page(product(offers), body="<script>var t = 'sold out'</script>"))
    assert in_a_script.offer.availability is Availability.UNKNOWN


OPENGRAPH = (
    '<meta property="og:title" content="RTX 5070 | Shop"><meta property="product:price:amount" content="{}">'
    '<meta property="product:price:currency" content="USD">'
)
MICRODATA = (
    '<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">RTX 5070</h1>'
    '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="USD">'
    '<span itemprop="price">$599.99</span><link itemprop="availability" href="https://schema.org/{}"></div></div>'
)


def test_weaker_witnesses_alone_are_believed() -> None:
    graph, data = read(page(head=OPENGRAPH.format("599.99"))), read(page(body=MICRODATA.format("InStock")))
    assert (graph.offer.title, graph.offer.price, graph.suspect_reason) == ("RTX 5070 | Shop", 59999, None)
    assert (data.offer.price, data.offer.availability, data.suspect_reason) == (59999, Availability.IN_STOCK, None)
    assert graph.offer.listing_id == "/p/5?color=black"


def test_witnesses_that_agree_raise_no_doubt() -> None:
    found = read(page(product(offer()), head=OPENGRAPH.format("599.99"), body=MICRODATA.format("InStock")))
    assert (found.offer.price, found.suspect_reason) == (59999, None)


def test_witnesses_that_differ_make_the_price_suspect() -> None:
    found = read(page(product(offer()), head=OPENGRAPH.format("499.99"), body=MICRODATA.format("OutOfStock")))
    assert (found.offer.price, found.offer.availability) == (59999, Availability.IN_STOCK)
    assert "JSON-LD says 59999 USD, OpenGraph says 49999 USD" in (found.suspect_reason or "")
    assert "JSON-LD says in_stock, microdata says out_of_stock" in (found.suspect_reason or "")


def test_a_page_about_several_products_is_suspect_unless_one_has_its_address() -> None:
    two = [product(offer(), url="/p/5?color=black"), product(offer("700"), name="RTX 5080", url="/p/6")]
    assert read(page(two)).suspect_reason is None
    assert read(page(two)).offer.price == 59999
    strangers = [product(offer("700"), name="RTX 5080"), product(offer())]
    assert "describes 2 products" in (read(page(strangers)).suspect_reason or "")


def test_a_page_without_a_product_is_none() -> None:
    assert jsonld.parse_product(page({"@type": "WebSite"}, head='<meta property="og:title" content="x">'), URL) is None


def test_broken_json_about_a_product_is_an_error_unless_a_weaker_witness_speaks() -> None:
    broken = '<script type="application/ld+json">{"@type": "Product", "name": </script>'
    with pytest.raises(ParseError, match="not JSON"):
        jsonld.parse_product(page(head=broken), URL)
    assert read(page(head=broken, body=MICRODATA.format("InStock"))).offer.price == 59999


def test_a_garbled_name_is_an_error() -> None:
    with pytest.raises(UnreadableText):
        jsonld.parse_product(page(product(offer(), name="지포스".encode().decode("latin-1"))), URL)


# --- what else an offer carries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "url", "kept"),
    [
        ("", "/gpu/rtx-5070", "https://shop.example/gpu/rtx-5070"),
        ("", None, URL),
        ("", "https://elsewhere.example/x", URL),
        ("", "javascript:alert(1)", URL),
        ('<link rel="canonical" href="/p/5">', "/gpu/rtx-5070", "https://shop.example/p/5"),
        ('<link rel="canonical" href="https://elsewhere.example/">', None, URL),
    ],
)
def test_the_address_is_absolute_and_the_shops_own(head: str, url: str | None, kept: str) -> None:
    assert read(page(product(offer(), url=url), head=head)).offer.url == kept


def test_payable_needs_shipping_and_stock() -> None:
    shipping = {"shippingRate": {"value": "6.99", "currency": "USD"}}
    sold = offer(seller={"name": "Newegg"}, shippingDetails=shipping)
    found = read(page(product(sold)))
    assert (found.payable_price, found.sellers[0].seller, found.sellers[0].shipping) == (60698, "Newegg", 699)
    assert read(page(product(offer(seller={"name": "Newegg"})))).payable_price is None
    assert read(page(product(sold | {"availability": "OutOfStock"}))).payable_price is None


def test_the_listing_id_is_the_shops_number_or_the_path() -> None:
    assert read(page(product(offer(), sku=None, mpn="90YV0M"))).offer.listing_id == "90YV0M"
    assert read(page(product(offer(), sku="two words"))).offer.listing_id == "/p/5?color=black"


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["@type", "price", "priceCurrency", "offers", "seller", "shippingDetails", "priceSpecification"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_offers_value_is_read_without_breaking(offers: Any) -> None:
    found = read(page(product(offers)))
    assert found.offer.price is None or found.offer.price > 0
