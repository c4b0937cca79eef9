"""The database as commands use it: opened for one command, nothing left running behind.

Belongs here: that life cycle. Does not belong here: SQL (``database``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gpu_etl import home
from gpu_etl.cli import alive, fail
from gpu_etl.database import Database, DatabaseError, open_database, urls
from gpu_etl.database.connection import NOT_ALLOWED, not_allowed
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings


@contextmanager
def plainly() -> Iterator[None]:
    """End the command with one line when the database cannot be used."""
    try:
        yield
    except DatabaseError as error:
        fail(str(error))
    except NOT_ALLOWED as error:
        fail(not_allowed(error))


@contextmanager
def leaving_nothing_running(settings: Settings) -> Iterator[None]:
    """Stop the embedded server afterwards, unless somebody still uses it: another command, or the home's services."""
    with plainly():
        try:
            yield
        finally:
            if settings.database_url is None and alive.supervisor_pid(settings) in (None, os.getpid()):
                server = EmbeddedServer(settings.home)
                if server.is_running() and not _has_other_clients(server):
                    server.stop()


def _has_other_clients(server: EmbeddedServer) -> bool:
    """Whether anybody is connected but those who ask the same (two commands may end at once)."""
    asking = "gpu-etl leaving"
    with psycopg.connect(urls.for_libpq(server.start()), application_name=asking) as connection:
        row = connection.execute(
            """select count(*) from pg_stat_activity
               where backend_type = 'client backend' and application_name not in (%s, %s)""",
            (asking, f"gpu-etl[{os.getpid()}]"),
        ).fetchone()
    return row is not None and row[0] > 0


@contextmanager
def opened(settings: Settings, *, begins: bool = False) -> Iterator[Database]:
    """Open the database for one command; a database that cannot be used ends it with one line.

    ``begins``: the command may be the first of an installation, and makes the home where there is none. The others
    need one only where the database lies in it.
    """
    if begins or settings.database_url is None or settings.home.is_dir():
        (home.prepare if begins else home.find)(settings)
        home.log_to_console_and_file(settings)
    else:
        home.log_to_console(settings)
    with leaving_nothing_running(settings):
        database = open_database(settings)
        try:
            yield database
        finally:
            database.close()
