"""When the daily schedules tick, what a tick asks for, and what is told of a failed run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo, available_timezones

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from gpu_etl.definitions import defs
from gpu_etl.resources.notifier import NotifierResource
from gpu_etl.schedules import daily
from gpu_etl.schedules.daily import next_tick
from gpu_etl.settings import Settings

LOOPBACK = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")
BOTH = [daily.price_crawl_daily, daily.reddit_collection_daily]


def asked_at(
    schedule: dg.ScheduleDefinition, at: datetime, settings: Settings, instance: dg.DagsterInstance
) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_schedule_context(instance, scheduled_execution_time=at, resources={"settings": settings})
    answer = schedule(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def started(
    instance: dg.DagsterInstance, schedule: dg.ScheduleDefinition, request: dg.RunRequest, at: datetime
) -> dg.DagsterRun:
    """The run that the daemon makes of a tick's request (dagster 1.13, ``_scheduler/scheduler.py``)."""
    tags = {
        **request.tags,
        "dagster/schedule_name": schedule.name,
        "dagster/partition": str(request.partition_key),
        "dagster/run_key": str(request.run_key),
        ".dagster/scheduled_execution_time": at.astimezone(UTC).isoformat(),
    }
    job = dg.GraphDefinition(name=schedule.job_name).to_job()
    return instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)


@pytest.mark.parametrize(
    ("schedule", "job", "cron"),
    [
        (daily.price_crawl_daily, "price_crawl", "0 9 * * *"),
        (daily.reddit_collection_daily, "reddit_collection", "0 10 * * *"),
    ],
)
def test_both_are_on_from_the_start_in_market_time(schedule: dg.ScheduleDefinition, job: str, cron: str) -> None:
    assert (schedule.job_name, schedule.cron_schedule) == (job, cron)
    assert schedule.execution_timezone == "Asia/Seoul"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


@pytest.mark.parametrize("schedule", BOTH)
@pytest.mark.parametrize(
    ("zone", "tick", "day"),
    [
        ("Asia/Seoul", "2026-03-08T09:00", "2026-03-08"),
        ("Asia/Seoul", "2026-03-08T00:00", "2026-03-08"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08"),  # a day of 23 hours
        ("America/New_York", "2026-11-01T01:30", "2026-11-01"),  # a day of 25
        ("America/New_York", "2026-11-01T23:59", "2026-11-01"),
    ],
)
def test_a_tick_asks_for_its_own_day_in_the_market(
    make_settings: Callable[..., Settings],
    instance: dg.DagsterInstance,
    schedule: dg.ScheduleDefinition,
    zone: str,
    tick: str,
    day: str,
) -> None:
    at = datetime.fromisoformat(tick).replace(tzinfo=ZoneInfo(zone))
    settings = make_settings(market_timezone=zone, gpu_etl_now=at, **LOOPBACK)
    in_utc = at.astimezone(UTC)  # as the daemon may hand it over
    asked = asked_at(schedule, in_utc, settings, instance)
    assert isinstance(asked, dg.RunRequest)
    assert (asked.run_key, asked.partition_key) == (day, day)


@pytest.mark.parametrize("schedule", BOTH)
def test_a_day_that_was_missed_is_not_given_todays_readings(
    make_settings: Callable[..., Settings], instance: dg.DagsterInstance, schedule: dg.ScheduleDefinition
) -> None:
    settings = make_settings(gpu_etl_now="2026-03-09T08:00:00+09:00", **LOOPBACK)
    answer = asked_at(schedule, datetime(2026, 3, 8, 9, tzinfo=settings.zone), settings, instance)
    assert isinstance(answer, dg.SkipReason)
    assert "2026-03-08 was missed" in (answer.skip_message or "")


@pytest.mark.parametrize("schedule", BOTH)
def test_a_schedule_that_is_moved_to_a_later_hour_does_not_run_the_day_twice(
    make_settings: Callable[..., Settings], instance: dg.DagsterInstance, schedule: dg.ScheduleDefinition
) -> None:
    settings = make_settings(gpu_etl_now="2026-03-08T10:00:00+09:00", **LOOPBACK)
    nine, ten = (datetime(2026, 3, 8, hour, tzinfo=settings.zone) for hour in (9, 10))
    request = asked_at(schedule, nine, settings, instance)
    assert isinstance(request, dg.RunRequest)
    run = started(instance, schedule, request, nine)

    again = asked_at(schedule, ten, settings, instance)
    assert isinstance(again, dg.SkipReason)
    assert again.skip_message == f"2026-03-08 has had its run at another time: {run.run_id}"
    # A tick that was interrupted between making its run and queueing it is evaluated again and asks for the same one.
    assert asked_at(schedule, nine, settings, instance) == request

    instance.report_run_failed(run)
    assert isinstance(asked_at(schedule, ten, settings, instance), dg.RunRequest), "a failed run is no run of the day"


def test_a_run_that_a_person_asked_for_does_not_replace_the_schedules(
    make_settings: Callable[..., Settings], instance: dg.DagsterInstance
) -> None:
    settings = make_settings(gpu_etl_now="2026-03-08T09:00:00+09:00", **LOOPBACK)
    job = dg.GraphDefinition(name="price_crawl").to_job()
    instance.create_run_for_job(job, tags={"dagster/partition": "2026-03-08"}, status=dg.DagsterRunStatus.SUCCESS)
    at = datetime(2026, 3, 8, 9, tzinfo=settings.zone)
    assert isinstance(asked_at(daily.price_crawl_daily, at, settings, instance), dg.RunRequest)


def clock_changes(year: int) -> Iterator[tuple[str, date]]:
    """A zone and the day for every way in which clocks are changed that year; zones that do so alike count once."""
    known = set()
    for name in sorted(zone for zone in available_timezones() if "/" in zone):
        zone = ZoneInfo(name)
        moment = datetime(year, 1, 1, tzinfo=UTC)
        while moment.year == year:
            later = moment + timedelta(days=1)
            before, after = (at.astimezone(zone).utcoffset() for at in (moment, later))
            if before != after:
                while later - moment > timedelta(minutes=1):
                    middle = moment + (later - moment) / 2
                    moment, later = (
                        (middle, later) if middle.astimezone(zone).utcoffset() == before else (moment, middle)
                    )
                if (change := (later.replace(second=0, microsecond=0), before, after)) not in known:
                    known.add(change)
                    yield name, (later + timedelta(minutes=1)).astimezone(zone).date()
                later = moment + timedelta(days=1)
            moment = later


def test_there_is_one_tick_a_market_day_wherever_clocks_are_changed() -> None:
    """Also where they are changed at midnight, by half an hour, or where the tick's time does not exist or comes twice.

    The ticks are those of the daemon, whose own iterator is asked.
    """
    changes = list(clock_changes(2026))
    assert len(changes) > 30
    for (zone, day), (hour, minute) in product(changes, [(0, 0), (0, 30), (1, 30), (2, 0), (2, 30), (23, 59)]):
        expected = [day + timedelta(days=number) for number in range(-2, 3)]
        start = datetime.combine(expected[0], time(), ZoneInfo(zone)).timestamp()
        ticks = schedule_execution_time_iterator(start, f"{minute} {hour} * * *", zone)
        found = [next(ticks).astimezone(ZoneInfo(zone)).date() for _ in expected]
        assert found == expected, (zone, day, hour, minute)


def test_the_daemon_gets_a_run_of_the_job_with_its_partition(
    make_settings: Callable[..., Settings], instance: dg.DagsterInstance
) -> None:
    at = datetime(2026, 3, 8, 9, tzinfo=ZoneInfo("Asia/Seoul"))
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=at,
        repository_def=defs.get_repository_def(),
        resources={"settings": make_settings(gpu_etl_now=at, **LOOPBACK)},
    )
    (request,) = defs.resolve_schedule_def("price_crawl_daily").evaluate_tick(context).run_requests or ()
    assert request.tags["dagster/partition"] == "2026-03-08"


@pytest.mark.parametrize(
    ("zone", "cron", "now", "expected"),
    [
        ("Asia/Seoul", "0 9 * * *", "2026-03-07T23:59:00+00:00", "2026-03-08T09:00:00+09:00"),
        ("Asia/Seoul", "0 9 * * *", "2026-03-08T00:00:00+00:00", "2026-03-09T09:00:00+09:00"),
        ("America/New_York", "30 2 * * *", "2026-03-08T06:00:00+00:00", "2026-03-08T03:00:00-04:00"),  # no 02:30 then
        ("America/New_York", "30 1 * * *", "2026-11-01T04:00:00+00:00", "2026-11-01T01:30:00-05:00"),  # once, not twice
        ("America/New_York", "30 1 * * *", "2026-11-01T06:31:00+00:00", "2026-11-02T01:30:00-05:00"),
    ],
)
def test_the_next_tick_is_the_daemons(zone: str, cron: str, now: str, expected: str) -> None:
    schedule = dg.ScheduleDefinition(name="any", job_name="any", cron_schedule=cron, execution_timezone=zone)
    assert next_tick(schedule, datetime.fromisoformat(now)).isoformat() == expected


class Heard(NotifierResource):
    """Keeps what it is asked to send."""

    def send(self, title: str, body: str) -> bool:
        HEARD.append((title, body))
        return True


HEARD: list[tuple[str, str]] = []


def test_a_failed_run_is_told_with_its_day_step_reason_and_address(make_settings: Callable[..., Settings]) -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2026-03-08"]))
    def raw_pages() -> None:
        raise dg.Failure("danawa blocked: a captcha")

    job = dg.Definitions([raw_pages], jobs=[dg.define_asset_job("price_crawl")]).resolve_job_def("price_crawl")
    HEARD.clear()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False, partition_key="2026-03-08")
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_run",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.get_run_failure_event(),
            partition_key="2026-03-08",
            resources={
                "notifier": Heard(),
                "settings": make_settings(dagster_ui_url="https://dagster.example/"),
            },
        ).for_run_failure()
        daily.failed_run(context)
    ((title, body),) = HEARD
    assert title == "price_crawl 2026-03-08 failed"
    assert body.splitlines() == [
        "raw_pages: danawa blocked: a captcha",
        f"https://dagster.example/runs/{result.run_id}",
    ]
