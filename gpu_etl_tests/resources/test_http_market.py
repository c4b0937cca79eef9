"""The client against the replay of the real market: its transport faults, and how politely it was treated."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gpu_etl.resources.http import (
    HttpError,
    RedirectRefused,
    RetryLater,
    RobotsDisallowed,
    TimedOut,
    TooLarge,
    Truncated,
    Unreachable,
)
from gpu_etl.resources.http_client import HttpClient
from gpu_etl_tests.replay import Replay, needs_replay, needs_series, replay

pytestmark = [needs_replay, needs_series, pytest.mark.slow]
LIST = "/list/?cate=112753"


@pytest.fixture(scope="module")
def running() -> Iterator[Replay]:
    with replay("--day", "2026-03-05", "--template", "old", "--limit", "40") as market:
        market.control(faults=["bomb:1"])  # it takes a while to make, which is not what is tested
        with client_for(market, deadline_seconds=30) as client, pytest.raises(TooLarge):
            client.get(market.base_url + LIST)
        yield market


@pytest.fixture
def market(running: Replay) -> Replay:
    running.control(faults=[], reset_stats=True)
    return running


def client_for(market: Replay, **options: Any) -> HttpClient:
    settings: dict[str, Any] = {
        "requests_per_second": 200,
        "backoff_seconds": 0.01,
        "max_retries": 2,
        "deadline_seconds": 0.5,
        **options,
    }
    return HttpClient(user_agent="gpu-etl-test/1", trusted_hosts=[market.base_url], **settings)


@pytest.mark.parametrize("fault", ["http500:2", "reset:2", "truncate:2", "gzip-truncated:2", "hang:1", "slow-drip:1"])
def test_what_passes_is_outlasted(market: Replay, fault: str) -> None:
    market.control(faults=[fault])
    with client_for(market) as client:
        page = client.get(market.base_url + LIST)
    assert page.status == 200
    assert page.body.rstrip().endswith(b"</html>")


@pytest.mark.parametrize(
    ("fault", "error", "asked"),
    [
        ("reset", Unreachable, 3),
        ("truncate", Truncated, 3),
        ("gzip-truncated", Truncated, 3),
        ("bomb", TooLarge, 1),
        ("redirect-loop", RedirectRefused, 6),
        ("redirect-private", RedirectRefused, 1),
        ("http503-retry-after:after=9000", RetryLater, 1),
        ("http429:after=9000:form=date", RetryLater, 1),
        ("robots-deny-all", RobotsDisallowed, 0),
    ],
)
def test_what_stays_is_named(market: Replay, fault: str, error: type[HttpError], asked: int) -> None:
    market.control(faults=[fault])
    with client_for(market, deadline_seconds=5) as client, pytest.raises(error) as caught:
        client.get(market.base_url + LIST)
    assert type(caught.value) is error
    assert str(caught.value).startswith(market.base_url + "/list/")
    assert market.stats()["requests"].get("list", 0) == asked


@pytest.mark.parametrize("fault", ["hang", "slow-drip"])
def test_no_request_takes_longer_than_its_deadline(market: Replay, fault: str) -> None:
    market.control(faults=[fault])
    started = time.monotonic()
    with client_for(market, max_retries=1, deadline_seconds=0.3) as client, pytest.raises(TimedOut):
        client.get(market.base_url + LIST)
    assert 0.6 <= time.monotonic() - started < 1.2
    market.control(faults=[])  # a slow drip goes on until its next byte finds nobody


def test_a_lasting_500_and_an_empty_200_are_pages_to_be_stored(market: Replay) -> None:
    with client_for(market) as client:
        market.control(faults=["http500"])
        page = client.get(market.base_url + LIST)
        assert (page.status, page.body) == (500, b"<html><body>Internal Server Error</body></html>")
        market.control(faults=["zero-bytes"])
        page = client.get(market.base_url + LIST)
        assert (page.status, page.body) == (200, b"")


@pytest.mark.parametrize("fault", ["http503-retry-after:1:after=1", "http429:1:after=2:form=date"])
def test_retry_after_is_waited_for(market: Replay, fault: str) -> None:
    market.control(faults=[fault])
    with client_for(market) as client:
        assert client.get(market.base_url + LIST).status == 200
    assert market.stats()["min_gap_seconds"]["list"] >= 0.95


def test_the_host_is_treated_politely_by_many_threads(market: Replay) -> None:
    with client_for(market, requests_per_second=10, deadline_seconds=10) as client, ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(client.get, [f"{market.base_url}{LIST}&page={page}" for page in range(1, 13)]))
    assert {page.status for page in pages} == {200}
    stats = market.stats()
    assert stats["requests"] == {"robots": 1, "list": 12}
    assert stats["max_concurrent"]["all"] == 1
    assert stats["min_gap_seconds"]["list"] >= 0.09  # 100 ms as seen from the other end of a shared machine
    assert stats["user_agents"] == {"gpu-etl-test/1": 13}


def test_robots_comes_first_and_keeps_us_from_ajax_unless_opted_in(market: Replay) -> None:
    url = f"{market.base_url}/info/ajax/getProductPriceList.ajax.php?productCode=1"
    with client_for(market) as client, pytest.raises(RobotsDisallowed):
        client.get(url)
    assert market.stats()["requests"] == {"robots": 1}
    with client_for(market, robots_opt_in=[f"{market.base_url}/info/ajax/"]) as client:
        assert client.get(url).status == 200
        assert [decision.allowed for decision in client.robots_decisions] == [True]
