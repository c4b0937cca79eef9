"""The monthly job, as Dagster runs it: a young history is no failure, a long one gives a model and its trial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from gpu_etl.database import Database
from gpu_etl.definitions import defs
from gpu_etl_tests.assets.helpers import DAY
from gpu_etl_tests.assets.test_scoring import store_market


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_ETL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", database_url)


def refitted() -> dict[str, Mapping[str, Any]]:
    """Run the job; returns what each asset told of itself."""
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = defs.resolve_job_def("risk_refit").execute_in_process(instance=instance)
        assert outcome.success
        told: dict[str, Mapping[str, Any]] = {}
        for name in ("risk_model", "risk_backtest"):
            [made] = outcome.asset_materializations_for_node(name)
            told[name] = {key: value.value for key, value in made.metadata.items()}
        return told


@pytest.mark.usefixtures("database")
def test_without_prices_nothing_is_learned_and_the_run_says_why() -> None:
    for told in refitted().values():
        assert told["why"].startswith("there are no prices yet")
        assert "version" not in told


@pytest.mark.slow
def test_a_long_history_gives_a_model_and_what_it_is_worth(database: Database) -> None:
    with database.transaction() as connection:
        store_market(connection, 260)
    told = refitted()
    model, trial = told["risk_model"], told["risk_backtest"]
    assert model["scores_from_now_on"], model["why"]
    assert model["trained_from"] < model["trained_to"] < DAY.isoformat()
    assert trial["within_day_auc"] > 0.6
    assert trial["to_day"] < DAY.isoformat()
    assert trial["calibration"].startswith("![calibration](data:image/")
    assert len(trial["folds"]) >= 1
    with database.transaction() as connection:
        stored = connection.execute("select version, is_active from risk_models").fetchall()
    assert [(row["version"], row["is_active"]) for row in stored] == [(model["version"], True)]
