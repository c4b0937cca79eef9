"""Bulk loading: many rows in, counts of what changed out.

Belongs here: :func:`merge`, the one way in which sets of rows are written. Does not belong here: which rows
(``assets``), what a row may be (``bulk_rows``), statements (``bulk_plan``), or single rows with rules of their own (the
modules named after their subject).

Rows are copied into a temporary table and merged from there in one statement: measured 50 times faster than row by row.
A scope that holds nothing yet needs no merging and is copied straight in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa
    from _typeshed import DataclassInstance
    from psycopg import Connection
    from psycopg.rows import DictRow

    from gpu_etl.database.bulk_rows import Row


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What a load did, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    def __add__(self, other: LoadCounts) -> LoadCounts:
        """What two loads did together."""
        return LoadCounts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.unchanged + other.unchanged,
        )


def as_row(record: DataclassInstance) -> dict[str, Any]:
    """A dataclass's fields as columns, in a fifth of the time of ``asdict``, which copies whatever they hold."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def merge(
    connection: Connection[DictRow],
    table: sa.Table,
    rows: Iterable[Row],
    *,
    scope: Row | None = None,
    quiet: Collection[str] = (),
    newest_by: str | None = None,
) -> LoadCounts:
    """Make the table hold ``rows``; loading the same rows again changes nothing.

    Rows are matched by the table's primary key. A column that a row lacks gets the server's default, else NULL. With
    ``scope``, e.g. ``{"source": "danawa", "market_day": day}``, rows of the table inside it that are not among ``rows``
    are deleted: afterwards the scope holds exactly ``rows``. A list in it stands for any of its values. ``quiet``
    columns are written when a row is inserted or changed, but a difference in them alone is no change. With
    ``newest_by`` a row that is there is only replaced by one whose value in that column is not older. ``jsonb`` values
    are any Python object that JSON can hold. Loads of the same scope wait for each other. ``rows`` may be a generator
    that was not begun yet and does not use ``connection``.

    Raises:
        ValueError: rows that were begun before, a column the table has not, a key column without a value, the same key
            twice, a row outside the scope, a NUL character (PostgreSQL cannot store it; the caller decides what to do
            with such text). The transaction is then of no use any more.
    """
    from gpu_etl.database.bulk_plan import Plan
    from gpu_etl.database.bulk_rows import peek

    first, rows = peek(rows)
    if first is None and scope is None:
        return LoadCounts()
    plan = Plan(table, scope or {}, quiet, newest_by)
    plan.lock(connection, scoped=scope is not None)
    if plan.can_copy_straight and not plan.is_occupied(connection):
        return LoadCounts(inserted=plan.copy_straight(connection, rows))
    connection.execute(
        plan.statement("create temporary table {staged} on commit drop as select {columns} from {target} limit 0")
    )
    total = plan.stage(connection, rows)
    connection.execute(plan.statement("analyze {staged}"))
    deleted = connection.execute(plan.deletion(), plan.scope_values).rowcount if scope is not None else 0
    written = connection.execute(plan.upsert()).fetchone() or {}
    connection.execute(plan.statement("drop table {staged}"))
    inserted, updated = int(written["inserted"]), int(written["updated"])
    return LoadCounts(inserted, updated, deleted, total - inserted - updated)
