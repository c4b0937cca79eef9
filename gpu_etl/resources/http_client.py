"""The one HTTP client for shops and feeds: polite, bounded, and honest about what came back.

Belongs here: the life of a request, from robots.txt through redirects and retries to a :class:`Page`. Does not belong
here: each part of it (the ``http_*`` modules beside this one), what a page says (``sources``), storing it (``assets``).

The order matters. Retries stand outside the host's gate, so that every try is spaced; urllib3's own retries happen
below any limiter (measured: gaps of 0.002 s at 1/s) and are switched off. Redirects are followed here because requests
follows them anywhere, and reads their bodies without limit while doing so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Self

import requests
import tenacity

from gpu_etl.resources.http_addresses import AddressGuard, Resolver, resolve
from gpu_etl.resources.http_errors import (
    AddressRefused,
    HttpError,
    RedirectRefused,
    RetryLater,
    RobotsDisallowed,
    Unreachable,
)
from gpu_etl.resources.http_page import Page
from gpu_etl.resources.http_politeness import HostGate, retry_after
from gpu_etl.resources.http_requests import is_redirect, prepare, redirected, url_of
from gpu_etl.resources.http_robots import CACHE_SECONDS, RobotsDecision, RobotsLog, RobotsRules
from gpu_etl.resources.http_transport import AdapterFactory, GuardedAdapter
from gpu_etl.resources.http_urls import gate_name, masked, origin_of
from gpu_etl.resources.http_wire import Wire

RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
MAX_REDIRECTS = 5

logger = logging.getLogger(__name__)


class HttpClient:
    """Fetches pages from any number of hosts; safe to share between threads.

    A whole response is returned as a :class:`Page` whatever its status: 403, 404 and 410 at once, 408, 425, 429 and
    5xx after the retries. So whoever stores raw pages sees them all. An :class:`HttpError` means that
    there is no page to use; its ``page`` is set where one arrived.

    Args:
        user_agent: who we say we are, to servers and to robots.txt.
        requests_per_second: for one host, as spacing between starts; robots.txt can only lower it.
        deadline_seconds: for one request, connection and body included.
        max_bytes: of one body, on the wire and decompressed.
        max_retries: tries after the first.
        backoff_seconds: pause before the first retry; doubles each time, never above ``max_retry_after_seconds``.
        max_retry_after_seconds: longest wait for anybody; a host asking for more gets :class:`RetryLater`.
        max_failures: failures of one host in a row after which it rests.
        rest_seconds: how long it rests.
        trusted_hosts: servers that may have a private address, as base URL, ``host:port`` or ``host``.
        robots_opt_in: beginnings of URLs to fetch although robots.txt disallows them; each use is recorded.
        transport, resolver, sleep, monotonic, now: the outside world, for tests.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        requests_per_second: float = 0.5,
        deadline_seconds: float = 60.0,
        max_bytes: int = 20_000_000,
        max_retries: int = 3,
        backoff_seconds: float = 5.0,
        max_retry_after_seconds: float = 120.0,
        max_failures: int = 8,
        rest_seconds: float = 60.0,
        trusted_hosts: Iterable[str] = (),
        robots_opt_in: Iterable[str] = (),
        transport: AdapterFactory = GuardedAdapter,
        resolver: Resolver = resolve,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._user_agent = user_agent
        self._max_retries = max_retries
        self._backoff = backoff_seconds
        self._longest_wait = max_retry_after_seconds
        self._sleep = sleep
        self._monotonic = monotonic
        self._now = now
        self._guard = AddressGuard(trusted_hosts, resolver=resolver)
        self._wire = Wire(
            transport(self._guard), deadline=deadline_seconds, max_bytes=max_bytes, monotonic=monotonic, now=now
        )
        new_gate = partial(
            HostGate,
            interval=1 / requests_per_second,
            max_failures=max_failures,
            rest=rest_seconds,
            longest_wait=max_retry_after_seconds,
            sleep=sleep,
            monotonic=monotonic,
        )
        self._lock = threading.Lock()  # guards the three tables below, never held while waiting
        self._gates: defaultdict[str, HostGate] = defaultdict(new_gate)
        self._robots_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._rules: dict[str, RobotsRules] = {}
        self._robots = RobotsLog(robots_opt_in)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop all connections."""
        self._wire.close()

    @property
    def robots_decisions(self) -> tuple[RobotsDecision, ...]:
        """What robots.txt decided, every different decision once."""
        return self._robots.decisions

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> Page:
        """Fetch a page.

        Raises:
            HttpError: one of its subclasses, when there is no page to use.
        """
        return self._retry(prepare(self._user_agent, "GET", url, headers, params=params))

    def post(self, url: str, *, headers: Mapping[str, str] | None = None, data: Mapping[str, str]) -> Page:
        """Fetch a page by sending a form, for forms that only read: it is retried like a GET. Raises as :meth:`get`."""
        return self._retry(prepare(self._user_agent, "POST", url, headers, data=data))

    def _retry(self, request: requests.PreparedRequest, *, ask_robots: bool = True) -> Page:
        """Follow a request to its page, again while that can help."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, HttpError) and error.retryable)
            | tenacity.retry_if_result(lambda page: page.status in RETRYABLE_STATUSES),
            stop=self._stop,
            wait=tenacity.wait_exponential(multiplier=self._backoff, max=self._longest_wait),
            sleep=self._sleep,
            before_sleep=_log_retry,
            retry_error_callback=_last_outcome,
        )
        return retrying(self._follow, request, ask_robots)

    def _stop(self, state: tenacity.RetryCallState) -> bool:
        # At a host that rests now the next try would only say "circuit open" and hide what really happened.
        return state.attempt_number > self._max_retries or self._gate(_outcome_url(state)).resting

    def _follow(self, request: requests.PreparedRequest, ask_robots: bool) -> Page:
        """Go through redirects to the page they end at, each of them judged like a first request."""
        asked = url_of(request)
        seen = {asked}
        for hop in range(MAX_REDIRECTS + 1):
            try:
                page = self._request(request, ask_robots)
            except AddressRefused as error:
                if not hop:
                    raise
                raise RedirectRefused(asked, f"redirect to {error.url}: {error.reason}") from None
            except RetryLater as error:
                error.page = error.page and replace(error.page, url=asked)
                raise
            if not is_redirect(page):
                return replace(page, url=asked)
            request = redirected(request, page)
            if url_of(request) in seen:
                raise RedirectRefused(asked, f"redirects in a loop over {masked(url_of(request))}")
            seen.add(url_of(request))
        raise RedirectRefused(asked, f"more than {MAX_REDIRECTS} redirects")

    def _request(self, request: requests.PreparedRequest, ask_robots: bool) -> Page:
        """One request in the host's turn."""
        url = url_of(request)
        gate = self._gate(url)
        try:
            self._guard.check(url, proxied=bool(self._wire.proxies(url)))
        except Unreachable as error:
            with gate.turn(url):
                gate.failed(error.reason)
            raise
        if ask_robots:
            self._obey_robots(url)
        with gate.turn(url):
            try:
                page = self._wire.exchange(request)
            except HttpError as error:
                logger.warning("%s %s", request.method, error)
                if error.retryable:
                    gate.failed(error.reason)
                raise
            self._judge(page, gate)
        return page

    def _judge(self, page: Page, gate: HostGate) -> None:
        """Tell the gate how the host is doing, and stop where it asks for more patience than we have."""
        if page.status not in RETRYABLE_STATUSES:
            gate.succeeded()
            return
        gate.failed(f"answered {page.status}")
        pause = retry_after(page.headers, self._now())
        if pause is not None:
            gate.wait_until_after(pause)
            if pause > self._longest_wait:
                raise RetryLater(page.url, pause, self._longest_wait, page=page)

    def _gate(self, url: str) -> HostGate:
        with self._lock:
            return self._gates[gate_name(url)]

    def _obey_robots(self, url: str) -> None:
        """Let a URL through that its host lets robots have, reading the host's robots.txt first.

        Raises:
            RobotsDisallowed: it is not to be fetched.
            HttpError: robots.txt could not be read; then nothing is fetched.
        """
        origin = origin_of(url)
        with self._lock:
            lock = self._robots_locks[origin]
        with lock:
            rules = self._rules.get(origin)
            if rules is None or self._monotonic() > rules.expires:
                try:
                    rules = self._rules[origin] = self._read_robots(origin)
                except HttpError as error:
                    self._robots.record(url, False, f"robots.txt could not be read: {error.reason}")
                    error.retryable = False  # it has been tried as often as a page is
                    raise
                self._gate(url).slow_down(min(rules.interval, self._longest_wait))
        if rules.interval > self._longest_wait:
            raise RobotsDisallowed(url, f"robots.txt asks for {rules.interval:.0f} s between requests, too slow for us")
        self._robots.decide(url, rules)

    def _read_robots(self, origin: str) -> RobotsRules:
        page = self._retry(prepare(self._user_agent, "GET", f"{origin}/robots.txt", None), ask_robots=False)
        return RobotsRules(page, self._user_agent, expires=self._monotonic() + CACHE_SECONDS)


def _outcome_url(state: tenacity.RetryCallState) -> str:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, HttpError):
        return error.url
    page: Page = _last_outcome(state)
    return page.final_url


def _last_outcome(state: tenacity.RetryCallState) -> Page:
    """What the last try came to: its page, or its error raised."""
    if state.outcome is None:
        raise RuntimeError("no try was made")
    result: Page = state.outcome.result()
    return result


def _log_retry(state: tenacity.RetryCallState) -> None:
    pause = state.next_action.sleep if state.next_action else 0.0
    shown = masked(_outcome_url(state))
    logger.warning("%s: try %d did not help, again in %.1f s", shown, state.attempt_number, pause)
