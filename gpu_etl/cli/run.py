"""``gpu-etl run`` and ``gpu-etl trigger``: a job in this process, or queued on the running instance.

Belongs here: asking Dagster for a run and telling how it went. Does not belong here: what the run does.
"""

from __future__ import annotations

import gc
import json
import logging
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from gpu_etl import home
from gpu_etl.cli import alive, fail
from gpu_etl.cli.database import leaving_nothing_running
from gpu_etl.settings import Settings, load_settings

if TYPE_CHECKING:
    import dagster as dg

JOBS = {"full": "full", "price-crawl": "price_crawl", "reddit-collection": "reddit_collection"}
OBJECTS_A_COLLECTION = 500_000
"""What a run of a day keeps till its end is less; of garbage in circles, 60,000 objects are 10 MB."""


class MarketDay(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.5 on
    """A day as ``YYYY-MM-DD``."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or end with a usage error."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-03-01", param, ctx)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Have Python's collector of circles run seldom: in a process of seconds it walks again and again what stays."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_A_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@click.command()
@click.argument("job", type=click.Choice(list(JOBS)))
@click.option("--day", type=MarketDay(), help="the market day; default: today in MARKET_TIMEZONE")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output; progress on standard error")
@collecting_rarely()
def run(job: str, day: date | None, as_json: bool) -> None:
    """Run a job here and now; exit code 0 when it succeeded, 1 when not."""
    settings = load_settings()
    day = _partition(settings, day)
    home.prepare(settings)
    home.log_to_console_and_file(settings)
    from gpu_etl.cli.progress import terminal

    with leaving_nothing_running(settings):
        outcome = execute(JOBS[job], day, terminal(settings.log_level, results_to_stderr=as_json))
    head = f"{outcome['job']} {outcome['day']}"
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False))
    elif outcome["success"]:
        click.echo(f"{head}: done in {outcome['seconds']} s")
    for error in outcome["errors"]:
        click.echo(f"gpu-etl: {head} failed: {error}", err=True)
    if not outcome["success"]:
        sys.exit(1)


def _partition(settings: Settings, day: date | None) -> date:
    """The market day asked for; a usage error when it is none."""
    from gpu_etl.partitions import FIRST_DAY

    today = settings.today()
    if day is not None and not date.fromisoformat(FIRST_DAY) <= day <= today:
        raise click.UsageError(f"--day {day} is not between {FIRST_DAY} and today, {today}")
    return day or today


def execute(job: str, day: date, logger: dg.LoggerDefinition | None = None) -> dict[str, Any]:
    """Run a job in this process, recorded in Dagster's home; returns what came of it.

    Keys: job, day, run_id, success, seconds, assets (row counts by asset), errors (a line a failed step), warnings
    (a line a failed check). Where of ``full`` only Reddit failed, the analyses of the prices follow, which changes
    nothing in the failure. ``logger`` hears everything while it happens.
    """
    import dagster as dg

    from gpu_etl.cli import runs
    from gpu_etl.cli.progress import terminal
    from gpu_etl.definitions import defs
    from gpu_etl.schedules import halves

    logging.getLogger("alembic").setLevel(logging.WARNING)
    # dagster.yaml's log file is configured the documented way, which Dagster still calls beta at every start
    warnings.filterwarnings("ignore", message="Handling yaml-defined logging", category=dg.BetaWarning)
    logger = logger or terminal("WARNING", results_to_stderr=True)
    heard = dg.Definitions.merge(defs, dg.Definitions(loggers={"terminal": logger}))
    started = time.monotonic()
    with home.dagster_instance() as instance:
        runs.fail_lost_runs(instance)
        with alive.running_a_job():
            _refuse_a_second(runs.runs_in_progress(instance, job))
            with home.log_left_to_dagster():
                run = partial(_run_here, heard, instance=instance, day=day)
                result = run(job)
                events = list(result.all_events)
                failed = [event.step_key for event in events if event.is_step_failure and event.step_key]
                if halves.has_prices_only(job, failed):
                    events += run(halves.ANALYSES).all_events
    outcome = {"job": job, "day": day.isoformat(), "run_id": result.run_id, "success": result.success}
    return outcome | {"seconds": round(time.monotonic() - started, 2), **_summary(events)}


def _run_here(definitions: dg.Definitions, job: str, *, instance: dg.DagsterInstance, day: date) -> Any:
    from gpu_etl.run_queue import RUN_BY_TAG

    return definitions.resolve_job_def(job).execute_in_process(
        partition_key=day.isoformat(),
        instance=instance,
        raise_on_error=False,
        run_config={"loggers": {"terminal": {}}},
        # Whoever ran it saw it fail: a daemon that starts later must not run it again behind their back.
        tags={RUN_BY_TAG: socket.gethostname(), "dagster/max_retries": "0"},
    )


def _refuse_a_second(running: list[dg.DagsterRun]) -> None:
    """One run of a job at a time; the daemon keeps to it by its queue."""
    from gpu_etl.run_queue import RUN_BY_TAG

    # What a daemon started that is long gone is not running, whatever its record says; of one that was just killed a
    # run may still go on.
    held = [run for run in running if RUN_BY_TAG in run.tags or alive.beats()]
    if held:
        fail(f"{held[0].job_name} is running already: run {held[0].run_id}, see `gpu-etl scheduler history`")


def _summary(events: Sequence[dg.DagsterEvent]) -> dict[str, Any]:
    from gpu_etl.cli.progress import check_warning
    from gpu_etl.reasons import error_lines
    from gpu_etl.run_records import asset_name, materialized_rows

    return {
        "assets": {asset_name(event): materialized_rows(event) for event in events if event.is_step_materialization},
        "errors": error_lines(events),
        "warnings": [warning for event in events if (warning := check_warning(event))],
    }


@click.command()
@click.argument("job", type=click.Choice([name for name in JOBS if name != "full"]))
@click.option("--day", type=MarketDay(), help="the market day; default: today in MARKET_TIMEZONE")
def trigger(job: str, day: date | None) -> None:
    """Queue a job on the running instance, as `dagster job launch` does."""
    settings = load_settings()
    day = _partition(settings, day)
    if JOBS[job] == "price_crawl" and day != settings.today():
        fail(f"{day} is not today, {settings.today()}: from its stored pages it is made by gpu-etl rebuild {day}")
    home.find(settings)
    daemon = alive.daemon(settings)
    tags = {"dagster/partition": day.isoformat()}
    command = [sys.executable, "-m", "dagster", "job", "launch", "-j", JOBS[job], "--tags", json.dumps(tags)]
    launched = subprocess.run([*command, "-w", str(home.workspace_file())], capture_output=True, text=True, check=False)
    if launched.returncode:
        fail(f"could not queue {job}: {(launched.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    click.echo(f"queued {JOBS[job]} for {day}")
    if not daemon.is_alive:
        click.echo(
            "no scheduler is running, so it waits: start one with `gpu-etl scheduler start` or `gpu-etl up`", err=True
        )
