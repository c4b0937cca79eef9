"""What is asked for: building a request, and turning a redirect into the next one.

Belongs here: which headers go where. Does not belong here: sending (``http_wire``), how many redirects to follow
(``http_client``).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from gpu_etl.resources.http_body import ACCEPT_ENCODING
from gpu_etl.resources.http_errors import AddressRefused, RedirectRefused
from gpu_etl.resources.http_page import Page
from gpu_etl.resources.http_urls import masked, origin_of, same_site

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_HARMLESS_HEADERS = frozenset({"user-agent", "accept", "accept-encoding", "accept-language"})
_BODY_HEADERS = ("Content-Length", "Content-Type", "Transfer-Encoding")


def prepare(
    user_agent: str,
    method: str,
    url: str,
    headers: Mapping[str, str] | None,
    *,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
) -> requests.PreparedRequest:
    """A request ready to be sent; its URL is quoted and has the parameters and no fragment.

    Raises:
        AddressRefused: the URL is not an http(s) address, or a header is malformed.
    """
    # Ours come last: robots.txt was asked in our name, and only these encodings can be checked to their end.
    all_headers = CaseInsensitiveDict({"Accept": "*/*", **(headers or {})})
    all_headers.update({"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING})
    try:
        origin_of(url)
        # Not prepared by a session, which would add cookies and what it finds in ~/.netrc.
        return requests.Request(method, urldefrag(url).url, headers=all_headers, params=params, data=data).prepare()
    except ValueError as error:  # requests' own InvalidURL, InvalidHeader, … are ValueErrors too
        reason = "not a request that can be sent" if isinstance(error, requests.RequestException) else str(error)
    raise AddressRefused(url, reason)


def url_of(request: requests.PreparedRequest) -> str:
    """The URL of a request made here, which always has one."""
    return request.url or ""


def is_redirect(page: Page) -> bool:
    """Whether a response sends us elsewhere."""
    return page.status in REDIRECT_STATUSES and bool(page.headers.get("location"))


def redirected(request: requests.PreparedRequest, page: Page) -> requests.PreparedRequest:
    """The request that a redirect asks for.

    Raises:
        RedirectRefused: another scheme than http(s), from https to http, or a form that would go to another server.
    """
    here = url_of(request)
    location = page.headers["location"].encode("latin-1", "replace").decode("utf-8", "replace")
    following = request.copy()
    try:
        target = urldefrag(urljoin(here, location)).url
        origin_of(target)
        following.prepare_url(target, None)
    except ValueError as error:
        reason = "not a web address" if isinstance(error, requests.RequestException) else str(error)
        raise RedirectRefused(here, f"redirect to {masked(location)}: {reason}") from None
    if urlsplit(here).scheme == "https" and urlsplit(target).scheme == "http":
        raise RedirectRefused(here, f"redirect from https to http: {masked(target)}")
    away = not same_site(here, target)
    if request.method != "GET" and page.status in (301, 302, 303):
        following.method, following.body = "GET", None
        for name in _BODY_HEADERS:
            following.headers.pop(name, None)
    if away and following.body:
        raise RedirectRefused(here, f"a form would go to another server: {masked(target)}")
    if away:  # a key or cookie meant for one server is nothing for another
        for name in [name for name in following.headers if name.lower() not in _HARMLESS_HEADERS]:
            del following.headers[name]
    return following
