"""A table as rows for other programs, in the order of its key.

Belongs here: the query, and making text harmless for spreadsheets. Does not belong here: the file (``cli.export``).

Names of tables and columns come from ``tables`` and are quoted, days are bound: nothing of a caller's becomes SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from psycopg import Connection, sql
from sqlalchemy.dialects.postgresql import JSONB

from gpu_etl.database import tables

ROWS_AT_ONCE = 50_000
DAY = "market_day"
FORMULA = r"^[\s]*[=+\-@]|^[\t\r\n]"
"""Text that Excel, LibreOffice and Google Sheets take for a formula, and would run: https://owasp.org/www-community/attacks/CSV_Injection"""


def exportable() -> list[str]:
    """The tables that may be exported: all but the stored pages, whose bodies are compressed bytes."""
    return sorted(name for name in tables.metadata.tables if name != tables.raw_pages.name)


def has_days(table: str) -> bool:
    """Whether a table's rows belong to market days."""
    return DAY in tables.metadata.tables[table].columns


def columns(table: str) -> list[sa.Column[Any]]:
    """The columns of a table, in their order."""
    return list(tables.metadata.tables[table].columns)


def csv(
    connection: Connection[Any], table: str, first: date | None, last: date | None, *, raw: bool
) -> Iterator[bytes]:
    """A table as CSV in UTF-8 with a line of names; NULL is empty, empty text is ``""``.

    Text that a spreadsheet would take for a formula begins with an apostrophe, unless ``raw``.
    """
    chosen = [_harmless(column) if not raw else sql.Identifier(column.name) for column in columns(table)]
    # COPY takes no parameters, so the days are quoted as literals by psycopg.
    query = _select(table, chosen, sql.Literal(first), sql.Literal(last))
    with connection.cursor().copy(sql.SQL("copy ({}) to stdout with (format csv, header)").format(query)) as copy:
        for block in copy:
            yield bytes(block)


def rows(
    connection: Connection[Any], table: str, first: date | None, last: date | None
) -> Iterator[list[dict[str, Any]]]:
    """A table's rows in portions of :data:`ROWS_AT_ONCE`, in types that Arrow takes.

    Days are days since 1970, moments microseconds since then in UTC, amounts with decimals floats, documents JSON text.
    """
    chosen = [_for_arrow(column) for column in columns(table)]
    query = _select(table, chosen, sql.Placeholder("first"), sql.Placeholder("last"))
    with connection.cursor(name="export") as cursor:
        cursor.execute(query, {"first": first, "last": last})
        while portion := cursor.fetchmany(ROWS_AT_ONCE):
            yield portion


def _for_arrow(column: sa.Column[Any]) -> sql.Composable:
    forms: list[tuple[type[Any], str]] = [
        (JSONB, "{0}::text as {0}"),
        (sa.Date, "{0} - date '1970-01-01' as {0}"),
        (sa.TIMESTAMP, "(extract(epoch from {0}) * 1000000)::bigint as {0}"),
        (sa.Numeric, "{0}::float8 as {0}"),
    ]
    form = next((form for kind, form in forms if isinstance(column.type, kind)), "{0}")
    return sql.SQL(form).format(sql.Identifier(column.name))


def _select(table: str, chosen: Sequence[sql.Composable], first: sql.Composable, last: sql.Composable) -> sql.Composed:
    keys = [column.name for column in tables.metadata.tables[table].primary_key]
    query = sql.SQL("select {} from {}").format(sql.SQL(", ").join(chosen), sql.Identifier(table))
    if has_days(table):
        days = sql.SQL(
            " where {day} >= coalesce({first}::date, '-infinity') and {day} <= coalesce({last}::date, 'infinity')"
        )
        query += days.format(first=first, last=last, day=sql.Identifier(DAY))
    return query + sql.SQL(" order by {}").format(sql.SQL(", ").join(sql.Identifier(name) for name in keys))


def _harmless(column: sa.Column[Any]) -> sql.Composable:
    if not isinstance(column.type, sa.Text):
        return sql.Identifier(column.name)
    harmless = sql.SQL("case when {0} ~ {1} then '''' || {0} else {0} end as {0}")
    return harmless.format(sql.Identifier(column.name), sql.Literal(FORMULA))
