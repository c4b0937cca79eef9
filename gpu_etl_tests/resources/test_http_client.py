"""What comes back, what is tried again, what is given up, and what is said about it."""

from __future__ import annotations

import gzip
import logging
import traceback
from datetime import timedelta
from itertools import pairwise

import pytest
import requests
import urllib3

from gpu_etl.resources.http import (
    AddressRefused,
    CircuitOpen,
    Page,
    RetryLater,
    TooLarge,
    Truncated,
    Unreachable,
)
from gpu_etl_tests.resources.http_fakes import SHOP, Answer, scripted

A = f"{SHOP}/a"


def test_a_page_is_what_came() -> None:
    headers = {
        "Content-Type": "text/html; charset=EUC-KR",
        "Content-Encoding": "gzip",
        "ETag": '"1"',
        "Set-Cookie": "id=secret",
    }
    body = "그래픽카드".encode("euc-kr")
    client, _, clock = scripted({f"{A}?q=1": Answer(200, gzip.compress(body), headers, takes=1.5)})
    page = client.get(f"{A}#reviews", params={"q": "1"})
    assert (page.url, page.final_url, page.status, page.body) == (f"{A}?q=1", f"{A}?q=1", 200, body)
    assert page.content_type == "text/html; charset=EUC-KR"
    assert dict(page.headers) == {"content-type": page.content_type, "content-encoding": "gzip", "etag": '"1"'}
    assert page.elapsed == 1.5
    assert page.fetched_at == clock.now() - timedelta(seconds=1.5)
    assert page.fetched_at.tzinfo is not None


def test_who_we_are_is_said_and_the_callers_headers_go_along() -> None:
    client, adapter, _ = scripted({A: Answer()})
    client.get(A, headers={"Referer": SHOP, "accept-encoding": "br", "user-agent": "Chrome"})
    sent = adapter.requests[-1].headers
    assert sent["User-Agent"] == "gpu-etl-test/1", "robots.txt was asked in this name"
    assert (sent["Accept-Encoding"], sent["Referer"], sent["Accept"]) == ("gzip, deflate", SHOP, "*/*")


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 418, 501])
def test_other_statuses_are_pages_at_once(status: int) -> None:
    body = b"" if status in (204, 304) else b"no"
    client, adapter, _ = scripted({A: Answer(status, body)})
    page = client.get(A)
    assert (page.status, page.body) == (status, body)
    assert adapter.pages == [A]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_retryable_statuses_are_tried_again_and_then_are_pages_too(status: int) -> None:
    client, adapter, clock = scripted({A: Answer(status, b"busy")}, max_retries=3, backoff_seconds=5)
    page = client.get(A)
    assert (page.status, page.body) == (status, b"busy")
    assert adapter.pages == [A] * 4
    assert [pause for pause in clock.slept if pause >= 1] == [5, 10, 20]


def test_a_host_that_recovers_is_not_remembered_as_failing() -> None:
    flaky = [Answer(500), requests.ConnectionError(), Answer(200)]
    client, adapter, _ = scripted({A: flaky, f"{SHOP}/b": Answer(500)}, max_failures=3)
    assert client.get(A).ok
    client.get(f"{SHOP}/b")
    assert adapter.pages.count(f"{SHOP}/b") == 3, "its three failures are counted from the recovery"


def test_broken_bodies_are_tried_again() -> None:
    packed = gzip.compress(b"x" * 1000)
    broken = Answer(200, packed[:-10], {"Content-Encoding": "gzip"})
    client, adapter, _ = scripted({A: [broken, Answer(200, packed, {"Content-Encoding": "gzip"})]})
    assert client.get(A).body == b"x" * 1000
    client, adapter, _ = scripted({A: broken}, max_retries=1)
    with pytest.raises(Truncated, match="gzip stream ends early"):
        client.get(A)
    assert adapter.pages == [A] * 2


def test_a_body_shorter_than_announced_is_truncated() -> None:
    client, _, _ = scripted({A: Answer(200, b"half", {"Content-Length": "8"})}, max_retries=0)
    with pytest.raises(Truncated, match="the body ended early"):
        client.get(A)


def test_too_large_is_not_tried_again() -> None:
    client, adapter, _ = scripted({A: Answer(200, b"x" * 11)}, max_bytes=10)
    with pytest.raises(TooLarge):
        client.get(A)
    assert adapter.pages == [A]


def test_errors_say_why_in_one_line_without_secrets_in_any_traceback() -> None:
    pool = urllib3.HTTPConnectionPool("shop.test")
    cause = urllib3.exceptions.NewConnectionError(pool, "token=hunter2")  # type: ignore[arg-type]
    refused = OSError(111, "Connection refused")
    cause.__cause__ = refused
    error = requests.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/a?token=hunter2", cause))
    client, _, _ = scripted({f"{A}?token=hunter2": error}, max_retries=0)
    with pytest.raises(Unreachable) as caught:
        client.get(f"{A}?token=hunter2")
    assert str(caught.value) == f"{A}?token=***: connection failed: Connection refused"
    shown = "".join(traceback.format_exception(caught.value)).replace('client.get(f"{A}?token=hunter2")', "")
    assert "hunter2" not in shown


def test_logs_and_pages_show_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    url = f"{A}?feed=hunter2"
    client, _, _ = scripted({url: [Answer(500), Answer()]})
    with caplog.at_level(logging.DEBUG, "gpu_etl"):
        page = client.get(url)
    assert page.url == url, "the record itself is exact"
    assert "hunter2" not in caplog.text + repr(page)
    assert [record.getMessage().partition(" in ")[0] for record in caplog.records] == [
        f"GET {SHOP}/robots.txt: 404, 5 bytes",
        f"GET {A}?feed=***: 500, 5 bytes",
        f"{A}?feed=***: try 1 did not help, again",
        f"GET {A}?feed=***: 200, 5 bytes",
    ]


@pytest.mark.parametrize("url", ["ftp://shop.test/x", "shop.test", "", "http://", "http://a b/", "http://[::1"])
def test_what_is_not_a_web_address_is_refused_before_anything_is_asked(url: str) -> None:
    client, adapter, _ = scripted({})
    with pytest.raises(AddressRefused):
        client.get(url)
    assert adapter.urls == []


def test_a_header_that_smuggles_a_line_is_refused() -> None:
    client, adapter, _ = scripted({A: Answer()})
    with pytest.raises(AddressRefused, match="not a request that can be sent"):
        client.get(A, headers={"Referer": "x\r\nHost: evil"})
    assert adapter.urls == []


def test_private_addresses_need_trust() -> None:
    client, adapter, _ = scripted({A: Answer()}, addresses={"shop.test": "192.168.0.5"})
    with pytest.raises(AddressRefused, match=r"192\.168\.0\.5 is not a public address"):
        client.get(A)
    assert adapter.urls == []
    client, _, _ = scripted({A: Answer()}, addresses={"shop.test": "192.168.0.5"}, trusted_hosts=[SHOP])
    assert client.get(A).ok


# Patience


def test_retry_after_is_waited_for_in_seconds_and_as_a_date() -> None:
    for value in ("30", "Thu, 05 Mar 2026 00:00:30 GMT"):
        client, adapter, _ = scripted({A: [Answer(429, headers={"Retry-After": value}), Answer()]}, backoff_seconds=5)
        assert client.get(A).ok
        first, second = adapter.starts[A]
        assert second - first == pytest.approx(30, abs=0.1)


def test_a_long_retry_after_ends_it_now_with_the_page() -> None:
    busy = Answer(503, b"maintenance", {"Retry-After": "7200"})
    client, adapter, _ = scripted({f"{SHOP}/moved": Answer(302, headers={"Location": "/a"}), A: busy})
    with pytest.raises(RetryLater, match="come back in 7200 s") as caught:
        client.get(f"{SHOP}/moved")
    page = caught.value.page
    assert isinstance(page, Page)
    assert (page.url, page.final_url, page.status, page.body) == (f"{SHOP}/moved", A, 503, b"maintenance")
    with pytest.raises(RetryLater):
        client.get(f"{SHOP}/b")
    assert adapter.pages == [f"{SHOP}/moved", A], "until then the host is left alone"


def test_retry_after_on_a_page_that_is_no_failure_is_nothing() -> None:
    client, _, _ = scripted({A: Answer(403, headers={"Retry-After": "7200"})})
    assert client.get(A).status == 403
    assert client.get(A).status == 403


def test_every_try_is_spaced() -> None:
    client, adapter, _ = scripted({A: Answer(500)}, requests_per_second=0.5, backoff_seconds=0.1)
    client.get(A)
    starts = [time for times in adapter.starts.values() for time in times]
    assert [later - earlier for earlier, later in pairwise(starts)] == pytest.approx([2.0] * 4)


def test_hosts_do_not_wait_for_each_other() -> None:
    client, adapter, _ = scripted({A: Answer(), "http://b.test/": Answer()}, requests_per_second=0.1)
    client.get(A)
    client.get("http://b.test/")
    assert adapter.starts[A] == [1010]
    assert adapter.starts["http://b.test/robots.txt"] == [1010]


# The breaker


def test_a_dead_host_is_left_alone_and_others_go_on() -> None:
    dead = requests.ConnectionError()
    client, adapter, clock = scripted(
        {A: dead, "http://b.test/": Answer()}, max_retries=5, max_failures=3, rest_seconds=600, backoff_seconds=1
    )
    with pytest.raises(Unreachable):
        client.get(A)
    assert adapter.pages == [A] * 3, "the last error is told, not that the circuit has opened"
    with pytest.raises(CircuitOpen, match="3 failures of this host in a row, the last: connection failed"):
        client.get(A)
    assert client.get("http://b.test/").ok
    assert adapter.pages == [A] * 3 + ["http://b.test/"]
    clock.time += 601
    with pytest.raises(Unreachable):
        client.get(A)
    assert adapter.pages[4:] == [A], "one trial after the rest"


def test_a_name_that_is_not_known_counts_as_a_dead_host() -> None:
    client, adapter, _ = scripted({}, addresses={"shop.test": ""}, max_retries=5, max_failures=3)
    with pytest.raises(Unreachable, match="name is not known"):
        client.get(A)
    with pytest.raises(CircuitOpen):
        client.get(A)
    assert adapter.urls == []


# Forms


def test_a_form_is_sent_and_tried_again() -> None:
    client, adapter, _ = scripted({A: [Answer(502), Answer(200, b"rows")]})
    assert client.post(A, data={"page": "2", "q": "rtx 4070"}).body == b"rows"
    assert [request.body for request in adapter.requests[1:]] == ["page=2&q=rtx+4070"] * 2
    assert adapter.requests[-1].headers["Content-Type"] == "application/x-www-form-urlencoded"


# Life


def test_closing_closes_the_transport() -> None:
    client, adapter, _ = scripted({})
    with client:
        assert not adapter.closed
    assert adapter.closed
