"""Showing URLs without secrets, and telling servers apart."""

from __future__ import annotations

import pytest

from gpu_etl.resources.http_urls import Place, gate_name, is_loopback, masked, origin_of, place_of, same_site


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:pw@shop.test/a", "https://***@shop.test/a"),
        ("https://shop.test/a?feed=abc&user=me&q=rtx", "https://shop.test/a?feed=***&user=***&q=rtx"),
        ("https://shop.test/a?apiKey=1&access_token=2&client-secret=3", None),
        ("https://shop.test/a?APIKEY=1&X-Amz-Signature=2&sid=3", None),
        ("https://shop.test/a?%6bey=1", "https://shop.test/a?%6bey=***"),
        ("https://shop.test/a#token=1", "https://shop.test/a"),
        ("https://shop.test/a\nb", "https://shop.test/ab"),  # urlsplit drops line breaks: a log line stays one
        ("https://[broken", "(an address that cannot be read)"),
    ],
)
def test_secrets_are_hidden(url: str, shown: str | None) -> None:
    if shown is None:
        query = masked(url).partition("?")[2]
        assert [part.partition("=")[2] for part in query.split("&")] == ["***"] * 3
    else:
        assert masked(url) == shown


@pytest.mark.parametrize("query", ["keyword=rtx", "productCode=1", "cate=112753&page=2", "sort=feedback", "flag", ""])
def test_what_a_log_is_read_for_stays(query: str) -> None:
    url = f"https://shop.test/a?{query}" if query else "https://shop.test/a"
    assert masked(url) == url


def test_places_and_origins() -> None:
    assert place_of("HTTPS://Shop.Test/x") == Place("shop.test", 443)
    assert place_of("http://[::1]:8080/") == Place("::1", 8080)
    assert origin_of("http://[::1]/x") == "http://[::1]"
    assert origin_of("https://u:p@shop.test/x") == origin_of("https://shop.test:443") == "https://shop.test"
    assert origin_of("http://shop.test:8080/") == "http://shop.test:8080"


@pytest.mark.parametrize(
    "url", ["ftp://shop.test/", "file:///etc/passwd", "shop.test/x", "http:///x", "http://a:99999/"]
)
def test_what_is_not_a_web_address(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        place_of(url)


def test_http_and_https_of_a_host_share_manners_but_other_ports_do_not() -> None:
    assert gate_name("http://shop.test/") == gate_name("https://shop.test/") == "shop.test"
    assert gate_name("http://127.0.0.1:8000/") != gate_name("http://127.0.0.1:8001/")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.test/", "https://a.test/", True),
        ("https://a.test/", "https://A.test:443/x", True),
        ("https://a.test/", "https://a.test:8443/", False),
        ("https://a.test/", "https://b.a.test/", False),
    ],
)
def test_same_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


@pytest.mark.parametrize("host", ["localhost:1", "127.8.8.8", "[::1]"])
def test_this_machine(host: str) -> None:
    assert is_loopback(f"http://{host}/")


@pytest.mark.parametrize("host", ["10.0.0.1", "shop.test", "localhost.test"])
def test_other_machines(host: str) -> None:
    assert not is_loopback(f"http://{host}/")
