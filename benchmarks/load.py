"""Loading ``price_logs``: our merge against bare COPY of the same rows into the same table."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import DictRow

from benchmarks.ratios import Ratio, in_turn, seconds
from gpu_etl.database import Database, open_database, tables
from gpu_etl.database.bulk import merge
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import load_settings

ROWS = 100_000
DAY = date(2026, 3, 1)
SCOPE = {"source": "danawa", "market_day": DAY}
COLUMNS = [column.name for column in tables.price_logs.columns]


def measure() -> list[Ratio]:
    """Fresh and re-load, each in a transaction of its own."""
    rows = [_row(number) for number in range(ROWS)]
    values = [tuple(row.get(name) for name in COLUMNS) for row in rows]

    def ours() -> float:
        return seconds(lambda: database.run(lambda connection: merge(connection, tables.price_logs, rows, scope=SCOPE)))

    def ours_fresh() -> float:
        _empty(database)
        return ours()

    def bare() -> float:
        _empty(database)
        return seconds(lambda: database.run(lambda connection: _copy(connection, values)))

    with _database() as database:
        fresh = in_turn("load, fresh, against bare COPY", ours_fresh, bare, goal=0.6, speed=True)
        again = in_turn("load, again, against bare COPY", ours, bare, goal=0.5, speed=True)
    return [fresh, again]


def _row(number: int) -> dict[str, object]:
    return {
        "source": "danawa",
        "listing_id": str(10_000_000 + number),
        "market_day": DAY,
        "sku_id": f"{number % 600:012x}",
        "price": 300_000 + 10 * (number % 90_000),
        "currency": "KRW",
        "availability": "in_stock",
        "seller_count": number % 150,
        "recorded_at": datetime(2026, 3, 1, 1, tzinfo=UTC),
        "source_url": f"https://prod.danawa.com/info/?pcode={10_000_000 + number}",
    }


def _copy(connection: Connection[DictRow], values: list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy price_logs ({', '.join(COLUMNS)}) from stdin") as copy:
        for value in values:
            copy.write_row(value)


def _empty(database: Database) -> None:
    database.run(lambda connection: connection.execute("truncate price_logs"))


@contextmanager
def _database() -> Iterator[Database]:
    home = Path(tempfile.mkdtemp(prefix="gpu-etl-bench-"))
    home.chmod(0o711)
    database = open_database(load_settings(gpu_etl_home=home, database_url=None, _env_file=None))
    try:
        yield database
    finally:
        database.close()
        EmbeddedServer(home).remove()
        shutil.rmtree(home, ignore_errors=True)
