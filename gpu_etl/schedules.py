"""When the jobs run by themselves, and who hears when one fails.

Belongs here: the two daily schedules, their next tick, and the failure sensor. Does not belong here: what the jobs do
(``jobs``).

Both schedules are on from the start: whoever installs this wants tomorrow's prices tomorrow. They run an hour apart so
that the collection's risk scores find the day's prices, but neither needs the other.
https://docs.dagster.io/guides/automate/schedules
"""

from datetime import datetime, timedelta

import dagster as dg

from gpu_etl import jobs
from gpu_etl.reasons import error_lines
from gpu_etl.resources.notifier import NotifierResource
from gpu_etl.settings import Settings, load_settings

_settings = load_settings()


def _tick(context: dg.ScheduleEvaluationContext, settings: Settings) -> dg.RunRequest | dg.SkipReason:
    """Ask for the run of the tick's own day; the run key keeps a day from running twice."""
    day = context.scheduled_execution_time.astimezone(settings.zone).date()
    if day != settings.today():
        return dg.SkipReason(f"the tick of {day} was missed: no day but today gets today's readings")
    return dg.RunRequest(run_key=day.isoformat(), partition_key=day.isoformat())


@dg.schedule(
    job=jobs.price_crawl,
    cron_schedule=f"{_settings.price_crawl_minute} {_settings.price_crawl_hour} * * *",
    execution_timezone=_settings.market_timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def price_crawl_daily(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """The price crawl, at PRICE_CRAWL_HOUR:PRICE_CRAWL_MINUTE of the market."""
    return _tick(context, settings)


@dg.schedule(
    job=jobs.reddit_collection,
    cron_schedule=f"{_settings.reddit_crawl_minute} {_settings.reddit_crawl_hour} * * *",
    execution_timezone=_settings.market_timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def reddit_collection_daily(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """The Reddit collection, at REDDIT_CRAWL_HOUR:REDDIT_CRAWL_MINUTE of the market."""
    return _tick(context, settings)


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


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def failed_run(context: dg.RunFailureSensorContext, notifier: NotifierResource) -> None:
    """Tell NOTIFY_URLS that a run failed, with the steps and their reasons."""
    day = context.dagster_run.tags.get("dagster/partition", "")
    events = [*context.get_step_failure_events(), context.failure_event]
    reason = "; ".join(error_lines(events))
    notifier.send(f"{context.dagster_run.job_name} {day} failed", f"{reason}\nrun {context.dagster_run.run_id}")


SCHEDULES = [price_crawl_daily, reddit_collection_daily]
SENSORS = [failed_run]
