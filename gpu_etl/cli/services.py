"""``gpu-etl init``, ``up`` and ``down``: Dagster's processes, started together and stopped together.

Belongs here: starting, watching and stopping child processes. Does not belong here: what they serve.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from gpu_etl import home
from gpu_etl.cli import fail
from gpu_etl.cli.database import leaving_nothing_running
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings, load_settings

GRACE_SECONDS = 20


@click.command()
def init() -> None:
    """Make GPU_ETL_HOME and Dagster's home in it; changes nothing that is there."""
    settings = load_settings()
    dagster_home = home.prepare(settings)
    click.echo(f"GPU_ETL_HOME {settings.home}\nDAGSTER_HOME {dagster_home}")


@click.command()
@click.option("--port", default=3000, show_default=True, help="port of the Dagster UI on 127.0.0.1; 0 takes a free one")
def up(port: int) -> None:
    """Start the Dagster UI and the daemon; Ctrl-C stops all."""
    settings = load_settings()
    home.prepare(settings)
    port = port or free_port()
    if not is_free(port):
        fail(f"port {port} is taken: choose another with --port, or --port 0 for a free one")
    commands = [daemon_command(), webserver_command(port)]
    serve(
        settings,
        "up",
        commands,
        ready_url=f"http://127.0.0.1:{port}/server_info",
        show=f"Dagster UI: http://127.0.0.1:{port}",
    )


@click.command()
def down() -> None:
    """Stop what runs on this GPU_ETL_HOME: the services of `up` or `scheduler start`, and the embedded server."""
    settings = load_settings()
    home.prepare(settings)
    stopped = ["services"] if stop_supervisor(settings) else []
    if EmbeddedServer(settings.home).stop():
        stopped.append("embedded PostgreSQL")
    click.echo(f"stopped {' and '.join(stopped)}" if stopped else "nothing was running")


def daemon_command() -> list[str]:
    """The command line of Dagster's daemon."""
    return [_script("dagster-daemon"), "run", "-w", str(home.workspace_file())]


def webserver_command(port: int) -> list[str]:
    """The command line of Dagster's UI, on loopback only: it has no login."""
    return [_script("dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), "-w", str(home.workspace_file())]


def _script(name: str) -> str:
    """A console script of this environment, whether or not the environment is activated."""
    return str(Path(sys.executable).with_name(name))


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def serve(
    settings: Settings,
    name: str,
    commands: Sequence[Sequence[str]],
    *,
    ready_url: str | None = None,
    show: str = "",
    detach: bool = False,
) -> None:
    """Run processes until Ctrl-C, SIGTERM, or one of them ends; then stop them all.

    One supervisor a home: a second one is refused. With ``detach`` the supervisor goes on in the background.
    """
    if detach:
        _detach(settings, name)
        return
    with _only_supervisor(settings), leaving_nothing_running(settings):
        children = [subprocess.Popen(command, start_new_session=True) for command in commands]
        try:
            _wait(children, ready_url, show or f"{name} is running")
        finally:
            _stop(children)
            _forget_heartbeats()


def _detach(settings: Settings, name: str) -> None:
    arguments = {"scheduler": ["scheduler", "start"], "up": ["up"]}[name]
    output = home.log_file(settings).with_name(f"{name}.log")
    with output.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "gpu_etl", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    for _ in range(50):
        if supervisor_pid(settings) == child.pid:
            click.echo(f"{name} runs in the background (pid {child.pid}), log {output}")
            return
        if child.poll() is not None:
            fail(f"{name} did not start: see {output}")
        time.sleep(0.1)


def _wait(children: Sequence[subprocess.Popen[bytes]], ready_url: str | None, show: str) -> None:
    """Block until a signal asks us to stop, or a child has ended by itself (which is a failure)."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    told = False
    while not asked:
        for child in children:
            if child.poll() is not None:
                fail(f"{Path(str(child.args[0])).name} ended by itself with code {child.returncode}")  # type: ignore[index]
        if not told and (ready_url is None or _answers(ready_url)):
            click.echo(f"{show}\nCtrl-C stops it.")
            told = True
        time.sleep(0.3)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
            return True
    except (urllib.error.URLError, OSError):
        return False


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask every child to end, and end the whole group of one that does not in time."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _forget_heartbeats() -> None:
    """A daemon that was stopped on purpose must not look alive for the rest of its heartbeat."""
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        instance.wipe_daemon_heartbeats()


# --- one supervisor a home: the lock says that it lives, the file's text says which process it is --------------------
def _lock_file(settings: Settings) -> Path:
    return settings.home / "supervisor.pid"


@contextmanager
def _only_supervisor(settings: Settings) -> Iterator[None]:
    with _lock_file(settings).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(f"something runs on {settings.home} already: `gpu-etl down` stops it")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def supervisor_pid(settings: Settings) -> int | None:
    """The process that holds this home's services, or ``None``; a file left by a killed process says nothing."""
    try:
        with _lock_file(settings).open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


def stop_supervisor(settings: Settings) -> bool:
    """Stop the home's services and wait until they are gone; ``False`` when there are none."""
    pid = supervisor_pid(settings)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 2 * GRACE_SECONDS
    while supervisor_pid(settings) is not None:
        if time.monotonic() > deadline:
            fail(f"process {pid} does not stop")
        time.sleep(0.2)
    return True
