"""What an error of PRAW means for a reading: whose fault, whether to ask again, whether to ask the others.

Belongs here: the translation of exceptions. Does not belong here: acting on them (``reddit_api``).

The cases were observed of PRAW 8.0 call by call. It raises three families: prawcore's, its own, and by mistake bare
``KeyError`` and ``ValueError``.
"""

from __future__ import annotations

from typing import Any

import requests
from praw.exceptions import PRAWException
from prawcore import exceptions as core

from gpu_etl.resources.http_transport import why
from gpu_etl.resources.reddit_coverage import CredentialsError, Unreadable
from gpu_etl.sources.records import CoverageStatus

RAISED = (core.PrawcoreException, PRAWException, KeyError, ValueError)
"""All that one call of ``reddit.request`` may raise."""

_BLOCK_WORDS = ("whoa there", "blocked", "network policy", "network security", "captcha")
_ANSWERS_FOR_GOOD = {404: "does not exist or is banned", 451: "is withheld for legal reasons"}


def translate(error: Exception) -> Unreadable | CredentialsError:
    """Say what ``error`` means for the subreddit that was asked for."""
    response = getattr(error, "response", None)
    if isinstance(error, core.RequestException):
        return _no_answer(error.original_exception)
    if isinstance(error, (core.OAuthException, core.InvalidToken, core.InsufficientScope)) or error.args == (401,):
        return CredentialsError(_refused_key(response))
    if isinstance(response, requests.Response):
        return _token_answer(response) if _is_token(response) else _listing_answer(error, response)
    return Unreadable(CoverageStatus.FAILED, f"{type(error).__name__}: {error!s:.120}")


def _refused_key(response: Any) -> str:
    status = f" (status {response.status_code})" if isinstance(response, requests.Response) else ""
    return f"Reddit refuses REDDIT_CLIENT_ID / REDDIT_CLIENT_SECRET{status}: check the key, or leave both empty for RSS"


def _no_answer(cause: Exception) -> Unreadable:
    name = type(cause).__name__
    if isinstance(cause, requests.exceptions.Timeout):
        # prawcore has asked three times by now, each to the end of the deadline.
        return Unreadable(CoverageStatus.FAILED, f"Reddit does not answer in time ({name})", everywhere=True)
    return Unreadable(CoverageStatus.FAILED, f"no whole answer from Reddit {why(cause)}", again=True, everywhere=True)


def _is_token(response: requests.Response) -> bool:
    return response.url.split("?")[0].endswith("/api/v1/access_token")


def _token_answer(response: requests.Response) -> Unreadable | CredentialsError:
    status = response.status_code
    if status == 429 or status >= 500:
        verdict = CoverageStatus.BLOCKED if status == 429 else CoverageStatus.FAILED
        reason = f"no token: Reddit answers {status}"
        return Unreadable(verdict, reason, again=True, wait=_wait(response), everywhere=True)
    if is_block_page(response.text) and status != 401:
        return Unreadable(CoverageStatus.BLOCKED, f"no token: a page that blocks us (status {status})", everywhere=True)
    if status in (400, 401, 403):
        return CredentialsError(_refused_key(response))
    return Unreadable(CoverageStatus.FAILED, f"no token: status {status} at REDDIT_BASE_URL", everywhere=True)


def _listing_answer(error: Exception, response: requests.Response) -> Unreadable:
    status = response.status_code
    if isinstance(error, core.BadJSON):
        return _not_json(response)
    if status == 429:
        reason = "Reddit says too many requests (429)"
        return Unreadable(CoverageStatus.BLOCKED, reason, again=True, wait=_wait(response))
    if status >= 500:
        return Unreadable(CoverageStatus.FAILED, f"Reddit answers {status}", again=True, wait=_wait(response))
    if isinstance(error, core.Redirect):
        return Unreadable(CoverageStatus.UNAVAILABLE, "does not exist: Reddit sends us elsewhere")
    if status in _ANSWERS_FOR_GOOD:
        return Unreadable(CoverageStatus.UNAVAILABLE, f"{_ANSWERS_FOR_GOOD[status]} (status {status})")
    if status == 403:
        return _forbidden(response)
    return Unreadable(CoverageStatus.FAILED, f"Reddit answers {status}")


def _not_json(response: requests.Response) -> Unreadable:
    if is_block_page(response.text):
        return Unreadable(CoverageStatus.BLOCKED, "a page that blocks us instead of JSON (status 200)")
    if response.text.lstrip()[:1] == "<":
        return Unreadable(CoverageStatus.FAILED, "a web page instead of JSON")
    return Unreadable(CoverageStatus.FAILED, "JSON that is cut off", again=True)


def _forbidden(response: requests.Response) -> Unreadable:
    """A private subreddit and a blocked address both answer 403; the body tells them apart."""
    try:
        said = response.json()
    except ValueError:
        return Unreadable(CoverageStatus.BLOCKED, "a page that blocks us (status 403)")
    reason = said.get("reason") if isinstance(said, dict) else None
    if isinstance(reason, str) and reason:
        return Unreadable(CoverageStatus.UNAVAILABLE, f"is {reason[:40]} (status 403)")
    return Unreadable(CoverageStatus.BLOCKED, "Reddit forbids it (status 403)")


def is_block_page(text: str) -> bool:
    """Whether a web page is Reddit's refusal to serve this address."""
    start = text[:20_000].lower()
    return "<html" in start and any(word in start for word in _BLOCK_WORDS)


def _wait(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After")
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None
