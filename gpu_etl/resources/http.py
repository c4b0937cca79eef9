"""HTTP as the rest of the project sees it: the client, the page, the errors, and the Dagster resource.

Belongs here: the names to import, and the client's life within a run. Does not belong here: how a request is made
(``http_client`` and the ``http_*`` modules under it; they bring requests, which only a run needs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field, PrivateAttr

from gpu_etl.resources.http_errors import (
    AddressRefused,
    CircuitOpen,
    HttpError,
    RedirectRefused,
    RetryLater,
    RobotsDisallowed,
    RobotsUnreadable,
    TimedOut,
    TlsFailed,
    TooLarge,
    Truncated,
    Undecodable,
    Unreachable,
)
from gpu_etl.resources.http_page import Page
from gpu_etl.resources.http_robots import RobotsDecision
from gpu_etl.resources.http_urls import is_loopback, masked
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient

__all__ = [
    "AddressRefused",
    "CircuitOpen",
    "HttpError",
    "HttpResource",
    "Page",
    "RedirectRefused",
    "RetryLater",
    "RobotsDecision",
    "RobotsDisallowed",
    "RobotsUnreadable",
    "TimedOut",
    "TlsFailed",
    "TooLarge",
    "Truncated",
    "Undecodable",
    "Unreachable",
    "masked",
]


class HttpResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """One :class:`HttpClient` a run, so that all steps of a run share its manners. Holds no secrets."""

    user_agent: str = Field(min_length=3, description="how we present ourselves to hosts and to robots.txt")
    requests_per_second: float = Field(default=0.5, gt=0, description="to one host, as spacing")
    deadline_seconds: float = Field(default=60.0, gt=0, description="longest a request may take, body included")
    max_bytes: int = Field(default=20_000_000, gt=0, description="largest body, on the wire and decompressed")
    max_retries: int = Field(default=3, ge=0, description="tries after the first")
    backoff_seconds: float = Field(default=5.0, ge=0, description="pause before the first retry; doubles each time")
    max_retry_after_seconds: float = Field(default=120.0, ge=0, description="longest pause that a host may ask for")
    trusted_hosts: list[str] = Field(default=[], description="configured servers; only they may have a private address")
    robots_opt_in: list[str] = Field(default=[], description="URL beginnings fetched against robots.txt")

    _client: HttpClient | None = PrivateAttr(default=None)

    @classmethod
    def from_settings(cls, settings: Settings) -> HttpResource:
        """The resource that the environment describes."""
        danawa = settings.danawa_base_url
        is_replay = is_loopback(danawa)
        return cls(
            user_agent=settings.http_user_agent,
            requests_per_second=settings.http_requests_per_second,
            deadline_seconds=settings.http_deadline_seconds,
            max_retries=settings.max_retries,
            backoff_seconds=settings.retry_backoff_seconds,
            trusted_hosts=[
                danawa,
                settings.naver_base_url,
                settings.reddit_base_url,
                settings.reddit_oauth_url,
                # Shops are on the public internet; in a replay, where Danawa itself is on loopback, they are there too.
                *(
                    url
                    for url in (*settings.shop_urls, settings.ecb_rates_url)
                    if url and is_replay and is_loopback(url)
                ),
            ],
            robots_opt_in=[
                *([f"{danawa}/list/ajax/", f"{danawa}/info/ajax/"] if settings.danawa_use_ajax else []),
                # A keyed API is an invitation; its host's robots.txt speaks to crawlers.
                *([f"{settings.naver_base_url}/v1/search/"] if settings.naver_has_key else []),
            ],
        )

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Make the run's client; nothing is connected yet."""
        self._client = self.new_client()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Drop its connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def client(self) -> HttpClient:
        """The client of the current run."""
        if self._client is None:
            raise RuntimeError("the HTTP client is made by the run that uses this resource")
        return self._client

    def new_client(self) -> HttpClient:
        """A client of these settings, for use outside a run; close it."""
        from gpu_etl.resources.http_client import HttpClient

        return HttpClient(
            user_agent=self.user_agent,
            requests_per_second=self.requests_per_second,
            deadline_seconds=self.deadline_seconds,
            max_bytes=self.max_bytes,
            max_retries=self.max_retries,
            backoff_seconds=self.backoff_seconds,
            max_retry_after_seconds=self.max_retry_after_seconds,
            trusted_hosts=self.trusted_hosts,
            robots_opt_in=self.robots_opt_in,
        )
