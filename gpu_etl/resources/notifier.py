"""Telling people: Apprise addresses from ``NOTIFY_URLS``.

Belongs here: delivery. Does not belong here: what is worth telling (``schedules``, ``assets``).
"""

from __future__ import annotations

import logging

import apprise
import dagster as dg

from gpu_etl.settings import load_settings

log = logging.getLogger(__name__)
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its complaints show addresses with their secrets


class NotifierResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Sends short messages to every address in ``NOTIFY_URLS``; has no fields, since addresses hold secrets."""

    def send(self, title: str, body: str) -> bool:
        """Send to all addresses; ``False`` when one could not be reached, or there is none. Never raises."""
        addresses = load_settings().notify_urls
        if not addresses:
            return False
        messenger = apprise.Apprise()
        usable = [messenger.add(address.get_secret_value()) for address in addresses]
        sent = bool(messenger.notify(title=title, body=body)) and all(usable)
        if not sent:
            strange = ", ".join(str(number) for number, good in enumerate(usable, 1) if not good)
            hint = f" (no. {strange} is none that Apprise knows)" if strange else ""
            log.warning("a notification could not be delivered to every address of NOTIFY_URLS%s: %s", hint, title)
        return sent
