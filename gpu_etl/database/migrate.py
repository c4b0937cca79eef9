"""Bringing a database to the schema that this program knows.

Belongs here: asking which schema a database has, and upgrading it under a lock. Does not belong here: what changes
(``migrations``), or when to do it (``connection``: once, on a process's first connection).

The version table has a name of its own, so that a database that Dagster has used by mistake is not taken for ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from gpu_etl.database.errors import DatabaseError
from gpu_etl.database.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

VERSION_TABLE = "gpu_etl_version"
LOCK = 0x6770755F65746C  # "gpu_etl"
"""Taken in a transaction by whoever changes the schema."""


def version(connection: psycopg.Connection[dict[str, object]]) -> str | None:
    """The revision of a database, ``None`` when it has no schema yet."""
    there = connection.execute("select to_regclass(%s) is not null as it_is", (VERSION_TABLE,)).fetchone()
    if not there or not there["it_is"]:
        return None
    row = connection.execute(sql.SQL("select version_num from {}").format(sql.Identifier(VERSION_TABLE))).fetchone()
    return str(row["version_num"]) if row else None


def is_current(found: str | None) -> bool:
    """Whether a revision is the one this program was written for."""
    return found == HEAD


def known_revisions() -> list[str]:
    """The revisions this program can read, the oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def upgrade(engine: Engine, where: str) -> None:
    """Bring the database to ``HEAD`` in one transaction; processes that do so at once wait for each other.

    Raises:
        DatabaseError: when the database has a revision that this program does not know.
        psycopg.Error: what the server says against it.
    """
    import sqlalchemy as sa
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    settings = config()
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        unknown = set(context.get_current_heads()) - set(known_revisions())
        if unknown:
            raise DatabaseError(
                f"{where} has a newer schema ({', '.join(sorted(unknown))}) than this program knows ({HEAD}): "
                "upgrade gpu-etl"
            )
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except sa.exc.DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):  # which names no statement of hundreds of words
                raise error.orig from error
            raise


def config() -> Config:
    """Alembic's configuration, independent of the working directory; migrations lie inside the package."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    settings.attributes["version_table"] = VERSION_TABLE
    return settings
