"""The product's database as a Dagster resource.

Belongs here: opening and closing it around a run. Does not belong here: SQL (``database``), or Dagster's own storage,
which is a database of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import dagster as dg
from pydantic import PrivateAttr

from gpu_etl.settings import load_settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

    from gpu_etl.database import Database

T = TypeVar("T")


class PostgresResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The database named by ``DATABASE_URL``, or the embedded one.

    It has no fields: the address may hold a password, and resource fields are shown in the UI.
    """

    _database: Database | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Connect, start the embedded server if need be, migrate."""
        from gpu_etl.database import open_database

        self._database = open_database(load_settings())

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close the connections; an embedded server keeps running for the next process."""
        if self._database is not None:
            self._database.close()

    def run(self, work: Callable[[Connection[DictRow]], T]) -> T:
        """Do ``work`` in one transaction, again as a whole when the connection is lost."""
        if self._database is None:
            raise RuntimeError("the database is opened by the run that uses this resource")
        return self._database.run(work)
