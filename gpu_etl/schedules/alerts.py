"""What of the alerts happens between runs: sources are watched, and messages that wait are sent.

Belongs here: the sensor that does it. Does not belong here: what an alert is (``market``), delivery itself
(``resources.delivery``), the failure of a run (``daily``).

A run tells its own alerts at its end; this is for what no run can do: see that none came, and try again a receiver that
could not be reached.
"""

from collections.abc import Iterator

import dagster as dg

from gpu_etl.assets.alerts import watch_sources
from gpu_etl.database import outbox
from gpu_etl.resources.delivery import deliver
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings

EVERY_SECONDS = 60
"""The shortest pause before a message is tried again; a look at an empty outbox is a few small queries."""


@dg.sensor(
    minimum_interval_seconds=EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Notices sources that went blind, and sends the messages that wait.",
)
def messages(
    context: dg.SensorEvaluationContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> Iterator[dg.SkipReason]:
    """Notice sources that went blind, and send what waits in the outbox."""
    moved = postgres.run(lambda connection: watch_sources(connection, settings))
    told = [f"{moved.opened.total()} sources went blind today"] if moved.opened else []
    due = bool(settings.notify_urls) and postgres.run(lambda c: outbox.is_anything_due(c, settings.now()))
    if due:
        delivered = deliver(postgres, settings)
        for failure in delivered.failures:
            context.log.warning(failure)
        told += [f"{delivered.sent} messages sent", *delivered.failures]
    yield dg.SkipReason("; ".join(told) or "nothing waits, no source went blind")


SENSORS = [messages]
