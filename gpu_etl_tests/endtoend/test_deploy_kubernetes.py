"""``deploy/kubernetes/values.yaml`` says the same as the other instances; ``deploy/test_files.py`` has it linted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture
def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text())
    return loaded


def snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def snaked(values: Any) -> Any:
    """The chart's names as ``dagster.yaml`` has them; the value of a limit is passed on as it stands."""
    if isinstance(values, list):
        return [snaked(each) for each in values]
    if not isinstance(values, dict):
        return values
    return {snake(name): each if name == "value" else snaked(each) for name, each in values.items()}


def test_monitoring_retries_and_queue_are_those_of_the_other_instances(values: dict[str, Any]) -> None:
    server = yaml.safe_load((DEPLOY / "postgres" / "dagster.yaml").read_text())
    workers = yaml.safe_load((DEPLOY / "celery" / "dagster.yaml").read_text())
    daemon = values["dagsterDaemon"]
    monitoring = snaked(daemon["runMonitoring"])
    assert monitoring.pop("free_slots_after_run_end_seconds") == 60
    assert monitoring == server["run_monitoring"]
    assert snaked(daemon["runRetries"]) == server["run_retries"]
    coordinator = daemon["runCoordinator"]["config"]["customRunCoordinator"]
    assert {key: coordinator[key] for key in ("module", "class", "config")} == server["run_coordinator"]
    limits = snaked(values["concurrency"])
    assert limits.pop("enabled") is True, "the chart leaves the limits out otherwise, and a shop is asked by two runs"
    assert limits == workers["concurrency"]


def test_runs_get_the_secrets_and_nothing_is_open_to_the_world(values: dict[str, Any]) -> None:
    deployment = values["dagster-user-deployments"]["deployments"][0]
    assert deployment["envSecrets"] == [{"name": "gpu-etl"}]
    assert values["runLauncher"]["config"]["k8sRunLauncher"]["envSecrets"] == [{"name": "gpu-etl"}]
    assert values["dagsterWebserver"]["service"]["type"] == "ClusterIP"
    assert values["postgresql"]["postgresqlScheme"] == "postgresql+psycopg2"
    assert "password" not in str(values).lower().replace("passwordsecret", "")
