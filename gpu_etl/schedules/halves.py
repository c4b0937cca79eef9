"""What is still done when one half of a ``full`` run failed.

Belongs here: telling that half, and asking for the analyses of the other. Does not belong here: the jobs (``jobs``),
days that were missed altogether (``gaps``).

Dagster skips whatever comes after a failed step, so where Reddit could not be read, the prices that were published
would go without risk scores and alerts. Run apart, the price crawl has them, with the talk that is stored. So the same
analyses follow as a run of their own, and the failed run stays failed, with Reddit's reason.
https://docs.dagster.io/guides/automate/sensors/run-status-sensors
"""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg

from gpu_etl import jobs
from gpu_etl.assets import COMMUNITY
from gpu_etl.run_queue import RUN_BY_TAG
from gpu_etl.schedules.gaps import price_analyses

ANALYSES = price_analyses.name
REDDIT_STEPS = frozenset(key.to_user_string() for asset in COMMUNITY for key in asset.keys)


def has_prices_only(job: str, failed_steps: Collection[str]) -> bool:
    """Whether of a failed run everything worked that does not come from Reddit."""
    return job == jobs.full.name and bool(failed_steps) and REDDIT_STEPS.issuperset(failed_steps)


@dg.run_failure_sensor(
    monitored_jobs=[jobs.full],
    request_job=price_analyses,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for the analyses of a day whose prices are there and whose talk could not be read.",
)
def half_a_day(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the analyses of a day whose prices are there and whose talk could not be read."""
    run = context.dagster_run
    if RUN_BY_TAG in run.tags:
        return dg.SkipReason("a command runs the analyses itself")
    failed = [event.step_key for event in context.get_step_failure_events() if event.step_key]
    day = run.tags.get("dagster/partition")
    if day is None or not has_prices_only(run.job_name, failed):
        return dg.SkipReason("not only Reddit failed")
    return dg.RunRequest(run_key=f"half {run.run_id}", partition_key=day)


SENSORS = [half_a_day]
