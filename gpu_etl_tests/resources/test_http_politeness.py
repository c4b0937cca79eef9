"""One host's gate: spacing, exclusion, rest, and Retry-After."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from gpu_etl.resources.http import CircuitOpen, RetryLater
from gpu_etl.resources.http_politeness import HostGate, retry_after
from gpu_etl_tests.resources.http_fakes import Clock

URL = "http://shop.test/list?key=1"


def gate(clock: Clock, **options: Any) -> HostGate:
    settings = {"interval": 2.0, "max_failures": 3, "rest": 60.0, "longest_wait": 120.0, **options}
    return HostGate(sleep=clock.sleep, monotonic=clock.monotonic, **settings)


def test_starts_are_spaced_whatever_a_request_takes() -> None:
    clock, starts = Clock(), []
    door = gate(clock)
    for takes in (0.0, 0.5, 5.0, 0.0):
        with door.turn(URL):
            starts.append(clock.time)
            clock.time += takes
    assert [later - earlier for earlier, later in pairwise(starts)] == [2.0, 2.0, 5.0]


def test_a_wish_for_more_space_counts_from_the_last_start_and_never_speeds_up() -> None:
    clock = Clock()
    door = gate(clock)
    with door.turn(URL):
        pass
    door.slow_down(10.0)
    door.slow_down(1.0)
    with door.turn(URL):
        assert clock.slept == [10.0]


def test_threads_take_turns() -> None:
    door = HostGate(interval=0.02, max_failures=3, rest=1, longest_wait=1, sleep=time.sleep, monotonic=time.monotonic)
    inside, most, starts = 0, 0, []

    def visit() -> None:
        nonlocal inside, most
        with door.turn(URL):
            starts.append(time.monotonic())
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert len(starts) == 8
    assert min(later - earlier for earlier, later in pairwise(starts)) >= 0.019


def fail(door: HostGate, times: int = 1) -> None:
    for _ in range(times):
        with door.turn(URL):
            door.failed("answered 500")


def test_a_failing_host_rests_then_gets_one_trial() -> None:
    clock = Clock()
    door = gate(clock, interval=0)
    fail(door, 3)
    assert door.resting
    with pytest.raises(CircuitOpen) as caught, door.turn(URL):
        pytest.fail("let through")
    assert str(caught.value) == (
        "http://shop.test/list?key=***: not asked: 3 failures of this host in a row, "
        "the last: answered 500; next try in 60 s"
    )
    clock.time += 60
    fail(door)  # the trial
    assert door.resting
    clock.time += 60
    with door.turn(URL):
        door.succeeded()
    fail(door, 2)
    assert not door.resting


def test_a_pause_asked_for_holds_for_everybody_and_a_long_one_for_nobody() -> None:
    clock = Clock()
    door = gate(clock)
    with door.turn(URL):
        door.wait_until_after(30)
    with door.turn(URL):
        assert clock.slept == [30]
        door.wait_until_after(3600)
    with pytest.raises(RetryLater, match="come back in 3600 s; longest wait is 120 s") as caught, door.turn(URL):
        pytest.fail("let through")
    assert caught.value.retry_after == 3600
    clock.time += 3600
    with door.turn(URL):
        assert clock.slept == [30]


NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Thu, 05 Mar 2026 12:01:30 GMT", 90.0),
        ("Thu, 05 Mar 2026 12:01:30 -0000", 90.0),
        ("Thu, 05 Mar 2026 11:00:00 GMT", 0.0),
        ("9" * 400, float("inf")),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("Thu, 99 Mar 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_a_date_is_taken_by_the_servers_clock() -> None:
    headers = {"retry-after": "Thu, 05 Mar 2026 15:00:10 GMT", "date": "Thu, 05 Mar 2026 15:00:00 GMT"}
    assert retry_after(headers, NOW) == 10
    assert retry_after({}, NOW) is None
