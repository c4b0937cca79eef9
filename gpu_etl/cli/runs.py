"""Dagster's records of runs: what became of each, told shortly; and the end of runs whose process is gone.

Belongs here: reading and mending those records. Does not belong here: why a run failed (``reasons``), starting runs
(``run``), or processes (``services``).
"""

from __future__ import annotations

import socket
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from gpu_etl.cli import alive
from gpu_etl.cli.progress import asset_name, materialized_rows
from gpu_etl.jobs import JOB_TAG
from gpu_etl.reasons import error_lines

RUN_BY_TAG = "gpu_etl/run_by"
"""Where a run goes on inside a command: on which machine."""
IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


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


def run_line(row: dict[str, Any]) -> str:
    """A run in one line."""
    seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f} s"
    told = row["error"] or ", ".join(f"{asset} {n:,}" for asset, n in row["rows"].items() if n is not None)
    start = (row["start"] or "").replace("T", " ")[:19]
    return f"{start:<19}  {row['job']:<18} {row['day'] or '':<10}  {row['status']:<8} {seconds:>8}  {told}".rstrip()


def runs_in_progress(instance: dg.DagsterInstance, job: str) -> list[dg.DagsterRun]:
    """The runs of a job that have begun and not ended, by the records."""
    return list(instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS, tags={JOB_TAG: job})))


def fail_lost_runs(instance: dg.DagsterInstance) -> int:
    """End the runs of commands that were killed: their records would hold back every later run of the job.

    Runs that the daemon started are not touched: it looks after them itself (``run_monitoring``).
    """
    with alive.no_command_runs_a_job() as nobody:
        if not nobody:
            return 0
        lost = instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS, tags={RUN_BY_TAG: socket.gethostname()}))
        for run in lost:
            instance.report_run_failed(run, "the command that ran it was killed")
        return len(lost)
