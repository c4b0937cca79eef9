"""The connections to Reddit: PRAW made to keep our deadline, and the plain one for feeds.

Belongs here: how they are constructed, and what the HTTP layer below PRAW must do for us. Does not belong here: what
is asked (``reddit_api``, ``reddit_rss``), what an error means (``reddit_errors``).

Observed of PRAW 8.0 and prawcore 4.0: a timeout given by argument is overruled by 16 s a read, and nothing bounds a
whole answer; a ``Retry-After`` in the form of a date raises a bare ``ValueError``; so do rate-limit headers that are
not whole numbers; a redirected token request is followed. The requestor below mends the four where they arise.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import praw
import requests
import urllib3
from prawcore import Requestor
from prawcore.exceptions import RequestException

from gpu_etl.resources.http_transport import at_proxy
from gpu_etl.settings import Settings

MAX_BODY = 32 * 2**20
"""Bytes; a page of 100 posts weighs about 0.6 MB."""
_CHUNK = 2**16
_LIMITS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset")


class BoundedRequestor(Requestor):
    """Sends prawcore's requests under one deadline each, body included, and gives it only headers that it can read."""

    def __init__(self, *, deadline: float, clock: Callable[[], float] = time.time, **options: Any) -> None:
        super().__init__(timeout=deadline, **options)
        self._deadline = deadline
        self._clock = clock

    def request(self, *args: Any, timeout: float | None = None, **options: Any) -> requests.Response:
        """Send one request. ``timeout`` is prawcore's own constant and is overruled by the deadline."""
        options.update(allow_redirects=False, stream=True)
        ends = time.monotonic() + self._deadline
        response: requests.Response = super().request(*args, timeout=self._deadline, **options)
        try:
            body = _read(response, ends)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
            # The options hold the secret: they are left out of the error.
            raise RequestException(_as_requests_error(problem), args[:2], {}) from None
        finally:
            response.close()
        response._content, response._content_consumed = body, True  # type: ignore[attr-defined]
        readable_headers(response.headers, self._clock())
        return response


def _read(response: requests.Response, ends: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(_CHUNK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_BODY:
            raise requests.exceptions.ContentDecodingError(f"the answer is larger than {MAX_BODY:,} bytes")
        if time.monotonic() > ends:
            raise requests.exceptions.ReadTimeout("the answer did not end before the deadline")
    return b"".join(parts)


def _as_requests_error(problem: Exception) -> Exception:
    """What urllib3 says, in the words of requests: prawcore retries only those."""
    if isinstance(problem, requests.RequestException):
        return problem
    if isinstance(problem, (urllib3.exceptions.TimeoutError, TimeoutError)):
        return requests.exceptions.ReadTimeout(str(problem))
    return requests.exceptions.ChunkedEncodingError(str(problem))


def readable_headers(headers: MutableMapping[str, str], now: float) -> None:
    """Write ``Retry-After`` and the rate-limit headers as whole seconds and numbers; drop what is neither.

    ``now`` is in seconds since 1970, to which a date is compared.
    """
    after = headers.pop("Retry-After", None)
    if after is not None and (seconds := retry_after_seconds(after, now)) is not None:
        headers["Retry-After"] = str(seconds)
    try:
        numbers = {name: str(int(float(headers[name]))) for name in _LIMITS if name in headers}
    except (ValueError, OverflowError):
        numbers = {}
    for name in _LIMITS:
        headers.pop(name, None)
    if len(numbers) == len(_LIMITS):
        headers.update(numbers)


def retry_after_seconds(value: str, now: float) -> int | None:
    """Seconds to wait by a ``Retry-After`` header, given as seconds or as a date; ``None`` when it is neither."""
    try:
        return max(0, int(float(value)))
    except (ValueError, OverflowError):
        pass
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0, round((moment - datetime.fromtimestamp(now, UTC)).total_seconds() + 0.5))


@contextmanager
def connect(settings: Settings) -> Iterator[praw.Reddit]:
    """Open a read-only PRAW instance with the key of ``settings``; no request is made yet.

    User names, passwords and refresh tokens of a ``praw.ini`` that happens to lie about are not used.
    """
    with requests.Session() as session:
        yield praw.Reddit(
            client_id=settings.reddit_client_id,
            client_secret=settings.reddit_client_secret.get_secret_value(),
            user_agent=settings.reddit_user_agent,
            username=None,
            password=None,
            refresh_token=None,
            reddit_url=settings.reddit_base_url,
            oauth_url=settings.reddit_oauth_url,
            check_for_updates=False,
            requestor_class=BoundedRequestor,
            requestor_kwargs={"session": session, "deadline": settings.http_deadline_seconds},
        )


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What came for a feed."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@contextmanager
def feed_fetcher(settings: Settings) -> Iterator[Callable[[str], FeedAnswer]]:
    """Open a session that fetches an address once, under the deadline; redirects are not followed.

    The pauses between requests are the feed reader's, since Reddit asks for far longer ones than any shop. A private
    feed token is added here and nowhere else: neither the addresses that others see, nor an error, nor a feed that
    quotes its own address holds it. Errors are those of requests, which are :class:`OSError`.
    """
    secrets = {"feed": settings.reddit_feed_token, "user": settings.reddit_feed_user}
    private = {name: value.get_secret_value() for name, value in secrets.items() if value}
    with requests.Session() as session, _unlogged([f"{name}={value}" for name, value in private.items()]):
        session.headers["User-Agent"] = settings.reddit_user_agent

        def fetch(url: str, /) -> FeedAnswer:
            ends = time.monotonic() + settings.http_deadline_seconds
            try:
                with session.get(
                    url, params=private, timeout=settings.http_deadline_seconds, allow_redirects=False, stream=True
                ) as answer:
                    body = _read(answer, ends)
            except requests.exceptions.ProxyError as problem:
                raise requests.exceptions.ProxyError(at_proxy(problem, url)) from None
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
                # Their own text quotes the address.
                raise type(_as_requests_error(problem))() from None
            for name, value in private.items():
                body = body.replace(f"{name}={value}".encode(), b"")
            return FeedAnswer(answer.status_code, body, answer.headers)

        yield fetch


@contextmanager
def _unlogged(texts: Sequence[str]) -> Iterator[None]:
    """Drop what urllib3 logs, at its most talkative, of requests whose address holds one of ``texts``."""

    def is_harmless(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        return not any(text in message for text in texts)

    logger = logging.getLogger("urllib3.connectionpool")
    logger.addFilter(is_harmless)
    try:
        yield
    finally:
        logger.removeFilter(is_harmless)
