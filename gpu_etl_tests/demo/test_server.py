from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests

from gpu_etl.demo.market import Market
from gpu_etl.demo.server import market_clock, serve
from gpu_etl.demo.site import ROBOTS
from gpu_etl.sources import danawa
from gpu_etl.sources.records import Product
from gpu_etl_tests.demo.conftest import NOW, TODAY


def first_price(base_url: str, pcode: str) -> int | None:
    product = danawa.parse_product(requests.get(danawa.product_url(base_url, pcode), timeout=5).content)
    assert isinstance(product, Product)
    return product.offer.price


def test_robots_txt_forbids_what_the_real_one_forbids(base_url: str, web: requests.Session) -> None:
    answer = web.get(f"{base_url}/robots.txt", timeout=5)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text == ROBOTS
    for path in ("/api/", "/community/", "/list/ajax/", "/info/ajax/", "/bridge/"):
        assert f"Disallow: {path}\n" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/list/?cate=1", 404),
        ("/list/", 404),
        ("/list/ajax/getProductList.ajax.php", 403),
        ("/info/ajax/getProductPriceList.ajax.php?productCode=1", 403),
        ("/list/?cate=112753&page=x", 200),
        ("/r/", 401),
        ("/r/nvidia/new/.rss?limit=x&after=y", 200),
    ],
)
def test_what_is_not_there_is_said_so(base_url: str, web: requests.Session, path: str, status: int) -> None:
    assert web.get(f"{base_url}{path}", timeout=5).status_code == status


def test_pages_are_compressed_for_those_who_accept_it(base_url: str, web: requests.Session) -> None:
    url = danawa.list_url(base_url, danawa.GRAPHICS_CARDS)
    plain = web.get(url, headers={"Accept-Encoding": "identity"}, timeout=5)
    packed = web.get(url, headers={"Accept-Encoding": "gzip"}, timeout=5)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 4
    assert packed.content == plain.content


def test_one_connection_serves_many_requests(base_url: str) -> None:
    parts = urlsplit(base_url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        stream = connection.makefile("rb")
        for _ in range(2):
            connection.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: demo\r\n\r\n")
            assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
            while stream.readline() != b"\r\n":
                pass
            assert stream.read(len(ROBOTS)) == ROBOTS.encode()
        stream.close()


def test_it_listens_on_loopback_alone(base_url: str) -> None:
    assert urlsplit(base_url).hostname == "127.0.0.1"


def test_it_ends_with_its_block_while_clients_hold_their_connections(market: Market) -> None:
    before = set(threading.enumerate())
    with requests.Session() as session, requests.Session() as other:
        with serve(market, clock=lambda: NOW) as base_url:
            assert session.get(f"{base_url}/robots.txt", timeout=5).ok
            assert other.get(f"{base_url}/robots.txt", timeout=5).ok
            started = set(threading.enumerate()) - before
            assert len(started) == 3  # the server and a handler a connection
        assert not any(thread.is_alive() for thread in started)
        with pytest.raises(requests.ConnectionError):
            session.get(f"{base_url}/robots.txt", timeout=5)


def test_it_ends_also_when_its_block_fails(market: Market) -> None:
    before = set(threading.enumerate())
    started: set[threading.Thread] = set()

    def fail() -> None:
        with serve(market):
            started.update(set(threading.enumerate()) - before)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(started) == 1
    assert not any(thread.is_alive() for thread in started)


def test_a_clock_past_midnight_shows_the_next_days_prices(market: Market) -> None:
    moments = iter([NOW, NOW + timedelta(days=1)])
    pcode = next(pcode for pcode, day in market.dipped.items() if day == TODAY)
    with serve(market, clock=lambda: next(moments)) as base_url:
        dipped, recovered = first_price(base_url, pcode), first_price(base_url, pcode)
    assert dipped is not None
    assert recovered is not None
    assert dipped < 0.7 * recovered


def test_the_usual_clock_stays_within_the_markets_today() -> None:
    past = Market(1, TODAY, 3)
    assert market_clock(past)() <= datetime(2026, 3, 20, 14, 59, 59, tzinfo=UTC)
    real_today = datetime.now(past.zone).date()
    live = market_clock(Market(1, real_today, 3))()
    assert abs(live - datetime.now(UTC)) < timedelta(seconds=5)
