"""Redirects: every hop is judged like a first request."""

from __future__ import annotations

import pytest

from gpu_etl.resources.http import RedirectRefused, RobotsDisallowed, Unreachable
from gpu_etl_tests.resources.http_fakes import SHOP, Answer, scripted

A = f"{SHOP}/a"


def to(location: str, status: int = 302, body: bytes = b"") -> Answer:
    return Answer(status, body, {"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_followed_to_the_page(status: int) -> None:
    client, adapter, _ = scripted(
        {A: to("/b", status), f"{SHOP}/b": to("https://shop.test/c#x"), "https://shop.test/c": Answer()}
    )
    page = client.get(A)
    assert (page.url, page.final_url, page.status) == (A, "https://shop.test/c", 200)
    assert adapter.pages == [A, f"{SHOP}/b", "https://shop.test/c"]


@pytest.mark.parametrize("answer", [Answer(302, b"lost"), Answer(304, b""), Answer(300, headers={"Location": "/b"})])
def test_not_every_3xx_is_a_redirect(answer: Answer) -> None:
    client, _, _ = scripted({A: answer})
    assert client.get(A).status == answer.status


def test_the_body_of_a_redirect_is_not_read() -> None:
    client, _, _ = scripted({A: to("/b", body=b"x" * 1000), f"{SHOP}/b": Answer()}, max_bytes=100)
    assert client.get(A).ok


def test_five_are_followed_and_six_are_not() -> None:
    chain: dict[str, Answer] = {f"{SHOP}/{hop}": to(f"/{hop + 1}") for hop in range(9)}
    client, adapter, _ = scripted({**chain, f"{SHOP}/9": Answer()})
    assert client.get(f"{SHOP}/4").ok
    with pytest.raises(RedirectRefused, match=r"^http://shop\.test/3: more than 5 redirects$"):
        client.get(f"{SHOP}/3")
    assert f"{SHOP}/9" not in adapter.pages[6:]


def test_a_loop_is_seen_at_once() -> None:
    client, adapter, _ = scripted({A: to("/b"), f"{SHOP}/b": to("/a")})
    with pytest.raises(RedirectRefused, match=r"in a loop over http://shop\.test/a"):
        client.get(A)
    assert adapter.pages == [A, f"{SHOP}/b"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://10.0.0.1/", r"redirect to http://10\.0\.0\.1/: 10\.0\.0\.1 is not a public address"),
        ("http://169.254.169.254/latest/meta-data", r"169\.254\.169\.254 is not a public address"),
        ("//inside.test/?token=x", r"redirect to http://inside\.test/\?token=\*\*\*: 192\.168\.0\.9 is not a public"),
        ("http://shop.test:5432/", r"127\.0\.0\.1 is not a public address, and shop\.test:5432 is not trusted"),
        ("file:///etc/passwd", "only http and https are fetched, not file"),
        ("javascript:alert(1)", "only http and https are fetched, not javascript"),
        ("http://[::1", "Invalid IPv6 URL"),
    ],
)
def test_refused_targets(location: str, reason: str) -> None:
    addresses = {"inside.test": "192.168.0.9", "shop.test": "127.0.0.1", "10.0.0.1": "10.0.0.1"}
    addresses["169.254.169.254"] = "169.254.169.254"
    client, adapter, _ = scripted({A: to(location)}, addresses=addresses, trusted_hosts=[SHOP])
    with pytest.raises(RedirectRefused, match=reason):
        client.get(A)
    assert adapter.urls == [f"{SHOP}/robots.txt", A], "nothing else was asked, and not a second time"


def test_never_from_https_to_http() -> None:
    client, adapter, _ = scripted({"https://shop.test/a": to("http://shop.test/a")})
    with pytest.raises(RedirectRefused, match="from https to http"):
        client.get("https://shop.test/a")
    assert adapter.pages == ["https://shop.test/a"]


def test_each_host_is_asked_for_its_robots_and_keeps_its_own_pace() -> None:
    deny = Answer(body=b"User-agent: *\nDisallow: /")
    client, adapter, _ = scripted({A: to("http://b.test/x"), "http://b.test/robots.txt": deny}, requests_per_second=0.5)
    with pytest.raises(RobotsDisallowed, match=r"^http://b\.test/x"):
        client.get(A)
    client, adapter, _ = scripted({A: to("/b"), f"{SHOP}/b": Answer()}, requests_per_second=0.5)
    client.get(A)
    assert [adapter.starts[A], adapter.starts[f"{SHOP}/b"]] == [[1002], [1004]]


def test_an_unknown_name_behind_a_redirect_is_unreachable() -> None:
    client, _, _ = scripted({A: to("http://lost.test/")}, addresses={"lost.test": ""}, max_retries=0)
    with pytest.raises(Unreachable, match=r"^http://lost\.test/: the host's name is not known"):
        client.get(A)


def test_keys_and_cookies_stay_with_the_site_they_were_meant_for() -> None:
    headers = {"Authorization": "Bearer x", "X-Naver-Client-Secret": "x", "Cookie": "x", "Accept-Language": "ko"}
    script = {A: to("/b"), f"{SHOP}/b": to("https://b.test/"), "https://b.test/": Answer()}
    client, adapter, _ = scripted(script)
    client.get(A, headers=headers)
    sent = {request.url: request.headers for request in adapter.requests}
    assert sent[f"{SHOP}/b"]["Authorization"] == "Bearer x"
    assert set(sent["https://b.test/"]) == {"Accept", "User-Agent", "Accept-Encoding", "Accept-Language"}


def test_a_korean_location_is_read_as_utf8() -> None:
    raw = "/검색".encode().decode("latin-1")  # how http.client hands headers over
    target = f"{SHOP}/%EA%B2%80%EC%83%89"
    client, _, _ = scripted({A: to(raw), target: Answer()})
    assert client.get(A).final_url == target


def test_a_form_becomes_a_get_or_goes_along_but_never_elsewhere() -> None:
    client, adapter, _ = scripted({A: to("/b", 303), f"{SHOP}/b": Answer()})
    client.post(A, data={"q": "1"})
    last = adapter.requests[-1]
    assert (last.method, last.body, last.headers.get("Content-Length")) == ("GET", None, None)
    client, adapter, _ = scripted({A: to("/b", 307), f"{SHOP}/b": Answer()})
    client.post(A, data={"q": "1"})
    assert (adapter.requests[-1].method, adapter.requests[-1].body) == ("POST", "q=1")
    client, adapter, _ = scripted({A: to("https://b.test/", 308)})
    with pytest.raises(RedirectRefused, match="a form would go to another server"):
        client.post(A, data={"q": "1"})
