"""Loading ``price_logs``: our merge against bare COPY of the same rows into the same table, at 100,000 and 1 M rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from psycopg import Connection
from psycopg.rows import DictRow

from benchmarks.ratios import Ratio, in_turn, seconds
from benchmarks.workshop import Workshop, workshop
from gpu_etl.database import tables
from gpu_etl.database.bulk import merge

SIZES = (100_000, 1_000_000)
DAY = date(2026, 3, 1)
SCOPE = {"source": "danawa", "market_day": DAY}
COLUMNS = [column.name for column in tables.price_logs.columns]


def measure(*, large: bool) -> list[Ratio]:
    """Fresh and re-load, each in a transaction of its own."""
    with workshop() as place:
        return [ratio for size in SIZES for ratio in _ratios(place, size)]


def _ratios(place: Workshop, size: int) -> list[Ratio]:
    rows = [_row(number) for number in range(size)]
    values = [tuple(row.get(name) for name in COLUMNS) for row in rows]
    database = place.database

    def ours() -> float:
        return seconds(lambda: database.run(lambda connection: merge(connection, tables.price_logs, rows, scope=SCOPE)))

    def ours_fresh() -> float:
        place.empty("price_logs")
        return ours()

    def bare() -> float:
        place.empty("price_logs")
        return seconds(lambda: database.run(lambda connection: copy_rows(connection, "price_logs", COLUMNS, values)))

    rounds = 5 if size < 1_000_000 else 2
    name = f"load {size:,} rows, {{}}, speed against bare COPY"
    return [
        in_turn(name.format("fresh"), ours_fresh, bare, goal=0.6, speed=True, rounds=rounds),
        in_turn(name.format("again"), ours, bare, goal=0.5, speed=True, rounds=rounds),
    ]


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


def copy_rows(
    connection: Connection[DictRow], table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """The reference: rows of Python values that are ready, and nothing but COPY."""
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
