"""What is told of runs: to every address in NOTIFY_URLS, through the outbox or, where the database failed, without."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gpu_etl.database import Database
from gpu_etl.resources.notifier import NotifierResource
from gpu_etl_tests.resources.receivers import letterbox

SAID = ("price_crawl 2026-03-08 failed", "raw_pages: a captcha\nrun 1")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("NOTIFY_URLS", raising=False)


def test_every_address_gets_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with letterbox() as one, letterbox() as two:
        monkeypatch.setenv("NOTIFY_URLS", f"{one.address} {two.address}")
        assert NotifierResource().send(*SAID)
    for (letter,) in (one.letters, two.letters):
        assert (letter["title"], letter["message"]) == SAID


def test_without_an_address_nothing_is_sent() -> None:
    assert not NotifierResource().send("title", "body")


def test_the_same_message_is_not_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with letterbox() as box:
        monkeypatch.setenv("NOTIFY_URLS", box.address)
        assert NotifierResource().send(*SAID)
        assert NotifierResource().send(*SAID)
    assert len(box.letters) == 1


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("json://user:hush@127.0.0.1:1/", "json (no. 1 in NOTIFY_URLS): no connection"),
        ("no-such-service://hush", "? (no. 1 in NOTIFY_URLS): no address that Apprise knows"),
    ],
)
def test_what_cannot_be_delivered_is_logged_and_kept_without_its_secrets(
    address: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", address)
    with caplog.at_level(logging.WARNING):
        assert not NotifierResource().send(*SAID)
    assert [record.getMessage() for record in caplog.records] == [
        f"a message could not be delivered, it will be tried again: {reason}"
    ]
    with database.transaction() as connection:
        [row] = connection.execute("select * from outbox").fetchall()
    assert (row["title"], row["attempts"], row["delivered_at"]) == (SAID[0], 1, None)
    assert "hush" not in capfd.readouterr().err + str(row)


def test_a_failed_database_is_told_without_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with letterbox() as box:
        monkeypatch.setenv("NOTIFY_URLS", box.address)
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        monkeypatch.setenv("MAX_RETRIES", "0")
        with caplog.at_level(logging.WARNING):
            assert NotifierResource().send(*SAID)
        monkeypatch.setenv("NOTIFY_URLS", "json://user:hush@127.0.0.1:1/")
        with caplog.at_level(logging.WARNING):
            assert not NotifierResource().send(*SAID)
    assert box.titles == [SAID[0]]
    assert "hush" not in caplog.text
    assert "and is lost: json (no. 1 in NOTIFY_URLS): no connection" in caplog.text
