"""``gpu-etl run`` and ``gpu-etl trigger``: a job in this process, or queued on the running instance.

Belongs here: asking Dagster for a run and telling how it went. Does not belong here: what the run does.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import warnings
from datetime import date
from typing import Any

import click

from gpu_etl import home
from gpu_etl.cli import fail
from gpu_etl.cli.database import leaving_nothing_running
from gpu_etl.settings import load_settings

JOBS = {"full": "full", "price-crawl": "price_crawl", "reddit-collection": "reddit_collection"}


class MarketDay(click.ParamType):
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


@click.command()
@click.argument("job", type=click.Choice(list(JOBS)))
@click.option("--day", type=MarketDay(), help="the market day; default: today in MARKET_TIMEZONE")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def run(job: str, day: date | None, as_json: bool) -> None:
    """Run a job here and now; exit code 0 when it succeeded, 1 when not."""
    settings = load_settings()
    home.prepare(settings)
    home.log_to_console_and_file(settings)
    day = day or settings.today()
    with leaving_nothing_running(settings):
        outcome = execute(JOBS[job], day, settings.log_level)
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False))
    else:
        _tell(outcome)
    if not outcome["success"]:
        sys.exit(1)


def execute(job: str, day: date, log_level: str = "INFO") -> dict[str, Any]:
    """Run a job in this process, recorded in Dagster's home; returns what came of it.

    Keys: job, day, run_id, success, seconds, assets (row counts by asset), errors (a line a failed step), warnings
    (a line a failed check).
    """
    import dagster as dg

    from gpu_etl.definitions import defs
    from gpu_etl.partitions import MARKET_DAYS

    if not MARKET_DAYS.has_partition_key(day.isoformat()):
        raise click.UsageError(f"--day {day} is not between {MARKET_DAYS.get_first_partition_key()} and today")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # dagster.yaml's log file is configured the documented way, which Dagster still calls beta at every start
    warnings.filterwarnings("ignore", message="Handling yaml-defined logging", category=dg.BetaWarning)
    started = time.monotonic()
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def(job).execute_in_process(
            partition_key=day.isoformat(),
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": _console_level(log_level)}}}},
        )
    outcome = {"job": job, "day": day.isoformat(), "run_id": result.run_id, "success": result.success}
    return outcome | {"seconds": round(time.monotonic() - started, 2), **_summary(result)}


def _console_level(log_level: str) -> str:
    """What Dagster says on a terminal: nothing but on demand, we say it shorter; its log file and UI keep everything."""
    return "DEBUG" if log_level == "DEBUG" else "CRITICAL"


def _summary(result: Any) -> dict[str, Any]:
    assets: dict[str, int | None] = {}
    errors, warnings = [], []
    for event in result.all_events:
        if event.is_step_materialization:
            materialization = event.materialization
            rows = materialization.metadata.get("dagster/partition_row_count")
            assets[materialization.asset_key.to_user_string()] = rows.value if rows else None
        elif event.is_step_failure:
            errors.append(f"{event.step_key}: {failure_line(event.event_specific_data)}")
        elif event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.event_specific_data.passed:
            check = event.event_specific_data
            warnings.append(f"{check.asset_key.to_user_string()}: {check.description or check.check_name}")
    return {"assets": assets, "errors": errors, "warnings": warnings}


def failure_line(data: Any) -> str:
    """The one line of a step failure: our own description, or the last line of the error that we did not expect."""
    if data.user_failure_data and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip().splitlines()[-1] if error is not None else "failed"


def _tell(outcome: dict[str, Any]) -> None:
    for asset, rows in outcome["assets"].items():
        click.echo(f"  {asset:<16} {'' if rows is None else f'{rows:,} rows'}".rstrip())
    for warning in outcome["warnings"]:
        click.echo(f"  warning: {warning}", err=True)
    head = f"{outcome['job']} {outcome['day']}"
    if outcome["success"]:
        click.echo(f"{head}: done in {outcome['seconds']} s")
    for error in outcome["errors"]:
        click.echo(f"gpu-etl: {head} failed at {error}", err=True)


@click.command()
@click.argument("job", type=click.Choice([name for name in JOBS if name != "full"]))
@click.option("--day", type=MarketDay(), help="the market day; default: today in MARKET_TIMEZONE")
def trigger(job: str, day: date | None) -> None:
    """Queue a job on the running instance, as `dagster job launch` does."""
    settings = load_settings()
    home.prepare(settings)
    tags = {"dagster/partition": (day or settings.today()).isoformat()}
    command = [sys.executable, "-m", "dagster", "job", "launch", "-j", JOBS[job], "--tags", json.dumps(tags)]
    launched = subprocess.run([*command, "-w", str(home.workspace_file())], capture_output=True, text=True, check=False)
    if launched.returncode:
        fail(f"could not queue {job}: {(launched.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    from gpu_etl.cli.scheduler import is_alive

    click.echo(f"queued {JOBS[job]} for {tags['dagster/partition']}")
    if not is_alive():
        click.echo(
            "no scheduler is running, so it waits: start one with `gpu-etl scheduler start` or `gpu-etl up`", err=True
        )
