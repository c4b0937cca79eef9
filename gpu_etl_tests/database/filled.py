"""Rows in every table of a database, whatever its revision: made from the types that the database itself tells.

Belongs here: making them and reading them back. Does not belong here: what the tables mean.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from gpu_etl.database import migrate

AWKWARD = ["plain", "", "tab\there, line\nbreak", "\\N", "=1+1", '"quoted", 그래픽카드', "-5", "'"]
"""Text that formats must keep apart from their own signs."""


MAKERS: list[tuple[type[Any], Callable[[int], Any]]] = [
    (sa.Boolean, lambda number: number % 2 == 0),
    (sa.Float, lambda number: number / 4),  # before Numeric, of which it is one
    (sa.Numeric, lambda number: Decimal(number) / 4),
    (sa.Integer, lambda number: number),
    (sa.Date, lambda number: date(2026, 3, 1) + timedelta(days=number)),
    (sa.TIMESTAMP, lambda number: datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC) + timedelta(hours=number)),
    (sa.LargeBinary, lambda number: bytes([0, 10, 92, number])),
    (sa.JSON, lambda number: {"text": AWKWARD[number % len(AWKWARD)], "number": number}),
    (sa.ARRAY, lambda number: [AWKWARD[number % len(AWKWARD)]]),
]


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.nullable and number == 0:
        return None
    for kind, make in MAKERS:
        if isinstance(column.type, kind):
            return make(number)
    assert isinstance(column.type, sa.Text | sa.String), f"{column.table.name}.{column.name}: {column.type!r}"
    return f"key {number}" if column.primary_key else AWKWARD[number % len(AWKWARD)]


def _tables(connection: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != migrate.VERSION_TABLE]


def fill(connection: sa.Connection, rows: int = len(AWKWARD)) -> None:
    """Put so many rows into every table."""
    for table in _tables(connection):
        made = [{column.name: _value(column, number) for column in table.columns} for number in range(rows)]
        connection.execute(table.insert(), made)


def contents(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows, in the order of their keys."""
    return {
        table.name: [
            dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
        ]
        for table in _tables(connection)
    }
