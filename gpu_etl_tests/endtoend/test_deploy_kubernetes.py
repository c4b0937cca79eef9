"""``deploy/kubernetes/values.yaml``: YAML without repeated keys that says the same as ``deploy/celery``."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


class Strict(yaml.SafeLoader):
    """Refuses a key that comes twice, of which YAML keeps the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice in {node.start_mark}"
        return super().construct_mapping(node, deep)


@pytest.fixture
def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((DEPLOY / "kubernetes" / "values.yaml").read_text(), Strict)  # noqa: S506
    return loaded


def snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def test_monitoring_retries_and_queue_are_those_of_the_workers(values: dict[str, Any]) -> None:
    workers = yaml.safe_load((DEPLOY / "celery" / "dagster.yaml").read_text())
    daemon = values["dagsterDaemon"]
    assert {snake(k): v for k, v in daemon["runMonitoring"].items()} == workers["run_monitoring"]
    assert {snake(k): v for k, v in daemon["runRetries"].items()} == workers["run_retries"]
    coordinator = daemon["runCoordinator"]["config"]["customRunCoordinator"]
    assert {key: coordinator[key] for key in ("module", "class", "config")} == workers["run_coordinator"]


def test_runs_get_the_secrets_and_nothing_is_open_to_the_world(values: dict[str, Any]) -> None:
    deployment = values["dagster-user-deployments"]["deployments"][0]
    assert deployment["envSecrets"] == [{"name": "gpu-etl"}]
    assert values["runLauncher"]["config"]["k8sRunLauncher"]["envSecrets"] == [{"name": "gpu-etl"}]
    assert values["dagsterWebserver"]["service"]["type"] == "ClusterIP"
    assert values["postgresql"]["postgresqlScheme"] == "postgresql+psycopg2"
    assert "password" not in str(values).lower().replace("passwordsecret", "")
