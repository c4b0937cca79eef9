"""Several machines on this one: network namespaces with addresses of their own, PostgreSQL and Redis between them.

Belongs here: making and removing them; the benchmark of the workers uses them too. Does not belong here: the servers
themselves (``servers``), what is expected of all of it.

Needs root, ``ip`` (iproute2) and ``redis-server``; the programs are those of Debian.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from string import Template
from typing import Any

import psycopg
import yaml

from gpu_etl.database import urls
from gpu_etl.database.embedded import DATABASE, PORT, USER
from gpu_etl_tests.conftest import server_home
from gpu_etl_tests.endtoend import servers
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import Instance, eventually, running

UNIT = servers.DEPLOYED / "gpu-etl-worker@.service"

NOWHERE = "http://127.0.0.1:9"
NOTHING_DUE = {
    **{f"{job}_CRAWL_HOUR": "23" for job in ("PRICE", "REDDIT")},
    **{f"{job}_CRAWL_MINUTE": "59" for job in ("PRICE", "REDDIT")},
    **dict.fromkeys(("DANAWA_BASE_URL", "REDDIT_BASE_URL", "REDDIT_OAUTH_URL"), NOWHERE),
    "REDDIT_CLIENT_ID": "nobody",
    "REDDIT_CLIENT_SECRET": "nobody",  # with a key the collection in between is not hourly
    "ECB_RATES_URL": "",
}


def what_is_missing() -> str | None:
    """Why there can be no cluster here, in one line."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [name for name in ("ip", "redis-server") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if importlib.util.find_spec("dagster_celery") is None:
        return "the extra [celery] is not installed"
    probe = subprocess.run(["ip", "netns", "add", f"probe{os.getpid()}"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", f"probe{os.getpid()}"], capture_output=True, check=False)
    return None if probe.returncode == 0 else "network namespaces are not allowed here"


@dataclass(slots=True)
class Worker:
    """A Celery worker on a machine of its own: one process that works, and its parent."""

    address: str
    process: subprocess.Popen[bytes]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the worker and all its processes."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Take the machine away: the worker and all its processes at once."""
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()


@dataclass(slots=True)
class Cluster:
    """The machine in the middle, and the way to more of them."""

    name: str
    address: str
    command: Command
    database_url: str
    broker: servers.Broker
    _stack: ExitStack
    workers: list[Worker] = field(default_factory=list)

    def add_worker(self) -> Worker:
        """Start a worker in a namespace with an address of its own; returns once it takes work."""
        number = len(self.workers) + 2
        space, address = f"{self.name}n{number}", f"{self.address.rpartition('.')[0]}.{number}"
        self._stack.enter_context(_namespace(space, self.name, address))
        log = self.command.home / f"worker{number}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", space, *celery(f"w{number}@{address}", self.command.environment)],
                env={**self.command.environment, "C_FORCE_ROOT": "1"},
                cwd=self.command.home,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        worker = Worker(address, process)
        self._stack.callback(worker.kill)
        try:
            eventually(lambda: " ready." in log.read_text(errors="replace"), 60, f"worker {number} is ready")
        finally:
            print(log.read_text(errors="replace"))
        self.workers.append(worker)
        return worker

    def reachable(self, port: int) -> int:
        """Let the workers reach what listens on loopback here; returns the port on the cluster's address."""
        return self._stack.enter_context(_forwarded(self.address, port))

    @contextmanager
    def services(self) -> Iterator[Instance]:
        """The daemon and the UI of the machine in the middle."""
        up = running(self.command, "up", "--port", "0", "--dashboard-port", "0", ready=r"Dagster UI: (http://\S+)")
        with up as (instance, _):
            yield instance

    def ask(self, question: str, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Rows of one of the two databases."""
        with psycopg.connect(urls.for_libpq(self.url_of(database)), autocommit=True) as connection:
            cursor = connection.execute(question)
            return cursor.fetchall() if cursor.description else []

    def url_of(self, database: str) -> str:
        """The address of one of the two databases."""
        return f"postgresql://{USER}@{self.address}:{PORT}/{database}"


def celery(name: str, environment: dict[str, str]) -> list[str]:
    """The command of the deployed unit with one process, under a name of its own and telling when it is ready."""
    (line,) = (line for line in UNIT.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart="))
    _, *words = shlex.split(line.removeprefix("ExecStart=").replace("gpu-etl@%%h", name).replace("%i", "1"))
    given = [Template(word).substitute(environment) for word in words]
    return [sys.executable, "-m", "celery", *given, "-l", "INFO"]


@contextmanager
def cluster(**monitoring: int) -> Iterator[Cluster]:
    """PostgreSQL and Redis on an address of their own, and what ``deploy/celery`` ships.

    ``monitoring`` replaces values of ``run_monitoring``. Nothing of the schedules is due but at the end of the day, and
    no source but a closed port is known.
    """
    name = f"ge{os.getpid() % 100_000}"
    address = f"10.{77 + os.getpid() // 250 % 100}.{os.getpid() % 250}.1"
    with ExitStack() as stack:
        home = stack.enter_context(server_home())
        stack.enter_context(_bridge(name, address))
        database_url = servers.postgres(home, address, stack)
        broker = stack.enter_context(servers.redis(home, address))
        port = stack.enter_context(servers.pooled(home, address))
        command = Command(
            home,
            database_url,
            {
                "DAGSTER_POSTGRES_URL": urls.for_dagster(f"postgresql://{USER}@{address}:{port}/dagster"),
                "DAGSTER_CELERY_BROKER": f"{broker.url}/0",
                "DAGSTER_CELERY_BACKEND": f"{broker.url}/1",
                **NOTHING_DUE,
            },
        )
        config = yaml.safe_load((servers.DEPLOYED / "dagster.yaml").read_text(encoding="utf-8"))
        config["run_monitoring"] |= monitoring
        (home / "dagster").mkdir()
        (home / "dagster" / "dagster.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        yield Cluster(name, address, command, database_url, broker, stack)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def _bridge(name: str, address: str) -> Iterator[None]:
    _run("ip", "link", "add", name, "type", "bridge")
    try:
        _run("ip", "address", "add", f"{address}/24", "dev", name)
        _run("ip", "link", "set", name, "up")
        yield
    finally:
        _run("ip", "link", "del", name)


@contextmanager
def _namespace(space: str, bridge: str, address: str) -> Iterator[None]:
    inner, outer = f"{space}i", f"{space}o"
    _run("ip", "netns", "add", space)
    try:
        _run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
        _run("ip", "link", "set", outer, "master", bridge, "up")
        inside: Sequence[Sequence[str]] = (
            ("address", "add", f"{address}/24", "dev", inner),
            ("link", "set", inner, "up"),
            ("link", "set", "lo", "up"),
        )
        for words in inside:
            _run("ip", "-n", space, *words)
        yield
    finally:
        _run("ip", "netns", "del", space)


@contextmanager
def _forwarded(address: str, port: int) -> Iterator[int]:
    """Pass connections to ``address`` on to a port on loopback."""
    with socket.create_server((address, 0)) as listening:
        threading.Thread(target=_accept, args=(listening, port), daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, port: int) -> None:
    while True:
        try:
            incoming, _ = listening.accept()
        except OSError:
            return
        outgoing = socket.create_connection(("127.0.0.1", port))
        for source, target in ((incoming, outgoing), (outgoing, incoming)):
            threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    finally:
        source.close()
