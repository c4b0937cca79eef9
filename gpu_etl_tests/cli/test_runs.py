"""The history of runs from Dagster's records, and the end of runs whose process is gone."""

import socket
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from gpu_etl import run_records
from gpu_etl.cli import alive, runs
from gpu_etl.jobs import JOB_TAG
from gpu_etl.run_queue import RUN_BY_TAG

SEOUL = ZoneInfo("Asia/Seoul")
DAYS = dg.StaticPartitionsDefinition(["2026-03-07", "2026-03-08"])


@dg.asset(partitions_def=DAYS)
def price_logs(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    if context.partition_key == "2026-03-07":
        raise dg.Failure("danawa blocked: a captcha", allow_retries=False)
    return dg.MaterializeResult(metadata={"dagster/partition_row_count": 1234})


JOB = dg.Definitions(
    [price_logs], jobs=[dg.define_asset_job("price_crawl", tags={JOB_TAG: "price_crawl"})]
).resolve_job_def("price_crawl")


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def test_history_tells_start_duration_success_and_rows_or_error(instance: dg.DagsterInstance) -> None:
    JOB.execute_in_process(instance=instance, partition_key="2026-03-07", raise_on_error=False)
    JOB.execute_in_process(instance=instance, partition_key="2026-03-08")
    latest, first = run_records.run_rows(instance, 20, SEOUL)
    assert (latest["status"], latest["day"], latest["rows"], latest["error"]) == (
        "SUCCESS",
        "2026-03-08",
        {"price_logs": 1234},
        None,
    )
    assert (first["status"], first["rows"], first["error"]) == ("FAILURE", {}, "price_logs: danawa blocked: a captcha")
    assert latest["start"].endswith("+09:00")
    assert latest["seconds"] > 0
    assert run_records.run_rows(instance, 1, SEOUL) == [latest]
    line = runs.run_line(latest)
    assert line.startswith(latest["start"][:10])
    assert line.endswith("price_logs 1,234")
    assert runs.run_line(first).endswith("price_logs: danawa blocked: a captcha")


def begun(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    run = instance.create_run_for_job(JOB, tags={JOB_TAG: "price_crawl", **tags}, status=dg.DagsterRunStatus.STARTED)
    assert [each.run_id for each in runs.runs_in_progress(instance, "price_crawl")] == [run.run_id]
    return run


def test_a_run_of_a_killed_command_is_ended(instance: dg.DagsterInstance) -> None:
    run = begun(instance, **{RUN_BY_TAG: socket.gethostname()})
    assert runs.fail_lost_runs(instance) == 1
    assert runs.runs_in_progress(instance, "price_crawl") == []
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE


def test_a_run_of_a_living_command_is_not(instance: dg.DagsterInstance) -> None:
    begun(instance, **{RUN_BY_TAG: socket.gethostname()})
    with alive.running_a_job():
        assert runs.fail_lost_runs(instance) == 0
    assert len(runs.runs_in_progress(instance, "price_crawl")) == 1


@pytest.mark.parametrize("tags", [{}, {RUN_BY_TAG: "another-host"}])
def test_what_the_daemon_or_another_machine_runs_is_not_touched(
    instance: dg.DagsterInstance, tags: dict[str, str]
) -> None:
    begun(instance, **tags)
    assert runs.fail_lost_runs(instance) == 0
    assert runs.runs_in_progress(instance, "reddit_collection") == []
