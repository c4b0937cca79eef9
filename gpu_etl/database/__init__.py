"""The product's database: opening it, loading into it, asking it.

Belongs here: everything that speaks SQL. Does not belong here: what the numbers mean (``market``), or
Dagster's own records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpu_etl.database.bulk import LoadCounts
from gpu_etl.database.errors import DatabaseError

if TYPE_CHECKING:
    from gpu_etl.database.connection import Database, open_database

__all__ = ["Database", "DatabaseError", "LoadCounts", "open_database"]


def __getattr__(name: str) -> Any:
    """What needs the driver, once it is asked for: Dagster's definitions name the database and open none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gpu_etl.database import connection

    return getattr(connection, name)
