"""What a person at the console of ``up`` or ``scheduler start`` hears: runs as they end.

Belongs here: asking Dagster's records now and then. Does not belong here: how a run is told (``runs``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from gpu_etl import run_records
from gpu_etl.cli import runs

INTERVAL_SECONDS = 3


class RunNews:
    """Tells each run that ends from now on, once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._begun = datetime.now(UTC)
        self._told: set[str] = set()
        self._instance = dg.DagsterInstance.get()
        self._next = time.monotonic()

    def tell(self) -> None:
        """Print what is new; does nothing when it was asked a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + INTERVAL_SECONDS
        try:
            fresh = self._fresh()
            rows = run_records.run_rows(self._instance, None, self._zone, run_ids=fresh) if fresh else []
        except SQLAlchemyError:
            return  # records that cannot be read now can be read next time; nobody else depends on it
        for row in reversed(rows):
            self._told.add(row["run_id"])
            click.echo(runs.run_line(row))

    def _fresh(self) -> list[str]:
        touched = dg.RunsFilter(statuses=runs.ENDED, updated_after=self._begun)
        return [
            record.dagster_run.run_id
            for record in self._instance.get_run_records(touched)
            if (record.end_time or 0) >= self._begun.timestamp() and record.dagster_run.run_id not in self._told
        ]
