"""``DATABASE_PARTITIONING=month``: tables in parts, the same rows, loads, schema and queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gpu_etl.database import Database, LoadCounts, migrate, open_database, partitioning, tables
from gpu_etl.database.bulk import merge
from gpu_etl.settings import Settings

DAY = date(2026, 3, 1)


def price(listing: int, day: date = DAY, price: int = 500_000) -> dict[str, Any]:
    return {
        "source": "danawa",
        "listing_id": str(listing),
        "market_day": day,
        "price": price,
        "currency": "KRW",
        "availability": "in_stock",
        "recorded_at": datetime(2026, 3, 1, tzinfo=UTC),
    }


def load(database: Database, rows: list[dict[str, Any]], **more: Any) -> LoadCounts:
    return database.run(lambda connection: merge(connection, tables.price_logs, rows, **more))


def ask(database: Database, question: str) -> list[Any]:
    return database.run(lambda connection: connection.execute(question).fetchall())


@pytest.fixture
def whole(database: Database) -> Database:
    """A database with rows of several months, one of them older than any part."""
    load(database, [price(n, DAY + timedelta(days=40 * n)) for n in range(-80, 5)])
    return database


@pytest.fixture
def parted(whole: Database, database_url: str, make_settings: Callable[..., Settings]) -> Iterator[Database]:
    opened = open_database(make_settings(database_url=database_url, database_partitioning="month"))
    yield opened
    opened.close()


def test_the_rows_are_moved_into_the_parts_of_their_months(parted: Database) -> None:
    found = ask(parted, "select tableoid::regclass::text as part, market_day from price_logs order by market_day")
    assert len(found) == 85
    assert found[-1]["part"] == f"price_logs_{found[-1]['market_day']:%Y_%m}"
    assert {row["part"] for row in found if row["market_day"].year < 2020} == {"price_logs_rest"}
    assert {row["part"] for row in found if row["market_day"].year >= 2020}.isdisjoint({"price_logs_rest"})


def test_loads_count_and_change_as_in_a_whole_table(parted: Database) -> None:
    scope = {"source": "danawa", "market_day": date(2026, 5, 5)}
    rows = [price(n, scope["market_day"]) for n in range(10)]  # type: ignore[arg-type]
    assert load(parted, rows, scope=scope) == LoadCounts(inserted=10)
    assert load(parted, rows, scope=scope) == LoadCounts(unchanged=10)
    changed = [{**rows[0], "price": 1}, *rows[2:], price(99, scope["market_day"])]  # type: ignore[arg-type]
    assert load(parted, changed, scope=scope) == LoadCounts(inserted=1, updated=1, deleted=1, unchanged=8)
    assert load(parted, [price(1, DAY + timedelta(days=40), 7)]) == LoadCounts(updated=1)
    with pytest.raises(ValueError, match=r"listing_id=1, market_day=2026-07-07 is there twice"):
        load(parted, [price(1, date(2026, 7, 7))] * 2, scope={"source": "danawa", "market_day": date(2026, 7, 7)})


def test_a_question_about_a_day_reads_one_part(parted: Database) -> None:
    plan = "\n".join(
        row["QUERY PLAN"] for row in ask(parted, "explain select * from price_logs where market_day = '2026-03-01'")
    )
    assert "price_logs_2026_03" in plan
    assert "price_logs_2026_02" not in plan


def test_the_schema_is_still_that_of_the_tables(parted: Database) -> None:
    def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        parts = (*partitioning.BY_MONTH, *partitioning.BY_HASH)
        return not (kind == "table" and name and name not in parts and name.startswith(tuple(f"{p}_" for p in parts)))

    with parted.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": migrate.VERSION_TABLE, "include_object": ours}
        )
        assert compare_metadata(context, tables.metadata) == []
        assert sa.inspect(connection).get_pk_constraint("price_logs")["name"] == "price_logs_pkey"


def test_opening_again_changes_nothing_and_next_year_gets_its_parts(parted: Database) -> None:
    count = "select count(*) as n from pg_inherits where inhparent = 'raw_pages'::regclass"
    before = ask(parted, count)[0]["n"]
    today = date(2027, 6, 1)
    parted.run(lambda connection: partitioning.apply(connection, today))
    after = ask(parted, count)[0]["n"]
    parted.run(lambda connection: partitioning.apply(connection, today))
    assert ask(parted, count)[0]["n"] == after >= before
