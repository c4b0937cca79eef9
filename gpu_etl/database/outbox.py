"""Messages to people, from the moment they are due to be told until the receiver has confirmed them.

Belongs here: queries over ``outbox``. Does not belong here: receivers and wording (``resources.messages``), sending
(``resources.delivery``).

A message is written in the transaction of the event that it tells, once for each receiver; the same event is the same
message whatever its numbers are later. Whoever sends takes rows under a lock that others pass by, so two processes
never send the same row at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


WAITING = "delivered_at is null and given_up_at is null"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is told: a digest of the address, and what may be shown of it."""

    key: str
    scheme: str
    place: int
    """In ``NOTIFY_URLS``, from 1."""

    @property
    def standing(self) -> str:
        """Its place in words."""
        return f"(no. {self.place} in NOTIFY_URLS)"

    @property
    def name(self) -> str:
        """What is shown of it."""
        return f"{self.scheme} {self.standing}"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told, and from when on."""

    message_id: str
    title: str
    body: str
    not_before: datetime


def message_id(*parts: object) -> str:
    """The id of the message that these parts are about."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]


def write(
    connection: Connection[DictRow], receivers: Iterable[Receiver], messages: Sequence[Message], now: datetime
) -> None:
    """Write messages for each receiver; one that is there already, delivered or not, is left as it is."""
    rows = [
        (message.message_id, receiver.key, receiver.name, message.title, message.body, now, message.not_before)
        for receiver in receivers
        for message in messages
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            """insert into outbox (message_id, receiver, receiver_name, title, body, created_at, not_before, attempts)
               values (%s, %s, %s, %s, %s, %s, %s, 0) on conflict (message_id, receiver) do nothing""",
            rows,
        )


def withdraw(connection: Connection[DictRow], message_ids: Sequence[str]) -> None:
    """Take back messages that turned out untrue and that nobody got yet."""
    if message_ids:
        connection.execute(
            "delete from outbox where message_id = any(%s) and delivered_at is null", (list(message_ids),)
        )


def take(connection: Connection[DictRow], receiver: Receiver, due: datetime | None) -> list[DictRow]:
    """The receiver's messages that are due, oldest first, locked for this transaction; those that another process holds
    are passed by. With ``due`` ``None`` everything that was not delivered: not due yet, and given up.
    """
    return connection.execute(
        f"""select * from outbox where receiver = %(receiver)s and delivered_at is null
               and (%(due)s::timestamptz is null or ({WAITING} and not_before <= %(due)s))
            order by created_at, title, message_id for update skip locked""",  # noqa: S608 - a constant of ours
        {"receiver": receiver.key, "due": due},
    ).fetchall()


def confirm(connection: Connection[DictRow], rows: Sequence[DictRow], at: datetime) -> None:
    """Note that the receiver has these."""
    connection.execute(
        """update outbox set delivered_at = %s, attempts = attempts + 1, last_error = null, given_up_at = null
           where receiver = any(%s) and message_id = any(%s)""",
        (at, [row["receiver"] for row in rows], [row["message_id"] for row in rows]),
    )


def postpone(
    connection: Connection[DictRow],
    rows: Sequence[DictRow],
    error: str,
    not_before: datetime,
    given_up_at: datetime | None,
) -> None:
    """Note that a try failed, and when the next is due; ``given_up_at`` where there is none."""
    connection.execute(
        """update outbox set attempts = attempts + 1, last_error = %s, not_before = %s, given_up_at = %s
           where receiver = any(%s) and message_id = any(%s)""",
        (
            error,
            not_before,
            given_up_at,
            [row["receiver"] for row in rows],
            [row["message_id"] for row in rows],
        ),
    )


def hand_over(connection: Connection[DictRow], receivers: Sequence[Receiver]) -> None:
    """Give what waits for an address that is gone to the one that stands in its place now: a mistyped address that was
    mended, or a token that was changed, is another digest.
    """
    for receiver in receivers:
        connection.execute(
            f"""update outbox o set receiver = %(key)s, receiver_name = %(name)s
                where {WAITING} and not o.receiver = any(%(known)s)
                  and right(o.receiver_name, length(%(standing)s)) = %(standing)s
                  and not exists (select from outbox other
                                  where other.message_id = o.message_id and other.receiver = %(key)s)""",  # noqa: S608
            {
                "key": receiver.key,
                "name": receiver.name,
                "standing": receiver.standing,
                "known": [each.key for each in receivers],
            },
        )


def give_up_strays(
    connection: Connection[DictRow], receivers: Iterable[Receiver], created_before: datetime, now: datetime
) -> None:
    """Stop waiting for receivers that have been gone from the settings for as long as a message is tried."""
    connection.execute(
        f"""update outbox set given_up_at = %s, last_error = coalesce(last_error, 'no longer in NOTIFY_URLS')
            where {WAITING} and created_at < %s and not receiver = any(%s)""",  # noqa: S608 - a constant of ours
        (now, created_before, [receiver.key for receiver in receivers]),
    )


def is_anything_due(connection: Connection[DictRow], now: datetime) -> bool:
    """Whether a message waits for a try; one look into a small index."""
    row = connection.execute(
        f"select exists (select from outbox where {WAITING} and not_before <= %s) as is_due",  # noqa: S608
        (now,),
    ).fetchone()
    return bool(row and row["is_due"])


def troubles(connection: Connection[DictRow]) -> list[DictRow]:
    """What could not be delivered, by receiver: receiver_name, waiting (tried in vain, to be tried again), given_up,
    since, last_error.
    """
    return connection.execute(
        """select receiver, receiver_name, count(*) filter (where given_up_at is null) as waiting,
                  count(*) filter (where given_up_at is not null) as given_up, min(created_at) as since,
                  (array_agg(last_error order by not_before desc) filter (where last_error is not null))[1]
                      as last_error
           from outbox where delivered_at is null and (attempts > 0 or given_up_at is not null)
           group by 1, 2 order by 2"""
    ).fetchall()


def deliveries(connection: Connection[DictRow], ids: Sequence[str]) -> list[DictRow]:
    """What became of messages, by receiver: receiver_name, created_at, not_before, attempts, last_error, delivered_at,
    given_up_at.
    """
    return connection.execute(
        """select receiver_name, title, created_at, not_before, attempts, last_error, delivered_at, given_up_at
           from outbox where message_id = any(%s) order by created_at, receiver_name""",
        (list(ids),),
    ).fetchall()
