"""What assets tell the Dagster UI about themselves: row counts, column schemas, where a table lives.

Belongs here: metadata made from the tables' own definitions. Does not belong here: numbers of one asset's subject.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg

from gpu_etl.assets.lineage import column_lineage
from gpu_etl.database.bulk import LoadCounts

COLUMNS = Path(__file__).with_name("columns.json")


def table_metadata(table: str) -> dict[str, Any]:
    """Definition metadata of an asset that is a table: its name, its columns with their comments and lineage.

    The columns are those of ``columns.json``, which ``make docs`` writes from the tables: importing SQLAlchemy for them
    would take every process that reads the definitions a third of a second.
    """
    columns = [
        dg.TableColumn(
            name,
            type=kind,
            description=comment,
            constraints=dg.TableColumnConstraints(nullable=nullable, unique=False),
        )
        for name, kind, comment, nullable in _columns()[table]
    ]
    lineage = column_lineage(table)
    return {
        "dagster/table_name": f"public.{table}",
        "dagster/column_schema": dg.TableSchema(columns=columns),
        **({"dagster/column_lineage": lineage} if lineage else {}),
    }


@lru_cache(maxsize=1)
def _columns() -> dict[str, list[tuple[str, str, str, bool]]]:
    told: dict[str, list[tuple[str, str, str, bool]]] = json.loads(COLUMNS.read_bytes())
    return told


def loaded(rows: int, counts: LoadCounts, **numbers: Any) -> dict[str, Any]:
    """Materialization metadata of a loaded day: rows of the partition, what the load changed, and further numbers."""
    return {
        "dagster/partition_row_count": rows,
        "inserted": counts.inserted,
        "updated": counts.updated,
        "deleted": counts.deleted,
        "unchanged": counts.unchanged,
        **{name: value for name, value in numbers.items() if value is not None},
    }


def table(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue | str:
    """Rows as a table in the UI; a plain word where there are none."""
    if not rows:
        return "none"
    records = [dg.TableRecord({key: _cell(value) for key, value in row.items()}) for row in rows]
    return dg.MetadataValue.table(records)


def _cell(value: Any) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
