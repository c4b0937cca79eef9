"""Days rebuilt from their stored pages by workers on several machines, by the configuration of ``deploy/celery``."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from gpu_etl.assets.crawling import crawl_danawa
from gpu_etl.assets.rebuilding import rebuild_day
from gpu_etl.catalog import overrides
from gpu_etl.database import Database
from gpu_etl.resources.http import HttpResource
from gpu_etl.settings import load_settings
from gpu_etl_tests.endtoend.cluster import Cluster, cluster, what_is_missing
from gpu_etl_tests.endtoend.instance import Instance, eventually
from gpu_etl_tests.endtoend.simulated import DAY, NOW, simulated_market
from gpu_etl_tests.replay import needs_replay, replay

pytestmark = pytest.mark.exhaustive

ASSETS = ["price_offers", "skus", "price_logs"]
BACKFILL = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { __typename ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message } }
}"""
OUTAGE_SECONDS = 40
"""Longer than Celery bridges by itself: a fraction of a second for a task, twenty for its result."""
ROWS = {
    "price_offers": "select to_jsonb(t) - 'observed_at' from price_offers t order by 1",
    "price_logs": "select to_jsonb(t) - 'run_id' - 'recorded_at' from price_logs t order by 1",
    "skus": "select to_jsonb(t) from skus t order by 1",
    "listings": "select to_jsonb(t) from listings t order by 1",
}


def days(number: int) -> list[str]:
    last = date.fromisoformat(DAY)
    return [str(last - timedelta(days=back)) for back in range(number - 1, -1, -1)]


def fill(machines: Cluster, number: int, market: dict[str, Any] | None = None) -> dict[str, list[Any]]:
    """Store the pages of some days, build the days in this process, spoil them; returns the rows as they should be.

    ``market`` has the settings under which a shop is crawled on ``DAY``, where it is not the simulated one.
    """
    database = Database(lambda: machines.database_url, max_retries=0, backoff_seconds=0)
    with closing(database), ExitStack() as stack:
        if market is None:
            simulated = stack.enter_context(simulated_market())
            market = {name.lower(): value for name, value in simulated.items() if not name.startswith("REDDIT_C")}
        settings = load_settings(_env_file=None, **market)
        with closing(HttpResource.from_settings(settings).new_client()) as client:
            crawl_danawa(client, database, settings, logging.getLogger("tests"))
        for table, columns in (
            ("raw_pages", "url, sha256, fetched_at, status, content_type, kind, size, body"),
            ("crawls", "part, started_at, finished_at, pages, rows_expected, rows_read"),
        ):
            machines.ask(
                f"""insert into {table} (source, market_day, {columns})
                    select source, market_day - n, {columns} from {table}, generate_series(1, {number - 1}) n"""
            )
        for day in days(number):
            database.run(
                lambda connection, day=day: rebuild_day(  # type: ignore[misc]
                    connection, date.fromisoformat(day), NOW, overrides.read(""), dry_run=False
                )
            )
    expected = rows(machines)
    spoil(machines)
    return expected


def spoil(machines: Cluster) -> None:
    """Make the rows wrong in what no later day is judged by, so that days may be built again in any order."""
    machines.ask("delete from price_offers")
    machines.ask("update price_logs set source_url = null, availability = 'unknown'")


def rows(machines: Cluster) -> dict[str, list[Any]]:
    return {table: machines.ask(question) for table, question in ROWS.items()}


def backfill(instance: Instance, wanted: list[str]) -> str:
    """Ask for days anew, as the button in the UI does."""
    keys = [{"path": [asset]} for asset in ASSETS]
    launched = instance.ask(BACKFILL, params={"partitionNames": wanted, "assetSelection": keys})
    assert launched["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", launched
    return str(launched["launchPartitionBackfill"]["backfillId"])


def statuses(machines: Cluster) -> list[str]:
    asked = "select status from runs where run_body like '%__ASSET_JOB%' order by id"
    return [status for (status,) in machines.ask(asked, "dagster")]


def done(machines: Cluster, number: int) -> bool:
    return statuses(machines).count("SUCCESS") >= number


def at_work(machines: Cluster, younger_than: str = "1 hour") -> set[str]:
    """The addresses from which runs work on the product's database: each run connects when it begins."""
    found = machines.ask(
        f"""select distinct host(client_addr) from pg_stat_activity
            where datname = 'gpu_etl' and application_name like 'gpu-etl%'
              and clock_timestamp() - backend_start < interval '{younger_than}'"""
    )
    return {str(address) for (address,) in found}


@pytest.fixture(autouse=True)
def _where_there_can_be_a_cluster() -> None:
    if missing := what_is_missing():
        pytest.skip(missing)


@pytest.fixture
def machines() -> Iterator[Cluster]:
    with cluster(max_runtime_seconds=25, poll_interval_seconds=2) as made:
        yield made


def test_two_workers_rebuild_the_same_rows_and_a_lost_one_loses_nothing(machines: Cluster) -> None:
    number = 12
    expected = fill(machines, number)
    first, second = machines.add_worker(), machines.add_worker()
    seen: set[str] = set()

    def both_have_worked_and_the_first_has_just_begun() -> bool:
        seen.update(at_work(machines))
        return {first.address, second.address} <= seen and first.address in at_work(machines, "0.5 seconds")

    with machines.services() as instance:
        backfill(instance, days(number))
        eventually(both_have_worked_and_the_first_has_just_begun, 120, "the first worker is in mid-run")
        first.kill()
        eventually(lambda: done(machines, number), 240, "all days are built")
        eventually(lambda: "FAILURE" in statuses(machines), 10, "the lost run has failed")
        assert second.process.poll() is None
    assert rows(machines) == expected
    assert sorted(statuses(machines)) == ["FAILURE", *["SUCCESS"] * number]


def test_a_broker_that_dies_with_all_it_holds_and_comes_back_loses_nothing() -> None:
    number = 8
    with cluster(start_timeout_seconds=90, poll_interval_seconds=2) as machines:
        expected = fill(machines, number)
        machines.add_worker(), machines.add_worker()
        with machines.services() as instance:
            backfill(instance, days(number))
            eventually(lambda: done(machines, 1) and at_work(machines, "0.5 seconds"), 120, "a run has just begun")
            machines.broker.kill()
            time.sleep(OUTAGE_SECONDS)
            assert not done(machines, number)
            machines.broker.start()
            eventually(lambda: done(machines, number), 300, "all days are built")
        assert rows(machines) == expected
        dropped = machines.ask("select 1 from event_logs where event like '%while dequeuing the run%'", "dagster")
        assert dropped == []  # the queue has waited for the broker: a retry that is dropped as well would be the end
        assert sorted(statuses(machines))[-number:] == ["SUCCESS"] * number


@needs_replay
def test_a_shop_is_asked_by_one_worker_at_a_time() -> None:
    with replay("--day", "2026-03-05", "--limit", "120") as market, cluster() as machines:
        port = machines.reachable(urlsplit(market.base_url).port or 0)
        shop = f"http://{machines.address}:{port}"
        machines.command.environment |= {
            "DANAWA_BASE_URL": shop,
            "HTTP_REQUESTS_PER_SECOND": "4",
            "DANAWA_PRODUCT_PAGES_AT_MOST": "0",
            "RETRY_BACKOFF_SECONDS": "0.01",
        }
        machines.add_worker(), machines.add_worker()
        today = str(load_settings(_env_file=None).today())
        with machines.services() as instance:
            launched = [instance.materialize(["raw_pages"], today) for _ in range(2)]
            eventually(lambda: done(machines, len(launched)), 120, "both crawls are done")
        treated = market.stats()
    assert treated["requests"]["list"] >= 8
    assert treated["max_concurrent"]["danawa"] == 1
    assert treated["min_gap_seconds"]["list"] > 0.2
