"""What every source of prices promises (see ``gpu_etl.sources``): one line here, and it is held to it."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpu_etl.sources
from gpu_etl.sources import danawa, jsonld, naver
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import Gone, Offer, PageKind, Product
from gpu_etl_tests.sources.material import next_page, old_page, product, row, variant, won

SHOP = "https://shop.example/p/5"


@dataclass(frozen=True)
class Source:
    """A source's two functions, and a page that it reads."""

    name: str
    classify: Callable[[int, str | None, bytes], tuple[PageKind, str | None]]
    read: Callable[[bytes], Iterable[Offer]]
    page: bytes


def of_product(found: Product | Gone | None) -> list[Offer]:
    return [found.offer] if isinstance(found, Product) else []


def naver_item(product_id: str, **more: str) -> dict[str, str]:
    item = {
        "title": "<b>RTX</b> 5070 &amp; 12GB",
        "link": "https://search.shopping.naver.com/catalog/1",
        "lprice": "899000",
    }
    return {**item, "hprice": "", "mallName": "네이버", "productId": product_id, "productType": "1", **more}


def naver_answer(*items: dict[str, str]) -> bytes:
    return json.dumps({"total": 1234, "start": 1, "display": 100, "items": items}, ensure_ascii=False).encode()


JSON_LD = {
    "@type": "Product",
    "name": "RTX 5070",
    "sku": "5",
    "offers": {"@type": "Offer", "price": "599.00", "priceCurrency": "EUR"},
}
SOURCES = [
    Source(
        "danawa",
        danawa.classify_list,
        lambda body: danawa.parse_list(body).offers,
        old_page(
            row(5, "RTX 5070", variant(5, won("899,000"))) + row(6, "RTX 5080", variant(6, "<strong>일시품절</strong>"))
        ),
    ),
    Source(
        "danawa",
        danawa.classify_list,
        lambda body: danawa.parse_list(body).offers,
        next_page([product(5, "RTX 5070", {"min": 899000}), product(6, "RTX 5080", {"min": 0})]),
    ),
    Source("naver", naver.classify, lambda body: naver.parse(body).offers, naver_answer(naver_item("5"))),
    Source(
        "jsonld:shop.example",
        jsonld.classify,
        lambda body: of_product(jsonld.parse_product(body, SHOP)),
        f'<html><script type="application/ld+json">{json.dumps(JSON_LD)}</script></html>'.encode(),
    ),
]

every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


@every_source
def test_its_page_gives_offers_that_keep_the_promise(source: Source) -> None:
    offers = list(source.read(source.page))
    assert offers
    for offer in offers:
        assert offer.source == source.name
        assert offer.listing_id
        assert offer.title
        assert offer.title.isprintable()
        assert offer.price is None or (isinstance(offer.price, int) and offer.price > 0)
        assert len(offer.currency) == 3
        assert (offer.market_day, offer.observed_at) == (None, None)
    assert list(source.read(source.page)) == offers


@every_source
@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
def test_an_answer_that_is_no_page_is_named(source: Source, status: int) -> None:
    kind, reason = source.classify(status, "text/html", source.page)
    assert kind is not PageKind.OK
    assert str(status) in (reason or "")


@every_source
@pytest.mark.parametrize("body", ["", "  \n", "<html><title>x</title><p>비정상적인 접근이 감지되었습니다</p></html>"])
def test_a_refusal_with_status_200_is_no_page(source: Source, body: str) -> None:
    assert source.classify(200, "text/html", body.encode())[0] in (PageKind.EMPTY, PageKind.BLOCKED)


@every_source
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_pages_raise_nothing_but_parse_errors(source: Source, data: st.DataObject) -> None:
    page = bytearray(source.page)
    cut = data.draw(st.integers(0, len(page)))
    noise = data.draw(st.binary(max_size=12))
    place = data.draw(st.integers(0, len(page)))
    damaged = bytes(page[:place] + noise + page[place + len(noise) :])[: cut or None]
    try:
        offers = list(source.read(damaged))
    except ParseError:
        return
    assert all(offer.price is None or offer.price > 0 for offer in offers)
    assert not any("\0" in offer.title for offer in offers)


def test_sources_import_nothing_that_reaches_outside() -> None:
    forbidden = {"os", "socket", "requests", "urllib.request", "subprocess", "dagster", "psycopg", "time"}
    upwards = (
        "gpu_etl.assets",
        "gpu_etl.cli",
        "gpu_etl.database",
        "gpu_etl.resources",
        "gpu_etl.settings",
        "gpu_etl.market",
    )
    modules = list(Path(gpu_etl.sources.__file__).parent.glob("*.py"))
    assert len(modules) > 10
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name in forbidden or name.startswith(upwards)], path.name
