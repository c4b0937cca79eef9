"""Days that were missed: run late, rebuilt from what is stored, or marked as missing for good.

Belongs here: which run a gap asks for, and how many at once. Does not belong here: finding gaps (``database.gaps``),
the daily schedules (``daily``).

Dagster 1.13 catches up only the last of several missed ticks, and a run may die between fetching and loading. No past
day is given today's prices: what was not fetched then stays empty, and coverage says so.
https://docs.dagster.io/guides/automate/sensors
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from gpu_etl import jobs
from gpu_etl.assets import PRICES
from gpu_etl.database import DatabaseError, gaps, readings
from gpu_etl.schedules import daily
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

GAP_TAG = "gpu_etl/gap"
"""Runs that a gap asked for carry it under this tag: it is asked for once."""
GAPS_A_TICK = 3
LOOK_BACK_DAYS = 60
AFFECTED_DAYS = 8
"""Days after a gap whose week-over-week changes compare with it."""
SETTLED_AFTER = timedelta(hours=2)
"""A crawl that ended so long ago and is not loaded will not be: no run takes longer than an hour (dagster.yaml)."""
LATE_AFTER = timedelta(hours=1)
ARCHIVED_AFTER = timedelta(days=2)
"""Arctic Shift takes in posts again when they are 36 hours old; before, their scores are those of a new post."""

price_rebuild = dg.define_asset_job(
    "price_rebuild",
    selection=jobs.price_crawl.selection - dg.AssetSelection.assets(PRICES[0]),
    description="A day's prices from its stored pages, and all that follows from them.",
    tags={jobs.JOB_TAG: jobs.price_crawl.name},  # never beside a crawl
)
price_analyses = dg.define_asset_job(
    "price_analyses",
    selection=jobs.price_crawl.selection - dg.AssetSelection.assets(*PRICES),
    description="A day's analyses from its prices.",
    tags={jobs.JOB_TAG: jobs.price_crawl.name},
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A day that lacks something, and the runs that mend it, in their order."""

    key: str
    day: date
    job: str
    then: tuple[date, ...] = ()
    """Days whose analyses follow from it."""

    def requests(self) -> Iterator[dg.RunRequest]:
        """One run of the gap's own day, then one for each day that follows from it."""
        yield _request(self.key, self.job, self.day, self.key)
        for day in self.then:
            yield _request(f"{self.key} then {day}", price_analyses.name, day, self.key)


def _request(run_key: str, job: str, day: date, gap: str) -> dg.RunRequest:
    tags = {GAP_TAG: gap, daily.BY_CLOCK_TAG: gap_sensor.name}
    return dg.RunRequest(run_key=run_key, job_name=job, partition_key=day.isoformat(), tags=tags)


@dg.sensor(
    jobs=[jobs.price_crawl, jobs.reddit_collection, price_rebuild, price_analyses],
    minimum_interval_seconds=1800,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Finds days without data: asks for a run where they can be had, and marks the others as missing.",
)
def gap_sensor(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.SensorResult | dg.SkipReason:
    """Find days without data; ask for a run where they can be had, and mark the others as missing for good."""
    from gpu_etl.database import open_database

    try:
        database = open_database(settings)
    except DatabaseError as error:
        return dg.SkipReason(str(error))
    try:
        found = database.run(lambda connection: list(find_gaps(connection, settings, context.instance)))
        marked = database.run(
            lambda connection: gaps.mark_missing(
                connection,
                prices_before=settings.today(),
                reddit_before=settings.today() - timedelta(days=readings.HEALING_DAYS),
                at=settings.now(),
            )
        )
    finally:
        database.close()
    if marked:
        context.log.info(f"{marked} times a source was not read on a day: marked in source_coverage")
    new = [gap for gap in found if not _was_asked_for(context.instance, gap)][:GAPS_A_TICK]
    requests = {request.run_key: request for gap in new for request in gap.requests()}
    if not requests:
        return dg.SkipReason(f"no gap to mend; {len(found)} asked for before, {marked} marked as missing")
    return dg.SensorResult(run_requests=list(requests.values()))


def find_gaps(connection: Connection[DictRow], settings: Settings, instance: dg.DagsterInstance) -> Iterator[Gap]:
    """The gaps that a run can mend, of prices first, the oldest first."""
    first, today = gaps.first_day(connection), settings.today()
    # Records of runs that were asked for must outlive the days that are looked at.
    since = today - timedelta(days=min(LOOK_BACK_DAYS, settings.dagster_keep_days - 1))
    if first is not None and first < today:
        yield from _late_today(settings, instance)
        yield from _failed_today(connection, settings, instance)
    for unloaded in gaps.unloaded_days(connection, since, settings.now() - SETTLED_AFTER):
        vouched = f" accepted {unloaded.accepted_at:%Y-%m-%dT%H:%M:%S}" if unloaded.accepted_at else ""
        after = unloaded.day + timedelta(days=1)
        then = gaps.priced_days(connection, after, min(after + timedelta(days=AFFECTED_DAYS - 1), today))
        yield Gap(f"unloaded {unloaded.day}{vouched}", unloaded.day, price_rebuild.name, tuple(then))
    for day in gaps.unanalysed_days(connection, since, today - timedelta(days=1)):
        yield Gap(f"unanalysed {day}", day, price_analyses.name)
    if settings.reddit_use_arctic_shift:
        names, until = settings.reddit_subreddits, today - ARCHIVED_AFTER
        for day in gaps.unread_reddit_days(connection, names, since, until):
            yield Gap(f"unread {day}", day, jobs.reddit_collection.name)


def _late_today(settings: Settings, instance: dg.DagsterInstance) -> Iterator[Gap]:
    """Jobs whose time today has passed without a run: the schedule was moved to an earlier hour, or its tick lost."""
    off = {state.instigator_name for state in instance.all_instigator_state() if state.status.value == "STOPPED"}
    times = {
        jobs.price_crawl.name: (settings.price_crawl_hour, settings.price_crawl_minute),
        jobs.reddit_collection.name: (settings.reddit_crawl_hour, settings.reddit_crawl_minute),
    }
    today = settings.today()
    for job, (hour, minute) in times.items():
        due = datetime.combine(today, time(hour, minute), settings.zone)
        # One that failed was tried, and is tried once more at most (_failed_today).
        tried = instance.get_runs_count(dg.RunsFilter(job_name=job, tags={"dagster/partition": today.isoformat()}))
        if settings.now() >= due + LATE_AFTER and not tried and f"{job}_daily" not in off:
            yield Gap(f"late {job} {today}", today, job)


def _failed_today(connection: Connection[DictRow], settings: Settings, instance: dg.DagsterInstance) -> Iterator[Gap]:
    """Today's crawl by the clock that stored nothing, once more after an hour: tomorrow its prices are not to be had.

    A network or a database may be away for longer than a step waits. A site that refused us is left alone, and so is a
    run that a person began or cancelled.
    """
    today, job = settings.today(), jobs.price_crawl.name
    due = datetime.combine(today, time(settings.price_crawl_hour, settings.price_crawl_minute), settings.zone)
    runs = instance.get_runs(dg.RunsFilter(job_name=job, tags={"dagster/partition": today.isoformat()}))
    failed = all(run.status is dg.DagsterRunStatus.FAILURE and daily.BY_CLOCK_TAG in run.tags for run in runs)
    if runs and failed and settings.now() >= due + LATE_AFTER and gaps.may_be_asked_again(connection, today):
        yield Gap(f"failed {job} {today}", today, job)


def _was_asked_for(instance: dg.DagsterInstance, gap: Gap) -> bool:
    return instance.get_runs_count(dg.RunsFilter(tags={GAP_TAG: gap.key})) > 0


JOBS = [price_rebuild, price_analyses]
SENSORS = [gap_sensor]
