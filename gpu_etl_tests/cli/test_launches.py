"""``gpu-etl launches`` over a real database, and the job that does the same in the Dagster UI."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from gpu_etl.cli.launches import launches
from gpu_etl.database import Database
from gpu_etl.definitions import defs
from gpu_etl_tests.assets.test_launches import history, store_index, store_talk


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_ETL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def market(database: Database) -> None:
    with database.transaction() as connection:
        store_index(connection, history())
        store_talk(connection, 120)


@pytest.mark.usefixtures("market")
def test_it_prints_what_was_measured_and_why_the_rest_was_not() -> None:
    result = CliRunner().invoke(launches)
    assert result.exit_code == 0, result.output
    [measured] = [line for line in result.output.splitlines() if "GeForce RTX 4060 Ti" in line]
    assert "against 3 untouched chipsets" in measured
    assert "2025-04-16" in measured
    assert "withheld: 0 of the 28 days before it have a published index, 14 are needed" in result.output
    assert "Talk that leads prices: too few days of talk and prices together" in result.output


@pytest.mark.usefixtures("market")
def test_eighty_columns_hold_every_figure_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    [measured] = [e for e in json.loads(CliRunner().invoke(launches, ["--json"]).stdout)["launches"] if not e["reason"]]
    monkeypatch.setenv("COLUMNS", "80")
    printed = "\n".join(CliRunner().invoke(launches).output.splitlines()[2:])
    assert "\u2026" not in printed
    for figure in ("change_pct", "control_pct", "effect_pct"):
        assert f"{measured[figure]:+.1f} %" in printed
    assert f"{measured['effect_low']:+.1f} .. {measured['effect_high']:+.1f}" in printed


@pytest.mark.usefixtures("market")
def test_machines_get_all_of_it() -> None:
    told = json.loads(CliRunner().invoke(launches, ["--json"]).stdout)
    assert {effect["status"] for effect in told["launches"]} == {"measured", "withheld"}
    assert len(told["rumours"]) == 7


@pytest.mark.usefixtures("database")
def test_without_history_it_says_what_to_do() -> None:
    result = CliRunner().invoke(launches)
    assert result.exit_code == 1
    assert "no launch within the days that are analysed" in result.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("market")
def test_the_weekly_job_stores_the_same(database: Database) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = defs.resolve_job_def("launch_measuring").execute_in_process(instance=instance)
        assert outcome.success
        [made] = outcome.asset_materializations_for_node("launch_effects")
    assert made.metadata["measured"].value == 1
    with database.transaction() as connection:
        stored = connection.execute("select count(*) as n from launch_effects").fetchone()
        lags = connection.execute("select count(*) as n from rumour_lags").fetchone()
    assert stored is not None
    assert stored["n"] > 5
    assert lags is not None
    assert lags["n"] == 7
