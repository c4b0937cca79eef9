"""Runs as a line each, those in progress, and the end of runs whose process is gone.

Belongs here: telling of runs and mending their records. Does not belong here: reading the records (``run_records``),
starting runs (``run``), or processes (``services``).
"""

from __future__ import annotations

import socket
from typing import Any

import dagster as dg

from gpu_etl.cli import alive
from gpu_etl.run_queue import JOB_TAG, RUN_BY_TAG

IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


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
