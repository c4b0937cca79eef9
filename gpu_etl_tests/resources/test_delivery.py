"""Delivery over a real database to real receivers: each apart, until confirmed, never twice, no secret anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from gpu_etl.database import Database, outbox
from gpu_etl.resources.delivery import TRIED_FOR, deliver
from gpu_etl.resources.messages import next_digest, receivers
from gpu_etl.settings import Settings
from gpu_etl_tests.resources.receivers import Letterbox, letterbox, mailbox

NOW = datetime(2026, 3, 8, 3, tzinfo=UTC)
LOOPBACK = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")

At = Callable[..., Settings]


@pytest.fixture
def at(make_settings: Callable[..., Settings]) -> At:
    def make(addresses: str, after: timedelta = timedelta(0), **more: object) -> Settings:
        return make_settings(notify_urls=addresses, gpu_etl_now=NOW + after, **LOOPBACK, **more)

    return make


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as opened:
        yield opened


def write(database: Database, settings: Settings, *titles: str, due: datetime = NOW) -> None:
    messages = [outbox.Message(outbox.message_id(title), title, f"about {title}\nmore of it", due) for title in titles]
    with database.transaction() as connection:
        outbox.write(connection, receivers(settings), messages, settings.now())


def rows(database: Database) -> list[dict[str, object]]:
    with database.transaction() as connection:
        return list(connection.execute("select * from outbox order by title, receiver_name").fetchall())


def test_a_receiver_that_fails_keeps_nobody_waiting_and_gets_it_later(
    database: Database, at: At, box: Letterbox
) -> None:
    with letterbox() as broken:
        broken.status = 503
        addresses = f"{broken.address} {box.address}"
        write(database, at(addresses), "a fall")
        done = deliver(database, at(addresses))
        assert (done.sent, done.failures) == (1, ["json (no. 1 in NOTIFY_URLS): it answered with error 503"])
        broken.status = 200
        assert deliver(database, at(addresses)).sent == 0, "not before its pause is over"
        assert deliver(database, at(addresses, timedelta(minutes=1))).sent == 1
        assert deliver(database, at(addresses, timedelta(days=1))).sent == 0
    assert (broken.titles, box.titles) == (["a fall"], ["a fall"])


def test_pauses_grow_until_it_is_given_up_and_stays_visible(database: Database, at: At, box: Letterbox) -> None:
    box.status = 500
    write(database, at(box.address), "a fall")
    after, pauses = timedelta(0), []
    for _ in range(40):
        deliver(database, at(box.address, after))
        [row] = rows(database)
        if row["given_up_at"]:
            break
        assert isinstance(row["not_before"], datetime)
        pauses.append(row["not_before"] - NOW - after)
        after = row["not_before"] - NOW
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)
    assert after > TRIED_FOR
    with database.transaction() as connection:
        [trouble] = outbox.troubles(connection)
    assert (trouble["waiting"], trouble["given_up"], trouble["last_error"]) == (0, 1, "it answered with error 500")
    box.status = 200
    assert deliver(database, at(box.address, after)).sent == 0
    assert deliver(database, at(box.address, after), everything=True).sent == 1


def test_two_processes_at_once_send_each_message_once(
    database: Database, at: At, box: Letterbox, database_url: str
) -> None:
    from gpu_etl.database import open_database

    settings = at(box.address, database_url=database_url)
    write(database, settings, "one", "two", "three")
    box.held.clear()
    others = [open_database(settings) for _ in range(2)]
    threads = [threading.Thread(target=deliver, args=(each, settings)) for each in others]
    for thread in threads:
        thread.start()
    assert box.arrived.wait(20)
    box.held.set()
    for thread, each in zip(threads, others, strict=True):
        thread.join()
        each.close()
    deliver(database, settings)
    assert sorted(box.titles) == ["one", "three", "two"]


KILLED = """
from gpu_etl.database import open_database
from gpu_etl.resources.delivery import deliver
from gpu_etl.settings import load_settings
settings = load_settings()
deliver(open_database(settings), settings)
"""


@pytest.mark.slow
def test_a_process_that_is_killed_while_sending_loses_nothing(
    database: Database, at: At, box: Letterbox, database_url: str, tmp_path: Path
) -> None:
    write(database, at(box.address), "a fall")
    box.held.clear()
    environment = {"DATABASE_URL": database_url, "NOTIFY_URLS": box.address, "PATH": os.environ["PATH"]}
    process = subprocess.Popen([sys.executable, "-c", KILLED], env=environment, cwd=tmp_path)
    assert box.arrived.wait(60)
    assert deliver(database, at(box.address)).sent == 0, "it is being sent by another"
    process.kill()
    process.wait()
    box.held.set()
    sent = 0
    for _ in range(100):  # until the server noticed that the other is gone
        if sent := deliver(database, at(box.address, timedelta(minutes=1))).sent:
            break
        time.sleep(0.1)
    assert sent == 1
    assert set(box.titles) == {"a fall"}


def test_work_that_is_done_again_does_not_send_again(database: Database, at: At, box: Letterbox) -> None:
    class Losing:
        """A database whose connection is lost at the commit, once."""

        lost = False

        def run(self, work):  # type: ignore[no-untyped-def]
            if not self.lost and rows(database):
                self.lost = True
                with database.transaction() as connection, connection.transaction(force_rollback=True):
                    work(connection)
            return database.run(work)

    write(database, at(box.address), "a fall")
    assert deliver(Losing(), at(box.address)).sent == 1
    assert box.titles == ["a fall"]


def test_a_first_day_is_one_message(database: Database, at: At, box: Letterbox) -> None:
    write(database, at(box.address), *(f"drop: card {number:03}" for number in range(300)))
    assert deliver(database, at(box.address)).sent == 300
    [letter] = box.letters
    assert letter["title"] == "300 messages from gpu-etl"
    lines = letter["message"].splitlines()
    assert lines[0] == "- drop: card 000: about drop: card 000"
    assert lines[-1] == f"... and {300 - len(lines) + 1} more: gpu-etl alerts list"
    assert len(letter["message"]) < 2000


def test_a_few_are_sent_one_by_one_and_a_digest_as_one(database: Database, at: At, box: Letterbox) -> None:
    write(database, at(box.address), "one", "two")
    deliver(database, at(box.address))
    assert box.titles == ["one", "two"]
    digest = at(box.address, notify_as="daily_digest", notify_digest_hour=18)
    due = next_digest(digest)
    assert due.isoformat() == "2026-03-08T18:00:00+09:00"
    write(database, digest, "three", "four", due=due)
    assert deliver(database, digest).sent == 0, "it is noon in the market"
    later = at(box.address, timedelta(hours=6), notify_as="daily_digest")
    assert next_digest(later).isoformat() == "2026-03-09T18:00:00+09:00"
    assert deliver(database, later).sent == 2
    assert box.titles == ["one", "two", "2 messages from gpu-etl"]


def test_a_mail_says_what_happened(database: Database, at: At) -> None:
    with mailbox() as (address, mails):
        write(database, at(address), "drop: MSI 지포스 <RTX 5070>")
        assert deliver(database, at(address)).failures == []
    [mail] = mails
    assert str(make_header(decode_header(mail["Subject"]))) == "drop: MSI 지포스 <RTX 5070>"
    text = "".join(
        part.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    )
    assert "about drop: MSI 지포스" in text


def test_no_secret_of_an_address_is_stored_or_told(
    database: Database, at: At, caplog: pytest.LogCaptureFixture
) -> None:
    settings = at(
        "json://user:hush@127.0.0.1:1/hush2 hush3-without-a-scheme mailto://user:hush4@127.0.0.1:1?to=a@b.org"
    )
    write(database, settings, "a fall")
    failures = deliver(database, settings).failures
    assert len(failures) == 3
    assert "hush" not in str(rows(database)) + " ".join(failures) + caplog.text


def test_what_waits_for_a_mistyped_address_goes_to_the_mended_one(database: Database, at: At, box: Letterbox) -> None:
    with letterbox() as other:
        write(database, at(f"{other.address} jsno://127.0.0.1/"), "a fall")
        assert deliver(database, at(f"{other.address} jsno://127.0.0.1/")).sent == 1
        mended = at(f"{other.address} {box.address}", timedelta(minutes=1))
        assert deliver(database, mended).sent == 1
    assert (other.titles, box.titles) == (["a fall"], ["a fall"])


def test_messages_of_a_receiver_that_left_are_given_up_in_the_end(database: Database, at: At, box: Letterbox) -> None:
    write(database, at(f"{box.address} json://127.0.0.1:1/"), "a fall")
    assert deliver(database, at(box.address, timedelta(days=1))).sent == 1
    assert [row["given_up_at"] for row in rows(database)] == [None, None]
    deliver(database, at(box.address, timedelta(days=8)))
    _, row = rows(database)
    assert row["given_up_at"]
    assert row["last_error"] == "no longer in NOTIFY_URLS"
