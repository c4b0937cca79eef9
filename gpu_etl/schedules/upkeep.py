"""The weekly upkeep: old records of runs and old log files go, so that nothing grows for ever.

Belongs here: what is deleted of Dagster's records and of logs, and when. Does not belong here: stored pages
(``raw_pages`` deletes its own after every crawl), ticks (``retention`` in ``dagster.yaml``).

Dagster 1.13 has no retention for runs and their events. What goes with a run is its history in the UI, partition marks
of that day included; the data it loaded stay.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from gpu_etl import home
from gpu_etl.declared import SETTINGS
from gpu_etl.settings import Settings

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
AT_ONCE = 500


def delete_old_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete ended runs that were made before a moment, with their events and captured output; returns how many."""
    deleted = 0
    old = dg.RunsFilter(statuses=ENDED, created_before=before)
    while runs := instance.get_runs(old, limit=AT_ONCE):
        for run in runs:
            instance.delete_run(run.run_id)
            for leftover in _files_of(instance, run.run_id):
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
        deleted += len(runs)
    return deleted


def _files_of(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    """What Dagster leaves of a deleted run in its home: an emptied SQLite file, captured output, stored values."""
    root = Path(instance.root_directory)
    return [*(root / "history" / "runs").glob(f"{run_id}.db*"), *(root / "storage").glob(run_id)]


def delete_old_logs(folder: Path, before: datetime) -> int:
    """Delete files that nobody has written to since a moment; returns how many."""
    old = [path for path in folder.glob("*.log*") if path.is_file() and path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@dg.op
def delete_what_is_old(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Delete records of runs and log files that are older than DAGSTER_KEEP_DAYS."""
    from gpu_etl.database.embedded import EmbeddedServer

    before = datetime.now(UTC) - timedelta(days=settings.dagster_keep_days)
    runs = delete_old_runs(context.instance, before)
    logs = delete_old_logs(home.log_file(settings).parent, before)
    if settings.database_url is None and (folder := EmbeddedServer(settings.home).folder()):
        home.cut_when_long(folder / "server.log")
    context.add_output_metadata({"runs": runs, "log_files": logs})
    context.log.info(f"deleted {runs} runs and {logs} log files from before {before:%Y-%m-%d}")


@dg.job(description="Old records of runs and old log files go.", executor_def=dg.in_process_executor)
def upkeep() -> None:
    """Delete what is old."""
    delete_what_is_old()


upkeep_weekly = dg.ScheduleDefinition(
    name="upkeep_weekly",
    description="Old records of runs and old log files go once a week.",
    job=upkeep,
    cron_schedule="40 4 * * 0",  # Sunday before dawn: no other schedule of ours is due then
    execution_timezone=SETTINGS.market_timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

JOBS = [upkeep]
SCHEDULES = [upkeep_weekly]
