"""The servers of several machines: PostgreSQL, PgBouncer and Redis, each on an address of its own.

Belongs here: starting and ending them. Does not belong here: machines and workers (``cluster``).

They are Debian's, as ``deploy/celery`` has them; without its PostgreSQL the embedded one, without PgBouncer none.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from gpu_etl.database import Database, urls
from gpu_etl.database.embedded import DATABASE, PORT, USER, EmbeddedServer
from gpu_etl_tests.endtoend.instance import eventually

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "celery"


@dataclass(slots=True)
class Broker:
    """Redis on the machine in the middle; it keeps nothing on disk, so that its death is the worst one."""

    home: Path
    address: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, without the number of a database."""
        return f"redis://{self.address}:6379"

    def start(self) -> None:
        """Start it, empty; returns once it answers."""
        command = ["redis-server", "--bind", self.address, "--port", "6379", "--protected-mode", "no", "--save", ""]
        with (self.home / "redis.log").open("ab") as log:
            self.process = subprocess.Popen([*command, "--dir", str(self.home)], stdout=log, stderr=log)
        try:
            eventually(lambda: _answers(self.address, 6379), 20, "Redis answers")
        except AssertionError:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, and all that it held."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def postgres(home: Path, address: str, stack: ExitStack) -> str:
    """A server that listens on an address and holds both databases; returns the address of the product's, migrated."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if installed:
        _debians_server(home, address, installed[-1], stack)
    else:
        _embedded_server(home, address)
    url = f"postgresql://{USER}@{address}:{PORT}/{DATABASE}"
    opened = Database(lambda: url, max_retries=3, backoff_seconds=1)
    opened.migrate()
    opened.close()
    return url


def _debians_server(home: Path, address: str, programs: Path, stack: ExitStack) -> None:
    data = home / "cluster"
    data.mkdir(mode=0o700)
    shutil.chown(data, "nobody")

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        done = subprocess.run(
            command, user="nobody", cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}"

    run("initdb", "-U", USER, "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8")
    with (data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write(f"\nhost all all {address}/24 trust\n")
    with (data / "postgresql.conf").open("a", encoding="utf-8") as config:
        config.write(
            f"\nlisten_addresses = '{address}'\nport = {PORT}\nunix_socket_directories = ''\ntimezone = 'UTC'\n"
        )
    run("pg_ctl", "-l", str(data / "server.log"), "-w", "start")
    stack.callback(run, "pg_ctl", "-m", "immediate", "-w", "stop")
    with psycopg.connect(f"postgresql://{USER}@{address}:{PORT}/postgres", autocommit=True) as connection:
        for database in (DATABASE, "dagster"):
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))


def _embedded_server(home: Path, address: str) -> None:
    """The embedded server of ``home``, made to listen on an address; it ends with the home."""
    server = EmbeddedServer(home)
    with psycopg.connect(urls.for_libpq(server.start()), autocommit=True) as connection:
        connection.execute(sql.SQL("alter system set listen_addresses = {}").format(address))
        connection.execute("create database dagster")
        rules = connection.execute("show hba_file").fetchone()
    assert rules is not None
    with Path(rules[0]).open("a", encoding="utf-8") as file:
        file.write(f"\nhost all all {address}/24 trust\n")
    server.stop()
    server.start()


@contextmanager
def pooled(home: Path, address: str) -> Iterator[int]:
    """The port at which Dagster's database is asked: the deployed PgBouncer's, or PostgreSQL's where there is none."""
    program = shutil.which("pgbouncer")
    if program is None:
        yield PORT
        return
    folder = home / "pgbouncer"
    folder.mkdir()
    shutil.chown(folder, "nobody")
    (folder / "users").write_text(f'"{USER}" ""\n', encoding="utf-8")
    config = ConfigParser(interpolation=None)
    config.read(DEPLOYED / "pgbouncer.ini")
    config["databases"]["dagster"] = config["databases"]["dagster"].replace("127.0.0.1", address)
    here = {"listen_addr": address, "auth_type": "trust", "auth_file": str(folder / "users"), "unix_socket_dir": ""}
    config["pgbouncer"].update(here, **{file: str(folder / file) for file in ("logfile", "pidfile")})
    with (folder / "pgbouncer.ini").open("w", encoding="utf-8") as file:
        config.write(file)
    port = config.getint("pgbouncer", "listen_port")
    command = [program, "--user", "nobody", "--quiet", str(folder / "pgbouncer.ini")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _answers(address, port), 20, "PgBouncer answers")
            yield port
        finally:
            process.kill()


@contextmanager
def redis(home: Path, address: str) -> Iterator[Broker]:
    broker = Broker(home, address)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
