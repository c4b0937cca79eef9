from __future__ import annotations

import pytest

from gpu_etl.sources import naver
from gpu_etl.sources.pages import LayoutChanged, ParseError
from gpu_etl.sources.records import Availability
from gpu_etl_tests.sources.test_contract import naver_answer, naver_item


def test_a_catalogue_product_is_an_offer_without_marks_in_its_title() -> None:
    page = naver.parse(naver_answer(naver_item("82001", title="이엠텍 지포스 <b>RTX</b> <b>5070</b> &quot;X&quot;")))
    (offer,) = page.offers
    assert (offer.listing_id, offer.title) == ("82001", '이엠텍 지포스 RTX 5070 "X"')
    assert (offer.price, offer.currency, offer.availability) == (899_000, "KRW", Availability.IN_STOCK)
    assert offer.url == "https://search.shopping.naver.com/catalog/1"
    assert page.total == 1234


@pytest.mark.parametrize("kind", ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"])
def test_single_shops_used_discontinued_and_announced_products_are_left_out(kind: str) -> None:
    page = naver.parse(naver_answer(naver_item("1", productType=kind), naver_item("2")))
    assert [offer.listing_id for offer in page.offers] == ["2"]
    assert page.refusals == []


@pytest.mark.parametrize("price", ["", "0"])
def test_no_price_is_none(price: str) -> None:
    (offer,) = naver.parse(naver_answer(naver_item("1", lprice=price))).offers
    assert (offer.price, offer.availability) == (None, Availability.UNKNOWN)


def test_what_cannot_be_read_is_refused_with_its_reason() -> None:
    good = [naver_item(str(n)) for n in range(3, 9)]
    page = naver.parse(naver_answer(naver_item("1", lprice="cheap"), naver_item("x"), *good))
    assert [(refusal.subject, refusal.reason) for refusal in page.refusals] == [
        ("1", "lprice is no amount of won"),
        ("x", "no listing id, or an unreadable title"),
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", ParseError),
        (b'{"errorMessage": "x"}', LayoutChanged),
        (naver_answer({"name": "renamed"}), LayoutChanged),
    ],
)
def test_another_shape_raises(body: bytes, error: type[ParseError]) -> None:
    with pytest.raises(error):
        naver.parse(body)


def test_the_address_leaves_used_goods_out_and_pages_by_hundreds() -> None:
    assert naver.search_url("https://openapi.naver.com/", "RTX 5070", page=3) == (
        "https://openapi.naver.com/v1/search/shop.json"
        "?query=RTX+5070&display=100&start=201&sort=sim&exclude=used%3Arental%3Acbshop"
    )
