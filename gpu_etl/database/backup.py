"""The whole product database as one stream a table, and back: consistent, counted, and checked by digest.

Belongs here: tables out and in, and the manifest that says what must come back. Does not belong here: the file it lies
in, and what else an installation has (``cli.backup``).

PostgreSQL's own COPY text is used rather than ``pg_dump``: it is the same from version 14 on whichever server is used
(``pg_dump`` refuses a server newer than itself), every table's rows can be counted and checked while they pass, and the
schema need not be in the backup: it is the migrations' up to the revision that the backup names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg import Connection, sql

from gpu_etl.database import Database, DatabaseError, migrate
from gpu_etl.database.migrations import HEAD

if TYPE_CHECKING:
    import sqlalchemy as sa

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class TableContents:
    """What a table's stream must hold."""

    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return asdict(self)


class Writer(Protocol):
    """Where a table's stream goes."""

    def write(self, data: bytes, /) -> Any:
        """Take some bytes."""


class Tally:
    """Counts and digests COPY text as it passes: every row ends in a newline, and those in values are escaped."""

    def __init__(self) -> None:
        self.rows = self.bytes = 0
        self._digest = hashlib.sha256()

    def add(self, data: bytes) -> bytes:
        """Take note of some bytes; returns them."""
        self.rows += data.count(b"\n")
        self.bytes += len(data)
        self._digest.update(data)
        return data

    def contents(self, columns: Sequence[str]) -> TableContents:
        """What has passed."""
        return TableContents(tuple(columns), self.rows, self.bytes, self._digest.hexdigest())


@contextmanager
def snapshot(database: Database) -> Iterator[Connection[Any]]:
    """A transaction that sees one moment of the whole database, whatever is loaded meanwhile."""
    with database.transaction() as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        yield connection


def tables(connection: Connection[Any]) -> dict[str, list[str]]:
    """The product's tables with their columns; they lie in the schema of the version table."""
    rows = connection.execute(
        """select c.relname, a.attname
           from pg_class version
           join pg_class c on c.relnamespace = version.relnamespace and c.relkind = 'r' and c.oid <> version.oid
           join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           where version.oid = to_regclass(%s) order by 1, a.attnum""",
        (migrate.VERSION_TABLE,),
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        name, column = row.values() if isinstance(row, dict) else row
        found.setdefault(name, []).append(column)
    return found


def dump_table(connection: Connection[Any], table: str, columns: Sequence[str], out: Writer) -> TableContents:
    """Write a table's rows to ``out``."""
    tally = Tally()
    with connection.cursor().copy(_copy("copy {} ({}) to stdout", table, columns)) as copy:
        for block in copy:
            out.write(tally.add(bytes(block)))
    return tally.contents(columns)


def _copy(statement: str, table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    return sql.SQL(statement).format(sql.Identifier(table), names)


def rows_there(connection: Connection[Any]) -> str | None:
    """The name of a table that holds something, ``None`` when all are empty."""
    for table in tables(connection):
        question = sql.SQL("select exists (select from {}) as it_does").format(sql.Identifier(table))
        if next(iter((connection.execute(question).fetchone() or {}).values())):
            return table
    return None


def restore(
    database: Database, revision: str, contents: Mapping[str, TableContents], streams: Mapping[str, Iterable[bytes]]
) -> None:
    """Make the database hold exactly these tables, all or nothing, and bring them to this program's schema.

    Whatever is there goes. ``streams`` are read once, table by table.

    Raises:
        DatabaseError: the backup is not what its manifest says, or does not fit its own revision; nothing was changed.
    """
    if revision not in migrate.known_revisions():
        raise DatabaseError(
            f"the backup has a newer schema ({revision}) than this program knows ({HEAD}): upgrade gpu-etl"
        )
    database.migrate()  # refuses a database of a newer program
    with database.engine.begin() as connection:
        _begin_anew(connection, revision)
        raw: Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
        there = tables(raw)
        if there.keys() != contents.keys():
            odd = ", ".join(sorted(there.keys() ^ contents.keys()))
            raise DatabaseError(f"the backup's tables are not those of its schema ({revision}): {odd}")
        for table, expected in contents.items():
            _load_table(raw, table, there[table], expected, streams[table])
        _alembic(connection, "upgrade", "head")
    with database.transaction() as transaction:
        transaction.execute("analyze")


def _begin_anew(connection: sa.Connection, revision: str) -> None:
    import sqlalchemy as sa

    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(migrate.LOCK)))
    raw: Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    for table in tables(raw):  # older columns may not hold what younger ones do
        raw.execute(sql.SQL("truncate {}").format(sql.Identifier(table)))
    _alembic(connection, "downgrade", "base")
    _alembic(connection, "upgrade", revision)


def _alembic(connection: sa.Connection, direction: str, revision: str) -> None:
    from alembic import command

    settings = migrate.config()
    settings.attributes["connection"] = connection
    getattr(command, direction)(settings, revision)


def _load_table(
    connection: Connection[Any], table: str, columns: Sequence[str], expected: TableContents, stream: Iterable[bytes]
) -> None:
    if unknown := set(expected.columns) - set(columns):
        raise DatabaseError(f"the backup's table {table} has unknown columns: {', '.join(sorted(unknown))}")
    tally = Tally()
    try:
        with connection.cursor().copy(_copy("copy {} ({}) from stdin", table, expected.columns)) as copy:
            for block in stream:
                copy.write(tally.add(block))
        if tally.contents(expected.columns) != expected:
            raise DatabaseError(
                f"the backup's table {table} is damaged: it has {tally.rows:,} rows, not {expected.rows:,}"
            )
        counted = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    except psycopg.DataError as error:
        raise DatabaseError(f"the backup's table {table} is damaged: {error.diag.message_primary}") from None
    if counted is None or counted[0] != expected.rows:
        raise DatabaseError(f"the backup's table {table} came back with {counted} rows, not {expected.rows:,}")
