"""Drafts a migration: what the living tables have that the migrations so far do not.

    python -m gpu_etl_tests.database.new_revision 0002 "what changes"

It compares with a throwaway server of its own. Read the draft, mend it, and set HEAD in gpu_etl/database/migrations.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from gpu_etl.database import migrate, tables
from gpu_etl.database.embedded import EmbeddedServer


def draft(engine: sa.Engine, number: str, message: str) -> Path:
    """Write the revision's file and return it."""
    settings = migrate.config()
    settings.attributes["metadata"] = tables.metadata
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        connection.commit()
        script: Any = command.revision(settings, message, autogenerate=True, rev_id=number)
    return Path(script.path)


def main(number: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o711)  # as root the server has another account
        server = EmbeddedServer(Path(home))
        engine = sa.create_engine(server.start(), poolclass=sa.NullPool)
        try:
            path = draft(engine, number, message)
        finally:
            server.stop()
    subprocess.run(["ruff", "check", "--fix-only", "--quiet", path], check=True)
    subprocess.run(["ruff", "format", "--quiet", path], check=True)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
