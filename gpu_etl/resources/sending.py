"""One message to one Apprise address.

Belongs here: the sending, and what may be told of its failure. Does not belong here: trying again (``delivery``), who
is told what (``messages``).
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_apprise_log = logging.getLogger("apprise")
_apprise_log.setLevel(logging.CRITICAL + 1)  # its complaints show addresses with their secrets
_sending = threading.Lock()

NO_SERVICE = "no address that Apprise knows"


def send_to(address: str, title: str, body: str) -> str | None:
    """Send one message to one Apprise address; returns why it failed, without secrets, or ``None``. Never raises."""
    import apprise  # a fifth of a second, for those who send

    messenger = apprise.Apprise()
    if not messenger.add(address):
        return NO_SERVICE
    try:
        with _sending, _complaints() as said:
            sent = messenger.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # a plugin's defect must not take the others' messages along
        return f"{type(error).__name__} while sending"
    return None if sent else _reason(said)


def _reason(said: list[str]) -> str:
    """What Apprise's complaint tells, in words of ours: its own hold parts of the address."""
    text = " ".join(said)
    code = re.search(r"error=(\d{3})\b", text)
    if code:
        return f"it answered with error {code.group(1)}"
    if "onnection error" in text or "onnecting" in text:
        return "no connection"
    return "it did not take the message"


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Hear what Apprise says, and let nobody else hear it."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    listener = Listener(logging.WARNING)
    level, spreads = _apprise_log.level, _apprise_log.propagate
    _apprise_log.addHandler(listener)
    _apprise_log.setLevel(logging.WARNING)
    _apprise_log.propagate = False
    try:
        yield said
    finally:
        _apprise_log.removeHandler(listener)
        _apprise_log.setLevel(level)
        _apprise_log.propagate = spreads
