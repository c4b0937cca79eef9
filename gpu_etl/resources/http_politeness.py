"""Manners towards one host: one request at a time, spaced starts, rest after failures, patience when asked for it.

Belongs here: the gate that every request to a host passes, and reading Retry-After. Does not belong here: when to try
again (``http``) or what robots.txt says (``http_robots``).

Spacing is our own twenty lines because pyrate-limiter (under requests-ratelimiter) counts requests in a window and so
lets a second's worth out at once (measured: 4/s with gaps of 0.000 s); a shop wants pauses. The breaker is our own
because it shares the gate's lock and clock: whoever waits for a turn must see that the host has just failed.
A gate knows of its own process only; two processes crawling one host need a Dagster pool of one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gpu_etl.resources.http_errors import CircuitOpen, RetryLater


class HostGate:
    """The one door to a host. All times in seconds."""

    def __init__(
        self,
        *,
        interval: float,
        max_failures: int,
        rest: float,
        longest_wait: float,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._interval = interval
        self._max_failures = max_failures
        self._rest = rest
        self._longest_wait = longest_wait
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._not_before = float("-inf")
        self._asked_to_wait_until = float("-inf")
        self._failures = 0
        self._last_failure = ""
        self._rests_until = float("-inf")

    @contextmanager
    def turn(self, url: str) -> Iterator[None]:
        """Wait for the turn and keep it: nobody else talks to this host inside the block.

        Raises:
            CircuitOpen: the host is resting after failures. The first turn after the rest is a trial: one more
                failure and it rests again.
            RetryLater: the host asked for a longer pause than we wait.
        """
        with self._lock:
            now = self._monotonic()
            if now < self._rests_until:
                raise CircuitOpen(url, self._failures, self._last_failure, self._rests_until - now)
            if self._asked_to_wait_until - now > self._longest_wait:
                raise RetryLater(url, self._asked_to_wait_until - now, self._longest_wait)
            pause = max(self._not_before, self._asked_to_wait_until) - now
            if pause > 0:
                self._sleep(pause)
            self._not_before = self._monotonic() + self._interval
            yield

    def slow_down(self, interval: float) -> None:
        """Keep at least ``interval`` between starts from now on, counted from the last start."""
        with self._lock:
            extra = max(0.0, interval - self._interval)
            self._interval += extra
            self._not_before += extra

    def wait_until_after(self, pause: float) -> None:
        """The host asked for a pause; called within its turn."""
        self._asked_to_wait_until = max(self._asked_to_wait_until, self._monotonic() + pause)

    def succeeded(self) -> None:
        """The host answered like a healthy one; called within its turn."""
        self._failures = 0

    def failed(self, what: str) -> None:
        """The host did not; called within its turn."""
        self._failures += 1
        self._last_failure = what
        if self._failures >= self._max_failures:
            self._rests_until = self._monotonic() + self._rest

    @property
    def resting(self) -> bool:
        """Whether a request now would meet :class:`CircuitOpen`."""
        return self._monotonic() < self._rests_until


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, from its number or its date; None without a readable one.

    A date is compared with the response's own Date where it has one, since clocks differ. Header names in lower case.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    asked = _http_date(text)
    if asked is None:
        return None
    return max(0.0, (asked - (_http_date(headers.get("date", "")) or now)).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
