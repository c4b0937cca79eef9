"""Ways to a site that lead nowhere: the failure names the reason, nothing is published, and the next run is whole."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.world import BAD, GOOD, KST, World, closed_port
from gpu_etl_tests.resources.http_fakes import raw_server
from gpu_etl_tests.resources.test_http_transport import self_signed as self_signed

pytestmark = pytest.mark.slow


@contextmanager
def refused_connection(certificate: Path) -> Iterator[str]:
    yield f"http://127.0.0.1:{closed_port()}"


@contextmanager
def connection_that_is_reset(certificate: Path) -> Iterator[str]:
    with raw_server(lambda connection: None) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def another_protocol(certificate: Path) -> Iterator[str]:
    with raw_server(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.0\r\n")) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def self_signed_site(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def wrap(connection: socket.socket) -> socket.socket:
        return context.wrap_socket(connection, server_side=True)

    with raw_server(lambda connection: None, wrap) as port:
        yield f"https://127.0.0.1:{port}"


@contextmanager
def plain_http_where_tls_is_expected(certificate: Path) -> Iterator[str]:
    with raw_server(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        yield f"https://127.0.0.1:{port}"


WAYS = {
    "connection refused": (refused_connection, "Connection refused"),
    "connection reset": (connection_that_is_reset, "connection failed: RemoteDisconnected"),
    "another protocol": (another_protocol, "connection failed: BadStatusLine"),
    "self-signed certificate": (self_signed_site, "self-signed certificate"),
    "no TLS": (plain_http_where_tls_is_expected, "danawa "),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_that_leads_nowhere_is_a_named_failure(
    way: str, self_signed: Path, world: World, prices: Prices, true_rows: Callable[[str], bool]
) -> None:
    opened, says = WAYS[way]
    with opened(self_signed) as address:
        (failure,) = prices.run(GOOD, danawa_base_url=address, http_deadline_seconds=2)
    assert says in failure
    assert "\n" not in failure
    assert prices.published(GOOD) == {}
    assert [row["status"] for row in prices.coverage(GOOD).values()] == ["failed"]
    assert prices.run(GOOD) == []
    assert true_rows(GOOD)


def test_a_name_that_nobody_knows_is_a_named_failure(prices: Prices) -> None:
    today = datetime.now(KST).date().isoformat()  # a pretended day is for sources on this machine only
    (failure,) = prices.run(today, danawa_base_url="http://no-such-shop.invalid", gpu_etl_now=None)
    assert "no-such-shop.invalid" in failure
    assert "\n" not in failure
    assert prices.published(today) == {}
    assert [bool(row["reason"]) for row in prices.coverage(today).values()] == [True]


def test_a_source_that_is_down_does_not_stop_the_other(world: World, prices: Prices) -> None:
    """A shop on a dead port; Danawa's day is whole."""
    world.day = BAD
    assert prices.run(BAD, shop_urls=f"http://127.0.0.1:{closed_port()}/card/1") == []
    assert {row["price"] for row in prices.published(BAD).values()} == set(world.truth(BAD).values())
    assert [row["source"] for row in prices.coverage(BAD).values() if row["status"] != "complete"] == [
        "jsonld:127.0.0.1"
    ]
