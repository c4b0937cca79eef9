"""The simulated shop and subreddits over HTTP, on 127.0.0.1.

Belongs here: addresses, tokens, limits, compression, starting and stopping. Does not belong here: what a page holds
(``site``, ``product_page``, ``reddit``).

Shop and Reddit share one address. It serves /list/, /info/, /robots.txt; /api/v1/access_token, /r/<a+b>/new, /api/info
with a token; /r/<a+b>/new/.rss without.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gpu_etl.demo import reddit
from gpu_etl.demo.market import Market
from gpu_etl.demo.product_page import product_page
from gpu_etl.demo.site import ROBOTS, list_page

HTML = "text/html; charset=UTF-8"
PLAIN = "text/plain; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
ATOM = "application/atom+xml; charset=UTF-8"

BUDGET = 1000
WINDOW_SECONDS = 600
WINDOW_AGE_SECONDS = 300
"""How old the rate window claims to be at the start: a client that paces itself over the window need not wait."""
TOKEN_SECONDS = 86_400

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: str
    content_type: str = HTML
    status: int = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)


NOT_FOUND = Answer("<html><head><title>404</title></head><body>Not Found</body></html>", status=404)
FORBIDDEN = Answer("<html><head><title>Blocked</title></head><body>Log in to see this.</body></html>", status=403)
UNAUTHORIZED = Answer(
    json.dumps({"message": "Unauthorized", "error": 401}),
    JSON,
    401,
    {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'},
)


class _Server(ThreadingHTTPServer):
    """A server that can be closed while clients keep their connections open."""

    daemon_threads = False  # closing waits for the handlers, and they end as soon as their connections are shut

    def __init__(self, market: Market, clock: Clock) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.market, self.clock = market, clock
        self.tokens: set[str] = set()
        self._started = time.monotonic() - WINDOW_AGE_SECONDS
        self._used = 0
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        request, address = super().get_request()
        with self._lock:
            self._connections.add(request)
        return request, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours."""

    def close(self) -> None:
        self.shutdown()
        with self._lock:
            for connection in self._connections:
                _hang_up(connection)
        self.server_close()

    def rate_headers(self) -> dict[str, str]:
        """Count one request to Reddit, and say how many are left."""
        with self._lock:
            if time.monotonic() - self._started >= WINDOW_SECONDS:
                self._started, self._used = time.monotonic(), 0
            self._used += 1
            left = WINDOW_SECONDS - int(time.monotonic() - self._started)
            return {
                "x-ratelimit-used": str(self._used),
                "x-ratelimit-remaining": f"{max(0, BUDGET - self._used)}.0",
                "x-ratelimit-reset": str(left),
            }

    def new_token(self) -> str:
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        return token


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self._send(self._get(parts.path, query))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        form = parse_qs(self.rfile.read(int(length) if length.isdecimal() else 0).decode("utf-8", "replace"))
        self._send(self._token(form) if urlsplit(self.path).path == "/api/v1/access_token" else NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:
        """The demo's own output is not an access log."""

    def _get(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer(ROBOTS, PLAIN)
        if path.startswith("/list/ajax/") or path.startswith("/info/ajax/"):
            return FORBIDDEN
        if path.rstrip("/") == "/list":
            return self._list(query)
        if path.rstrip("/") == "/info":
            market, day = self.server.market, self._now().astimezone(self.server.market.zone).date()
            return Answer(product_page(market, day, self.server.base_url, query.get("pcode", "")))
        if path.startswith(("/r/", "/api/info")):
            return self._reddit(path, query)
        return NOT_FOUND

    def _list(self, query: dict[str, str]) -> Answer:
        market = self.server.market
        day = self._now().astimezone(market.zone).date()
        number = query.get("page", "1")
        page = list_page(
            market, day, self.server.base_url, query.get("cate", ""), int(number) if number.isdecimal() else 1
        )
        return NOT_FOUND if page is None else Answer(page)

    def _reddit(self, path: str, query: dict[str, str]) -> Answer:
        steps = [step for step in path.split("/") if step]
        posts = self.server.market.posts(self._now())
        limits = self.server.rate_headers()
        try:
            if steps[0] == "r" and steps[2:] in (["new", ".rss"], ["new.rss"], [".rss"]):
                page, _ = reddit.cut(reddit.newest(posts, steps[1]), query.get("limit"), query.get("after"))
                return Answer(reddit.feed(page, steps[1], self._now()), ATOM, headers=limits)
            if path.endswith(".json"):
                return FORBIDDEN
            if not self._has_token():
                return UNAUTHORIZED
            if steps == ["api", "info"]:
                asked = query.get("id", "").split(",")
                page, after = [post for post in posts if f"t3_{post.post_id}" in asked][: reddit.MOST_AT_ONCE], None
            elif steps[2:] == ["new"]:
                page, after = reddit.cut(reddit.newest(posts, steps[1]), query.get("limit"), query.get("after"))
            else:
                return NOT_FOUND
        except reddit.UnknownSubreddit:
            return Answer(json.dumps({"message": "Not Found", "error": 404}), JSON, 404, limits)
        found = reddit.listing(page, after, raw_json=query.get("raw_json") == "1")
        return Answer(json.dumps(found, ensure_ascii=False), JSON, headers=limits)

    def _token(self, form: dict[str, list[str]]) -> Answer:
        """Any key is good here, as long as there is one."""
        client, _, secret = _basic(self.headers.get("Authorization") or "").partition(":")
        if not client or not secret:
            return Answer(json.dumps({"message": "Unauthorized", "error": 401}), JSON, 401)
        if form.get("grant_type") != ["client_credentials"]:
            return Answer(json.dumps({"error": "unsupported_grant_type"}), JSON)
        token = {"access_token": self.server.new_token(), "token_type": "bearer", "expires_in": TOKEN_SECONDS}
        return Answer(json.dumps(token | {"scope": "*"}), JSON)

    def _has_token(self) -> bool:
        kind, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return kind.lower() == "bearer" and token in self.server.tokens

    def _now(self) -> datetime:
        return self.server.clock()

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Vary", "Accept-Encoding")
        if "gzip" in (self.headers.get("Accept-Encoding") or ""):
            body = gzip.compress(body, compresslevel=4, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _basic(header: str) -> str:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def market_clock(market: Market) -> Clock:
    """The real time, but never later than the end of the market's ``today``."""
    end = datetime.combine(market.today + timedelta(days=1), clock_time(), market.zone) - timedelta(seconds=1)
    return lambda: min(datetime.now(UTC), end.astimezone(UTC))


@contextmanager
def serve(market: Market, clock: Clock | None = None) -> Iterator[str]:
    """Serve a market until the block ends; gives the base address of shop, Reddit's web and Reddit's API alike.

    ``clock`` says what time it is in the market, by default :func:`market_clock`. Give the real time to let a market go
    on past midnight.
    """
    server = _Server(market, clock or market_clock(market))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.base_url
    finally:
        server.close()
        thread.join()
