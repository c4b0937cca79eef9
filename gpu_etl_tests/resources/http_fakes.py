"""Hand-made worlds for the HTTP client: a clock, an adapter with scripted answers, and a server that speaks raw bytes.

Belongs here: what several ``test_http_*`` files use. Does not belong here: the replay of the market (``replay``).
"""

from __future__ import annotations

import io
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from gpu_etl.resources.http_client import HttpClient

SHOP = "http://shop.test"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def now(self) -> datetime:
        return datetime(2026, 3, 5, tzinfo=UTC) + timedelta(seconds=self.time - 1000)


@dataclass
class Answer:
    """What a scripted server says; ``takes`` seconds of the clock."""

    status: int = 200
    body: bytes = b"hello"
    headers: dict[str, str] = field(default_factory=dict)
    takes: float = 0.0


class ScriptedAdapter(HTTPAdapter):
    """Answers by URL: each list is used up to its last entry, which stays. Unknown: 404, so robots.txt allows all."""

    def __init__(self, clock: Clock, script: dict[str, Answer | Exception | list[Answer | Exception]]) -> None:
        super().__init__()
        self._clock = clock
        self._script = {url: answers if isinstance(answers, list) else [answers] for url, answers in script.items()}
        self.requests: list[requests.PreparedRequest] = []
        self.starts: defaultdict[str, list[float]] = defaultdict(list)
        self.closed = False

    @property
    def urls(self) -> list[str]:
        return [request.url or "" for request in self.requests]

    @property
    def pages(self) -> list[str]:
        """What was asked for besides robots.txt."""
        return [url for url in self.urls if not url.endswith("/robots.txt")]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = request.url or ""
        self.requests.append(request)
        self.starts[url].append(self._clock.monotonic())
        answers = self._script.get(url, [Answer(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        self._clock.time += answer.takes
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(answer.body), headers=answer.headers, status=answer.status, preload_content=False
        )
        return self.build_response(request, raw)

    def close(self) -> None:
        self.closed = True


def scripted(
    script: dict[str, Any], *, addresses: dict[str, str] | None = None, clock: Clock | None = None, **options: Any
) -> tuple[HttpClient, ScriptedAdapter, Clock]:
    """A client in a scripted world where every name has the public address 93.184.216.34 unless said otherwise."""
    clock = clock or Clock()
    adapter = ScriptedAdapter(clock, script)

    def resolver(host: str, port: int) -> list[str]:
        address = (addresses or {}).get(host, "93.184.216.34")
        if not address:
            raise OSError("no such name")
        return [address]

    settings: dict[str, Any] = {"user_agent": "gpu-etl-test/1", "requests_per_second": 1000, **options}
    client = HttpClient(
        transport=lambda guard: adapter,
        resolver=resolver,
        sleep=clock.sleep,
        monotonic=clock.monotonic,
        now=clock.now,
        **settings,
    )
    return client, adapter, clock


@contextmanager
def raw_server(
    speak: Callable[[socket.socket], None], wrap: Callable[[socket.socket], socket.socket] = lambda sock: sock
) -> Iterator[int]:
    """A loopback server that reads a request's head and lets ``speak`` answer; gives its port.

    robots.txt is answered with 404, so that ``speak`` sees only pages.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), wrap(connection) as wrapped:
            while (head := _read_head(wrapped)) and not stopped.is_set():
                if b" /robots.txt " in head:
                    wrapped.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                else:
                    speak(wrapped)
                return

    def accept() -> None:
        threads = []
        with suppress(OSError):
            while not stopped.is_set():
                connection, _ = listener.accept()
                connection.settimeout(5)
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()
        for thread in threads:
            thread.join()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stopped.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()


def _read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        if not received:
            return b""
        head += received
    return head
