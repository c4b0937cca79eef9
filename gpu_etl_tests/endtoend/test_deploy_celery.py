"""``deploy/celery``: what it shares with a single server, and what its worker unit says."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def test_several_machines_differ_from_one_server_in_what_runs_elsewhere_need() -> None:
    several = yaml.safe_load((DEPLOY / "celery" / "dagster.yaml").read_text())
    one = yaml.safe_load((DEPLOY / "postgres" / "dagster.yaml").read_text())
    assert several.pop("run_launcher")["class"] == "CeleryRunLauncher"
    assert several["concurrency"].pop("pools") == {"default_limit": 1, "granularity": "op"}
    assert several["run_monitoring"].pop("free_slots_after_run_end_seconds") == 60
    del several["run_monitoring"]["start_timeout_seconds"], one["run_monitoring"]["start_timeout_seconds"]
    assert several == one


def test_a_run_that_waits_in_redis_behind_the_longest_one_is_not_taken_for_lost() -> None:
    monitoring = yaml.safe_load((DEPLOY / "celery" / "dagster.yaml").read_text())["run_monitoring"]
    until_the_longest_is_ended = monitoring["max_runtime_seconds"] + 2 * monitoring["poll_interval_seconds"]
    assert monitoring["start_timeout_seconds"] > until_the_longest_is_ended + monitoring["cancel_timeout_seconds"]


def test_the_worker_is_celery_itself_and_fetches_one_task_at_a_time() -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "celery" / "gpu-etl-worker@.service")
    command = unit["Service"]["ExecStart"]
    assert "/celery -A dagster_celery.app " in command
    assert "--prefetch-multiplier=1 --disable-prefetch" in command
    assert unit["Service"]["KillMode"] == "mixed"


def test_a_pooled_connection_is_lent_whole_and_cleaned_and_to_the_machine_s_own_network_only() -> None:
    config = ConfigParser(interpolation=None)
    config.read(DEPLOY / "celery" / "pgbouncer.ini")
    pooled = config["pgbouncer"]
    # The UI sets a statement timeout when it connects; a worker that got its connection next would run under it.
    assert (pooled["pool_mode"], pooled["server_reset_query"]) == ("session", "DISCARD ALL")
    assert pooled["auth_type"] == "scram-sha-256"
    assert pooled["listen_addr"] == "127.0.0.1, 10.0.0.1"
    assert [*config["databases"]] == ["dagster"], "a run holds its connection to the product's data anyhow"
