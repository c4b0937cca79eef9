"""When Reddit is read between two daily collections.

Belongs here: the job that gathers posts, and its two schedules. Does not belong here: the daily collection, which
closes the day (``daily``).

Without a key a reading holds the newest 100 posts of all subreddits together, a few hours of busy ones: only readings
hour by hour hold a day. With a key one reading holds days; it is repeated every six hours so that scores are seen at
ages of about 6, 24 and 48 hours. Each schedule is on by default where its way of reading is in use.
"""

import dagster as dg

from gpu_etl import jobs
from gpu_etl.assets import COMMUNITY
from gpu_etl.declared import SETTINGS
from gpu_etl.settings import Settings

_BETWEEN = ",".join(str(hour) for hour in sorted((SETTINGS.reddit_crawl_hour + gap) % 24 for gap in (6, 12, 18)))
"""The hours six, twelve and eighteen hours after the daily collection."""

reddit_gathering = dg.define_asset_job(
    "reddit_gathering",
    selection=dg.AssetSelection.assets(*COMMUNITY),
    description="What Reddit says right now; the daily collection closes the day.",
    # The collection's tag: the two never run at once, for Reddit counts requests by address.
    tags={jobs.JOB_TAG: jobs.reddit_collection.name},
)


def _tick(context: dg.ScheduleEvaluationContext, settings: Settings) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run of the tick's own hour; the run key keeps an hour from running twice."""
    at = context.scheduled_execution_time.astimezone(settings.zone)
    if at.hour == settings.reddit_crawl_hour:
        return dg.SkipReason("the daily collection reads in this hour")
    if (settings.now() - at).total_seconds() > 3600 or at.date() != settings.today():
        return dg.SkipReason(f"the tick of {at:%Y-%m-%d %H:%M} was missed: what was new then is read now or never")
    return dg.RunRequest(run_key=f"{at:%Y-%m-%dT%H}", partition_key=at.date().isoformat())


def _status(*, is_on: bool) -> dg.DefaultScheduleStatus:
    return dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED


@dg.schedule(
    job=reddit_gathering,
    cron_schedule=f"{SETTINGS.reddit_crawl_minute} * * * *",
    execution_timezone=SETTINGS.market_timezone,
    default_status=_status(is_on=not SETTINGS.reddit_has_key),
    description="The newest posts every hour, where there is no key: a feed holds no more than the last hundred.",
)
def reddit_gathering_hourly(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """Every hour, where there is no key."""
    return _tick(context, settings)


@dg.schedule(
    job=reddit_gathering,
    cron_schedule=f"{SETTINGS.reddit_crawl_minute} {_BETWEEN} * * *",
    execution_timezone=SETTINGS.market_timezone,
    default_status=_status(is_on=SETTINGS.reddit_has_key),
    description="The newest posts every six hours between two daily collections, where there is a key.",
)
def reddit_gathering_six_hourly(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    """Every six hours between two daily collections, where there is a key."""
    return _tick(context, settings)


JOBS = [reddit_gathering]
SCHEDULES = [reddit_gathering_hourly, reddit_gathering_six_hourly]
