"""The latest runs, from Dagster's own records.

Belongs here: opening those records for the health page. Does not belong here: what a record says (``run_records``).

Dagster takes seconds to import and a hundred megabytes to hold, so it is imported when somebody asks for the page.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gpu_etl import home
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    run_id: str
    job: str
    market_day: str | None
    status: str
    """As Dagster calls it: SUCCESS, FAILURE, STARTED, QUEUED, ..."""
    started_at: datetime | None
    seconds: float | None
    rows: int | None
    """Rows of all assets that it materialized; null when none was."""
    error: str | None


def last_runs(settings: Settings, limit: int) -> tuple[list[Run], str | None]:
    """The latest runs, the newest first, or why they cannot be told."""
    folder = home.dagster_folder(settings)
    if not (folder / "dagster.yaml").is_file():
        return [], "no run was ever started here"
    try:
        return _runs(folder, settings.zone, limit), None
    except Exception as error:  # Dagster's records are not ours: whatever they suffer from, the page must show the rest
        logger.warning("dashboard: Dagster's records cannot be read: %s", error)
        return [], "Dagster's records cannot be read; the log file tells why"


def _runs(folder: Path, zone: ZoneInfo, limit: int) -> list[Run]:
    from gpu_etl.run_records import run_rows

    return [
        Run(
            run_id=row["run_id"],
            job="assets chosen in the UI" if row["job"] == "__ASSET_JOB" else row["job"],
            market_day=row["day"],
            status=row["status"],
            started_at=datetime.fromisoformat(row["start"]) if row["start"] else None,
            seconds=row["seconds"],
            rows=sum(rows) if (rows := [n for n in row["rows"].values() if n is not None]) else None,
            error=row["error"],
        )
        for row in run_rows(_instance(folder), limit, zone)
    ]


@cache
def _instance(folder: Path) -> dg.DagsterInstance:
    import dagster as dg

    return dg.DagsterInstance.from_config(str(folder))
