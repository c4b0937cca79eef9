"""The embedded PostgreSQL: started on first use, shared by all processes of a ``GPU_ETL_HOME``, stopped on request.

Belongs here: the server's life. Does not belong here: which folders it may use (``places``), what is stored in it.

The wheel serves as a folder of binaries only. Its own manager keeps a list of pids and is fooled by processes that were
killed; here nothing is concluded from a pid. Whether the server answers is found out by asking it. Whether anything of
it is still alive is found out by a lock that the server and all its children inherit and that the kernel lets go with
the last of them. It listens on a socket in a folder that only its account can enter, never on TCP.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import pq
from psycopg.conninfo import make_conninfo

from gpu_etl.database import places, urls
from gpu_etl.database.errors import DatabaseError

DATABASE = "gpu_etl"
USER = "postgres"
PORT = 5432  # names the socket file; nothing listens on TCP
MAJOR = "18"
PATIENCE_SECONDS = 300  # recovery after a crash in the middle of a large load takes its time
_LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{PORT}.lock")
_OPTIONS = {"listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC", "log_checkpoints": "off"}


class EmbeddedServer:
    """The server of one ``GPU_ETL_HOME``. Objects of this class hold nothing: any process may start or stop it."""

    def __init__(
        self, home: Path, *, state_parents: Sequence[Path] = places.STATE_PARENTS, installed: Path | None = None
    ) -> None:
        """``state_parents``: where root may put what the home cannot hold; ``installed``: in place of the wheel's."""
        self._home = home.expanduser().resolve()
        self._link = self._home / "postgres"
        self._state_parents = state_parents
        self._installed = installed

    def start(self) -> str:
        """Start the server unless it runs; returns its address (``postgresql+psycopg://``).

        It outlives this process. Processes that start it at once share one server.

        Raises:
            DatabaseError: when it cannot be started; the line says why, or which folder stands in the way.
        """
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            with _exclusively(self._home / "postgres.lock"):
                return self._started()
        except OSError as error:
            raise _trouble(error) from error

    def stop(self) -> bool:
        """Stop the server, ending its connections; returns whether there was one to stop."""
        try:
            if self.folder() is None:
                return False
            with _exclusively(self._home / "postgres.lock"):
                folder = self.folder()
                return folder is not None and self._stopped(folder)
        except OSError as error:
            raise _trouble(error) from error

    def remove(self) -> None:
        """Stop the server and delete its data, wherever they lie; removing the home alone may leave them elsewhere."""
        self.stop()
        try:
            if folder := self.folder():
                shutil.rmtree(folder)
            self._link.unlink(missing_ok=True)
        except OSError as error:
            raise _trouble(error) from error

    def is_running(self) -> bool:
        """Whether the server answers."""
        try:
            folder = self.folder()
            return folder is not None and _ping(_socket_folder(folder)) == pq.Ping.OK
        except OSError as error:
            raise _trouble(error) from error

    def folder(self) -> Path | None:
        """Where data, log and socket lie: ``<home>/postgres`` or where it points to; ``None`` before it exists."""
        if self._link.is_symlink():
            folder = self._link.readlink()
            if not folder.is_dir():
                raise DatabaseError(
                    f"the data of {self._home} were in {folder}, which is gone: remove {self._link} to begin anew"
                )
            return folder
        return self._link if self._link.is_dir() else None

    # -- start -----------------------------------------------------------------------------------------------------
    def _started(self) -> str:
        folder = self.folder() or self._new_folder()
        if self._link.is_symlink():  # made for this home, unless that was moved
            (folder / places.HOME_NOTE).write_text(str(self._home), encoding="utf-8")
        account = places.account_for(folder)
        if blocked := places.obstacle(folder, account):
            raise DatabaseError(f"the embedded PostgreSQL cannot reach {folder}: {blocked} is closed to its account")
        socket = _socket_folder(folder) or _new_socket_folder(folder, account)
        if _ping(socket) != pq.Ping.OK:
            alive = os.open(folder / "alive.lock", os.O_RDONLY | os.O_CREAT, 0o644)
            try:
                if not _answers_or_is_gone(socket, alive):
                    self._launch(folder, socket, account, alive)
            finally:
                os.close(alive)
        return urls.on_socket(str(socket), PORT, DATABASE, USER)

    def _new_folder(self) -> Path:
        """Make the folder inside the home, or elsewhere with a link to it when the home is closed to the account."""
        account = places.account_for(self._home)
        if places.obstacle(self._home, account) is None:
            self._link.mkdir(mode=0o700)
            folder = self._link
        else:
            state = places.state_folder(self._state_parents)
            self._stop_abandoned(state)
            folder = Path(tempfile.mkdtemp(prefix=places.DATA_PREFIX, dir=state))
            self._link.symlink_to(folder)
        if account is not None:
            account.give(folder)
        return folder

    def _stop_abandoned(self, state: Path) -> None:
        """Stop servers whose home was removed. Their data stay: the home may merely have been moved."""
        for folder, _ in places.abandoned(state):
            self._stopped(folder)

    def _launch(self, folder: Path, socket: Path, account: places.Account | None, alive: int) -> None:
        """Start the server; the lock ``alive`` is held, so nothing of an earlier one lives."""
        tools = self._tools(account, alive)
        data = folder / "data"
        if not data.exists():
            _create(tools, folder, data)
        written_by = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if written_by != MAJOR:
            raise DatabaseError(f"{data} was written by PostgreSQL {written_by}; this program brings {MAJOR}")
        # A pid that the system has given to another process, or a zombie, must not keep the server from starting.
        for stale in (data / "postmaster.pid", socket / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)
        log = folder / "server.log"
        options = f"-k {shlex.quote(str(socket))}"
        try:
            tools.run(
                "pg_ctl", "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", str(PATIENCE_SECONDS), "start"
            )
        except DatabaseError as error:
            raise DatabaseError(f"the embedded PostgreSQL did not start: {_last_complaint(log) or error}") from error

    # -- stop ------------------------------------------------------------------------------------------------------
    def _stopped(self, folder: Path) -> bool:
        socket = _socket_folder(folder)
        if _ping(socket) not in (pq.Ping.OK, pq.Ping.REJECT):
            return False
        tools = self._tools(places.account_for(folder))
        tools.run("pg_ctl", "-D", str(folder / "data"), "-m", "fast", "-w", "-t", str(PATIENCE_SECONDS), "stop")
        if socket is not None and socket != folder:
            shutil.rmtree(socket, ignore_errors=True)
        return True

    def _tools(self, account: places.Account | None, alive: int | None = None) -> _Tools:
        installed = self._installed or places.installed_wheel()
        return _Tools(places.binaries(installed, account, self._state_parents), account, alive)


class _Tools:
    """PostgreSQL's programs, run as the server's account and apart from our terminal, pipes and environment."""

    def __init__(self, folder: Path, account: places.Account | None, alive: int | None = None) -> None:
        self._folder = folder
        self._as: dict[str, Any] = (
            {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
        )
        self._fds = () if alive is None else (alive,)

    def run(self, tool: str, *arguments: str, feed: str = "") -> str:
        """Run to the end and return the output; raises DatabaseError with its last line when it fails."""
        with (
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as feeding,
        ):  # a pipe would stay open in the server
            feeding.write(feed.encode())
            feeding.seek(0)
            done = subprocess.run(
                [str(self._folder / tool), *arguments],
                stdin=feeding,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                pass_fds=self._fds,
                check=False,
                **self._as,
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        if done.returncode != 0:
            lines = [line for line in said.splitlines() if line.strip()] or [f"exit status {done.returncode}"]
            told = next((line for line in lines if "error:" in line or "FATAL" in line), lines[-1])
            raise DatabaseError(f"the embedded PostgreSQL's {tool} failed: {told}")
        return said


def _create(tools: _Tools, folder: Path, data: Path) -> None:
    """Make the data folder with its database, whole or not at all."""
    new = folder / "data.new"
    if new.exists():
        shutil.rmtree(new)
    settings = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
    identity = ("-U", USER, "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8")
    tools.run("initdb", "-D", str(new), *identity, "--no-instructions", *settings)
    said = tools.run("postgres", "--single", "-D", str(new), "postgres", feed=f"create database {DATABASE}\n")
    if "ERROR" in said:
        raise DatabaseError(f"the embedded PostgreSQL cannot create its database: {said}")
    new.rename(data)


def _answers_or_is_gone(socket: Path, alive: int) -> bool:
    """Wait until the server answers (True) or nothing of it lives (False; the lock is then ours)."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _ping(socket) != pq.Ping.OK:
        try:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise DatabaseError(f"the embedded PostgreSQL in {socket} lives but does not answer") from None
            time.sleep(0.05)
        else:
            return False
    return True


def _ping(socket: Path | None) -> pq.Ping:
    if socket is None:
        return pq.Ping.NO_RESPONSE
    target = make_conninfo(host=str(socket), port=PORT, dbname=DATABASE, user=USER, connect_timeout=10)
    return pq.Ping(pq.PGconn.ping(target.encode()))


def _socket_folder(folder: Path) -> Path | None:
    """Where the socket lies: in ``folder``, or where ``folder/socket`` points when that is too long for a socket."""
    name = str(folder)
    if len(name.encode()) <= _LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w./@+-]+", name, re.ASCII):
        return folder
    link = folder / "socket"
    return link.readlink() if link.is_symlink() and link.readlink().is_dir() else None


def _new_socket_folder(folder: Path, account: places.Account | None) -> Path:
    short = Path(tempfile.mkdtemp(prefix="gpu-etl-", dir="/tmp"))  # ours alone (0700), and short
    if account is not None:
        account.give(short)
    (folder / "socket").unlink(missing_ok=True)
    (folder / "socket").symlink_to(short)
    return short


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel lets go when this process ends, however it ends."""
    handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _last_complaint(log: Path) -> str | None:
    if not log.exists():
        return None
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-50:]
    told = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return f"{told[-1]} (log: {log})" if told else None


def _trouble(error: OSError) -> DatabaseError:
    return DatabaseError(
        f"the embedded PostgreSQL cannot use {error.filename or 'its folder'}: {error.strerror or error}"
    )
