"""Dagster's records in SQLite, as a command opens them: each file once, not anew for every statement.

Belongs here: how such a file is opened and let go of. Does not belong here: what is in it (``run_records``), the choice
of storage (``dagster.yaml``).

Dagster 1.13 makes an SQLAlchemy engine, opens the file, compiles its SQL and closes the file again for every event
and every look into the records: 318 times in a day of the price crawl, a fifth of all that the run takes. Files,
tables and transactions stay Dagster's own, one transaction an event, so that a run that is killed has lost no event,
and the UI, the daemon and earlier versions read and write the same files beside it. Those live for months and keep
opening files anew; only a command keeps them, and it ends with its run.

https://docs.dagster.io/deployment/oss/oss-instance-configuration
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Self

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.event import listen

if TYPE_CHECKING:
    from dagster._core.events.log import EventLogEntry
    from dagster._core.instance.ref import InstanceRef
    from dagster._serdes import ConfigurableClassData

DAGSTERS_OWN = "DagsterSqliteStorage"


def kept_open(reference: InstanceRef) -> InstanceRef:
    """The same instance, with runs and events in files that stay open; unchanged where they are not in SQLite files."""
    storage, runs, events = reference.storage_data, reference.run_storage_data, reference.event_storage_data
    if storage is None or storage.class_name != DAGSTERS_OWN or runs is None or events is None:
        return reference
    return reference._replace(
        storage_data=None, run_storage_data=_with_class(runs, Runs), event_storage_data=_with_class(events, Events)
    )


def _with_class(data: ConfigurableClassData, ours: type) -> ConfigurableClassData:
    return data._replace(module_name=ours.__module__, class_name=ours.__name__)


class Runs(SqliteRunStorage):
    """The file of runs, kept open."""

    _engine: Engine | None = None

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open it as configured."""
        return cls.from_local(inst_data=inst_data, **config_value)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction."""
        if self._engine is None:
            self._engine = _open(self._conn_string)
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        super().dispose()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


class Events(SqliteEventLogStorage):
    """The file of each run's events and the index over all of them; the index and the latest run are kept open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Open them as configured."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        """A transaction in the file of a run, which is made if it is not there."""
        return super().run_connection(run_id) if run_id is None else self._transaction(run_id)

    def index_connection(self) -> AbstractContextManager[Connection]:
        """A transaction in the index."""
        return self._transaction(INDEX_SHARD_NAME)

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        if shard not in self._engines:
            if shard != INDEX_SHARD_NAME:
                self._close([kept for kept in self._engines if kept != INDEX_SHARD_NAME])
            with super().run_connection(shard):  # makes its tables, or sees that they are there
                self._engines[shard] = _open(self.conn_string_for_shard(shard))
            if shard != INDEX_SHARD_NAME:
                listen(self._engines[shard], "connect", _do_not_wait)
        with self._engines[shard].begin() as connection:
            yield connection

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event, in a transaction of its own."""
        super().store_event(event)
        # The UI follows a run by the changes of its file; SQLite writes into the one beside it, until that is closed.
        os.utime(self.path_for_shard(event.run_id))

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; asked within transactions, too."""
        with self.index_connection() as connection:
            return inspect(connection).has_table(table_name)

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        self._close(list(self._engines))

    def _close(self, shards: list[str]) -> None:
        for shard in shards:
            self._engines.pop(shard).dispose()


def _open(url: str) -> Engine:
    return create_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})


def _do_not_wait(connection: Any, _record: Any) -> None:
    """Have a run's file wait for the disk when it is closed, not after each of a hundred events.

    A process that is killed has lost none. After a power cut the last lines of the run that it ended may be missing;
    which run that was and what it had materialized are in the files of runs and in the index, which do wait.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    connection.execute("pragma synchronous = normal")
