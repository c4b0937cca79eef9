"""Real connections: total deadlines, peers, TLS, and what broken servers do."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from gpu_etl.resources.http import AddressRefused, TimedOut, TlsFailed, Truncated, Unreachable
from gpu_etl.resources.http_addresses import AddressGuard
from gpu_etl.resources.http_client import HttpClient
from gpu_etl.resources.http_transport import GuardedAdapter, why
from gpu_etl.resources.reddit_session import feed_fetcher
from gpu_etl.settings import Settings
from gpu_etl_tests.resources.http_fakes import raw_server


def client_for(port: int, **options: Any) -> HttpClient:
    settings: dict[str, Any] = {"requests_per_second": 1000, "max_retries": 0, "deadline_seconds": 0.3, **options}
    return HttpClient(user_agent="gpu-etl-test/1", trusted_hosts=[f"127.0.0.1:{port}"], **settings)


def drip(connection: socket.socket, start: bytes, endless: bytes) -> None:
    connection.sendall(start)
    if not endless:
        connection.recv(1)  # until the client has given up
        return
    for _ in range(100):
        time.sleep(0.03)
        connection.sendall(endless)


DRIPS = {
    "nothing at all": (b"", b""),
    "status line": (b"HTTP/1.1 2", b"0"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "chunk size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
}


@pytest.mark.parametrize("where", DRIPS)
def test_the_deadline_is_total_wherever_a_server_drips(where: str) -> None:
    with raw_server(lambda connection: drip(connection, *DRIPS[where])) as port, client_for(port) as client:
        started = time.monotonic()
        with pytest.raises(TimedOut, match="no whole response within the deadline"):
            client.get(f"http://127.0.0.1:{port}/")
        assert 0.2 < time.monotonic() - started < 0.8


BROKEN = {
    "short body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Truncated),
    "cut in a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf", Truncated),
    "no last chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", Truncated),
    "no answer": (b"", Unreachable),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.0\r\n", Unreachable),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhalf", Unreachable),
    "endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", Unreachable),
    "too many headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", Unreachable),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_answers_have_names(what: str) -> None:
    answer, error = BROKEN[what]
    with raw_server(lambda connection: connection.sendall(answer)) as port, client_for(port) as client:
        with pytest.raises(error) as caught:
            client.get(f"http://127.0.0.1:{port}/")
        assert type(caught.value) is error
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwh\r\n3\r\nole\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nwhole",
    ],
)
def test_whole_answers_in_all_framings(answer: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(answer)) as port, client_for(port) as client:
        assert client.get(f"http://127.0.0.1:{port}/").body == b"whole"


def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with client_for(port) as client, pytest.raises(Unreachable, match="Connection refused"):
        client.get(f"http://127.0.0.1:{port}/")


def test_a_name_that_resolves_elsewhere_after_the_check_is_caught_at_the_connection() -> None:
    reached = threading.Event()
    guard = AddressGuard(resolver=lambda host, port: ["93.184.216.34"])  # what the check is told
    with raw_server(lambda connection: reached.set()) as port:
        client = HttpClient(
            user_agent="gpu-etl-test/1",
            max_retries=0,
            deadline_seconds=1,
            transport=lambda _: GuardedAdapter(guard),
            resolver=lambda host, port: ["93.184.216.34"],
        )
        with client, pytest.raises(AddressRefused, match=r"localhost:\d+/robots\.txt: it leads to (127\.0\.0\.1|::1)"):
            client.get(f"http://localhost:{port}/")
    assert not reached.is_set()


def test_a_connection_is_kept_and_used_again() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
    spoken: list[int] = []

    def speak(connection: socket.socket) -> None:
        spoken.append(connection.fileno())
        connection.sendall(whole)
        assert b"GET /2 " in connection.recv(4096)
        connection.sendall(whole)

    with raw_server(speak) as port, client_for(port) as client:
        assert client.get(f"http://127.0.0.1:{port}/1").body == b"whole"
        assert client.get(f"http://127.0.0.1:{port}/2").body == b"whole"
    assert len(spoken) == 1


def test_closing_ends_every_connection_even_those_that_a_kept_error_still_holds() -> None:
    """A kept log record keeps its error, traceback and response: the server must see us go all the same."""
    cut = gzip.compress(os.urandom(999))[:500]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 500\r\n\r\n"
    seen_to_end: list[bytes] = []

    def speak(connection: socket.socket) -> None:
        connection.sendall(head + cut)
        seen_to_end.append(connection.recv(1))

    with raw_server(speak) as port:
        with client_for(port) as client, pytest.raises(Truncated) as kept:
            client.get(f"http://127.0.0.1:{port}/")
        assert kept.tb is not None
    assert seen_to_end == [b""]


def test_a_proxy_of_the_environment_is_used_but_never_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def speak(connection: socket.socket) -> None:
        seen.append(b"page")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy")

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ndirect")

    for name in ("no_proxy", "NO_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with raw_server(speak) as proxy, raw_server(answer) as port, client_for(port) as client:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy}")
        assert client.get("http://shop.invalid/").body == b"proxy", "its name is the proxy's to look up"
        assert client.get(f"http://127.0.0.1:{port}/").body == b"direct"
        with pytest.raises(AddressRefused):
            client.get("http://10.0.0.1/")
    assert len(seen) == 2, "robots.txt and the page of the one host behind the proxy"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(None, "Connection refused"), (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407 Proxy Authentication")],
    ids=["dead", "asks for a login"],
)
def test_a_proxy_that_lets_nothing_through_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, make_settings: Callable[..., Settings], answer: bytes | None, reason: str
) -> None:
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with raw_server(lambda connection: connection.sendall(answer or b"")) as port, client_for(1) as client:
        port = port if answer else 1
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@127.0.0.1:{port}")
        with pytest.raises(Unreachable) as caught:
            client.get("https://shop.invalid/")
        with feed_fetcher(make_settings()) as fetch, pytest.raises(requests.exceptions.ProxyError) as kept:
            fetch("https://shop.invalid/.rss?feed=hush")
    said = f"connection failed at the proxy 127.0.0.1:{port} (HTTPS_PROXY): {reason}"
    assert said in str(caught.value)
    assert why(kept.value).startswith(f"({said}")
    assert "hush" not in str(caught.value) + why(kept.value)


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += [
        "-subj",
        "/CN=shop",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-days",
        "2",
        "-keyout",
        str(path),
        "-out",
        str(path) + ".crt",
    ]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


def test_a_certificate_nobody_vouches_for_is_refused_and_not_tried_again(self_signed: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    tries: list[int] = []

    def wrap(connection: socket.socket) -> socket.socket:
        tries.append(1)
        return context.wrap_socket(connection, server_side=True)

    server, refused = raw_server(lambda connection: None, wrap), pytest.raises(TlsFailed, match="self-signed")
    with server as port, client_for(port, max_retries=3) as client, refused:
        client.get(f"https://127.0.0.1:{port}/")
    assert len(tries) == 1


def test_over_tls_pages_come_and_the_deadline_holds(self_signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    answers = [lambda c: drip(c, b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")]
    answers.append(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"))

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{self_signed}.crt")  # how a company's own authority is trusted
    server = raw_server(lambda c: answers.pop()(c), lambda c: context.wrap_socket(c, server_side=True))
    with server as port, client_for(port) as client:
        assert client.get(f"https://127.0.0.1:{port}/").body == b"whole"
        started = time.monotonic()
        with pytest.raises(TimedOut):
            client.get(f"https://127.0.0.1:{port}/")
        assert time.monotonic() - started < 0.9
