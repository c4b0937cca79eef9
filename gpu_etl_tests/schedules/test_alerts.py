"""Between runs: the sensor that watches sources and sends what waits, and the hook of a step that failed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from gpu_etl import jobs
from gpu_etl.database import Database, outbox, records
from gpu_etl.resources.messages import receivers
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.schedules import alerts
from gpu_etl.settings import Settings, load_settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.resources.receivers import Letterbox, letterbox

NOW = datetime(2026, 3, 8, 3, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as opened:
        yield opened


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str, box: Letterbox) -> Settings:
    monkeypatch.chdir(tmp_path)
    environment = {
        "DATABASE_URL": database_url, "GPU_ETL_NOW": NOW.isoformat(), "NOTIFY_URLS": box.address,
        **dict.fromkeys(("DANAWA_BASE_URL", "REDDIT_BASE_URL", "REDDIT_OAUTH_URL"), "http://127.0.0.1:9"),
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def tick(settings: Settings) -> str:
    """What one evaluation of the sensor says, as the daemon would have it."""
    context = dg.build_sensor_context(resources={"postgres": PostgresResource(), "settings": settings})
    with context:
        answer = alerts.messages.evaluate_tick(context)
    assert answer.run_requests == []
    return str(answer.skip_message)


def blocked(connection: object, status: CoverageStatus = CoverageStatus.BLOCKED) -> None:
    row = records.Coverage("danawa", "112753", NOW.date(), status, 0, None, "a captcha")
    records.record_coverage(connection, [row], NOW)  # type: ignore[arg-type]


def test_it_is_on_from_the_start() -> None:
    assert alerts.messages.default_status is dg.DefaultSensorStatus.RUNNING


def test_what_waits_is_sent_and_an_empty_outbox_is_left_alone(
    database: Database, settings: Settings, box: Letterbox
) -> None:
    assert tick(settings) == "nothing waits, no source went blind"
    message = outbox.Message("1", "a fall", "about it", NOW)
    with database.transaction() as connection:
        outbox.write(connection, receivers(settings), [message], NOW)
    box.status = 503
    assert tick(settings) == "0 messages sent; json (no. 1 in NOTIFY_URLS): it answered with error 503"
    assert tick(settings) == "nothing waits, no source went blind", "its pause is not over"
    with database.transaction() as connection:
        connection.execute("update outbox set not_before = %s", (NOW,))
    box.status = 200
    assert tick(settings) == "1 messages sent"
    assert box.titles == ["a fall"]


def test_a_source_that_went_blind_is_told_once(database: Database, settings: Settings, box: Letterbox) -> None:
    with database.transaction() as connection:
        blocked(connection)
    assert tick(settings) == "1 sources went blind today; 1 messages sent"
    assert tick(settings) == "1 sources went blind today"
    assert box.titles == ["source blind: danawa"]
    assert box.letters[0]["message"].startswith("nothing of it can be published: a captcha (last read: never)")


def test_a_step_that_fails_opens_the_alert_of_its_source(settings: Settings, box: Letterbox) -> None:
    @dg.op
    def raw_pages(postgres: PostgresResource) -> None:
        postgres.run(blocked)
        raise dg.Failure("danawa blocked: a captcha")

    @dg.job(hooks={jobs.blind_sources}, resource_defs={"postgres": PostgresResource(), "settings": settings})
    def crawl() -> None:
        raw_pages()

    assert not crawl.execute_in_process(raise_on_error=False).success
    assert box.titles == ["source blind: danawa"]


def test_every_job_of_a_source_has_that_hook() -> None:
    for job in (jobs.price_crawl, jobs.reddit_collection, jobs.full):
        assert jobs.blind_sources in (job.hooks or ())
