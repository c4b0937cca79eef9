"""What tests of every kind share: settings free of the caller's environment, and a fresh database each.

Belongs here: fixtures that several test packages use. Does not belong here: fakes (``fakes``), or anything about one
module.

One embedded server serves a whole run (with pytest-xdist: one a worker), started when the first test asks for it and
stopped at the end. ``GPU_ETL_TEST_DATABASE_URL`` names a server to use instead; only databases made here are dropped.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import hypothesis
import psycopg
import pytest
from psycopg import sql
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy import make_url

from gpu_etl.database import Database, open_database, urls
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings

# Nothing is timed in a test: on a busy machine an example takes as long as it takes.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


SERVERS = {"postgres_server", "_instance_of_module", "market"}
"""Fixtures behind which something is started or Dagster's records are made: half of the tests, most of the time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for one, so that the others can be run alone (``make test-quick``)."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


def pytest_report_header() -> str:
    """Say once what would otherwise be a hundred lines of skipped tests."""
    if (Path(__file__).resolve().parents[2] / "shared").exists():
        return "real material: beside the project, everything runs"
    return "real material: not beside the project, the tests that need it are skipped"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what a test has counted that is worth a line of its own."""
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties:
            if name == "told at the end":
                terminalreporter.write_line(str(line))


class PlainSettings(Settings):
    """Settings that look neither at the environment nor at ``.env``."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def plain_settings(home: Path, **overrides: Any) -> Settings:
    """The defaults, this home, no pauses, and the overrides, as text or as what is made of it."""
    return PlainSettings(**{"gpu_etl_home": home, "retry_backoff_seconds": 0, **overrides})


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """``make_settings(**overrides)``: ``plain_settings`` in a home of the test's own."""
    return partial(plain_settings, tmp_path / "home")


@contextmanager
def server_home(parent: Path | None = None) -> Iterator[Path]:
    """A ``GPU_ETL_HOME`` that root's server can reach (``tmp_path`` is closed); its server is stopped at the end."""
    home = Path(tempfile.mkdtemp(prefix="gpu-etl-test-", dir=parent))
    home.chmod(0o711)
    try:
        yield home
    finally:
        for place in (home / "demo", home):  # root's data lie outside of a home that is closed
            EmbeddedServer(place).remove()
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def _instance_of_module() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:  # takes a second or more
        yield made


@pytest.fixture
def instance(_instance_of_module: dg.DagsterInstance) -> dg.DagsterInstance:
    """Dagster's records in SQLite on disk, empty; other processes and evaluations may open them."""
    _instance_of_module.wipe()
    if (schedules := _instance_of_module.schedule_storage) is not None:
        schedules.wipe()
    return _instance_of_module


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server on which databases can be made."""
    given = os.environ.get("GPU_ETL_TEST_DATABASE_URL")
    if given:
        yield urls.for_product(given)
        return
    with server_home(memory()) as home:
        url = EmbeddedServer(home).start()
        with _connected(url) as connection:
            connection.execute("alter system set fsync = off")  # these data need not survive a power cut
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def database_template(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database to copy from."""
    with new_database(postgres_server) as url:
        database = Database(lambda: url, max_retries=0, backoff_seconds=0)
        database.migrate()
        database.close()
        yield str(make_url(url).database)


@pytest.fixture
def empty_database_url(postgres_server: str) -> Iterator[str]:
    """The address of a database without any table."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture
def database_url(postgres_server: str, database_template: str) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    with new_database(postgres_server, database_template) as url:
        yield url


@pytest.fixture
def database(database_url: str, make_settings: Callable[..., Settings]) -> Iterator[Database]:
    """A fresh, migrated database, opened."""
    opened = open_database(make_settings(database_url=database_url))
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    name = f"gpu_etl_test_{uuid.uuid4().hex}"
    with _connected(server) as connection:
        # Where data need not reach the disk, copying files is the faster way (PostgreSQL 15 and newer).
        how = sql.SQL("strategy file_copy" if connection.info.server_version >= 150000 else "")
        statement = sql.SQL("create database {} template {} {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template), how))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with _connected(server) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def memory() -> Path | None:
    """A folder in memory with room for many databases, where making one takes a tenth of the time; or ``None``."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if roomy else None


def _connected(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(urls.for_libpq(url), autocommit=True)
