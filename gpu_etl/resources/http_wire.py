"""One request sent and its response read: no manners, no retries, no redirects.

Belongs here: what requests is told, and naming what it raises. Does not belong here: whether to send (``http_client``),
sockets (``http_transport``), bytes (``http_body``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from gpu_etl.resources.http_body import read_body
from gpu_etl.resources.http_errors import AddressRefused, HttpError
from gpu_etl.resources.http_page import Page
from gpu_etl.resources.http_requests import is_redirect, url_of
from gpu_etl.resources.http_transport import CONNECT_SECONDS, translate
from gpu_etl.resources.http_urls import is_loopback, masked

logger = logging.getLogger(__name__)


class Wire:
    """Sends requests through one adapter; ``deadline`` in seconds for one exchange, ``max_bytes`` for one body."""

    def __init__(
        self,
        adapter: HTTPAdapter,
        *,
        deadline: float,
        max_bytes: int,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._adapter = adapter
        self._environment = requests.Session()  # used for what it reads from the environment, not for sending
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._now = now

    def close(self) -> None:
        """Drop all connections."""
        self._adapter.close()
        self._environment.close()

    def exchange(self, request: requests.PreparedRequest) -> Page:
        """Send a request and read its response to the end."""
        url = url_of(request)
        failure: HttpError
        try:
            return self._send(request, url)
        except AddressRefused as error:
            failure = AddressRefused(url, error.reason)
        except HttpError:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = translate(error, url)
        # Raised out here, so that no traceback shows the library's error and the URL in it.
        raise failure

    def _send(self, request: requests.PreparedRequest, url: str) -> Page:
        fetched_at, started = self._now(), self._monotonic()
        environment = self._environment.merge_environment_settings(url, {}, True, None, None)
        # urllib3's own Timeout is passed through by requests, and is the only way to give it a total.
        timeout: Any = urllib3.Timeout(connect=min(CONNECT_SECONDS, self._deadline), total=self._deadline)
        response = self._adapter.send(
            request, stream=True, timeout=timeout, verify=environment["verify"] or True, proxies=self.proxies(url)
        )
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            headers.pop("set-cookie", None)
            page = Page(url, url, response.status_code, MappingProxyType(headers), b"", fetched_at, 0.0)
            if not is_redirect(page):  # nobody reads what a redirect has to say
                ends = started + self._deadline
                body = read_body(response, url, max_bytes=self._max_bytes, ends=ends, monotonic=self._monotonic)
                page = replace(page, body=body)
        finally:
            response.close()
        page = replace(page, elapsed=self._monotonic() - started)
        size, shown = len(page.body), masked(url)
        logger.info("%s %s: %d, %d bytes in %.2f s", request.method, shown, page.status, size, page.elapsed)
        return page

    def proxies(self, url: str) -> dict[str, str]:
        """The proxies that the environment names for a URL; this machine itself is never asked through one."""
        return {} if is_loopback(url) else get_environ_proxies(url)
