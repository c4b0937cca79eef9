"""The statements of one bulk load.

Belongs here: composing and running them. Does not belong here: their order (``bulk``), what a row may be
(``bulk_rows``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import psycopg
import sqlalchemy as sa
from psycopg import Connection, sql
from psycopg.rows import DictRow

from gpu_etl.database.bulk_rows import Row, complaint, reader, scopes, told_key


class Plan:
    """The statements of one load, composed from names that only :mod:`psycopg.sql` quotes."""

    def __init__(self, table: sa.Table, scope: Row, quiet: Collection[str], newest_by: str | None) -> None:
        self._table = table
        self._columns = [column.name for column in table.columns]
        self._keys = [column.name for column in table.primary_key]
        for name in (*scope, *quiet, *([newest_by] if newest_by else [])):
            if name not in table.columns:
                raise ValueError(f"{table.name} has no column {name!r}")
        self._scope = scope
        self._newest_by = newest_by
        self._judged = [name for name in self._columns if name not in self._keys and name not in quiet]
        self._defaults = {
            column.name: str(column.server_default.arg)
            for column in table.columns
            if isinstance(column.server_default, sa.DefaultClause)
        }
        self.target = sql.Identifier(table.name)
        self.staged = sql.Identifier(f"staged_{table.name}")
        self.scope_values = [value for value in scope.values() if value is not None]
        # Loads of several values wait for those of each of them, in one order, or two could wait for one another.
        self._locks = sorted(
            f"gpu_etl.{table.name} {sorted((name, str(value)) for name, value in zip(scope, values, strict=True))}"
            for values in scopes(scope)
        )

    @property
    def can_copy_straight(self) -> bool:
        """Whether nothing outside an empty scope can stand in the way, and no default has to be filled in."""
        return set(self._scope) <= set(self._keys) and not self._defaults

    def lock(self, connection: Connection[DictRow], *, scoped: bool) -> None:
        """Wait for other loads of the same scope; loads of different scopes go on side by side."""
        kind = "_shared" if scoped else ""
        statement = "select pg_advisory_xact_lock{}(hashtextextended(%s, 0))"
        connection.execute(sql.SQL(statement).format(sql.SQL(kind)), (f"gpu_etl.{self._table.name}",))
        if scoped:
            connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest(%s::text[]) as name",
                (self._locks,),
            )

    def is_occupied(self, connection: Connection[DictRow]) -> bool:
        """Whether the table holds any row of the scope."""
        statement = sql.SQL("select exists (select from {} as t where {}) as found").format(
            self.target, self._in_scope()
        )
        row = connection.execute(statement, self.scope_values).fetchone()
        return bool(row and row["found"])

    def copy_straight(self, connection: Connection[DictRow], rows: Iterable[Row]) -> int:
        """Copy the rows where they belong and return how many; the table's key notices one that comes twice."""
        try:
            return self._copy(connection, self.target, rows, reader(self._table, self._scope, None))
        except psycopg.errors.UniqueViolation as error:
            if not (error.diag.constraint_name or "").endswith("_pkey"):
                raise
            raise ValueError(f"{self._table.name}: the key {told_key(error)} is there twice") from None

    def stage(self, connection: Connection[DictRow], rows: Iterable[Row]) -> int:
        """Copy the rows into the temporary table, which has no key, and return how many."""
        return self._copy(connection, self.staged, rows, reader(self._table, self._scope, set()))

    def _copy(
        self,
        connection: Connection[DictRow],
        into: sql.Identifier,
        rows: Iterable[Row],
        read: Callable[[Row], Sequence[object]],
    ) -> int:
        statement = sql.SQL("copy {} ({}) from stdin").format(into, _listed(self._columns))
        count = 0
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                count += 1
                values = read(row)
                try:
                    copy.write_row(values)
                except psycopg.DataError:
                    raise complaint(self._table, row) from None
        return count

    def statement(self, text: str) -> sql.Composed:
        """``text`` with ``{target}``, ``{staged}`` and ``{columns}`` filled in."""
        return sql.SQL(text).format(target=self.target, staged=self.staged, columns=_listed(self._columns))

    def deletion(self) -> sql.Composed:
        """Delete what is in the scope but was not staged; its parameters are ``scope_values``."""
        return sql.SQL("delete from {} as t where {} and not exists (select from {} as s where {})").format(
            self.target, self._in_scope(), self.staged, self._same_key()
        )

    def upsert(self) -> sql.Composed:
        """Insert and update from the staged rows, and count both.

        Rows that are there already unchanged are left out before the insert, which would otherwise lock, and so
        rewrite, every one of them. What is new is told before it is written: a partitioned table cannot say so
        afterwards (``xmax`` cannot be returned from one), and nobody else loads the same rows meanwhile.
        """
        values = sql.SQL(", ").join(
            sql.SQL("{} as {}").format(self._staged_value(name), sql.Identifier(name)) for name in self._columns
        )
        arguments = {
            "target": self.target,
            "staged": self.staged,
            "columns": _listed(self._columns),
            "values": values,
            "same_key": self._same_key(),
            "a_key": sql.Identifier(self._keys[0]),
            "differs": self._differs(sql.SQL(", ").join(self._staged_value(name) for name in self._judged), "s"),
            "keys": _listed(self._keys),
            "action": self._action(),
        }
        return sql.SQL(
            """with judged as (
                   select {values}, t.{a_key} is null as is_new_
                   from {staged} as s left join {target} as t on {same_key}
                   where t.{a_key} is null or {differs}),
               written as (
                   insert into {target} as t ({columns}) select {columns} from judged on conflict ({keys}) {action})
               select count(*) filter (where is_new_) as inserted, count(*) filter (where not is_new_) as updated
               from judged"""
        ).format(**arguments)

    def _action(self) -> sql.Composable:
        if not self._judged:
            return sql.SQL("do nothing")
        changing = [name for name in self._columns if name not in self._keys]
        assignments = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in changing
        )
        return sql.SQL("do update set {} where {}").format(
            assignments, self._differs(_listed(self._judged, "excluded"), "excluded")
        )

    def _differs(self, values: sql.Composable, origin: str) -> sql.Composable:
        """Whether the row in place must give way to ``values``, which come from the relation ``origin``."""
        if not self._judged:
            return sql.SQL("false")
        differs = sql.SQL("row({}) is distinct from row({})").format(_listed(self._judged, "t"), values)
        if self._newest_by is None:
            return differs
        is_newer = sql.SQL("{} >= {}").format(
            sql.Identifier(origin, self._newest_by), sql.Identifier("t", self._newest_by)
        )
        return sql.SQL("({} and {})").format(differs, is_newer)

    def _staged_value(self, name: str) -> sql.Composable:
        value = sql.Identifier("s", name)
        if name not in self._defaults:
            return value
        return sql.SQL("coalesce({}, {})").format(value, sql.SQL(self._defaults[name]))

    def _in_scope(self) -> sql.Composable:
        if not self._scope:
            return sql.SQL("true")
        return sql.SQL(" and ").join(
            sql.SQL("{} is null" if value is None else "{} = any(%s)" if isinstance(value, list) else "{} = %s").format(
                sql.Identifier("t", name)
            )
            for name, value in self._scope.items()
        )

    def _same_key(self) -> sql.Composed:
        return sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier("t", name), sql.Identifier("s", name)) for name in self._keys
        )


def _listed(names: Iterable[str], of: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(of, name) if of else sql.Identifier(name) for name in names)
