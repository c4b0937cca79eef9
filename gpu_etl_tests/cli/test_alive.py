"""Who lives is told by locks: they go with their holder, and a file that is left says nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

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
