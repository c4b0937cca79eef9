"""The doctor says of each thing how it is and what to do; it changes nothing, and ends with 1 when something fails."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gpu_etl.cli.doctor_installation import _last_run, sources
from gpu_etl.database import Database, gaps, migrate, records
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.cli.test_backup import Say
from gpu_etl_tests.cli.test_backup import say as say
from gpu_etl_tests.cli.test_usage import _in_a_place_of_its_own as _in_a_place_of_its_own


def told(say: Say, *arguments: str, **where: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """Exit code, and the findings by subject."""
    code, output, _ = say("doctor", "--json", *arguments, **where)
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(output):
        found.setdefault(finding["subject"], []).append(finding)
    return code, found


def test_a_new_installation_is_sound_and_told_what_to_do(say: Say) -> None:
    code, found = told(say, "--offline")
    assert code == 0
    found.pop("old data", None)  # of other homes of this machine
    levels = {subject: findings[0]["level"] for subject, findings in found.items()}
    assert levels == {
        **dict.fromkeys(("version", "settings", "clock", "disk", "privacy", "corrections", "keywords"), "ok"),
        **dict.fromkeys(("reddit mode", "notify", "scheduler", "price_crawl", "reddit_collection", "prices"), "warn"),
        **dict.fromkeys(
            ("database", "schema", "schedules", "coverage", "gaps", "identity", "quarantine", "messages"), "ok"
        ),
    }
    for findings in found.values():
        for finding in findings:
            assert finding["level"] == "ok" or finding["fix"], finding
    code, output, _ = say("doctor", "--offline")
    assert code == 0
    assert "warn scheduler          not running\n" in output
    assert "-> gpu-etl up, or gpu-etl scheduler start --detach\n" in output


def test_a_bad_setting_is_a_finding_too(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICE_CRAWL_HOUR", "24")
    code, found = told(say, "--offline")
    assert (code, list(found)) == (1, ["settings"])
    assert found["settings"][0]["says"].startswith("PRICE_CRAWL_HOUR='24': must be")


def test_a_keyword_file_that_is_not_there_fails(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDDIT_KEYWORDS_FILE", "none.yaml")
    code, found = told(say, "--offline")
    assert (code, found["keywords"][0]["level"]) == (1, "fail")
    assert found["keywords"][0]["says"].startswith("REDDIT_KEYWORDS_FILE: keyword file none.yaml cannot be read")


def test_a_database_that_is_not_there_fails_and_shows_no_password(say: Say) -> None:
    code, found = told(say, "--offline", url="postgresql://etl:hush@127.0.0.1:1/market")
    assert code == 1
    assert found["database"][0]["says"].startswith('cannot use database "market" on 127.0.0.1:1 as user "etl"')
    assert "hush" not in json.dumps(found)


@pytest.mark.parametrize(("revision", "level"), [(None, "warn"), ("0001", "warn"), ("9999", "fail")])
def test_another_schema_is_told_and_left_as_it_is(
    say: Say, empty_database_url: str, revision: str | None, level: str
) -> None:
    database = Database(lambda: empty_database_url, max_retries=0, backoff_seconds=0)
    if revision:
        with database.transaction() as connection:
            connection.execute("create table gpu_etl_version (version_num text)")
            connection.execute("insert into gpu_etl_version values (%s)", (revision,))
    code, found = told(say, "--offline", url=empty_database_url)
    assert (code, found["schema"][0]["level"]) == (int(level == "fail"), level)
    assert "prices" not in found
    with database.transaction() as connection:
        assert migrate.version(connection) == revision
    database.close()


def test_failures_of_today_and_missing_days_are_told(say: Say, database: Database) -> None:
    today = datetime.now(UTC).astimezone().date()
    parts: list[records.Coverage] = []
    for zone_day in {today - timedelta(days=1), today, today + timedelta(days=1)}:  # whichever it is in the market
        parts += [
            records.Coverage("danawa", "112753", zone_day, CoverageStatus.BLOCKED, 0, reason="a captcha"),
            records.Coverage("danawa", "products", zone_day, CoverageStatus.BLOCKED, 0, reason="a captcha"),
            records.Coverage(
                "reddit", "nvidia", zone_day, CoverageStatus.PARTIAL, 5, reason="not read: 00:00 to 03:00"
            ),
        ]
    database.run(lambda connection: records.record_coverage(connection, parts, datetime.now(UTC)))
    lost = records.Coverage(
        "danawa", "112753", today - timedelta(days=9), CoverageStatus.UNAVAILABLE, 0, reason=gaps.MISSING
    )
    database.run(lambda connection: records.record_coverage(connection, [lost], datetime.now(UTC)))
    database.run(
        lambda connection: connection.execute(
            "insert into quarantine values ('danawa', %s, '7', 'no price in the row', '<li>', null)", (today,)
        )
    )
    code, found = told(say, "--offline")
    assert code == 1
    says = [(finding["level"], finding["says"]) for finding in found["coverage"]]
    assert says == [
        ("ok", "0 of 3 parts of sources were read whole today"),
        ("fail", "danawa 112753, products blocked: a captcha"),
        ("warn", "reddit nvidia partial: not read: 00:00 to 03:00"),
    ]
    assert str(today - timedelta(days=9)) in found["gaps"][0]["says"]
    assert found["quarantine"][0]["says"].startswith("1 x danawa: no price in the row")


def test_what_others_can_read_and_an_address_that_is_none(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    say("init")
    Path("home").chmod(0o755)
    monkeypatch.setenv("NOTIFY_URLS", "json://localhost nonsense://user:hush@x")
    code, found = told(say, "--offline")
    assert code == 1
    assert found["privacy"][0]["fix"] == f"chmod go-rwx {Path('home').absolute()}"
    assert found["notify"][0]["says"] == "no. 2 of NOTIFY_URLS is no address that Apprise knows"


# --- runs -----------------------------------------------------------------------------------------------------------
@dg.asset
def price_logs(context: dg.AssetExecutionContext) -> None:
    if context.run.tags.get("blocked"):
        raise dg.Failure("danawa blocked: a captcha", allow_retries=False)


JOB = dg.Definitions([price_logs], jobs=[dg.define_asset_job("price_crawl")]).resolve_job_def("price_crawl")


def test_the_last_run_counts(
    instance: dg.DagsterInstance, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(dagster_ui_url="http://127.0.0.1:1")
    assert _last_run(instance, "price_crawl", settings).level == "warn"
    JOB.execute_in_process(instance=instance)
    assert _last_run(instance, "price_crawl", settings).level == "ok"
    lost = JOB.execute_in_process(instance=instance, tags={"blocked": "yes"}, raise_on_error=False)
    finding = _last_run(instance, "price_crawl", settings)
    assert finding.level == "fail"
    assert finding.fix.startswith(f"the log tells more: {settings.home}/logs/gpu-etl.log; "), (
        "no UI is there to link to"
    )
    today = {"dagster/partition": str(settings.today())}
    JOB.execute_in_process(instance=instance, tags=today)
    old = {"dagster/partition": "2026-03-01", "blocked": "yes"}
    JOB.execute_in_process(instance=instance, tags=old, raise_on_error=False)
    assert _last_run(instance, "price_crawl", settings).level == "ok", "a past day is not the daily job's"
    lost = JOB.execute_in_process(instance=instance, tags=today | {"blocked": "yes"}, raise_on_error=False)
    elsewhere = make_settings(dagster_ui_url="https://dagster.example")
    assert _last_run(instance, "price_crawl", elsewhere).fix == f"https://dagster.example/runs/{lost.run_id}"
    with server(timedelta(), status=200) as url:
        here = make_settings(dagster_ui_url=url)
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        assert _last_run(instance, "price_crawl", here).fix == f"{url}/runs/{lost.run_id}"
    assert "price_logs: danawa blocked: a captcha" in finding.says


def test_what_the_doctor_meets_on_the_way_is_told_in_its_lines_and_nowhere_else(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DANAWA_BASE_URL", "REDDIT_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    code, output, errors = say("doctor")
    assert (code, errors) == (1, "")
    assert "fail danawa             http://127.0.0.1:1/robots.txt: connection failed: Connection refused\n" in output


FAST: dict[str, Any] = {"http_requests_per_second": 500}


# --- the network ----------------------------------------------------------------------------------------------------
@contextmanager
def server(ahead: timedelta, status: int = 404) -> Iterator[str]:
    """A server whose clock is ahead of ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}"
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [
        (timedelta(), "ok", "agrees with danawa's"),
        (timedelta(minutes=2), "warn", "s behind danawa's"),
        (-timedelta(hours=1), "fail", "s ahead of danawa's"),
    ],
)
def test_the_clock_is_compared_with_a_source(
    make_settings: Callable[..., Settings], ahead: timedelta, level: str, says: str
) -> None:
    with server(ahead) as url:
        found = {f.subject: f for f in sources(make_settings(danawa_base_url=url, reddit_base_url=url, **FAST))}
    assert (found["danawa"].level, found["reddit"].level) == ("ok", "ok")
    assert (found["clock"].level, says in found["clock"].says) == (level, True), found["clock"]


def test_every_source_that_is_used_is_asked(make_settings: Callable[..., Settings]) -> None:
    with server(timedelta(), status=403) as url:
        settings = make_settings(
            danawa_base_url=url,
            reddit_base_url="http://127.0.0.1:1",
            naver_client_id="id",
            naver_client_secret="hush",
            naver_base_url=url,
            shop_urls=(f"{url}/card/1", f"{url}/card/2"),
            ecb_rates_url=f"{url}/rates.xml",
            reddit_use_arctic_shift=True,
            reddit_arctic_shift_url=url,
            **FAST,
        )
        found = {finding.subject: finding.level for finding in sources(settings)}
    assert found["reddit"] == "fail"
    assert {found[name] for name in ("danawa", "naver", "127.0.0.1", "ecb", "arctic shift")} == {"warn"}
