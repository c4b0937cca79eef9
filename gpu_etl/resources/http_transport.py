"""Connections: a requests adapter that keeps a total deadline and talks only to allowed peers.

Belongs here: what must happen at the socket. requests' read timeout starts anew with every received byte, so a server
that drips (headers or body) holds a client for as long as it likes; here every receive gets what remains of the whole.
And a name may resolve to something else between the check and the connection, so the peer itself is looked at, before
anything is sent. Neither applies through a proxy, whose connections are its own. Outside the deadline remain looking a
name up, which only the system's resolver can bound, and a name with many dead addresses (``CONNECT_SECONDS`` each).
"""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection

from gpu_etl.resources.http_addresses import AddressGuard
from gpu_etl.resources.http_errors import AddressRefused, HttpError, TimedOut, TlsFailed, Truncated, Unreachable
from gpu_etl.resources.http_urls import Place

CONNECT_SECONDS = 10.0
"""Longest wait for a connection to one address: a host that is up answers in a fraction of it."""
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3} [\w ]{,60})")
"""What http.client says where a proxy does not let us through."""


class _DeadlineSocket(io.RawIOBase):
    """The receiving side of a socket, all of whose receives together end at one moment."""

    def __init__(self, sock: socket.socket, ends: float) -> None:
        self._file = sock.makefile("rb", buffering=0)  # keeps the socket open until the response is closed
        self._sock = sock
        self._ends = ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        remaining = self._ends - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the deadline has passed")
        self._sock.settimeout(remaining)
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """A response whose status line, headers and body together take no longer than ``seconds``."""

    def __init__(self, seconds: float, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineSocket(sock, time.monotonic() + seconds))


class _Guarded(HTTPConnection):
    def __init__(self, *args: Any, guard: AddressGuard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        peer = str(sock.getpeername()[0])
        if not self._guard.allows_peer(Place(self.host.lower(), self.port or 0), peer):
            sock.close()
            raise AddressRefused(f"//{self.host}:{self.port}", f"it leads to {peer}, which is not a public address")
        return sock

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as in urllib3 itself
        if self.timeout is not None:
            self.response_class = partial(_DeadlineResponse, float(self.timeout))  # type: ignore[assignment]
        return super().getresponse()


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS; a proxied connection never gets here."""


class GuardedAdapter(HTTPAdapter):
    """A requests adapter for ``urllib3.Timeout(total=...)``; no retries, one kept connection a host."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        super().__init__(pool_connections=20, pool_maxsize=1, max_retries=0)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """The pool for a request, as requests makes it, whose new connections are guarded unless a proxy makes them."""
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        if not select_proxy(request.url or "", proxies):
            secure = isinstance(pool, urllib3.HTTPSConnectionPool)
            pool.ConnectionCls = partial(_GuardedTls if secure else _Guarded, guard=self._guard)
        return pool

    def close(self) -> None:
        """Close every connection now: urllib3 only forgets its pools, and whatever holds one (an error's traceback in a
        log that is kept) holds its sockets open."""
        for key in self.poolmanager.pools.keys():  # noqa: SIM118 - urllib3's container cannot be iterated over
            self.poolmanager.pools[key].close()
        super().close()


AdapterFactory = Callable[[AddressGuard], HTTPAdapter]


def translate(error: Exception, url: str) -> HttpError:
    """Name an error of requests or urllib3; its own text is not used, since it quotes URLs with their secrets."""
    chain = list(_causes(error))
    if any(_is_timeout(part) for part in chain):
        return TimedOut(url, "no whole response within the deadline")
    if any(isinstance(part, ssl.SSLCertVerificationError) for part in chain):
        return TlsFailed(url, f"TLS failed: {_innermost(chain)}")
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(url, f"connection failed {at_proxy(error, url)}")
    if any(isinstance(part, http.client.IncompleteRead) for part in chain):
        return Truncated(url, "the body ended early")
    if any(isinstance(part, requests.ConnectionError | urllib3.exceptions.HTTPError) for part in chain):
        return Unreachable(url, f"connection failed: {_innermost(chain)}")
    return HttpError(url, f"cannot be asked for: {type(error).__name__}")


def at_proxy(error: requests.exceptions.ProxyError, url: str) -> str:
    """Which proxy of the environment it was that a request for ``url`` failed at, and why; without its user."""
    variables = (f"{urlsplit(url).scheme}_proxy", "all_proxy")
    named = next((name for each in variables for name in (each, each.upper()) if os.environ.get(name)), None)
    if named is None:
        return f"at a proxy: {_innermost(_causes(error))}"
    proxy = urlsplit(os.environ[named])
    where = (proxy.netloc or proxy.path).rpartition("@")[2]
    return f"at the proxy {where} ({named.upper()}): {_innermost(_causes(error))}"


def why(cause: Exception) -> str:
    """Why there is no answer, in brackets: the kind of error (its text would quote URLs) or the proxy."""
    if not isinstance(cause, requests.exceptions.ProxyError):
        return f"({type(cause).__name__})"
    told = next(iter(cause.args), None)
    if not isinstance(told, str):  # as requests raises it
        told = at_proxy(cause, (cause.request.url if cause.request else None) or "https:")
    return f"(connection failed {told})"


def _is_timeout(part: BaseException) -> bool:
    # urllib3 derives "could not connect at all" from its timeout
    if isinstance(part, urllib3.exceptions.NewConnectionError):
        return False
    return isinstance(part, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything wrapped in it: by ``reason``, by argument or as its cause, outermost first."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting and len(found) < 20:
        part = waiting.pop(0)
        if part in found:
            continue
        found.append(part)
        inside = [getattr(part, "reason", None), *part.args, part.__cause__]
        waiting += [inner for inner in inside if isinstance(inner, BaseException)]
    return found


def _innermost(chain: list[BaseException]) -> str:
    for part in reversed(chain):
        if isinstance(part, ssl.SSLCertVerificationError):
            return part.verify_message
        if isinstance(part, OSError) and part.strerror:
            return part.strerror
        if isinstance(part, OSError) and (refused := _TUNNEL.match(str(part))):
            return refused[1]
    return type(chain[-1]).__name__
