"""Web addresses as text: which server one names, and how to show one without its secrets.

Belongs here: string work on URLs. Does not belong here: looking a name up or judging an IP address
(``http_addresses``).
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import unquote_plus, urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
HIDDEN = "***"
_SECRET_WORDS = frozenset(
    {"key", "token", "secret", "feed", "user", "pass", "passwd", "password", "auth", "authorization"}
    | {"signature", "sig", "session", "sid", "credential", "credentials"}
)
_SECRET_ENDINGS = ("key", "token", "secret", "password", "signature")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class Place(NamedTuple):
    """A server: host name in lower case, and port."""

    host: str
    port: int


def place_of(url: str) -> Place:
    """The server that a URL names.

    Raises:
        ValueError: not http or https, no host, or a port that is no port.
    """
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError(f"only http and https are fetched, not {parts.scheme or 'an address without a scheme'}")
    if not parts.hostname:
        raise ValueError("the address names no host")
    return Place(parts.hostname.lower(), DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port)


def origin_of(url: str) -> str:
    """``scheme://host`` of a URL, with the port where it is not the scheme's own; one robots.txt speaks for it."""
    host, port = place_of(url)
    scheme = urlsplit(url).scheme
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{shown}:{port}"


def gate_name(url: str) -> str:
    """The host, with the port where it is not one of the two default ones: what politeness counts by."""
    host, port = place_of(url)
    return host if port in DEFAULT_PORTS.values() else f"{host}:{port}"


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by ``localhost`` or by address; other names are not looked up."""
    host = place_of(url).host
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def same_site(one: str, other: str) -> bool:
    """Whether both name the same server, so that headers meant for one may go to the other.

    The same host on the two default ports counts as one: http to https is how most sites redirect.
    """
    first, second = place_of(one), place_of(other)
    defaults = set(DEFAULT_PORTS.values())
    return first.host == second.host and (first.port == second.port or {first.port, second.port} == defaults)


def masked(url: str) -> str:
    """The URL with user, password, fragment and the values of secret-looking parameters hidden; for logs and errors."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    netloc = f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}" if "@" in parts.netloc else parts.netloc
    query = "&".join(_masked_parameter(parameter) for parameter in parts.query.split("&"))
    shown = urlunsplit((parts.scheme, netloc, parts.path, query, ""))
    return "".join(character if character.isprintable() else "?" for character in shown)


def _masked_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={HIDDEN}" if equals and _is_secret(unquote_plus(name)) else parameter


def _is_secret(name: str) -> bool:
    # Whole words and endings only: "keyword" and "productCode" are what a crawl's log is read for.
    lower = name.lower()
    words = {word.lower() for word in _WORD.findall(name)}
    return lower.endswith(_SECRET_ENDINGS) or bool(words & _SECRET_WORDS) or lower == "code"
