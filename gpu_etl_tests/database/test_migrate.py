from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gpu_etl.database import Database, DatabaseError, migrate, open_database, tables
from gpu_etl.database.migrations import HEAD
from gpu_etl.settings import Settings

HOW_TO = """the living tables and the migrations differ; draft what is missing with
    python -m gpu_etl_tests.database.new_revision NUMBER "what changes"
and set HEAD in gpu_etl/database/migrations/__init__.py. Before the first release 0001 is drafted anew instead:
    rm gpu_etl/database/migrations/versions/0001_*.py
    python -m gpu_etl_tests.database.new_revision 0001 "the first schema"
"""

OPEN = """
import sys
from gpu_etl.database import Database
database = Database(lambda: sys.argv[1], max_retries=0, backoff_seconds=0)
database.migrate()
with database.transaction() as connection:
    print(connection.execute("select count(*) as n from price_logs").fetchone()["n"])
database.close()
print("alembic" in sys.modules)
"""


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(empty_database_url)
    yield made
    made.dispose()


def opener(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> list[str]:
    try:
        return process.communicate(timeout=60)[0].split()
    finally:
        process.kill()


def test_the_migrated_schema_is_the_one_of_the_tables(engine: sa.Engine) -> None:
    migrate.upgrade(engine, "here")

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": migrate.VERSION_TABLE, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, tables.metadata) == [], HOW_TO
        comments = sa.inspect(connection).get_columns("price_logs")
    assert {column["comment"] for column in comments} == {column.comment for column in tables.price_logs.columns}


def test_the_newest_revision_is_the_one_that_is_written_down() -> None:
    assert ScriptDirectory.from_config(migrate.config()).get_heads() == [HEAD]


def test_revisions_do_not_change_with_the_living_code() -> None:
    versions = Path(migrate.__file__).parent / "migrations" / "versions"

    assert [path.name for path in versions.glob("*.py") if "gpu_etl" in path.read_text(encoding="utf-8")] == []


def test_taking_everything_back_leaves_no_table(engine: sa.Engine) -> None:
    migrate.upgrade(engine, "here")
    settings = migrate.config()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")

    assert sa.inspect(engine).get_table_names() == [migrate.VERSION_TABLE]


def test_two_processes_that_migrate_at_once_both_succeed(empty_database_url: str) -> None:
    processes = [opener(empty_database_url), opener(empty_database_url)]

    assert [outcome(process)[0] for process in processes] == ["0", "0"]


def test_opening_a_current_database_does_without_alembic(database_url: str) -> None:
    assert outcome(opener(database_url)) == ["0", "False"]


def test_a_newer_schema_is_refused_and_left_alone(
    database: Database, database_url: str, make_settings: Callable[..., Settings]
) -> None:
    with database.transaction() as connection:
        connection.execute("update gpu_etl_version set version_num = '9999'")

    with pytest.raises(DatabaseError, match=r"has a newer schema \(9999\) than this program knows \(\d+\)") as caught:
        open_database(make_settings(database_url=database_url))

    assert "\n" not in str(caught.value)
    with database.transaction() as connection:
        assert migrate.version(connection) == "9999"
