"""robots.txt: read first, once, obeyed, and every decision kept."""

from __future__ import annotations

import pytest
import requests

from gpu_etl.resources.http import RetryLater, RobotsDecision, RobotsDisallowed, RobotsUnreadable, Unreachable
from gpu_etl.resources.http_robots import CACHE_SECONDS
from gpu_etl_tests.resources.http_fakes import SHOP, Answer, scripted

ROBOTS = f"{SHOP}/robots.txt"


def robots(text: str, **headers: str) -> Answer:
    return Answer(body=text.encode(), headers=headers)


def test_read_first_and_once_a_day() -> None:
    client, adapter, clock = scripted({ROBOTS: robots("User-agent: *\nDisallow: /api/"), f"{SHOP}/a": Answer()})
    client.get(f"{SHOP}/a")
    client.get(f"{SHOP}/a")
    assert adapter.urls == [ROBOTS, f"{SHOP}/a", f"{SHOP}/a"]
    clock.time += CACHE_SECONDS + 1
    client.get(f"{SHOP}/a")
    assert adapter.urls[3:] == [ROBOTS, f"{SHOP}/a"]


def test_disallowed_paths_are_not_fetched_and_decisions_are_kept_once() -> None:
    client, adapter, _ = scripted({ROBOTS: robots("User-agent: *\nDisallow: /api/"), f"{SHOP}/a?q=1": Answer()})
    client.get(f"{SHOP}/a?q=1")
    client.get(f"{SHOP}/a?q=1")
    with pytest.raises(RobotsDisallowed, match=r"^http://shop\.test/api/x\?token=\*\*\*: disallowed by robots\.txt$"):
        client.get(f"{SHOP}/api/x?token=1")
    assert adapter.pages == [f"{SHOP}/a?q=1"] * 2
    assert client.robots_decisions == (
        RobotsDecision(SHOP, "/a", True, "allowed by robots.txt"),
        RobotsDecision(SHOP, "/api/x", False, "disallowed by robots.txt"),
    )


def test_rules_for_our_own_name_win() -> None:
    text = "User-agent: *\nDisallow:\n\nUser-agent: gpu-etl-test\nDisallow: /"
    client, adapter, _ = scripted({ROBOTS: robots(text)})
    with pytest.raises(RobotsDisallowed):
        client.get(f"{SHOP}/a")
    assert adapter.pages == []


def test_each_origin_has_its_own() -> None:
    client, _, _ = scripted({ROBOTS: robots("User-agent: *\nDisallow: /"), "http://other.test/a": Answer()})
    assert client.get("http://other.test/a").status == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_robots_file_allows_all(status: int) -> None:
    client, _, _ = scripted({ROBOTS: Answer(status, b"User-agent: *\nDisallow: /"), f"{SHOP}/a": Answer()})
    assert client.get(f"{SHOP}/a").ok
    assert client.robots_decisions[0].reason == f"no robots.txt (answered {status})"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_file_that_is_kept_from_us_stops_everything(status: int) -> None:
    client, adapter, _ = scripted({ROBOTS: Answer(status), f"{SHOP}/a": Answer()}, max_retries=2)
    with pytest.raises(RobotsUnreadable, match=f"answered {status}, so nothing of this host is fetched"):
        client.get(f"{SHOP}/a")
    assert adapter.urls == [ROBOTS] * 3, "tried as often as a page, and not once more for the page's own tries"
    assert not client.robots_decisions[0].allowed


def test_an_unreachable_robots_file_stops_everything() -> None:
    client, adapter, _ = scripted({ROBOTS: requests.ConnectionError("refused")}, max_retries=2)
    with pytest.raises(Unreachable, match=r"/robots\.txt: connection failed"):
        client.get(f"{SHOP}/a")
    assert adapter.urls == [ROBOTS] * 3
    assert "could not be read" in client.robots_decisions[0].reason


def test_a_robots_file_that_comes_back_is_read() -> None:
    client, _, _ = scripted({ROBOTS: [Answer(503), robots("")], f"{SHOP}/a": Answer()})
    assert client.get(f"{SHOP}/a").ok


def test_a_robots_file_asking_for_a_day_is_retry_later() -> None:
    client, adapter, _ = scripted({ROBOTS: Answer(503, headers={"Retry-After": "86400"})})
    with pytest.raises(RetryLater):
        client.get(f"{SHOP}/a")
    assert adapter.pages == []


def test_robots_may_be_redirected() -> None:
    moved = Answer(301, headers={"Location": "/other.txt"})
    client, _, _ = scripted({ROBOTS: moved, f"{SHOP}/other.txt": robots("User-agent: *\nDisallow: /")})
    with pytest.raises(RobotsDisallowed):
        client.get(f"{SHOP}/a")


@pytest.mark.parametrize("line", ["Crawl-delay: 10", "Request-rate: 6/1m"])
def test_a_wish_for_slowness_is_obeyed_from_the_first_page(line: str) -> None:
    client, adapter, _ = scripted(
        {ROBOTS: robots(f"User-agent: *\n{line}"), f"{SHOP}/a": Answer()}, requests_per_second=0.5
    )
    for _ in range(3):
        client.get(f"{SHOP}/a")
    assert adapter.starts[ROBOTS] + adapter.starts[f"{SHOP}/a"] == [1000, 1010, 1020, 1030]


def test_a_wish_for_haste_is_not() -> None:
    client, adapter, _ = scripted(
        {ROBOTS: robots("User-agent: *\nCrawl-delay: 0.1"), f"{SHOP}/a": Answer()}, requests_per_second=0.5
    )
    client.get(f"{SHOP}/a")
    assert adapter.starts[f"{SHOP}/a"] == [1002]


def test_a_wish_beyond_patience_is_a_no() -> None:
    client, adapter, _ = scripted({ROBOTS: robots("User-agent: *\nCrawl-delay: 86400"), f"{SHOP}/a": Answer()})
    with pytest.raises(RobotsDisallowed, match="asks for 86400 s"):
        client.get(f"{SHOP}/a")
    assert adapter.pages == []


def test_an_opt_in_is_used_for_its_paths_only_and_said() -> None:
    client, _, _ = scripted(
        {ROBOTS: robots("User-agent: *\nDisallow: /list/ajax/\nDisallow: /api/"), f"{SHOP}/list/ajax/x": Answer()},
        robots_opt_in=[f"{SHOP}/list/ajax/"],
    )
    assert client.get(f"{SHOP}/list/ajax/x").ok
    assert "configuration opts in" in client.robots_decisions[0].reason
    with pytest.raises(RobotsDisallowed):
        client.get(f"{SHOP}/api/x")


def test_a_page_of_html_instead_of_rules_allows() -> None:
    client, _, _ = scripted({ROBOTS: robots("\ufeff<html>\x00 Disallow: /"), f"{SHOP}/a": Answer()})
    assert client.get(f"{SHOP}/a").ok
