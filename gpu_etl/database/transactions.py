"""What work in transactions needs of a database; a run's resource has it, and the database that a command opens.

Belongs here: that one promise. Does not belong here: keeping it (``connection``, ``resources.postgres``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


T = TypeVar("T")


class Transactions(Protocol):
    """Whatever does work in a transaction of its own."""

    def run(self, work: Callable[[Connection[DictRow]], T]) -> T:
        """Do ``work`` in one transaction, again as a whole where that helps."""
