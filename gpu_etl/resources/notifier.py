"""Telling everybody in ``NOTIFY_URLS`` what happens to runs.

Belongs here: the resource that Dagster's sensors are given. Does not belong here: what is worth telling (``schedules``,
``assets``), one sending (``sending``), trying again (``delivery``).
"""

from __future__ import annotations

import logging

import dagster as dg

from gpu_etl.database import outbox
from gpu_etl.resources import delivery, messages
from gpu_etl.resources.sending import send_to
from gpu_etl.settings import Settings, load_settings

log = logging.getLogger(__name__)


class NotifierResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Sends short messages to every address in ``NOTIFY_URLS``; has no fields, since addresses hold secrets."""

    def send(self, title: str, body: str) -> bool:
        """Tell everybody, through the outbox: what cannot be delivered now is tried again, and the same message is not
        sent twice. Where the database is what failed, it is sent without one, once.

        ``False`` when a receiver does not have it yet, or there is none. Never raises.
        """
        settings = load_settings()
        if not settings.notify_urls:
            return False
        try:
            return _by_outbox(settings, title, body)
        except Exception as error:  # a report of a failure must come through whatever else is broken
            log.warning("the outbox cannot be used (%s); sending without it: %s", type(error).__name__, title)
        return _directly(settings, title, body)


def _by_outbox(settings: Settings, title: str, body: str) -> bool:
    from gpu_etl.database import open_database

    told = messages.receivers(settings)
    message = outbox.Message(outbox.message_id("said", title, body), title, body, settings.now())
    database = open_database(settings)
    try:
        database.run(lambda connection: outbox.write(connection, told, [message], settings.now()))
        delivery.deliver(database, settings)
        rows = database.run(lambda connection: outbox.deliveries(connection, [message.message_id]))
    finally:
        database.close()
    return all(row["delivered_at"] for row in rows)


def _directly(settings: Settings, title: str, body: str) -> bool:
    failures = [
        f"{receiver.name}: {failure}"
        for receiver, address in messages.addresses(settings)
        if (failure := send_to(address, title, body))
    ]
    for failure in failures:
        log.warning("a notification could not be delivered, and is lost: %s: %s", failure, title)
    return not failures
