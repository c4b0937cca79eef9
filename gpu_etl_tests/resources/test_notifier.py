"""Messages to the addresses in NOTIFY_URLS."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gpu_etl.resources.notifier import NotifierResource


class _Letterbox(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.letters.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def letterbox() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    server = HTTPServer(("127.0.0.1", 0), _Letterbox)
    letters: list[dict[str, Any]] = []
    server.letters = letters  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port, letters
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOTIFY_URLS", raising=False)


def test_every_address_gets_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with letterbox() as (one, letters), letterbox() as (two, others):
        monkeypatch.setenv("NOTIFY_URLS", f"json://127.0.0.1:{one}/ json://127.0.0.1:{two}/")
        assert NotifierResource().send("price_crawl 2026-03-08 failed", "raw_pages: a captcha")
    for (letter,) in (letters, others):
        assert (letter["title"], letter["message"]) == ("price_crawl 2026-03-08 failed", "raw_pages: a captcha")


def test_without_an_address_nothing_is_sent() -> None:
    assert not NotifierResource().send("title", "body")


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("json://user:hush@127.0.0.1:1/", ""),
        ("no-such-service://hush", " (no. 1 is none that Apprise knows)"),
    ],
)
def test_what_cannot_be_delivered_is_logged_without_its_secrets(
    address: str,
    hint: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", address)
    with caplog.at_level(logging.WARNING):
        assert not NotifierResource().send("price_crawl failed", "raw_pages: a captcha")
    assert [record.getMessage() for record in caplog.records] == [
        f"a notification could not be delivered to every address of NOTIFY_URLS{hint}: price_crawl failed"
    ]
    assert "hush" not in capfd.readouterr().err
