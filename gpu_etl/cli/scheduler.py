"""``gpu-etl scheduler``: Dagster's daemon, its schedules, and the history of runs.

Belongs here: starting and stopping the daemon, and telling what Dagster's own records say. Does not belong here: what
runs when (``schedules``), reading a run's record (``runs``).
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import click

from gpu_etl import home
from gpu_etl.cli import alive, fail
from gpu_etl.cli.services import daemon_command, serve, stop_supervisor
from gpu_etl.settings import load_settings


@click.group()
def scheduler() -> None:
    """The daemon and its schedules."""


@scheduler.command()
@click.option("--detach", is_flag=True, help="return at once and go on in the background")
def start(detach: bool) -> None:
    """Run the daemon until Ctrl-C: schedules tick, queued runs start. Says that it is alive once its heart beats."""
    settings = load_settings()
    home.prepare(settings)
    serve(settings, "scheduler", [daemon_command()], detach=detach)


@scheduler.command()
def stop() -> None:
    """Stop a daemon that `scheduler start` or `up` runs, once the runs in progress have ended."""
    settings = load_settings()
    home.find(settings)
    if alive.daemon(settings).is_alive:
        _wait_for_runs()
    if not stop_supervisor(settings):
        fail("no scheduler of this GPU_ETL_HOME is running")
    click.echo("stopped")


def _wait_for_runs(patience_seconds: float = 600) -> None:
    """Wait for the runs that the daemon started; those of commands go on without it."""
    import dagster as dg

    from gpu_etl.cli.runs import IN_PROGRESS
    from gpu_etl.run_queue import RUN_BY_TAG

    deadline = time.monotonic() + patience_seconds
    told = 0
    with home.dagster_instance() as instance:
        while running := sum(
            RUN_BY_TAG not in run.tags for run in instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS))
        ):
            if time.monotonic() > deadline:
                click.echo(f"{running} run(s) have not ended in {patience_seconds:.0f} s and are interrupted", err=True)
                return
            if running != told:
                click.echo(f"waiting for {running} running run(s) to end; `gpu-etl down` does not wait")
                told = running
            time.sleep(1)


@scheduler.command()
def status() -> None:
    """Say whether the daemon is alive, by its heartbeat; exit code 0 when it is, 1 when not."""
    settings = load_settings()
    home.find(settings)
    daemon = alive.daemon(settings)
    if not daemon.is_alive:
        fail(f"the scheduler is {daemon.says}")
    click.echo(f"the scheduler is {daemon.says}")


@scheduler.command()
@click.option("--json", "as_json", is_flag=True, help="a JSON list on standard output")
def jobs(as_json: bool) -> None:
    """List the schedules: job, time, zone, on or off, next run."""
    home.find(load_settings())
    rows = schedule_rows(datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        told = f"next {row['next']}" if row["next"] else ""
        click.echo(f"{row['job']:<18} {row['cron']:<12} {row['timezone']:<14} {row['state']:<4} {told}".rstrip())


def schedule_rows(now: datetime) -> list[dict[str, str | None]]:
    """The schedules as a person may have switched them: schedule, job, cron, timezone, state, next (None when off)."""
    import dagster as dg

    from gpu_etl.definitions import defs
    from gpu_etl.schedules.daily import next_tick

    with home.dagster_instance() as instance:
        states = {state.instigator_name: state.status.value for state in instance.all_instigator_state()}
    return [
        {
            "schedule": schedule.name,
            "job": schedule.job_name,
            "cron": str(schedule.cron_schedule),
            "timezone": schedule.execution_timezone,
            "state": "off" if states.get(schedule.name) == "STOPPED" else "on",
            "next": None if states.get(schedule.name) == "STOPPED" else next_tick(schedule, now).isoformat(),
        }
        for schedule in defs.schedules or ()
        if isinstance(schedule, dg.ScheduleDefinition)
    ]


@scheduler.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="how many runs, the latest first")
@click.option("--json", "as_json", is_flag=True, help="a JSON list on standard output")
def history(limit: int, as_json: bool) -> None:
    """List past runs from Dagster's records: start (market time), duration, success, rows or error."""
    settings = load_settings()
    home.find(settings)

    from gpu_etl.cli.runs import run_line
    from gpu_etl.run_records import run_rows

    with home.dagster_instance() as instance:
        rows = run_rows(instance, limit, settings.zone)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(run_line(row))
    if not rows:
        click.echo("no run yet")
