"""What hosts ask of robots: reading robots.txt, deciding by it, and remembering each decision.

Belongs here: RFC 9309 as far as it says whether and how fast to fetch. Does not belong here: fetching the file
(``http`` does, by the same manners as any page).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from gpu_etl.resources.http_errors import RobotsDisallowed, RobotsUnreadable
from gpu_etl.resources.http_page import Page
from gpu_etl.resources.http_urls import masked, origin_of

CACHE_SECONDS = 24 * 3600.0
"""RFC 9309, 2.4: a robots.txt should not be used for longer than a day."""


@dataclass(frozen=True, slots=True)
class RobotsDecision:
    """Whether a path of a host may be fetched, and why; ``path`` is without its query."""

    origin: str
    path: str
    allowed: bool
    reason: str


class RobotsRules:
    """One host's robots.txt as read; ``expires`` in the client's monotonic seconds."""

    def __init__(self, page: Page, user_agent: str, *, expires: float) -> None:
        if page.status == 429 or page.status >= 500 or page.status == 408:
            raise RobotsUnreadable(page.final_url, f"answered {page.status}, so nothing of this host is fetched")
        self.expires = expires
        self._user_agent = user_agent
        self._status = page.status
        # Any other status without a file means there are no rules (RFC 9309, 2.3.1.3).
        self._rules = Protego.parse(page.body.decode("utf-8-sig", "replace") if page.ok else "")

    @property
    def interval(self) -> float:
        """Seconds between requests that the file asks for (Crawl-delay or Request-rate), 0 without a wish."""
        rate = self._rules.request_rate(self._user_agent)
        return max(self._rules.crawl_delay(self._user_agent) or 0.0, rate.seconds / rate.requests if rate else 0.0)

    def allow(self, url: str) -> tuple[bool, str]:
        """Whether the file lets us fetch a URL, with the reason."""
        if not 200 <= self._status < 300:
            return True, f"no robots.txt (answered {self._status})"
        allowed = bool(self._rules.can_fetch(url, self._user_agent))
        return allowed, "allowed by robots.txt" if allowed else "disallowed by robots.txt"


class RobotsLog:
    """Decides for URLs and keeps every different decision once. ``opted_in`` holds URL beginnings that the user chose
    to fetch although robots.txt disallows them."""

    def __init__(self, opted_in: Iterable[str] = ()) -> None:
        self._opted_in = [(origin_of(entry), urlsplit(entry).path or "/") for entry in opted_in]
        self._decisions: dict[RobotsDecision, None] = {}

    @property
    def decisions(self) -> tuple[RobotsDecision, ...]:
        """Every different decision so far, in order."""
        return tuple(self._decisions)

    def decide(self, url: str, rules: RobotsRules) -> None:
        """Record the decision on a URL.

        Raises:
            RobotsDisallowed: it is not to be fetched.
        """
        allowed, reason = rules.allow(url)
        if not allowed and self._is_opted_in(url):
            allowed, reason = True, "disallowed by robots.txt; fetched because the configuration opts in"
        self.record(url, allowed, reason)
        if not allowed:
            raise RobotsDisallowed(url, reason)

    def record(self, url: str, allowed: bool, reason: str) -> None:
        """Keep a decision."""
        self._decisions[RobotsDecision(origin_of(url), urlsplit(masked(url)).path, allowed, reason)] = None

    def _is_opted_in(self, url: str) -> bool:
        origin, path = origin_of(url), urlsplit(url).path or "/"
        return any(origin == chosen and path.startswith(beginning) for chosen, beginning in self._opted_in)
