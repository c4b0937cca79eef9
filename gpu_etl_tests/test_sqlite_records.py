"""Dagster's records as a command keeps them open: the same files, opened a few times and followed by everybody else."""

import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef
from sqlalchemy import event
from sqlalchemy.pool import Pool

from gpu_etl import home, sqlite_records
from gpu_etl.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
OPENED_AT_MOST = 17
"""Of the run's own file, the index, the runs and the schedules, while Dagster looks whether their tables are there."""
DAYS = dg.StaticPartitionsDefinition(["2026-03-07", "2026-03-08"])


@dg.asset(partitions_def=DAYS)
def price_offers(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    for page in range(40):
        context.log.info(f"page {page}")
    return dg.MaterializeResult(metadata={"dagster/partition_row_count": 982})


@dg.asset(partitions_def=DAYS, deps=[price_offers])
def price_logs() -> None: ...


@dg.asset_check(asset=price_logs)
def rows() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


JOB = dg.Definitions(
    [price_offers, price_logs], asset_checks=[rows], jobs=[dg.define_asset_job("price_crawl")]
).resolve_job_def("price_crawl")


@pytest.fixture(autouse=True)
def _in_a_home(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # away from any .env
    monkeypatch.setenv("DAGSTER_HOME", "")
    home.prepare(make_settings())
    settings = home.dagster_folder(make_settings()) / "dagster.yaml"
    written = yaml.safe_load(settings.read_text())
    del written["python_logs"]  # which Dagster calls beta at every start
    settings.write_text(yaml.safe_dump(written))


def ran(instance: dg.DagsterInstance, day: str = "2026-03-07") -> str:
    result = JOB.execute_in_process(instance=instance, partition_key=day)
    assert result.success
    return result.run_id


def told(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [entry.message for entry in instance.all_logs(run_id)]


@contextmanager
def opened() -> Iterator[list[str]]:
    """Files that are opened through SQLAlchemy inside the block."""
    files: list[str] = []

    def note(connection: Any, _record: Any) -> None:
        files.append(Path(connection.execute("pragma database_list").fetchone()[2]).name)

    event.listen(Pool, "connect", note)
    try:
        yield files
    finally:
        event.remove(Pool, "connect", note)


def test_a_run_opens_its_files_a_few_times_whatever_the_number_of_its_events() -> None:
    with home.dagster_instance() as instance:
        ran(instance)
    with opened() as files, home.dagster_instance() as instance:
        run_id = ran(instance, "2026-03-08")
        assert len(told(instance, run_id)) > 60
    assert len(files) <= OPENED_AT_MOST, files
    assert {name for name in files if name != f"{run_id}.db"} == {"index.db", "runs.db", "schedules.db"}


def test_dagster_reads_what_was_written_so_and_it_reads_what_dagster_wrote() -> None:
    with dg.DagsterInstance.get() as dagsters:
        first = ran(dagsters)
    with home.dagster_instance() as instance:
        second = ran(instance, "2026-03-08")
        seen = [told(instance, run_id) for run_id in (first, second, first)]
        assert [run.run_id for run in instance.get_runs()] == [second, first]
    with dg.DagsterInstance.get() as dagsters:
        assert [told(dagsters, run_id) for run_id in (first, second, first)] == seen
        assert {run.run_id: run.status for run in dagsters.get_runs()} == dict.fromkeys(
            (first, second), dg.DagsterRunStatus.SUCCESS
        )
        assert dagsters.get_materialized_partitions(price_offers.key) == {"2026-03-07", "2026-03-08"}
        checked = dagsters.event_log_storage.get_asset_check_execution_history(rows.check_key, limit=9)
    assert [(check.run_id, check.status.value) for check in checked] == [(second, "SUCCEEDED"), (first, "SUCCEEDED")]


def test_the_files_of_past_runs_do_not_stay_open() -> None:
    with home.dagster_instance() as instance:
        runs = [ran(instance) for _ in range(3)]
        for run_id in runs:
            told(instance, run_id)
        assert files_open() & {f"{run_id}.db" for run_id in runs} == {f"{runs[-1]}.db"}
    assert not {name for name in files_open() if ".db" in name}


def files_open() -> set[str]:
    """Names of the files that this process holds."""
    return {path.resolve().name for path in Path("/proc/self/fd").iterdir()}


def test_an_event_is_seen_by_others_at_once() -> None:
    """The UI follows a run by the changes of its file."""
    heard: queue.Queue[str] = queue.Queue()
    with dg.DagsterInstance.get() as watching, home.dagster_instance() as instance:
        run = instance.create_run_for_job(JOB, tags={"dagster/partition": "2026-03-07"})
        watching.watch_event_logs(run.run_id, None, lambda entry, _cursor: heard.put(entry.message))
        for message in ("began", "goes on"):
            instance.report_engine_event(message, run)
            while heard.get(timeout=30) != message:
                pass


def test_a_process_that_is_killed_has_lost_no_event() -> None:
    program = """
import os, signal
from gpu_etl import home
from gpu_etl_tests.test_sqlite_records import JOB
with home.dagster_instance() as instance:
    run = instance.create_run_for_job(JOB, tags={"dagster/partition": "2026-03-07"})
    for number in range(20):
        instance.report_engine_event(f"event {number}", run)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    with dg.DagsterInstance.get() as dagsters:
        (run,) = dagsters.get_runs()
        assert told(dagsters, run.run_id)[-20:] == [f"event {number}" for number in range(20)]


def test_what_tells_of_a_run_after_a_power_cut_is_on_the_disk_at_once() -> None:
    """Which runs there were, and what they materialized; of the cut run's own lines the last may be missing."""
    with home.dagster_instance() as instance:
        events, runs = instance.event_log_storage, instance.run_storage
        assert isinstance(events, sqlite_records.Events)
        assert isinstance(runs, sqlite_records.Runs)
        files = {
            "run": events.run_connection(ran(instance)),
            "index": events.index_connection(),
            "runs": runs.connect(),
        }
        waits = {}
        for name, opening in files.items():
            with opening as connection:
                waits[name] = connection.exec_driver_sql("pragma synchronous").scalar()
                assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
    assert waits == {"run": 1, "index": 2, "runs": 2}  # 1: when the file is closed, 2: at each transaction


@pytest.mark.parametrize("place", ["postgres", "celery"])
def test_records_in_a_server_are_left_as_they_are_configured(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_POSTGRES_URL", "DAGSTER_CELERY_BROKER", "DAGSTER_CELERY_BACKEND"):
        monkeypatch.setenv(name, "postgresql+psycopg2://nobody@127.0.0.1:1/dagster")
    (tmp_path / "dagster.yaml").write_text((ROOT / "deploy" / place / "dagster.yaml").read_text())
    reference = InstanceRef.from_dir(str(tmp_path))
    assert sqlite_records.kept_open(reference) is reference
