"""docs/data-dictionary.md: every table and column in words.

Belongs here: laying out what the tables say of themselves. Does not belong here: what a column means
(``gpu_etl.database.tables``).
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from gpu_etl.database import tables
from gpu_etl.database.tables import acting, analytics, community, prices, trust

HEAD = """# Data dictionary

Made by `make docs` from the comments in `gpu_etl/database/tables`, which are in the database too (`\\d+ price_logs`).
Money is an integer in minor units of the row's currency (won have none), times are in UTC, a market day is a day in
`MARKET_TIMEZONE`. Unknown is NULL; a reason stands beside it.
"""
SUBJECTS = (prices, community, analytics, acting, trust)


def markdown() -> str:
    """The whole dictionary, by subject in the order of a row's way through them."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    for subject in SUBJECTS:
        yield f"## {(subject.__doc__ or '').splitlines()[0].removeprefix('Tables of ').rstrip('.').capitalize()}\n"
        for table in tables.metadata.tables.values():
            if getattr(subject, table.name, None) is table:
                yield from _table(table)


def _table(table: sa.Table) -> Iterator[str]:
    yield f"### {table.name}\n\n{table.comment}\n"
    yield "| column | type | meaning |\n|---|---|---|"
    for column in table.columns:
        kind = column.type.compile(dialect=postgresql.dialect()).lower()  # type: ignore[no-untyped-call]
        marks = " (key)" if column.primary_key else "" if column.nullable else " (never NULL)"
        yield f"| `{column.name}` | {kind} | {_cell(column.comment or '')}{marks} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
