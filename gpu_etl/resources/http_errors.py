"""What can go wrong with a request, each with one line that names host, path and reason.

Belongs here: the error classes. Does not belong here: deciding which one it is (``http_transport``, ``http``).
No message holds a secret: URLs are masked, and the text of library exceptions (which quote URLs) is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpu_etl.resources.http_urls import masked

if TYPE_CHECKING:
    from gpu_etl.resources.http_page import Page


class HttpError(Exception):
    """A request that gave no page to use.

    ``url`` is masked; ``reason`` is the message without the URL; ``page`` is the response that led here where there
    was a whole one, so that a store of raw pages can keep it.
    """

    retryable: bool = False
    """Whether another try may help; the client makes those itself, and the host's breaker counts these errors only."""

    def __init__(self, url: str, reason: str, *, page: Page | None = None) -> None:
        self.url = masked(url)
        self.reason = reason
        self.page = page
        super().__init__(f"{self.url}: {reason}")


class Unreachable(HttpError):
    """No response: name not found, connection refused or reset."""

    retryable = True


class TlsFailed(Unreachable):
    """The server's certificate is not acceptable; never worked around."""

    retryable = False


class TimedOut(HttpError):
    """Not whole within the deadline, however the time was spent."""

    retryable = True


class Truncated(HttpError):
    """The body ended early or its compressed stream is damaged."""

    retryable = True


class Undecodable(HttpError):
    """A content encoding that was not asked for."""


class TooLarge(HttpError):
    """More bytes than allowed, on the wire or once decompressed."""


class RobotsDisallowed(HttpError):
    """The host's robots.txt asks us not to."""


class RobotsUnreadable(HttpError):
    """The host's robots.txt cannot be had for now (5xx, 429), so nothing of that host is fetched."""


class AddressRefused(HttpError):
    """Not a web address, or one inside a private network that nobody configured."""


class RedirectRefused(AddressRefused):
    """A redirect that is not followed: loop, too many, private address, https to http, other scheme."""


class RetryLater(HttpError):
    """The host asks for a longer pause than we wait; ``retry_after`` in seconds."""

    def __init__(self, url: str, retry_after: float, limit: float, *, page: Page | None = None) -> None:
        super().__init__(
            url, f"the host asks to come back in {retry_after:.0f} s; longest wait is {limit:.0f} s", page=page
        )
        self.retry_after = retry_after


class CircuitOpen(HttpError):
    """The host failed several times in a row and is left alone for ``retry_after`` seconds."""

    def __init__(self, url: str, failures: int, last: str, retry_after: float) -> None:
        super().__init__(
            url,
            f"not asked: {failures} failures of this host in a row, the last: {last}; next try in {retry_after:.0f} s",
        )
        self.retry_after = retry_after
