"""Which processes of this installation live, told by locks that the kernel lets go when their holder ends.

Belongs here: those locks, and the daemon's heartbeat. Does not belong here: starting and stopping (``services``), runs
(``runs``).

A pid in a file says nothing once its process was killed and the number given to another; a lock does.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gpu_etl import home
from gpu_etl.settings import Settings


def _supervisor_file(settings: Settings) -> Path:
    return settings.home / "supervisor.pid"


@contextmanager
def only_supervisor(settings: Settings) -> Iterator[bool]:
    """Be the one process that holds this home's services; yields ``False`` when another one is."""
    with _supervisor_file(settings).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield True


def supervisor_pid(settings: Settings) -> int | None:
    """The process that holds this home's services, or ``None``."""
    try:
        with _supervisor_file(settings).open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


def _commands_file() -> Path:
    return Path(os.environ["DAGSTER_HOME"]) / "commands.lock"


@contextmanager
def running_a_job() -> Iterator[None]:
    """Be a command that runs a job in its own process; waits while :func:`no_command_runs_a_job` is being asked."""
    with _commands_file().open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def no_command_runs_a_job() -> Iterator[bool]:
    """Whether no command runs a job in its own process; if so, none will begin inside the block."""
    with _commands_file().open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def last_heartbeat() -> datetime | None:
    """When the scheduler daemon of ``DAGSTER_HOME`` last gave a sign of life."""
    with home.dagster_instance() as instance:
        beat = instance.get_daemon_heartbeats().get("SCHEDULER")
    return datetime.fromtimestamp(beat.timestamp, UTC) if beat else None
