"""When the jobs run by themselves, and who hears when one fails.

Belongs here: the two daily schedules, their next tick, and the failure sensor. Does not belong here: what the jobs do
(``jobs``), days that were missed (``gaps``).

Both schedules are on from the start: whoever installs this wants tomorrow's prices tomorrow. They run an hour apart so
that the collection's risk scores find the day's prices, but neither needs the other.
https://docs.dagster.io/guides/automate/schedules
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from gpu_etl import jobs
from gpu_etl.declared import SETTINGS
from gpu_etl.reasons import error_lines
from gpu_etl.resources.notifier import NotifierResource
from gpu_etl.settings import Settings

BY_CLOCK_TAG = "gpu_etl/by_clock"
"""Runs that nobody asked for carry their schedule under this tag."""
TICK_TAG = ".dagster/scheduled_execution_time"
IN_VAIN = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def _daily(job: "dg.UnresolvedAssetJobDefinition", hour: int, minute: int) -> dg.ScheduleDefinition:
    """A job's daily schedule, on from the start, at a time of the market; its name is the job's with ``_daily``."""
    name = f"{job.name}_daily"

    @dg.schedule(
        name=name,
        job=job,
        cron_schedule=f"{minute} {hour} * * *",
        execution_timezone=SETTINGS.market_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{job.description} Once a market day.",
    )
    def tick(
        context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
    ) -> dg.RunRequest | dg.SkipReason:
        at = context.scheduled_execution_time
        day = at.astimezone(settings.zone).date()
        if day != settings.today():
            return dg.SkipReason(f"the tick of {day} was missed: no day but today gets today's readings")
        if earlier := ran_by_clock(context.instance, job.name, day.isoformat(), but_at=at):
            return dg.SkipReason(f"{day} has had its run at another time: {earlier}")
        tags = {BY_CLOCK_TAG: name}
        return dg.RunRequest(run_key=day.isoformat(), partition_key=day.isoformat(), tags=tags)

    return tick


def ran_by_clock(instance: dg.DagsterInstance, job: str, day: str, but_at: datetime | None = None) -> str | None:
    """The run of a job and day that the clock asked for and that has not failed, unless it is the tick's of ``but_at``.

    A schedule's run key keeps one tick from running twice (Dagster 1.13 looks for key and tick together); where the
    schedule is moved to a later hour, the same day ticks again under the same key. A tick that was interrupted is
    evaluated again and must ask for its own run again.
    """
    runs = instance.get_runs(dg.RunsFilter(job_name=job, tags={"dagster/partition": day}))
    own_tick = but_at.astimezone(UTC).isoformat() if but_at else None
    for run in runs:
        if BY_CLOCK_TAG in run.tags and run.status not in IN_VAIN and run.tags.get(TICK_TAG, "") != own_tick:
            return run.run_id
    return None


price_crawl_daily = _daily(jobs.price_crawl, SETTINGS.price_crawl_hour, SETTINGS.price_crawl_minute)
reddit_collection_daily = _daily(jobs.reddit_collection, SETTINGS.reddit_crawl_hour, SETTINGS.reddit_crawl_minute)


def next_tick(schedule: dg.ScheduleDefinition, now: datetime) -> datetime:
    """When a schedule ticks next, strictly after ``now``; on days of a clock change as Dagster's daemon reckons.

    Dagster tells the ticks of a schedule in its UI only. The windows of a partitioning with the same cron lie between
    the same ticks.
    """
    ticks = dg.TimeWindowPartitionsDefinition(
        start=now - timedelta(days=3),
        cron_schedule=str(schedule.cron_schedule),
        timezone=schedule.execution_timezone,
        fmt="%Y-%m-%dT%H:%M%z",
        end_offset=1,
    )
    return ticks.time_window_for_partition_key(ticks.get_partition_keys(current_time=now)[-1]).end


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells NOTIFY_URLS that a run failed: its steps, their reasons, and where to look at it.",
)
def failed_run(
    context: dg.RunFailureSensorContext, notifier: NotifierResource, settings: dg.ResourceParam[Settings]
) -> None:
    """Tell NOTIFY_URLS that a run failed: its steps and their reasons in one line, and where to look at it."""
    run = context.dagster_run
    events = [*context.get_step_failure_events(), context.failure_event]
    reason = " ".join("; ".join(error_lines(events)).split())
    day = run.tags.get("dagster/partition", "")
    title = f"{run.job_name} {day} failed".replace("  ", " ")
    notifier.send(title, f"{reason}\n{settings.dagster_ui_url}/runs/{run.run_id}")


SCHEDULES = [price_crawl_daily, reddit_collection_daily]
SENSORS = [failed_run]
