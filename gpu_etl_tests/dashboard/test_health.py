"""The health page: what is wrong, what to do about it, and the records behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gpu_etl.database import Database, outbox, records, tables
from gpu_etl.database.bulk import merge
from gpu_etl.database.outbox import Message, Receiver
from gpu_etl.settings import Settings
from gpu_etl_tests.dashboard.conftest import Market
from gpu_etl_tests.dashboard.serving import DAY, HOSTILE, NOW, Site, back, served

RECEIVER = Receiver("digest", "tgram", 1)


@pytest.fixture(autouse=True)
def _own_dagster_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))


@pytest.fixture
def ailing(make_settings: Callable[..., Settings], database: Database) -> Iterator[Site]:
    """A market in which everything has gone wrong."""

    def work(connection: Any) -> None:
        change = {"sku_id": "a" * 12, "market_day": back(4), "currency": "KRW", "listings": 1, "baseline_days": 0}
        merge(connection, tables.price_changes, [change])
        coverage = [("danawa", "112753", back(0), "blocked"), ("danawa", "gate", back(1), "failed")]
        coverage += [("danawa", "112753", back(5), "complete"), ("reddit", "old", back(20), "failed")]
        rows = [
            {"source": source, "part": part, "market_day": day, "status": status, "got": 0, "checked_at": NOW}
            | {"reason": None if status == "complete" else f"{status} <b>because</b>"}
            for source, part, day, status in coverage
        ]
        merge(connection, tables.source_coverage, rows)
        refused: dict[str, Any] = {"source": "danawa", "market_day": DAY, "reason": "no price", "excerpt": HOSTILE}
        merge(connection, tables.quarantine, [{**refused, "subject": str(number)} for number in range(3)])
        listing: dict[str, Any] = {
            "source": "danawa",
            "listing_id": "1",
            "title": HOSTILE,
            "identity_status": "unidentified",
        }
        listing |= {"identity_reason": "no chipset of ours", "first_seen": DAY, "last_seen": DAY}
        merge(connection, tables.listings, [listing])
        outbox.write(connection, [RECEIVER], [Message("m1", "title", "body", NOW)], NOW)
        rows_due = outbox.take(connection, RECEIVER, NOW)
        outbox.postpone(connection, rows_due, "401 <i>Unauthorized</i>", NOW + timedelta(hours=1), None)
        records.accept_day(connection, "danawa", back(6), "the shop <u>moved</u>", NOW)

    database.run(work)
    with served(make_settings(), database) as site:
        yield site


def test_everything_that_is_wrong_is_named_with_what_to_do(ailing: Site) -> None:
    todo = ailing.get("/api/health").json()["todo"]
    assert [(item["problem"], item["about"], item["count"], item["command"]) for item in todo] == [
        ("stale", "prices", 4, "gpu-etl run price-crawl"),
        ("unread", "danawa 112753", None, "gpu-etl run price-crawl"),
        ("unread", "danawa gate", None, f"gpu-etl accept {back(1)} --source danawa --why ..."),
        ("undelivered", RECEIVER.name, 1, "gpu-etl alerts deliver"),
        ("unidentified", "no chipset of ours", 1, None),
        ("refused", "danawa", 3, None),
    ]
    text = ailing.get("/health").text
    assert "Prices are 4 days old" in text
    assert "3 inputs were refused" in text
    assert "gpu_etl/catalog/chipsets.csv" in text
    assert "<b>because" not in text
    assert "<script>alert" not in text
    assert "the shop &lt;u&gt;moved" in text


def test_what_the_page_tells_a_person_to_run_exists(ailing: Site) -> None:
    from gpu_etl.cli import COMMANDS
    from gpu_etl.cli.alerts import alerts

    commands = [item["command"].split() for item in ailing.get("/api/health").json()["todo"] if item["command"]]
    assert {command[0] for command in commands} == {"gpu-etl"}
    assert {command[1] for command in commands} <= set(COMMANDS)
    assert "deliver" in alerts.commands


def test_a_source_tells_its_last_try_and_its_last_good_day(ailing: Site) -> None:
    states = {row["part"]: row for row in ailing.get("/api/health").json()["sources"]}
    assert (states["112753"]["status"], states["112753"]["last_complete_day"]) == ("blocked", str(back(5)))
    assert states["gate"]["last_complete_day"] is None


def test_runs_come_from_dagsters_records(
    make_settings: Callable[..., Settings], database: Database, tmp_path: Path
) -> None:
    settings, folder = make_settings(), tmp_path / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")

    @dg.asset
    def prices() -> None:
        raise dg.Failure("danawa blocked: <b>captcha</b>")

    job = dg.Definitions([prices], jobs=[dg.define_asset_job("price_crawl")]).resolve_job_def("price_crawl")
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        job.execute_in_process(instance=instance, raise_on_error=False)
    with served(settings, database) as site:
        page, text = site.get("/api/health").json(), site.get("/health").text
    (run,) = page["runs"]
    assert (run["job"], run["status"], run["error"]) == (
        "price_crawl",
        "FAILURE",
        "prices: danawa blocked: <b>captcha</b>",
    )
    assert f"/runs/{run['run_id']}" in text
    assert "The latest run failed" in text
    assert "&lt;b&gt;captcha" in text


def test_without_runs_it_says_why(market: Market, site: Site) -> None:
    page = site.get("/api/health").json()
    assert (page["runs"], page["runs_reason"]) == ([], "no run was ever started here")


def test_tables_tell_their_size(site: Site) -> None:
    sizes = {row["table"]: row["bytes"] for row in site.get("/api/health").json()["table_sizes"]}
    assert sizes["price_logs"] > 0
    assert "risk_alerts" in sizes
