"""What the server's planner cannot know by itself.

Belongs here: telling it. Does not belong here: any question (the modules named after their subject).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


BY_HASHING = """
set local enable_nestloop = off;
set local enable_mergejoin = off;
set local max_parallel_workers_per_gather = 0
"""
AS_BEFORE = """
set local enable_nestloop to default;
set local enable_mergejoin to default;
set local max_parallel_workers_per_gather to default
"""


@contextmanager
def day_by_day(connection: Connection[DictRow]) -> Iterator[None]:
    """For questions about all rows of some days: join them through hash tables, in one process.

    A day that was loaded a moment ago is in no statistics yet, so the planner expects one row of it and would go
    through all rows once more for each of hundreds, or sort a hundred thousand texts to merge them. Starting further
    processes takes longer than a day's rows. What is looked up by its key (``lateral``) is looked up all the same.
    """
    connection.execute(BY_HASHING)
    yield
    connection.execute(AS_BEFORE)
