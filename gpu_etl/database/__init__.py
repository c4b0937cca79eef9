"""The product's database: opening it, loading into it, asking it.

Belongs here: everything that speaks SQL. Does not belong here: what the numbers mean (``market``), or
Dagster's own records.
"""

from gpu_etl.database.bulk import LoadCounts
from gpu_etl.database.connection import Database, open_database
from gpu_etl.database.errors import DatabaseError

__all__ = ["Database", "DatabaseError", "LoadCounts", "open_database"]
