"""What a person at the console of ``up`` or ``scheduler start`` hears: runs as they end.

Belongs here: asking Dagster's records now and then. Does not belong here: how a run is told (``runs``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import click
import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from gpu_etl.cli import runs
from gpu_etl.settings import Settings

INTERVAL_SECONDS = 3
LOOK_BACK = timedelta(minutes=5)
"""A record is written a little after the time that stands in it."""


class RunNews:
    """Tells each run that ends from now on, once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told = {row["run_id"] for row in self._ended()}
        self._next = time.monotonic()

    def tell(self) -> None:
        """Print what is new; does nothing when it was asked a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + INTERVAL_SECONDS
        try:
            fresh = [row for row in self._ended() if row["run_id"] not in self._told]
        except SQLAlchemyError:
            return  # records that cannot be read now can be read next time; nobody else depends on it
        for row in reversed(fresh):
            self._told.add(row["run_id"])
            click.echo(runs.run_line(row))

    def _ended(self) -> list[dict[str, object]]:
        since = datetime.now(UTC) - LOOK_BACK
        with dg.DagsterInstance.get() as instance:
            return runs.run_rows(instance, None, self._settings.zone, statuses=runs.ENDED, updated_after=since)
