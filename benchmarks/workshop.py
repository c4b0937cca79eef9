"""Where benchmarks work: a database and a home of their own, and the real material where it is beside the project.

Belongs here: what several benchmarks need before they measure. Does not belong here: measuring (``ratios``).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ratios import process_seconds
from gpu_etl.database import Database, open_database
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings, load_settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
SERIES = ("data", "danawa_daily", "vga_2024-07-09_2026-04-30.csv.gz")
"""Every graphics card on Danawa, every day; 703,316 rows."""


class Missing(Exception):
    """What a benchmark needs and does not find; the message is one line."""


def shared(*parts: str) -> Path:
    """A file of the real material beside the project.

    Raises:
        Missing: it is not there.
    """
    path = SHARED.joinpath(*parts)
    if not path.exists():
        raise Missing(f"the real material is not beside the project: {path.name}")
    return path


@dataclass(frozen=True, slots=True)
class Workshop:
    """One benchmark's own home and empty, migrated database."""

    home: Path
    settings: Settings
    database: Database

    def empty(self, *tables: str) -> None:
        """Empty tables, as if new."""
        self.database.run(lambda connection: connection.execute(f"truncate {', '.join(tables)}"))

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, such as ``vacuum``."""
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)

    def server_seconds(self) -> float:
        """Processor time so far of the server's processes that work for this database's connections."""
        question = "select pid from pg_stat_activity where datname = current_database()"
        rows = self.database.run(lambda connection: connection.execute(question).fetchall())
        return sum(process_seconds(row["pid"]) for row in rows)


@contextmanager
def workshop(**settings: Any) -> Iterator[Workshop]:
    """A workshop on an embedded server; all of it is removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="gpu-etl-bench-"))
    home.chmod(0o711)
    used = load_settings(**{"gpu_etl_home": home, "database_url": None, "_env_file": None, **settings})
    database = open_database(used)
    try:
        yield Workshop(home, used, database)
    finally:
        database.close()
        EmbeddedServer(home).remove()
        shutil.rmtree(home, ignore_errors=True)
