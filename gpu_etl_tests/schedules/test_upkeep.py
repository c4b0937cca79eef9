"""What is old goes, with all that Dagster leaves of it; what is younger, or still runs, stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from gpu_etl.definitions import defs
from gpu_etl.schedules import upkeep
from gpu_etl.settings import Settings

NOW = datetime.now(UTC)


@dg.asset
def price_logs() -> None:
    print("captured")


JOB = dg.Definitions([price_logs], jobs=[dg.define_asset_job("price_crawl")]).resolve_job_def("price_crawl")


def ran(instance: dg.DagsterInstance) -> str:
    return JOB.execute_in_process(instance=instance).run_id


def files_naming(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    return [path for path in Path(instance.root_directory).rglob("*") if run_id in path.name]


def test_old_runs_go_with_their_events_and_files(instance: dg.DagsterInstance) -> None:
    old = [ran(instance) for _ in range(2)]
    stuck = instance.create_run_for_job(JOB, status=dg.DagsterRunStatus.STARTED)
    border = datetime.now(UTC)
    young = ran(instance)
    assert all(files_naming(instance, run_id) for run_id in (*old, young))

    assert upkeep.delete_old_runs(instance, border) == 2

    assert {run.run_id for run in instance.get_runs()} == {young, stuck.run_id}
    assert [files_naming(instance, run_id) for run_id in old] == [[], []]
    assert files_naming(instance, young)
    assert len(instance.all_logs(young)) > 5
    kept = instance.fetch_materializations(dg.AssetKey("price_logs"), limit=10).records
    assert [record.run_id for record in kept] == [young]
    assert upkeep.delete_old_runs(instance, border) == 0


def test_logs_that_nobody_writes_to_any_more_go(tmp_path: Path) -> None:
    for name, age in {"gpu-etl.log": 0, "gpu-etl.log.5": 200, "up.log": 200, "up.log.1": 10, "notes.txt": 400}.items():
        (tmp_path / name).write_text("x")
        at = (NOW - timedelta(days=age)).timestamp()
        os.utime(tmp_path / name, (at, at))
    assert upkeep.delete_old_logs(tmp_path, NOW - timedelta(days=180)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gpu-etl.log", "notes.txt", "up.log.1"]


def test_the_job_runs_weekly_and_tells_what_it_deleted(
    instance: dg.DagsterInstance, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(dagster_keep_days=7)
    (settings.home / "logs").mkdir(parents=True)
    young = ran(instance)
    result = upkeep.upkeep.execute_in_process(instance=instance, resources={"settings": settings})
    assert result.success
    (output,) = [event for event in result.all_node_events if event.is_successful_output]
    assert {name: value.value for name, value in output.step_output_data.metadata.items()} == {
        "runs": 0,
        "log_files": 0,
    }
    assert {run.run_id for run in instance.get_runs()} == {young, result.run_id}


def test_it_is_on_from_the_start() -> None:
    schedule = defs.resolve_schedule_def("upkeep_weekly")
    assert schedule.job_name == "upkeep"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
