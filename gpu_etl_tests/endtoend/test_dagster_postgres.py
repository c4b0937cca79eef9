"""Dagster's own records in PostgreSQL, by the configuration that ``deploy/postgres`` brings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from gpu_etl.database import urls
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market

ROOT = Path(__file__).resolve().parents[2]
ON_A_SERVER = ROOT / "deploy" / "postgres" / "dagster.yaml"


@pytest.mark.slow
def test_a_run_is_recorded_there_and_its_history_read_back(
    tmp_path: Path, database_url: str, empty_database_url: str
) -> None:
    dagster_home = tmp_path / "dagster"
    dagster_home.mkdir()
    shutil.copy(ON_A_SERVER, dagster_home)
    with simulated_market() as market:
        command = Command(
            tmp_path, database_url, {**market, "DAGSTER_POSTGRES_URL": urls.for_dagster(empty_database_url)}
        )
        outcome = command.json("run", "price-crawl")
        assert outcome["success"], outcome
        history = command.json("scheduler", "history")
    assert [(run["run_id"], run["status"], run["day"]) for run in history] == [(outcome["run_id"], "SUCCESS", DAY)]
    assert history[0]["rows"] == outcome["assets"]
    assert stored(empty_database_url, "select run_id, pipeline_name, status from runs") == [
        (outcome["run_id"], "price_crawl", "SUCCESS")
    ]
    materialized = "select count(*) from event_logs where dagster_event_type = 'ASSET_MATERIALIZATION'"
    assert stored(empty_database_url, materialized) == [(len(outcome["assets"]),)]
    assert not list(dagster_home.rglob("*.db")), "nothing of it is in SQLite"
    ours = stored(database_url, "select tablename from pg_tables where schemaname = 'public'")
    assert ("price_logs",) in ours
    assert ("event_logs",) not in ours


def stored(database_url: str, question: str) -> list[Any]:
    with psycopg.connect(urls.for_libpq(database_url)) as connection:
        return connection.execute(question).fetchall()


def test_a_server_differs_from_a_single_machine_in_storage_and_log_file_only() -> None:
    on_a_server = yaml.safe_load(ON_A_SERVER.read_text())
    on_one_machine = yaml.safe_load((ROOT / "gpu_etl" / "dagster.yaml").read_text())
    assert on_a_server.pop("storage") == {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}
    del on_one_machine["python_logs"]["dagster_handler_config"]
    assert on_a_server == on_one_machine


def test_a_run_whose_process_dies_is_noticed_tried_once_more_and_ended_by_its_longest_time() -> None:
    shipped = yaml.safe_load((ROOT / "gpu_etl" / "dagster.yaml").read_text())
    monitoring, retries = shipped["run_monitoring"], shipped["run_retries"]
    assert monitoring["enabled"]
    assert retries == {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False}
    assert 0 < monitoring["poll_interval_seconds"] < monitoring["max_runtime_seconds"] <= 3600
    assert shipped["retention"]["schedule"]["purge_after_days"]
    assert set(shipped["retention"]["sensor"]["purge_after_days"]) == {"skipped", "failure", "success"}
    assert not shipped["telemetry"]["enabled"]
