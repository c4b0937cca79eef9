"""Child processes that are started and stopped with all that they start.

Belongs here: process groups, and what the kernel can be asked to do about orphans. Does not belong here: which
processes those are (``services``).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 20


def spawn(command: Sequence[str], output: Path | None) -> subprocess.Popen[bytes]:
    """Start a service as the leader of a process group of its own, which it leads into its end."""
    if output is None:
        return subprocess.Popen(command, start_new_session=True, preexec_fn=_be_stoppable)
    with output.open("ab") as log:
        return subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log, preexec_fn=_be_stoppable)


def _be_stoppable() -> None:
    """Hear the signals that stop a service, and have the kernel send one when the supervisor is killed.

    A command started with ``&`` by a script ignores SIGINT, Dagster gives SIGTERM whatever SIGINT has
    (``dagster._utils.interrupts``), and what is ignored stays so in every process that is started: nothing but SIGKILL
    would end a service then.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    _prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind: in a container, process 1 may never bury it."""
    _prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def _prctl(option: int, value: int) -> None:
    """Call prctl(2); does nothing where there is none."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask each child and all that it started to end, and end at once what does not in time.

    The whole group is asked: a run's process would otherwise go on by itself for as long as the run takes.
    """
    for child in children:
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        while not _has_ended(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether a child's whole group is gone; takes the dead away, who would keep it in existence."""
    child.poll()
    with suppress(ChildProcessError):
        while os.waitpid(-child.pid, os.WNOHANG)[0]:
            pass
    return not _signal_group(child, 0)


def _signal_group(child: subprocess.Popen[bytes], number: int) -> bool:
    """Signal all processes of a child's group; ``False`` when there are none."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return False
    return True
