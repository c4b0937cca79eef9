"""What is told to whom: the receivers in ``NOTIFY_URLS``, and alerts as messages to them.

Belongs here: naming a receiver without its secrets, when a message is due. Does not belong here: the sentence about an
alert (``market.wording``), sending (``delivery``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from gpu_etl.database.outbox import Message, Receiver, message_id
from gpu_etl.market import wording
from gpu_etl.market.alerts import Kind
from gpu_etl.settings import Settings

AT_ONCE = frozenset({Kind.SOURCE_BLIND})
"""Kinds that do not wait for a digest: the market can wait, a source that cannot be read is a day lost."""


def receivers(settings: Settings) -> list[Receiver]:
    """Everybody in ``NOTIFY_URLS``, in its order."""
    return [receiver for receiver, _ in addresses(settings)]


def addresses(settings: Settings) -> list[tuple[Receiver, str]]:
    """Everybody in ``NOTIFY_URLS`` with the address, which is a secret and belongs nowhere but to who sends."""
    found: dict[str, tuple[Receiver, str]] = {}
    for place, secret in enumerate(settings.notify_urls, 1):
        address = secret.get_secret_value()
        key = _key(address)
        found.setdefault(key, (Receiver(key, _scheme(address), place), address))
    return list(found.values())


@cache
def _key(address: str) -> str:
    """A digest that tells receivers apart. Slow on purpose: an address may hold a short password, and whoever can read
    the table should not be able to try all of them.
    """
    return hashlib.scrypt(address.encode(), salt=b"gpu_etl.outbox", n=2**14, r=8, p=1, dklen=12).hex()


def _scheme(address: str) -> str:
    """What may be shown of an address; a mistyped one may be nothing but a secret."""
    found = re.match(r"([a-z][a-z0-9]{1,15})://", address)
    return found.group(1) if found else "?"


def about(row: Mapping[str, Any], settings: Settings) -> Message:
    """The message about an event that began, or about one that ended; ``row`` is of ``risk_alerts`` with alert_id."""
    ended = row["closed_day"] is not None
    kind = Kind(row["kind"])
    heading = f"{row['product']} can be read again" if ended else f"{wording.name(row)}: {row['product']}"
    body = row["closed_reason"] if ended else wording.what(row)
    return Message(
        message_id("closed" if ended else "opened", kind, row["subject"], row["opened_day"]),
        heading,
        f"{body}\nsince {row['opened_day']}; gpu-etl alerts show {row['alert_id']}",
        settings.now() if kind in AT_ONCE or settings.notify_as == "at_once" else next_digest(settings),
    )


def next_digest(settings: Settings) -> datetime:
    """When the next daily digest is sent, in the market's time."""
    now = settings.now().astimezone(settings.zone)
    day = now.date() if now.hour < settings.notify_digest_hour else now.date() + timedelta(days=1)
    return datetime.combine(day, time(settings.notify_digest_hour), settings.zone)
