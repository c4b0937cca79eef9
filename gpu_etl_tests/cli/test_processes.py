"""A service is stopped with all that it started, willing or not, and ends when its supervisor is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

from gpu_etl.cli import processes
from gpu_etl_tests.endtoend.instance import eventually

pytestmark = pytest.mark.slow

PARENT = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[2]])
open(sys.argv[1], "w").write(str(child.pid))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
time.sleep(60)
"""
WILLING = "import time; time.sleep(60)"
BUSY = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), exit())); time.sleep(60)"


def is_gone(pid: int) -> bool:
    """Whether a process is no more, or dead and waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def family(tmp_path: Path, grandchild: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A service that has started a process; both are gone at the end whatever happens."""
    note = tmp_path / "pid"
    child = processes.spawn([sys.executable, "-c", PARENT, str(note), grandchild], tmp_path / "log")
    try:
        pid = int(eventually(lambda: note.read_text() if note.exists() else None, 20, "the grandchild has begun"))
        yield child, pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def detached() -> Iterator[None]:
    """As a script leaves a command that it starts with ``&``, and Dagster's first step then leaves SIGTERM, too."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("around", [nullcontext, detached])
@pytest.mark.parametrize("grandchild", [WILLING, BUSY])
def test_what_a_service_started_ends_with_it(
    tmp_path: Path, grandchild: str, around: Callable[[], AbstractContextManager[None]]
) -> None:
    with around(), family(tmp_path, grandchild) as (child, pid):
        assert not is_gone(pid)
        asked_at = time.monotonic()
        processes.stop([child])
        assert time.monotonic() - asked_at < processes.GRACE_SECONDS, "nothing had to be killed"
        assert is_gone(pid)
        assert child.poll() is not None


@pytest.mark.parametrize("around", [nullcontext, detached])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_a_service_ends_when_its_supervisor_is_killed(
    tmp_path: Path, around: Callable[[], AbstractContextManager[None]]
) -> None:
    program = """
    import sys, time
    from pathlib import Path
    from gpu_etl.cli import processes
    child = processes.spawn([sys.executable, "-c", "import time; time.sleep(60)"], Path(sys.argv[1]))
    print(child.pid, flush=True)
    time.sleep(60)
    """
    with around():
        supervisor = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
        )
    assert supervisor.stdout is not None
    try:
        pid = int(supervisor.stdout.readline())
        assert not is_gone(pid)
    finally:
        supervisor.kill()
        supervisor.communicate()
    eventually(lambda: is_gone(pid), 10, "the service has ended")


def test_a_command_that_a_script_left_in_the_background_can_be_stopped() -> None:
    program = """
    import signal, time
    from gpu_etl import cli
    import dagster as dg
    @dg.op
    def nothing(): pass
    @dg.job
    def one(): nothing()
    cli._end_like_ctrl_c()
    one.execute_in_process()
    print("ready", flush=True)
    time.sleep(60)
    """
    with detached():
        command = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    assert command.stdout is not None
    try:
        assert "ready" in command.stdout.readline()
        command.send_signal(signal.SIGTERM)
        assert command.wait(10) != 0
    finally:
        command.kill()
        command.communicate()
