"""Days without data: which run each asks for, which are marked as missing, and that no past day is crawled today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, ScheduleInstigatorData

from gpu_etl.database import Database, gaps, readings, records, tables
from gpu_etl.database.bulk import merge
from gpu_etl.database.pages import LIST, CrawlRecord, store_crawl
from gpu_etl.definitions import defs
from gpu_etl.market.gates import GATE
from gpu_etl.schedules import daily
from gpu_etl.schedules.gaps import gap_sensor
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.schedules.test_daily import LOOPBACK
from gpu_etl_tests.test_jobs import covered

TODAY = date(2026, 3, 20)
NOW = "2026-03-20T08:00:00+09:00"
AT = datetime.fromisoformat(NOW)

Ask = Callable[..., dg.SensorResult | dg.SkipReason]


@pytest.fixture
def ask(
    make_settings: Callable[..., Settings], database: Database, database_url: str, instance: dg.DagsterInstance
) -> Ask:
    """One tick of the sensor; its requests become runs, as the daemon makes them."""

    def asked(now: str = NOW, **overrides: Any) -> dg.SensorResult | dg.SkipReason:
        settings = make_settings(database_url=database_url, gpu_etl_now=now, **{**LOOPBACK, **overrides})
        answer = gap_sensor(dg.build_sensor_context(instance, resources={"settings": settings}))
        assert isinstance(answer, dg.SensorResult | dg.SkipReason)
        for request in requests(answer):
            job = dg.GraphDefinition(name=str(request.job_name)).to_job()
            instance.create_run_for_job(job, tags={**request.tags, "dagster/partition": str(request.partition_key)})
        return answer

    return asked


def requests(answer: dg.SensorResult | dg.SkipReason) -> list[dg.RunRequest]:
    return list(answer.run_requests or []) if isinstance(answer, dg.SensorResult) else []


def wanted(answer: dg.SensorResult | dg.SkipReason) -> list[tuple[str, str]]:
    return [(str(request.job_name), str(request.partition_key)) for request in requests(answer)]


def covers(
    database: Database,
    *days: date,
    source: str = gaps.PRICES,
    part: str = "112753",
    status: CoverageStatus = CoverageStatus.COMPLETE,
) -> None:
    rows = [records.Coverage(source, part, day, status, got=1) for day in days]
    database.run(lambda connection: records.record_coverage(connection, rows, AT))


def crawled(database: Database, day: date, finished_at: datetime | None = None) -> None:
    """A whole crawl of a day, as ``raw_pages`` leaves it."""
    ended = finished_at or AT - timedelta(days=(TODAY - day).days)
    record = CrawlRecord(gaps.PRICES, LIST, day, ended)
    database.run(lambda c: store_crawl(c, record, finished_at=ended, rows_expected=1, rows_read=1))
    covers(database, day)


def published(database: Database, *days: date, source: str = gaps.PRICES) -> None:
    """A day's price of one card, and its analysis."""
    common = {"currency": "KRW", "sku_id": "0123456789ab"}
    logs = [
        {**common, "source": source, "listing_id": "1", "market_day": day, "price": 900_000}
        | {"availability": "in_stock", "recorded_at": AT}
        for day in days
    ]
    changes = [{**common, "market_day": day, "price": 900_000, "listings": 1, "baseline_days": 0} for day in days]

    def store(connection: Any) -> None:
        merge(connection, tables.price_logs, logs)
        merge(connection, tables.price_changes, changes)

    database.run(store)


def marks(database: Database) -> list[tuple[str, str, date, str]]:
    with database.transaction() as connection:
        rows = connection.execute(
            "select * from source_coverage where status = 'unavailable' order by source, part, market_day"
        ).fetchall()
    return [(row["source"], row["part"], row["market_day"], row["reason"]) for row in rows]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_a_new_installation_has_no_gap(ask: Ask, database: Database) -> None:
    assert isinstance(ask(now="2026-03-20T23:00:00+09:00"), dg.SkipReason)
    crawled(database, TODAY)
    published(database, TODAY)
    assert isinstance(ask(now="2026-03-20T23:00:00+09:00"), dg.SkipReason)
    assert marks(database) == []


def test_a_day_that_is_stored_but_not_loaded_is_rebuilt_once_with_the_days_that_compare_with_it(
    ask: Ask, database: Database
) -> None:
    crawled(database, ago(12))
    published(database, ago(12))
    crawled(database, ago(10))
    for back in (9, 4, 1):
        crawled(database, ago(back))
        published(database, ago(back))
    assert wanted(ask()) == [
        ("price_rebuild", "2026-03-10"),
        ("price_analyses", "2026-03-11"),
        ("price_analyses", "2026-03-16"),  # the eighth day after is the last that compares with it
    ]
    assert isinstance(ask(), dg.SkipReason), "asked for once, whatever became of it"


def test_a_day_that_the_gate_refused_is_left_until_a_person_vouches_for_it(ask: Ask, database: Database) -> None:
    crawled(database, ago(2))
    covers(database, ago(2), part=GATE, status=CoverageStatus.FAILED)
    assert wanted(ask()) == []
    database.run(lambda connection: records.accept_day(connection, gaps.PRICES, ago(2), "I looked", AT))
    assert wanted(ask()) == [("price_rebuild", "2026-03-18")]
    assert wanted(ask()) == []


def test_a_crawl_that_is_still_being_loaded_is_left_alone(ask: Ask, database: Database) -> None:
    crawled(database, TODAY, finished_at=AT - timedelta(minutes=20))
    assert wanted(ask()) == []
    assert wanted(ask(now="2026-03-20T10:30:00+09:00")) == [("price_rebuild", "2026-03-20")]


def test_a_day_whose_analyses_are_missing_gets_these_only(ask: Ask, database: Database) -> None:
    crawled(database, ago(1))
    published(database, ago(1))
    with database.transaction() as connection:
        connection.execute("delete from price_changes")
    assert wanted(ask()) == [("price_analyses", "2026-03-19")]


def test_no_more_than_a_few_gaps_are_asked_for_at_once_and_each_in_its_turn(ask: Ask, database: Database) -> None:
    for back in range(8, 0, -1):
        crawled(database, ago(back))
    seen = [wanted(ask()) for _ in range(4)]
    assert [len(each) for each in seen] == [3, 3, 2, 0]
    assert [day for each in seen for _, day in each] == [f"2026-03-{number}" for number in range(12, 20)]


def test_days_longer_ago_than_records_of_runs_are_kept_are_not_asked_for_again_and_again(
    ask: Ask, database: Database
) -> None:
    crawled(database, ago(10))
    assert wanted(ask(dagster_keep_days=7)) == []
    assert wanted(ask()) == [("price_rebuild", "2026-03-10")]


def test_days_on_which_nothing_ran_are_marked_and_never_crawled(ask: Ask, database: Database) -> None:
    crawled(database, ago(6))
    published(database, ago(6))
    assert isinstance(ask(), dg.SkipReason)
    assert marks(database) == [], "today's crawl may still come; what it cannot bring is known once it has"
    crawled(database, TODAY)
    published(database, TODAY)
    published(database, ago(3), source="crawler_csv")
    assert isinstance(ask(), dg.SkipReason)
    assert [(day, reason) for _, _, day, reason in marks(database)] == [
        (ago(back), gaps.IMPORTED if back == 3 else gaps.MISSING) for back in (5, 4, 3, 2, 1)
    ]
    with database.transaction() as connection:
        prices = connection.execute("select market_day, source from price_logs order by 1").fetchall()
    assert [row["market_day"] for row in prices] == [ago(6), ago(3), TODAY]


def test_a_day_that_was_tried_keeps_its_own_reason(ask: Ask, database: Database) -> None:
    crawled(database, ago(3))
    covers(database, ago(2), status=CoverageStatus.BLOCKED)
    crawled(database, TODAY)
    ask()
    assert [(day, reason) for _, _, day, reason in marks(database)] == [(ago(1), gaps.MISSING)]


def test_each_shop_and_subreddit_has_gaps_of_its_own(ask: Ask, database: Database) -> None:
    crawled(database, ago(30))
    crawled(database, TODAY)
    covers(database, ago(3), ago(1), source="jsonld:shop.example", part="shop")
    covers(database, ago(9), ago(5), ago(1), source=readings.SOURCE, part="nvidia")
    ask()
    others = [(source, day) for source, _, day, _ in marks(database) if source != gaps.PRICES]
    # A reading of Reddit reaches back for a week, so the days after the 13th may still be read.
    assert others == [("jsonld:shop.example", ago(2)), ("reddit", ago(8))]


def test_reddits_past_is_asked_of_the_archive_where_that_is_allowed(ask: Ask, database: Database) -> None:
    covers(database, ago(9), ago(7), source=readings.SOURCE, part="nvidia")
    covers(database, ago(8), source=readings.SOURCE, part="nvidia", status=CoverageStatus.PARTIAL)
    names = {"reddit_subreddits": ("nvidia", "neverread")}
    assert wanted(ask(**names)) == []
    archive = {"reddit_use_arctic_shift": True, "reddit_arctic_shift_url": "http://127.0.0.1:9"}
    first = wanted(ask(**names, **archive))
    assert first == [("reddit_collection", f"2026-03-{day}") for day in (12, 14, 15)]
    assert wanted(ask(**names, **archive)) == [("reddit_collection", f"2026-03-{day}") for day in (16, 17, 18)]
    assert wanted(ask(**names, **archive)) == [], "yesterday is not in the archive yet"


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        ("2026-03-20T09:59:00+09:00", []),
        ("2026-03-20T10:00:00+09:00", ["price_crawl"]),
        ("2026-03-20T11:00:00+09:00", ["price_crawl", "reddit_collection"]),
    ],
)
def test_today_is_run_late_where_its_tick_was_lost(ask: Ask, database: Database, now: str, asked: list[str]) -> None:
    crawled(database, ago(1))
    published(database, ago(1))
    assert wanted(ask(now=now)) == [(job, TODAY.isoformat()) for job in asked]
    assert wanted(ask(now=now)) == []


AN_HOUR_LATER = "2026-03-20T10:00:00+09:00"


def crawl_that_ended(instance: dg.DagsterInstance, *, failed: bool = True, by_clock: bool = True) -> None:
    """Today's run of ``price_crawl``, failed or cancelled, by the clock or by a person."""
    tags = {"dagster/partition": TODAY.isoformat(), **({daily.BY_CLOCK_TAG: "price_crawl_daily"} if by_clock else {})}
    run = instance.create_run_for_job(dg.GraphDefinition(name="price_crawl").to_job(), tags=tags)
    instance.report_run_failed(run) if failed else instance.report_run_canceled(run)


def test_todays_crawl_that_reached_nobody_is_tried_once_more(
    ask: Ask, database: Database, instance: dg.DagsterInstance
) -> None:
    crawled(database, ago(1))
    published(database, ago(1))
    crawl_that_ended(instance)
    assert wanted(ask(now="2026-03-20T09:30:00+09:00")) == []
    assert wanted(ask(now=AN_HOUR_LATER)) == [("price_crawl", TODAY.isoformat())]
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED])):
        instance.report_run_failed(run)
    assert wanted(ask(now="2026-03-20T10:50:00+09:00")) == [], "once"


@pytest.mark.parametrize("why", ["blocked", "stored", "cancelled", "by a person"])
def test_todays_crawl_is_not_tried_again_against_anybodys_will(
    ask: Ask, database: Database, instance: dg.DagsterInstance, why: str
) -> None:
    crawled(database, ago(1))
    published(database, ago(1))
    crawl_that_ended(instance, failed=why != "cancelled", by_clock=why != "by a person")
    if why == "blocked":
        covers(database, TODAY, status=CoverageStatus.BLOCKED)
    if why == "stored":
        crawled(database, TODAY, AT)
    assert wanted(ask(now=AN_HOUR_LATER)) == []


def test_a_schedule_that_is_switched_off_is_not_made_up_for(
    ask: Ask, database: Database, instance: dg.DagsterInstance
) -> None:
    crawled(database, ago(1))
    published(database, ago(1))
    switched_off(instance, "price_crawl_daily")
    assert [job for job, _ in wanted(ask(now="2026-03-20T12:00:00+09:00"))] == ["reddit_collection"]


def switched_off(instance: dg.DagsterInstance, schedule: str) -> None:
    """As the switch in the UI does it."""
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("gpu_etl"), "__repository__")
    origin = RemoteInstigatorOrigin(repository, schedule)
    data = ScheduleInstigatorData("0 9 * * *")
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SCHEDULE, InstigatorStatus.STOPPED, data))


def test_a_database_that_is_not_there_is_told_and_waited_for(
    make_settings: Callable[..., Settings], instance: dg.DagsterInstance
) -> None:
    settings = make_settings(database_url="postgresql://etl:hush@127.0.0.1:1/market", max_retries=0)
    answer = gap_sensor(dg.build_sensor_context(instance, resources={"settings": settings}))
    assert isinstance(answer, dg.SkipReason)
    assert "cannot use database" in str(answer.skip_message)
    assert "hush" not in str(answer.skip_message)


def test_the_sensor_is_on_and_its_jobs_ask_no_shop() -> None:
    assert gap_sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert "raw_pages" not in covered("price_rebuild") | covered("price_analyses")
    assert covered("price_rebuild") == covered("price_crawl") - {"raw_pages"}
    assert not covered("price_analyses") & {"price_offers", "skus", "price_logs", "reddit_posts"}
    assert defs.resolve_job_def("price_rebuild").tags["gpu_etl/job"] == "price_crawl"
