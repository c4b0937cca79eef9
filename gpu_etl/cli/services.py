"""``gpu-etl init``, ``up`` and ``down``: Dagster's processes and the dashboard, started together and stopped together.

Belongs here: which services there are, watching them, and their one supervisor. Does not belong here: starting and
stopping a process (``processes``), what they serve.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from gpu_etl import home
from gpu_etl.cli import alive, fail, processes
from gpu_etl.cli.database import leaving_nothing_running, plainly
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings, load_settings

DETACH_SECONDS = 60
"""The daemon loads our code before its heart beats: seconds, on a machine that is busy booting many."""
OUR_LINE = "gpu-etl: "
"""How the line begins that says why a command of ours has failed."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
def init() -> None:
    """Make GPU_ETL_HOME and Dagster's home in it; changes nothing that is there."""
    settings = load_settings()
    dagster_home = home.prepare(settings)
    click.echo(f"GPU_ETL_HOME {settings.home}\nDAGSTER_HOME {dagster_home}")


@click.command()
@click.option(
    "--port",
    default=3000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="port of the Dagster UI on 127.0.0.1; 0 takes a free one",
)
@click.option("--dashboard-port", type=click.IntRange(0, 65535), help="port of the dashboard  [DASHBOARD_PORT]")
def up(port: int, dashboard_port: int | None) -> None:
    """Start the Dagster UI, the daemon and the dashboard; Ctrl-C stops all."""
    settings = load_settings()
    home.prepare(settings)
    serve_all(settings, "up", port, dashboard_port)


def serve_all(settings: Settings, name: str, port: int, dashboard_port: int | None) -> None:
    """Run UI, daemon and dashboard until Ctrl-C; each is told where the others are."""
    port = _usable(port, "--port")
    dashboard_port = _usable(settings.dashboard_port if dashboard_port is None else dashboard_port, "--dashboard-port")
    ui, dashboard = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{dashboard_port}"
    os.environ["DASHBOARD_PORT"] = str(dashboard_port)
    os.environ["DAGSTER_UI_URL"] = told_ui(settings, ui)
    serve(
        settings,
        name,
        [daemon_command(), webserver_command(port), dashboard_command(dashboard_port)],
        ready_urls=[f"{ui}/server_info", f"{dashboard}/ping"],
        show=f"Dagster UI: {ui}\nDashboard: {dashboard}",
    )


def told_ui(settings: Settings, ui: str) -> str:
    """Where messages send people: to the setting where it is not the default, which stands in .env.example too."""
    named = settings.dagster_ui_url
    return ui if named == Settings.model_fields["dagster_ui_url"].default else named


def _usable(port: int, option: str) -> int:
    port = port or free_port()
    if not is_free(port):
        fail(f"port {port} is taken: choose another with {option}, or {option} 0 for a free one")
    return port


@click.command()
def down() -> None:
    """Stop what runs on this GPU_ETL_HOME, runs in progress too: the services, and the embedded server."""
    settings = load_settings()
    home.find(settings)
    stopped = ["services"] if stop_supervisor(settings) else []
    with plainly():
        if EmbeddedServer(settings.home).stop():
            stopped.append("embedded PostgreSQL")
    click.echo(f"stopped {' and '.join(stopped)}" if stopped else "nothing was running")


def daemon_command() -> list[str]:
    """The command line of Dagster's daemon."""
    return [_script("dagster-daemon"), "run", "-w", str(home.workspace_file())]


def webserver_command(port: int) -> list[str]:
    """The command line of Dagster's UI, on loopback only: it has no login."""
    return [_script("dagster-webserver"), "-h", "127.0.0.1", "-p", str(port), "-w", str(home.workspace_file())]


def dashboard_command(port: int) -> list[str]:
    """The command line of the dashboard."""
    return [_script("gpu-etl"), "dashboard", "--port", str(port)]


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
    ready_urls: Sequence[str] = (),
    show: str = "",
    detach: bool = False,
) -> None:
    """Run processes until Ctrl-C, SIGTERM, or one of them ends; then stop them all.

    Ready are they once all ``ready_urls`` answer, or, where there are none, once the daemon's heart beats.

    What they print goes to ``logs/<name>.log``, or to the console with ``LOG_LEVEL=DEBUG``; the console tells which
    runs ended. One supervisor a home: a second one is refused. With ``detach`` it goes on in the background.

    Raises:
        SettingsError: REDDIT_KEYWORDS_FILE cannot be used. All would come up, and not one schedule tick.
    """
    settings.keyword_rules()
    if detach:
        _detach(settings, name)
        return
    asked = _listen_for_stop_signals()
    with alive.only_supervisor(settings) as is_only, leaving_nothing_running(settings):
        if not is_only:
            fail(f"something runs on {settings.home} already: `gpu-etl down` stops it")
        processes.adopt_orphans()
        _put_records_in_order()
        output = None if settings.log_level == "DEBUG" else _output_of(settings, name)
        children = [processes.spawn(command, output) for command in commands]
        try:
            _watch(settings, children, asked, ready_urls, show or "the scheduler is alive", output)
        finally:
            processes.stop(children)
            _forget_heartbeats()


def _listen_for_stop_signals() -> list[int]:
    """From now on, a signal that asks us to stop is noted in the returned list rather than obeyed on the spot."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, note)
    return asked


def _output_of(settings: Settings, name: str) -> Path:
    path = home.log_file(settings).with_name(f"{name}.log")
    home.cut_when_long(path)
    return path


def _detach(settings: Settings, name: str) -> None:
    arguments = {"scheduler": ["scheduler", "start"]}[name]
    output = _output_of(settings, name)
    begun = datetime.now(UTC)
    with output.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "gpu_etl", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + DETACH_SECONDS
    while time.monotonic() < deadline:
        if alive.supervisor_pid(settings) == child.pid and _heart_beats(since=begun):
            click.echo(f"the {name} is alive in the background (pid {child.pid}), log: {output}")
            return
        if child.poll() is not None:
            fail(f"the {name} did not start: {_last_line(output)}")
        time.sleep(0.3)
    fail(f"no heartbeat of the {name} within {DETACH_SECONDS} s: see {output}, and later gpu-etl scheduler status")


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix(OUR_LINE) if lines else f"see {path}"


def _end_of(child: subprocess.Popen[bytes], output: Path | None) -> str:
    """Which service has ended by itself, and its own reason where it is one of ours, whose last line tells it."""
    program, *arguments = map(str, child.args)  # type: ignore[arg-type]
    name = " ".join([Path(program).name, *(word for word in arguments[:1] if not word.startswith("-"))])
    told = f"{name} ended by itself with code {child.returncode}: "
    if output is None:
        return f"{told}see above"
    speaks = program == _script("gpu-etl") and child.returncode > 0  # what was killed said nothing: the line is older
    lines = output.read_text(encoding="utf-8", errors="replace").splitlines() if speaks else []
    ours = [line for line in lines if line.startswith(OUR_LINE)]
    return f"{told}{ours[-1].removeprefix(OUR_LINE)}" if ours else f"{told}see {output}"


def _watch(
    settings: Settings,
    children: Sequence[subprocess.Popen[bytes]],
    asked: list[int],
    ready_urls: Sequence[str],
    show: str,
    output: Path | None,
) -> None:
    """Block until a signal asked us to stop, or a child has ended by itself (which is a failure)."""
    from gpu_etl.cli.news import RunNews

    told = False
    begun = datetime.now(UTC)
    news = RunNews(settings.zone)
    while not asked:
        alive.give_a_sign(settings)
        for child in children:
            if child.poll() is not None:
                fail(_end_of(child, output))
        if not told and (all(answers(url) for url in ready_urls) if ready_urls else _heart_beats(since=begun)):
            click.echo(f"{show}\nlog: {output or 'here'}\nCtrl-C stops it.")
            told = True
        news.tell()
        if output is not None:
            home.cut_when_long(output)
        time.sleep(0.3)


def answers(url: str) -> bool:
    """Whether one of our services answers at its address on loopback, where no proxy is asked for it."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _heart_beats(since: datetime) -> bool:
    """Whether the daemon gave a sign of life since a moment: a killed one's last beat may lie a few seconds back."""
    beat = alive.last_heartbeat()
    return beat is not None and beat >= since


def _put_records_in_order() -> None:
    """Make Dagster's tables before two services try it at once, of which one would fail; end runs that were killed."""

    from gpu_etl.cli.runs import fail_lost_runs

    with home.dagster_instance() as instance:
        fail_lost_runs(instance)
        instance.get_asset_keys()
        instance.all_instigator_state()


def _forget_heartbeats() -> None:
    """A daemon that was stopped on purpose must not look alive for the rest of its heartbeat."""

    with home.dagster_instance() as instance:
        instance.wipe_daemon_heartbeats()


def stop_supervisor(settings: Settings) -> bool:
    """Stop the home's services and wait until they are gone; ``False`` when there are none."""
    pid = alive.supervisor_pid(settings)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 2 * processes.GRACE_SECONDS
    while alive.supervisor_pid(settings) is not None:
        if time.monotonic() > deadline:
            fail(f"process {pid} does not stop")
        time.sleep(0.2)
    return True
