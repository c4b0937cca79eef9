"""Receivers of messages for tests: a web service that takes JSON, and a mail server.

Belongs here: real servers on loopback that keep what they get. Does not belong here: what is sent.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Letterbox:
    """What came in, and what is answered."""

    port: int = 0
    letters: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    held: threading.Event = field(default_factory=threading.Event)
    """Answers wait for it; set unless a test clears it."""
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """For ``NOTIFY_URLS``, with a secret in it."""
        return f"json://user:hush@127.0.0.1:{self.port}/"

    @property
    def titles(self) -> list[str]:
        """Of the letters that were taken."""
        return [letter["title"] for letter in self.letters]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        box: Letterbox = self.server.box  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        box.arrived.set()
        box.held.wait(20)
        if box.status == 200:
            box.letters.append(body)
        self.send_response(box.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """A web service that takes messages."""
    box = Letterbox()
    box.held.set()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            box.held.set()
            server.shutdown()
            thread.join()


class _Mailbox:
    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(message_from_bytes(envelope.content or b""))  # type: ignore[arg-type]
        return "250 taken"


@contextmanager
def mailbox() -> Iterator[tuple[str, list[Message]]]:
    """A mail server; yields its address for ``NOTIFY_URLS`` and the mails that it took."""
    handler = _Mailbox()
    loop = asyncio.new_event_loop()
    # aiosmtpd's own controller has to know its port beforehand
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"mailto://127.0.0.1:{port}/?from=gpu@example.org&to=kim@example.org", handler.mails
    finally:
        server.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
