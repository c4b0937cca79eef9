"""Who lives is told by locks: they go with their holder, and a file that is left says nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster._daemon.types import DaemonHeartbeat

from gpu_etl import home
from gpu_etl.cli import alive
from gpu_etl.settings import Settings


@pytest.fixture
def settings(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    made = make_settings()
    made.home.mkdir()
    return made


def test_there_is_one_supervisor_a_home(settings: Settings) -> None:
    assert alive.supervisor_pid(settings) is None
    with alive.only_supervisor(settings) as first:
        assert first
        assert alive.supervisor_pid(settings) == os.getpid()
        with alive.only_supervisor(settings) as second:
            assert not second
        assert alive.supervisor_pid(settings) == os.getpid()
    assert alive.supervisor_pid(settings) is None


def test_a_file_that_a_killed_supervisor_left_says_nothing(settings: Settings) -> None:
    (settings.home / "supervisor.pid").write_text("1")
    assert alive.supervisor_pid(settings) is None
    with alive.only_supervisor(settings) as only:
        assert only


def test_commands_may_run_side_by_side_and_are_seen(settings: Settings) -> None:
    with alive.running_a_job(), alive.running_a_job(), alive.no_command_runs_a_job() as nobody:
        assert not nobody
    with alive.no_command_runs_a_job() as nobody:
        assert nobody


def beat(seconds_ago: float, thread: str = "SCHEDULER") -> None:
    with home.dagster_instance() as instance:
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - seconds_ago, thread, "a daemon", []))


def killed(settings: Settings, seconds_ago: float) -> None:
    """Leave what a supervisor leaves that gave its last sign then."""
    path = settings.home / "supervisor.pid"
    path.write_text("4711")
    os.utime(path, (time.time() - seconds_ago,) * 2)


def test_a_daemon_is_alive_by_its_heartbeat_whoever_runs_it(settings: Settings) -> None:
    assert alive.daemon(settings) == alive.Daemon(False, "not running")
    beat(20)
    assert alive.daemon(settings) == alive.Daemon(True, "alive: last heartbeat 20 s ago")
    beat(91)
    found = alive.daemon(settings)
    assert not found.is_alive
    assert found.says.startswith("not running: last heartbeat 20")
    beat(31, "QUEUED_RUN_COORDINATOR")
    assert alive.daemon(settings).is_alive, "the scheduler's own thread may take minutes over its schedules"


def test_the_heartbeat_of_a_daemon_whose_supervisor_was_killed_counts_no_more(settings: Settings) -> None:
    beat(20)
    killed(settings, seconds_ago=19)
    says = "not running: process 4711, which ran it, was killed; last heartbeat 20 s ago"
    assert alive.daemon(settings) == alive.Daemon(False, says)
    assert alive.beats(), "a run that it started may still go on"


def test_the_heartbeat_of_another_daemon_counts_after_that(settings: Settings) -> None:
    killed(settings, seconds_ago=60)
    beat(20)
    assert alive.daemon(settings).is_alive


def test_a_supervisor_that_ended_in_order_was_not_killed(settings: Settings) -> None:
    with alive.only_supervisor(settings):
        beat(20)
        alive.give_a_sign(settings)
        assert alive.daemon(settings).is_alive
    assert alive.daemon(settings).is_alive, "services wipes the heartbeat; until then it is all that is known"
