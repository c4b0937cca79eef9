"""Connections to the product's database: opened, reused, retried, closed.

Belongs here: transactions, the retry policy, and turning what goes wrong into one line. Does not belong here: SQL about
the market, bulk loading (``bulk``), the embedded server's life (``embedded``).
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from gpu_etl.database import migrate, partitioning, urls
from gpu_etl.database.errors import DatabaseError
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow
    from sqlalchemy import Engine

T = TypeVar("T")

OLDEST_SERVER = 14
CONNECT_TIMEOUT_SECONDS = 10
_TRANSIENT_STATES = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "57P01",  # the server was told to stop
    "57P02",  # a crash of another backend
    "57P03",  # starting up or shutting down
}
NOT_ALLOWED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
"""What a server says that works and will not do it for us."""


def open_database(
    settings: Settings, *, migrating: bool = True, sleep: Callable[[float], None] = time.sleep
) -> Database:
    """Open the database of ``DATABASE_URL``, or the embedded one, and bring its schema up to date.

    Without ``migrating`` nothing is asked of the server yet, and its schema is left as it is.

    Raises:
        DatabaseError: one line: unreachable, wrong password, unknown database, server too old, schema newer than ours.
    """
    if settings.database_url is not None:
        locate = settings.database_url.get_secret_value
    else:
        from gpu_etl.database.embedded import EmbeddedServer  # POSIX only; a server of one's own works anywhere

        locate = EmbeddedServer(settings.home).start
    database = Database(
        locate, max_retries=settings.max_retries, backoff_seconds=settings.retry_backoff_seconds, sleep=sleep
    )
    try:
        if migrating:
            database.migrate()
            if settings.database_partitioning == "month":
                database.run(lambda connection: partitioning.apply(connection, settings.today()))
    except BaseException:
        database.close()
        raise
    return database


class Database:
    """One PostgreSQL database, used from any thread. Transactions take turns on few connections, opened as needed."""

    def __init__(
        self,
        locate: Callable[[], str],
        *,
        max_retries: int,
        backoff_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``locate`` returns the address; asked again when no server is there, so that the embedded one restarts."""
        self._locate = locate
        self._url = locate()
        self._parameters = urls.parameters(self._url)
        self._max_retries = max_retries
        self._backoff_seconds = backoff_seconds
        self._sleep = sleep
        self._idle: list[Connection[DictRow]] = []
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @property
    def url(self) -> SecretStr:
        """The address for SQLAlchemy (``postgresql+psycopg://``)."""
        return SecretStr(urls.for_product(self._url))

    @property
    def where(self) -> str:
        """Where the database is, in words and without the password."""
        return urls.describe(self._parameters)

    @property
    def engine(self) -> Engine:
        """A SQLAlchemy engine for pandas, made on first use."""
        with self._lock:
            if self._engine is None:
                import sqlalchemy as sa

                self._engine = sa.create_engine(
                    "postgresql+psycopg://", creator=lambda: self._connect(autocommit=False), pool_pre_ping=True
                )
            return self._engine

    @contextmanager
    def transaction(self) -> Iterator[Connection[DictRow]]:
        """One transaction, committed at the end, rolled back on an error. Rows are dictionaries, times are UTC.

        Raises:
            DatabaseError: when the server cannot be reached, the connection is lost, or the server ended the
                transaction for another's sake (deadlock). Every other error comes through as it is.
        """
        connection = self._take()
        try:
            with connection.transaction():
                yield connection
        except psycopg.OperationalError as error:
            if connection.closed or error.sqlstate in _TRANSIENT_STATES:
                raise DatabaseError(f"{self.where}: {_reason(error)}", transient=True) from error
            raise
        finally:
            self._give_back(connection)

    def run(self, work: Callable[[Connection[DictRow]], T]) -> T:
        """Do ``work`` in one transaction, again as a whole after a lost connection, deadlock or serialization failure.

        A connection that is lost during the commit leaves open whether it counted, so ``work`` must give the same
        result when it is done twice. Everything else it raises comes through at once.

        Raises:
            DatabaseError: when the last try failed as well.
        """
        tries = Retrying(
            stop=stop_after_attempt(self._max_retries + 1),
            wait=wait_exponential(multiplier=self._backoff_seconds),
            retry=retry_if_exception(lambda error: isinstance(error, DatabaseError) and error.transient),
            sleep=self._sleep,
            reraise=True,
        )
        result: T = tries(self._once, work)
        return result

    def migrate(self) -> None:
        """Bring the schema up to date; two small queries when it is.

        Raises:
            DatabaseError: when the server is too old, the schema newer than this program, or the account may not.
        """
        connection = self._take()
        try:
            major = connection.info.server_version // 10000
            if major < OLDEST_SERVER:
                raise DatabaseError(f"{self.where}: PostgreSQL {major} is too old, {OLDEST_SERVER} or newer is needed")
            current = migrate.is_current(migrate.version(connection))
            if not current:
                migrate.upgrade(self.engine, self.where)
        except NOT_ALLOWED as error:
            raise DatabaseError(f"cannot use {self.where}: {not_allowed(error)}") from error
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close all connections that are not in use. An embedded server keeps running for other processes."""
        with self._lock:
            idle, self._idle = self._idle, []
            engine, self._engine = self._engine, None
        for connection in idle:
            connection.close()
        if engine is not None:
            engine.dispose()

    def _once(self, work: Callable[[Connection[DictRow]], T]) -> T:
        with self.transaction() as connection:
            return work(connection)

    def _take(self) -> Connection[DictRow]:
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            if not _has_ended(connection):
                return connection
            _end(connection)
        return self._connect(autocommit=True, row_factory=dict_row)

    def _give_back(self, connection: Connection[DictRow]) -> None:
        if connection.closed or connection.info.transaction_status != pq.TransactionStatus.IDLE:
            _end(connection)
            return
        with self._lock:
            self._idle.append(connection)

    def _connect(self, **options: Any) -> Connection[Any]:
        try:
            return self._try_connect(**options)
        except DatabaseError as error:
            if not error.transient:
                raise
        self._url = self._locate()
        self._parameters = urls.parameters(self._url)
        return self._try_connect(**options)

    def _try_connect(self, **options: Any) -> Connection[Any]:
        defaults = {"connect_timeout": str(CONNECT_TIMEOUT_SECONDS), "application_name": f"gpu-etl[{os.getpid()}]"}
        target = make_conninfo(**{**defaults, **self._parameters, "client_encoding": "UTF8"})
        try:
            connection: Connection[Any] = psycopg.connect(target, **options)
        except psycopg.OperationalError as error:
            # A server that answers a ping has refused us for good: password, database, rights. Asking it is
            # independent of the language in which it words its refusal.
            answers = pq.PGconn.ping(target.encode()) == pq.Ping.OK
            raise DatabaseError(
                f"cannot use {self.where}: {_reason(error, self._parameters.get('password'))}", transient=not answers
            ) from None
        connection.execute("set time zone 'UTC'")
        if not connection.autocommit:
            connection.commit()  # a rollback would take the time zone back
        return connection


def _end(connection: Connection[Any]) -> None:
    """Close a connection and its socket: one that the server ended counts as closed, and keeps its socket open."""
    connection.close()
    connection.pgconn.finish()


def _has_ended(connection: Connection[Any]) -> bool:
    """Whether an idle connection was closed by the server: it then has something to read, the end of the stream."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _reason(error: psycopg.Error, password: str | None = None) -> str:
    """The first sentence of an error, without libpq's repetition of the address and without the password."""
    told = error.diag.message_primary or str(error).strip().splitlines()[0]
    for marker in (" FATAL: ", " failed: "):
        told = told.rpartition(marker)[2]
    return told.replace(password, "***").strip() if password else told.strip()


def not_allowed(error: psycopg.Error) -> str:
    """What a server will not do for us, and what it would take."""
    return f"{_reason(error)}; an account that owns the database is needed, on a server that may be written to"
