"""The database as commands use it: opened for one command, nothing left running behind.

Belongs here: that life cycle. Does not belong here: SQL (``database``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gpu_etl.cli import fail
from gpu_etl.database import Database, DatabaseError, open_database, urls
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings


@contextmanager
def leaving_nothing_running(settings: Settings) -> Iterator[None]:
    """Stop the embedded server afterwards if this command was what started it and nobody else has come to use it."""
    server = EmbeddedServer(settings.home) if settings.database_url is None else None
    was_running = server is not None and server.is_running()
    try:
        yield
    finally:
        if server is not None and not was_running and server.is_running() and not _has_other_clients(server):
            server.stop()


def _has_other_clients(server: EmbeddedServer) -> bool:
    with psycopg.connect(urls.for_libpq(server.start())) as connection:
        row = connection.execute(
            """select count(*) from pg_stat_activity
               where backend_type = 'client backend' and pid <> pg_backend_pid()"""
        ).fetchone()
    return row is not None and row[0] > 0


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Open the database for one command; a database that cannot be opened ends it with one line."""
    with leaving_nothing_running(settings):
        try:
            database = open_database(settings)
        except DatabaseError as error:
            fail(str(error))
        try:
            yield database
        except DatabaseError as error:
            fail(str(error))
        finally:
            database.close()
