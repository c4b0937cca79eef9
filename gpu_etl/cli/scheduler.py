"""``gpu-etl scheduler``: Dagster's daemon, its schedules, and the history of runs.

Belongs here: starting and stopping the daemon, and reading Dagster's own records. Does not belong here: what runs when
(``schedules``).
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import click

from gpu_etl import home
from gpu_etl.cli import fail
from gpu_etl.cli.run import failure_line
from gpu_etl.cli.services import daemon_command, serve, stop_supervisor
from gpu_etl.settings import load_settings

ALIVE_WITHIN_SECONDS = 90
"""The daemon beats every 30 s; three missed beats mean that it is gone."""


@click.group()
def scheduler() -> None:
    """The daemon and its schedules."""


@scheduler.command()
@click.option("--detach", is_flag=True, help="return at once and go on in the background")
def start(detach: bool) -> None:
    """Run the daemon until Ctrl-C: schedules tick, queued runs start."""
    settings = load_settings()
    home.prepare(settings)
    serve(settings, "scheduler", [daemon_command()], detach=detach)


@scheduler.command()
def stop() -> None:
    """Stop a daemon that `scheduler start` or `up` runs, once the runs in progress have ended."""
    settings = load_settings()
    home.prepare(settings)
    if is_alive():
        _wait_for_runs()
    if not stop_supervisor(settings):
        fail("no scheduler of this GPU_ETL_HOME is running")
    click.echo("stopped")


def _wait_for_runs(patience_seconds: float = 600) -> None:
    import dagster as dg

    deadline = time.monotonic() + patience_seconds
    with dg.DagsterInstance.get() as instance:
        wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
        while (running := instance.get_runs_count(wanted)) and time.monotonic() < deadline:
            click.echo(f"waiting for {running} running run(s) to end")
            time.sleep(2)


@scheduler.command()
def status() -> None:
    """Say whether the daemon is alive, by its heartbeat; exit code 0 when it is, 1 when not."""
    home.prepare(load_settings())
    beat = last_heartbeat()
    if beat is None:
        fail("the scheduler is not running")
    age = (datetime.now(UTC) - beat).total_seconds()
    if age > ALIVE_WITHIN_SECONDS:
        fail(f"the scheduler is not running: last heartbeat {beat:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(f"the scheduler is alive: last heartbeat {age:.0f} s ago")


def last_heartbeat() -> datetime | None:
    """When the scheduler daemon of ``DAGSTER_HOME`` last gave a sign of life."""
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        beat = instance.get_daemon_heartbeats().get("SCHEDULER")
    return datetime.fromtimestamp(beat.timestamp, UTC) if beat else None


def is_alive() -> bool:
    """Whether the scheduler daemon's heart beats."""
    beat = last_heartbeat()
    return beat is not None and (datetime.now(UTC) - beat).total_seconds() <= ALIVE_WITHIN_SECONDS


@scheduler.command()
@click.option("--json", "as_json", is_flag=True, help="a JSON list on standard output")
def jobs(as_json: bool) -> None:
    """List the schedules: job, time, zone, on or off, next run."""
    home.prepare(load_settings())
    rows = _schedules()
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['job']:<18} {row['cron']:<12} {row['timezone']:<14} {row['state']:<4} next {row['next']}")


def _schedules() -> list[dict[str, str]]:
    import dagster as dg

    from gpu_etl.schedules import SCHEDULES

    now = datetime.now(UTC).timestamp()
    with dg.DagsterInstance.get() as instance:
        switched = {state.instigator_name: state.status for state in instance.all_instigator_state()}
    rows = []
    for schedule in SCHEDULES:
        state = switched.get(schedule.name)
        is_on = state is None or state.value not in ("STOPPED",)
        tick = (
            next(schedule.get_execution_time_iterator(now))
            if hasattr(schedule, "get_execution_time_iterator")
            else None
        )
        rows.append(
            {
                "schedule": schedule.name,
                "job": schedule.job_name,
                "cron": str(schedule.cron_schedule),
                "timezone": str(schedule.execution_timezone),
                "state": "on" if is_on else "off",
                "next": tick.isoformat() if tick else "",
            }
        )
    return rows


@scheduler.command()
@click.option("--limit", default=20, show_default=True, help="how many runs, the latest first")
@click.option("--json", "as_json", is_flag=True, help="a JSON list on standard output")
def history(limit: int, as_json: bool) -> None:
    """List past runs from Dagster's records: start, duration, success, rows or error."""
    home.prepare(load_settings())
    rows = _history(limit)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f} s"
        told = row["error"] or ", ".join(f"{asset} {n:,}" for asset, n in row["rows"].items() if n is not None)
        click.echo(
            f"{row['start'] or '':<19}  {row['job']:<18} {row['day']:<10}  {row['status']:<8} {seconds:>8}  {told}"
        )


def _history(limit: int) -> list[dict[str, Any]]:
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        return [_run_row(instance, record) for record in instance.get_run_records(limit=limit)]


def _run_row(instance: Any, record: Any) -> dict[str, Any]:
    import dagster as dg

    run, begun, ended = record.dagster_run, record.start_time, record.end_time
    events = instance.get_records_for_run(
        run.run_id,
        of_type={
            dg.DagsterEventType.ASSET_MATERIALIZATION,
            dg.DagsterEventType.STEP_FAILURE,
            dg.DagsterEventType.RUN_FAILURE,
        },
    ).records
    rows, errors = {}, []
    for event in (item.event_log_entry.dagster_event for item in events):
        if event.is_step_materialization:
            count = event.materialization.metadata.get("dagster/partition_row_count")
            rows[event.materialization.asset_key.to_user_string()] = count.value if count else None
        elif event.is_step_failure:
            errors.append(f"{event.step_key}: {failure_line(event.event_specific_data)}")
        elif not errors:
            errors.append(event.message or "failed")
    return {
        "run_id": run.run_id,
        "job": run.job_name,
        "day": run.tags.get("dagster/partition", ""),
        "status": run.status.value,
        "start": datetime.fromtimestamp(begun, UTC).strftime("%Y-%m-%d %H:%M:%S") if begun else None,
        "end": datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%d %H:%M:%S") if ended else None,
        "seconds": round(ended - begun, 2) if begun and ended else None,
        "rows": rows,
        "error": "; ".join(errors) if run.status is dg.DagsterRunStatus.FAILURE else None,
    }
