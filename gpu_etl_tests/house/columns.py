"""The columns of the tables as the Dagster UI shows them: ``gpu_etl/assets/columns.json``, written from the tables."""

from __future__ import annotations

import json

from sqlalchemy.dialects import postgresql

from gpu_etl.database import tables


def told() -> str:
    """Of every table, a line a column: name, type, comment, and whether it may be unknown."""
    written = {
        name: [
            [
                column.name,
                column.type.compile(dialect=postgresql.dialect()),  # type: ignore[no-untyped-call]
                column.comment,
                bool(column.nullable),
            ]
            for column in table.columns
        ]
        for name, table in sorted(tables.metadata.tables.items())
    }
    lines = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(column, ensure_ascii=False) for column in columns) + "\n]"
        for name, columns in written.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"
