"""Which processes of this installation live, told by locks that the kernel lets go when their holder ends.

Belongs here: those locks, the daemon's heartbeat, and what both say of the daemon. Does not belong here: starting and
stopping (``services``), runs (``runs``).

A pid in a file says nothing once its process was killed and the number given to another; a lock does.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gpu_etl import home
from gpu_etl.settings import Settings

ALIVE_WITHIN = timedelta(seconds=90)
"""The daemon beats every 30 s; three missed beats mean that it is gone."""
SEEN_EVERY = timedelta(seconds=10)
"""By no more is a supervisor's last sign older than its end, on a machine that is busy too."""


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
        try:
            yield True
        finally:
            file.truncate(0)  # one that was killed leaves its number


def give_a_sign(settings: Settings) -> None:
    """Note that this process, which is the supervisor, still lives."""
    with suppress(OSError):  # a disk that became read-only is told by others
        os.utime(_supervisor_file(settings))


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


def _killed_supervisor(settings: Settings) -> tuple[int, datetime] | None:
    """The supervisor that was killed, and when it gave its last sign; ``None`` where one lives or ended in order."""
    try:
        with _supervisor_file(settings).open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            pid = int(file.read() or 0)
            return (pid, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)) if pid else None
    except (FileNotFoundError, BlockingIOError):
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
    """When the daemon of ``DAGSTER_HOME`` last gave a sign of life.

    Any of its threads will do, as it ends when one of them dies. The scheduler's own beats once a minute and later
    still where schedules take long (dagster 1.13, ``execute_scheduler_iteration_loop``), the queue's every 30 s.
    """
    with home.dagster_instance() as instance:
        found = [beat.timestamp for beat in instance.get_daemon_heartbeats().values()]
    return datetime.fromtimestamp(max(found), UTC) if found else None


def beats() -> bool:
    """Whether the daemon's heart has beaten lately; of one that was killed it still has."""
    beat = last_heartbeat()
    return beat is not None and datetime.now(UTC) - beat <= ALIVE_WITHIN


@dataclass(frozen=True, slots=True)
class Daemon:
    """The scheduler daemon, whoever runs it: our supervisor, ``dagster dev``, a container."""

    is_alive: bool
    says: str


def daemon(settings: Settings) -> Daemon:
    """Whether it lives, by its heartbeat. A daemon ends with its supervisor, so no beat from before that counts."""
    beat = last_heartbeat()
    if beat is None:
        return Daemon(False, "not running")
    age = datetime.now(UTC) - beat
    if age > ALIVE_WITHIN:
        return Daemon(False, f"not running: last heartbeat {beat:%Y-%m-%d %H:%M:%S} UTC")
    ago = f"last heartbeat {age.total_seconds():.0f} s ago"
    killed = _killed_supervisor(settings)
    if killed is not None and beat <= killed[1] + SEEN_EVERY:
        return Daemon(False, f"not running: process {killed[0]}, which ran it, was killed; {ago}")
    return Daemon(True, f"alive: {ago}")
