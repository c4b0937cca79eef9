"""Delivery of the messages in the outbox: to each receiver apart, tried again until confirmed, never twice.

Belongs here: the order of lock, send and confirm; pauses between tries; when many become one. Does not belong here: who
is told what (``messages``), one sending (``sending``).

A message's row is locked while it is sent and confirmed in the same transaction. A process that is killed between the
receiver's answer and the commit leaves the row unconfirmed, and the message goes out once more: between losing and
repeating a message there is no third way without the receiver's help.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database import outbox
from gpu_etl.database.outbox import Receiver
from gpu_etl.database.transactions import Transactions
from gpu_etl.resources.messages import addresses
from gpu_etl.resources.sending import send_to
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

log = logging.getLogger(__name__)

SINGLY_AT_MOST = 5
"""More messages than this that are due together become one: a first day has hundreds of events."""
BODY_LENGTH = 1500
"""Characters of a message made of many; chat services refuse or cut longer ones (Discord above 2,000)."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
TRIED_FOR = timedelta(days=7)
"""A message that could not be delivered for so long is given up; it stays visible, and can be sent by hand."""

Send = Callable[[str, str, str], str | None]
"""Sends title and body to an address; returns why it failed, without secrets, or ``None``."""


@dataclass(slots=True)
class Delivered:
    """What a round of delivery came to."""

    sent: int = 0
    """Messages that a receiver confirmed; several in one sending count each."""
    failures: list[str] = field(default_factory=list)
    """A line for each receiver that could not be reached."""


def deliver(database: Transactions, settings: Settings, *, everything: bool = False, send: Send = send_to) -> Delivered:
    """Send what is due to everybody in ``NOTIFY_URLS``; ``everything``: also what is not due yet or was given up.

    A receiver that fails is left alone until its next try, and keeps nobody else waiting.
    """
    done = Delivered()
    now = settings.now()
    known = addresses(settings)
    everybody = [receiver for receiver, _ in known]
    database.run(lambda connection: outbox.hand_over(connection, everybody))
    for receiver, address in known:
        failure = _deliver_to(database, settings, receiver, address, done, everything=everything, send=send)
        if failure:
            done.failures.append(f"{receiver.name}: {failure}")
    database.run(lambda connection: outbox.give_up_strays(connection, everybody, now - TRIED_FOR, now))
    for line in done.failures:
        log.warning("a message could not be delivered, it will be tried again: %s", line)
    return done


def _deliver_to(
    database: Transactions,
    settings: Settings,
    receiver: Receiver,
    address: str,
    done: Delivered,
    *,
    everything: bool,
    send: Send,
) -> str | None:
    """Send what is due to one receiver, a transaction a sending; returns why it stopped before the end."""
    answers: dict[tuple[str, ...], str | None] = {}
    due = None if everything else settings.now()

    def send_next(connection: Connection[DictRow]) -> tuple[int, str | None]:
        rows = _together(outbox.take(connection, receiver, due), settings)
        if not rows:
            return 0, None
        key = tuple(row["message_id"] for row in rows)
        if key not in answers:  # work that is done again after a lost connection has sent it already
            answers[key] = send(address, *_letter(rows))
        error = answers[key]
        if error is None:
            outbox.confirm(connection, rows, settings.now())
            return len(rows), None
        _put_off(connection, rows, error, settings.now())
        return 0, error

    while True:
        sent, error = database.run(send_next)
        done.sent += sent
        if not sent:
            return error


def _together(rows: list[DictRow], settings: Settings) -> list[DictRow]:
    """What of the due messages goes into the next sending."""
    is_digest = settings.notify_as == "daily_digest"
    return rows if is_digest or len(rows) > SINGLY_AT_MOST else rows[:1]


def _letter(rows: Sequence[DictRow]) -> tuple[str, str]:
    """Title and body of one message or of many."""
    if len(rows) == 1:
        return rows[0]["title"], rows[0]["body"]
    lines: list[str] = []
    length = 0
    for row in rows:
        line = f"- {row['title']}: {row['body'].splitlines()[0]}"
        length += len(line) + 1
        if length > BODY_LENGTH:
            lines.append(f"... and {len(rows) - len(lines)} more: gpu-etl alerts list")
            break
        lines.append(line)
    return f"{len(rows)} messages from gpu-etl", "\n".join(lines)


def _put_off(connection: Connection[DictRow], rows: Sequence[DictRow], error: str, now: datetime) -> None:
    """The next try: later after each one that failed; none when the oldest of them has waited too long."""
    tries = max(row["attempts"] for row in rows)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 16))
    too_late = now - min(row["created_at"] for row in rows) > TRIED_FOR
    outbox.postpone(connection, rows, error, now + pause, now if too_late else None)
