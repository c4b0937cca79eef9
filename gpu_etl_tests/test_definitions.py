"""What Dagster is told: every asset and job that the project promises, under one name, and loadable."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from gpu_etl import home
from gpu_etl.definitions import defs
from gpu_etl.partitions import MARKET_DAYS

ROOT = Path(__file__).resolve().parents[1]
ASSETS = {
    "prices": ["raw_pages", "price_offers", "skus", "price_logs"],
    "community": ["reddit_posts", "market_signals", "keyword_trends"],
    "analytics": ["price_changes", "chipset_index", "risk_scores", "buying_advice", "risk_alerts"],
}
OVER_ALL_DAYS = ["launch_effects", "rumour_lags"]


def test_everything_loads() -> None:
    dg.Definitions.validate_loadable(defs)


@pytest.mark.parametrize(("group", "name"), [(group, name) for group in ASSETS for name in ASSETS[group]])
def test_an_asset_says_what_it_is(group: str, name: str) -> None:
    node = defs.resolve_asset_graph().get(dg.AssetKey(name))
    assert node.group_name == group
    assert node.owners
    assert "postgres" in node.kinds
    assert node.partitions_def == MARKET_DAYS
    assert node.description
    assert str(node.metadata["dagster/table_name"]).endswith(f".{name}")
    columns = node.metadata["dagster/column_schema"].columns
    assert len(columns) > 3
    assert all(column.type for column in columns)


def test_whatever_runs_by_itself_says_what_it_does() -> None:
    told = {found.name: found.description for found in [*(defs.schedules or []), *(defs.sensors or [])]}
    assert len(told) > 10
    assert [name for name, description in told.items() if not description] == []


@pytest.mark.parametrize("name", OVER_ALL_DAYS)
def test_what_looks_at_the_whole_history_has_no_partition(name: str) -> None:
    node = defs.resolve_asset_graph().get(dg.AssetKey(name))
    assert (node.group_name, node.partitions_def) == ("analytics", None)
    assert node.description
    assert str(node.metadata["dagster/table_name"]).endswith(f".{name}")


@pytest.mark.parametrize(("name", "table"), [("risk_model", "risk_models"), ("risk_backtest", "backtests")])
def test_what_is_learned_has_a_job_of_its_own_and_is_in_no_daily_one(name: str, table: str) -> None:
    node = defs.resolve_asset_graph().get(dg.AssetKey(name))
    assert (node.group_name, node.partitions_def) == ("analytics", None)
    assert str(node.metadata["dagster/table_name"]).endswith(f".{table}")
    covering = {
        job.name for job in defs.resolve_all_job_defs() if dg.AssetKey(name) in job.asset_layer.selected_asset_keys
    } - {"__ASSET_JOB"}
    assert covering == {"risk_refit"}
    assert defs.resolve_schedule_def("risk_refit_monthly").cron_schedule == "20 3 2 * *"


def test_the_day_that_is_running_is_a_partition() -> None:
    keys = MARKET_DAYS.get_partition_keys(current_time=datetime(2026, 3, 7, 15, 0, 1, tzinfo=UTC))
    assert keys[-1] == "2026-03-08", "one second into the eighth in Seoul"


def test_the_location_has_one_name_wherever_dagster_looks() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dagster"]
    written = [yaml.safe_load((ROOT / "workspace.yaml").read_text()), yaml.safe_load(home.WORKSPACE)]
    for workspace in written:
        (location,) = [entry["python_module"] for entry in workspace["load_from"]]
        assert location["module_name"] == pyproject["module_name"]
        assert location["location_name"] == pyproject["code_location_name"]


def test_steps_run_in_the_process_of_their_run() -> None:
    executors = {job: defs.resolve_job_def(job).executor_def.name for job in ("full", "price_crawl")}
    assert set(executors.values()) == {"in_process"}
