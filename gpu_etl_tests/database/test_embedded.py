from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gpu_etl.cli.doctor_installation import abandoned
from gpu_etl.database import DatabaseError, open_database, places, urls
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings
from gpu_etl_tests.conftest import server_home

pytestmark = pytest.mark.slow
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend the server another account")

START = """
import sys, time
from pathlib import Path
from gpu_etl.database.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1])).start(), flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with server_home() as path:
        yield path


@pytest.fixture
def server(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home)


def ask(url: str, question: str) -> Any:
    with psycopg.connect(urls.for_libpq(url), autocommit=True) as connection:
        cursor = connection.execute(question)
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def postmaster(server: EmbeddedServer) -> int:
    folder = server.folder()
    assert folder is not None
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def starter(home: Path, stay: float = 0) -> Iterator[subprocess.Popen[str]]:
    """Another process that starts the server of ``home``, says its address and stays for a while."""
    command = [sys.executable, "-c", START, str(home), str(stay)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_starts_once_keeps_its_data_and_stops_once(server: EmbeddedServer) -> None:
    assert not server.is_running()
    assert not server.stop()

    url = server.start()
    began = ask(url, "select pg_postmaster_start_time()")
    ask(url, "create table kept as select 7 as value")

    assert server.is_running()
    assert (server.start(), ask(url, "select pg_postmaster_start_time()")) == (url, began)
    assert (server.stop(), server.stop(), server.is_running()) == (True, False, False)
    assert ask(server.start(), "select value from kept") == 7


def test_removing_it_stops_it_and_begins_anew(home: Path, server: EmbeddedServer) -> None:
    server.remove()
    ask(server.start(), "create table kept as select 7 as value")
    server.remove()

    assert not (home / "postgres").exists()
    assert ask(server.start(), "select to_regclass('kept')") is None


def test_only_its_account_can_reach_it_and_not_by_network(server: EmbeddedServer) -> None:
    url = server.start()
    folder = server.folder()

    assert folder is not None
    assert ask(url, "show listen_addresses") == ""
    assert ask(url, "show server_encoding") == "UTF8"
    for path in (folder, folder / "data", folder / ".s.PGSQL.5432"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert listening_by_network(pid) == set(), "the kernel knows of no port of it"
    with socket.create_server(("127.0.0.1", 0)):
        assert listening_by_network(os.getpid()), "the kernel would tell"


def listening_by_network(pid: int) -> set[str]:
    """The sockets of a process that listen on TCP, by the kernel's numbers."""
    own = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()
    ]
    return {f"socket:[{words[9]}]" for words in lines if words[3] == "0A"} & own


def test_processes_that_start_it_at_once_share_one_server(home: Path, server: EmbeddedServer) -> None:
    with starter(home) as one, starter(home) as two, starter(home) as three:
        addresses = {process.communicate(timeout=60)[0].strip() for process in (one, two, three)}
    log = (home / "postgres" / "server.log").read_text()

    assert addresses == {server.start()}
    assert log.count("starting PostgreSQL") == 1


def test_it_outlives_a_starter_that_is_killed_and_holds_none_of_its_pipes(home: Path, server: EmbeddedServer) -> None:
    with starter(home, stay=60) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        began = ask(url, "select pg_postmaster_start_time()")
        process.kill()
        process.communicate(timeout=10)  # returns once nobody holds the other end of the pipe

    assert server.is_running()
    assert ask(server.start(), "select pg_postmaster_start_time()") == began
    assert os.getsid(postmaster(server)) != os.getsid(0)


def test_a_starter_that_is_killed_on_the_way_leaves_nothing_in_the_way(home: Path, server: EmbeddedServer) -> None:
    for patience in (0.3, 0.5, 0.7):
        with starter(home) as process:
            time.sleep(patience)
            process.kill()

    assert ask(server.start(), "select current_database()") == "gpu_etl"


def test_it_comes_back_after_it_was_killed(server: EmbeddedServer) -> None:
    ask(server.start(), "create table kept as select 7 as value")
    os.kill(postmaster(server), signal.SIGKILL)

    assert ask(server.start(), "select value from kept") == 7


def test_a_pid_that_belongs_to_another_process_by_now_does_not_keep_it_from_starting(server: EmbeddedServer) -> None:
    server.start()
    folder = server.folder()
    assert folder is not None
    os.kill(postmaster(server), signal.SIGKILL)
    account = places.account_for(folder)
    user = None if account is None else account.uid
    with subprocess.Popen(["sleep", "60"], user=user) as stranger:
        try:
            pid_file = folder / "data" / "postmaster.pid"
            lines = pid_file.read_text().splitlines()
            pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

            assert ask(server.start(), "select 1") == 1
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_home_with_a_long_or_odd_name_works_through_a_short_folder(home: Path) -> None:
    server = EmbeddedServer(home / ("long " * 30) / "it's, 한글")
    try:
        url = server.start()
        sockets = Path(urls.parameters(url)["host"])

        assert ask(url, "select 1") == 1
        assert server.start() == url
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert server.stop()
        assert not sockets.exists()
        shutil.rmtree(sockets, ignore_errors=True)  # as a cleaning of /tmp does
        assert ask(server.start(), "select 1") == 1
    finally:
        server.stop()


def test_data_of_another_version_are_refused(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    folder = server.folder()
    assert folder is not None
    (folder / "data" / "PG_VERSION").write_text("16\n")

    with pytest.raises(DatabaseError, match=r"postgres/data was written by PostgreSQL 16; this program brings 18$"):
        server.start()


def test_a_broken_configuration_is_told_in_one_line(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    folder = server.folder()
    assert folder is not None
    with (folder / "data" / "postgresql.conf").open("a") as conf:
        conf.write("shared_buffers = nonsense\n")

    with pytest.raises(DatabaseError, match=r"did not start: .*FATAL: .*\(log: .*server\.log\)$") as caught:
        server.start()
    assert "\n" not in str(caught.value)


def test_a_home_that_is_a_file_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(DatabaseError, match=r"the embedded PostgreSQL cannot use .*/home: File exists$"):
        EmbeddedServer(tmp_path / "home").start()


def test_work_goes_on_after_the_server_was_stopped_or_killed(
    home: Path, server: EmbeddedServer, make_settings: Callable[..., Settings]
) -> None:
    pauses: list[float] = []
    database = open_database(make_settings(gpu_etl_home=home), sleep=pauses.append)
    try:
        server.stop()
        assert database.run(lambda connection: connection.execute("select 1 as x").fetchone()) == {"x": 1}

        os.kill(postmaster(server), signal.SIGKILL)
        assert database.run(lambda connection: connection.execute("select 2 as x").fetchone()) == {"x": 2}
    finally:
        database.close()


@as_root
def test_a_closed_home_points_to_an_open_folder_and_a_removed_one_is_stopped(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    state = home / "state"
    state.mkdir()
    first = EmbeddedServer(closed / "home", state_parents=[home / "missing", state])
    try:
        url = first.start()
        folder = first.folder()
        assert folder is not None
        assert folder.parent == state / "gpu-etl"
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o711
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert ask(url, "select 1") == 1

        assert places.abandoned_data([state]) == []
        (closed / "home").rename(closed / "moved")
        moved = EmbeddedServer(closed / "moved", state_parents=[state])
        assert moved.start() == url
        assert places.abandoned_data([state]) == [], "its new place is noted"

        shutil.rmtree(closed / "moved")
        (left,) = places.abandoned_data([state])
        assert (left.folder, left.home) == (folder, closed / "moved")
        assert left.size > 20_000_000
        (finding,) = abandoned([home / "missing", state])
        assert finding.says.endswith(f" MB of embedded databases whose homes are gone: {folder} of {closed}/moved")
        assert finding.fix.endswith(f": rm -r {folder}")

        second = EmbeddedServer(closed / "home", state_parents=[state])
        assert second.start() != url
        with pytest.raises(psycopg.OperationalError):
            ask(url, "select 1")
        second.remove()
        assert list((state / "gpu-etl").iterdir()) == [folder]
    finally:
        first.stop()


@as_root
def test_a_closed_wheel_is_copied_to_an_open_folder(home: Path) -> None:
    closed = home / "venv"
    closed.mkdir(mode=0o700)
    wheel = places.installed_wheel()
    package = wheel.parent.name
    shutil.copytree(wheel, closed / package / wheel.name)
    shutil.copytree(wheel.parents[1] / f"{package}.libs", closed / f"{package}.libs")
    server = EmbeddedServer(home / "home", state_parents=[home], installed=closed / package / wheel.name)
    try:
        assert ask(server.start(), "select 1") == 1
        assert server.stop()
        assert server.start()
    finally:
        server.stop()
    assert [path.name.split("-")[0] for path in (home / "gpu-etl").iterdir()] == ["binaries"]


@as_root
def test_the_folder_that_stands_in_the_way_is_named(home: Path) -> None:
    server = EmbeddedServer(home / "inner" / "home", state_parents=[])
    server.start()
    server.stop()
    (home / "inner").chmod(0o700)

    with pytest.raises(DatabaseError, match=rf"{home}/inner is closed to its account$"):
        server.start()
    with pytest.raises(DatabaseError, match="set GPU_ETL_HOME to a folder that every account can walk"):
        EmbeddedServer(home / "inner" / "other", state_parents=[]).start()


@as_root
def test_an_ordinary_user_runs_it_as_himself(home: Path) -> None:
    own = home / "own"
    own.mkdir(mode=0o700)
    os.chown(own, places.NOBODY, places.NOBODY)
    become = f"import os; os.setgroups([]); os.setgid({places.NOBODY}); os.setuid({places.NOBODY})\n"
    imports = START.split("print(")[0]
    say = "server = EmbeddedServer(Path(sys.argv[1])); print(server.start(), server.stop(), server.stop())"
    done = subprocess.run(
        [sys.executable, "-c", f"import gpu_etl.database\n{imports}{become}{say}", str(own)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert done.stdout.split()[1:] == ["True", "False"], done.stderr
    assert ask(EmbeddedServer(own).start(), "select 1") == 1  # and root after him
    EmbeddedServer(own).stop()
