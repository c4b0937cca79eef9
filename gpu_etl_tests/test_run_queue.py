"""What a run is given when it is queued."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gpu_etl.run_queue import JOB_TAG, MarketDayCoordinator

JOB = dg.GraphDefinition(name="price_crawl").to_job()
LOOPBACK = ("DANAWA_BASE_URL", "REDDIT_BASE_URL", "REDDIT_OAUTH_URL")


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_ETL_NOW", "2026-03-08T00:10:00+09:00")
    for name in LOOPBACK:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def queued(instance: dg.DagsterInstance, tags: dict[str, str]) -> dg.DagsterRun:
    coordinator: Any = MarketDayCoordinator()
    coordinator.register_instance(instance)
    run = instance.create_run_for_job(JOB, tags=tags, status=dg.DagsterRunStatus.STARTED)  # queueing needs a server
    submitted: dg.DagsterRun = coordinator.submit_run(dg.SubmitRunContext(run, None))  # type: ignore[arg-type]
    assert submitted.run_id == run.run_id
    return submitted


def test_a_run_of_ours_without_a_day_gets_today_in_the_market(instance: dg.DagsterInstance) -> None:
    run = queued(instance, {JOB_TAG: "price_crawl"})
    assert run.tags["dagster/partition"] == "2026-03-08"


@pytest.mark.parametrize(
    "given", [{"dagster/partition": "2026-03-01"}, {"dagster/asset_partition_range_start": "2026-03-01"}]
)
def test_a_day_that_was_asked_for_stays(instance: dg.DagsterInstance, given: dict[str, str]) -> None:
    run = queued(instance, {JOB_TAG: "price_crawl", **given})
    assert {name: value for name, value in run.tags.items() if "partition" in name} == given


def test_other_jobs_are_left_alone(instance: dg.DagsterInstance) -> None:
    assert "dagster/partition" not in queued(instance, {}).tags
