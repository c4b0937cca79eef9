"""When the daily schedules tick, what a tick asks for, and what is told of a failed run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from gpu_etl import schedules
from gpu_etl.definitions import defs
from gpu_etl.resources.notifier import NotifierResource
from gpu_etl.schedules import next_tick
from gpu_etl.settings import Settings

LOOPBACK = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")
BOTH = [schedules.price_crawl_daily, schedules.reddit_collection_daily]


@pytest.mark.parametrize(
    ("schedule", "job", "cron"),
    [
        (schedules.price_crawl_daily, "price_crawl", "0 9 * * *"),
        (schedules.reddit_collection_daily, "reddit_collection", "0 10 * * *"),
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
    make_settings: Callable[..., Settings], schedule: dg.ScheduleDefinition, zone: str, tick: str, day: str
) -> None:
    at = datetime.fromisoformat(tick).replace(tzinfo=ZoneInfo(zone))
    settings = make_settings(market_timezone=zone, gpu_etl_now=at, **LOOPBACK)
    in_utc = at.astimezone(UTC)  # as the daemon may hand it over
    asked = schedule(dg.build_schedule_context(scheduled_execution_time=in_utc, resources={"settings": settings}))
    assert isinstance(asked, dg.RunRequest)
    assert (asked.run_key, asked.partition_key) == (day, day)


@pytest.mark.parametrize("schedule", BOTH)
def test_a_day_that_was_missed_is_not_given_todays_readings(
    make_settings: Callable[..., Settings], schedule: dg.ScheduleDefinition
) -> None:
    settings = make_settings(gpu_etl_now="2026-03-09T08:00:00+09:00", **LOOPBACK)
    missed = datetime(2026, 3, 8, 9, tzinfo=settings.zone)
    answer = schedule(dg.build_schedule_context(scheduled_execution_time=missed, resources={"settings": settings}))
    assert isinstance(answer, dg.SkipReason)
    assert "2026-03-08 was missed" in (answer.skip_message or "")


def test_the_daemon_gets_a_run_of_the_job_with_its_partition(make_settings: Callable[..., Settings]) -> None:
    at = datetime(2026, 3, 8, 9, tzinfo=ZoneInfo("Asia/Seoul"))
    with dg.DagsterInstance.ephemeral() as instance:
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


def test_a_failed_run_is_told_with_its_day_step_and_reason() -> None:
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
            resources={"notifier": Heard()},
        ).for_run_failure()
        schedules.failed_run(context)
    ((title, body),) = HEARD
    assert title == "price_crawl 2026-03-08 failed"
    assert body.splitlines() == ["raw_pages: danawa blocked: a captcha", f"run {result.run_id}"]
