"""Dagster's records of runs: what became of each, told shortly.

Belongs here: reading those records, for the command line and the dashboard alike. Does not belong here: why a run
failed (``reasons``), mending records (``cli.runs``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from gpu_etl.reasons import error_lines


def run_rows(instance: dg.DagsterInstance, limit: int | None, zone: ZoneInfo, **wanted: Any) -> list[dict[str, Any]]:
    """The latest runs, the newest first: run_id, job, day, status, start, end, seconds, rows by asset, error."""
    records = instance.get_run_records(filters=dg.RunsFilter(**wanted), limit=limit)
    return [_run_row(instance, record, zone) for record in records]


def _run_row(instance: dg.DagsterInstance, record: dg.RunRecord, zone: ZoneInfo) -> dict[str, Any]:
    run, begun, ended = record.dagster_run, record.start_time, record.end_time
    start, end = (datetime.fromtimestamp(at, zone) if at else None for at in (begun, ended))
    rows, errors = _what_came_of_it(instance, run.run_id)
    return {
        "run_id": run.run_id,
        "job": run.job_name,
        # A run without a partition works on the market day in which it starts.
        "day": run.tags.get("dagster/partition") or (start.date().isoformat() if start else None),
        "status": run.status.value,
        "start": start.isoformat(timespec="seconds") if start else None,
        "end": end.isoformat(timespec="seconds") if end else None,
        "seconds": round(ended - begun, 2) if begun and ended else None,
        "rows": rows,
        "error": "; ".join(errors) if run.status is dg.DagsterRunStatus.FAILURE else None,
    }


def _what_came_of_it(instance: dg.DagsterInstance, run_id: str) -> tuple[dict[str, int | None], list[str]]:
    kinds = {
        dg.DagsterEventType.ASSET_MATERIALIZATION,
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.RUN_FAILURE,
    }
    found = instance.get_records_for_run(run_id, of_type=kinds).records
    events = [event for record in found if (event := record.event_log_entry.dagster_event)]
    rows = {asset_name(event): materialized_rows(event) for event in events if event.is_step_materialization}
    return rows, error_lines(events)


def asset_name(event: dg.DagsterEvent) -> str:
    """The asset of a materialization."""
    return event.step_materialization_data.materialization.asset_key.to_user_string()


def materialized_rows(event: dg.DagsterEvent) -> int | None:
    """The row count of a materialization, ``None`` where it has none."""
    rows = event.step_materialization_data.materialization.metadata.get("dagster/partition_row_count")
    return None if rows is None else int(rows.value)  # type: ignore[arg-type]
