from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa

from gpu_etl.database import Database, LoadCounts, tables
from gpu_etl.database.bulk import merge

DAY = date(2026, 3, 1)
SCOPE = {"source": "danawa", "market_day": DAY}
QUIET = ("recorded_at", "run_id")


def price(listing: str, amount: int | None = 800_000, **others: Any) -> dict[str, Any]:
    return {
        "source": "danawa",
        "listing_id": listing,
        "market_day": DAY,
        "price": amount,
        "currency": "KRW",
        "availability": "in_stock" if amount else "out_of_stock",
        "recorded_at": datetime(2026, 3, 1, 9, tzinfo=UTC),
        "run_id": "first",
        **others,
    }


def load(database: Database, rows: Iterable[Mapping[str, object]], **options: Any) -> LoadCounts:
    options = {"scope": SCOPE, "quiet": QUIET, **options}
    return database.run(lambda connection: merge(connection, tables.price_logs, rows, **options))


def stored(database: Database, what: str = "listing_id, price", table: str = "price_logs") -> list[tuple[Any, ...]]:
    with database.transaction() as connection:
        return [tuple(row.values()) for row in connection.execute(f"select {what} from {table} order by 1")]


@pytest.mark.parametrize("scope", [SCOPE, None])
def test_fresh_rows_are_inserted_and_the_same_again_changes_nothing(
    database: Database, scope: dict[str, Any] | None
) -> None:
    rows = [price("1"), price("2", None)]

    assert load(database, rows, scope=scope) == LoadCounts(inserted=2)
    assert load(database, rows, scope=scope) == LoadCounts(unchanged=2)
    assert stored(database) == [("1", 800_000), ("2", None)]


def test_a_scope_of_several_days_is_loaded_at_once(database: Database) -> None:
    days = [DAY, DAY + timedelta(days=1)]
    scope = {"source": "danawa", "market_day": days}
    beyond = price("1", market_day=DAY + timedelta(days=2))
    load(database, [price("1"), price("2", market_day=days[1])], scope=scope)
    load(database, [beyond], scope=None)

    counts = load(database, [price("1", market_day=days[1])], scope=scope)
    assert counts == LoadCounts(inserted=1, deleted=2)
    assert stored(database, "market_day, listing_id") == [(days[1], "1"), (beyond["market_day"], "1")]
    with pytest.raises(ValueError, match="outside the scope"):
        load(database, [beyond], scope=scope)


def test_the_second_load_writes_nothing_at_all(database: Database) -> None:
    load(database, [price("1")])
    before = stored(database, "xmin::text, xmax::text, ctid::text")

    load(database, [price("1")])

    assert stored(database, "xmin::text, xmax::text, ctid::text") == before


def test_changed_new_and_missing_rows_are_told_apart(database: Database) -> None:
    load(database, [price("1"), price("2"), price("3"), price("4")])

    counts = load(database, [price("1"), price("2", 700_000), price("5")])

    assert counts == LoadCounts(inserted=1, updated=1, deleted=2, unchanged=1)
    assert stored(database) == [("1", 800_000), ("2", 700_000), ("5", 800_000)]


def test_without_a_scope_nothing_is_deleted(database: Database) -> None:
    load(database, [price("1"), price("2")])

    assert load(database, [price("2", 5)], scope=None) == LoadCounts(updated=1)
    assert stored(database) == [("1", 800_000), ("2", 5)]


def test_deleting_stays_inside_the_scope(database: Database) -> None:
    load(database, [price("1")])
    yesterday = DAY - timedelta(days=1)
    load(database, [price("1", market_day=yesterday)], scope={**SCOPE, "market_day": yesterday})
    load(database, [price("1", source="crawler_csv")], scope={**SCOPE, "source": "crawler_csv"})

    assert load(database, []) == LoadCounts(deleted=1)
    assert stored(database, "source, market_day") == [("crawler_csv", DAY), ("danawa", yesterday)]


def test_no_rows_and_no_scope_is_nothing_to_do(database: Database) -> None:
    load(database, [price("1")])

    assert load(database, [], scope=None) == LoadCounts()
    assert len(stored(database)) == 1


def test_no_rows_for_a_scope_that_holds_none(database: Database) -> None:
    assert load(database, []) == LoadCounts()


def test_quiet_columns_are_no_change_but_follow_one(database: Database) -> None:
    load(database, [price("1"), price("2")])
    later: dict[str, Any] = {"run_id": "second", "recorded_at": datetime(2026, 3, 1, 15, tzinfo=UTC)}

    counts = load(database, [price("1", **later), price("2", 1, **later)])

    assert counts == LoadCounts(updated=1, unchanged=1)
    assert stored(database, "listing_id, run_id") == [("1", "first"), ("2", "second")]


def test_null_and_a_value_differ_both_ways_and_null_equals_null(database: Database) -> None:
    load(database, [price("1", None), price("2"), price("3", None)])

    assert load(database, [price("1"), price("2", None), price("3", None)]) == LoadCounts(updated=2, unchanged=1)


def test_a_column_that_a_row_lacks_is_null_even_where_it_had_a_value(database: Database) -> None:
    load(database, [price("1", sku_id="abc"), price("2")])

    assert load(database, [price("1"), price("2", sku_id="def")]) == LoadCounts(updated=2)
    assert stored(database, "listing_id, sku_id") == [("1", None), ("2", "def")]


@pytest.mark.parametrize("occupied", [False, True])
def test_a_key_that_comes_twice_is_named(database: Database, occupied: bool) -> None:
    if occupied:
        load(database, [price("7")])

    with pytest.raises(ValueError, match=r"source=danawa, listing_id=7, market_day=2026-03-01 is there twice"):
        load(database, [price("7"), price("8"), price("7", 1)])
    assert stored(database) == ([("7", 800_000)] if occupied else [])


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (price("1", colour="red"), "price_logs has no column 'colour'"),
        (price("1", listing_id=None), "a row without listing_id"),
        (price("1", source="naver"), "source='naver', outside the scope"),
        (price("1", source_url="a\0b"), r"price_logs.source_url holds a NUL character"),
        (price("1\0"), r"price_logs.listing_id holds a NUL character"),
    ],
)
@pytest.mark.parametrize("occupied", [False, True])
def test_bad_rows_are_named_and_leave_everything_as_it_was(
    database: Database, row: dict[str, Any], complaint: str, occupied: bool
) -> None:
    if occupied:
        load(database, [price("0")])
    before = stored(database)

    with pytest.raises(ValueError, match=complaint) as caught:
        load(database, [price("0"), row])

    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)
    assert stored(database) == before


@pytest.mark.parametrize("options", [{"scope": {"shop": "x"}}, {"quiet": ["shop"]}])
def test_a_scope_or_quiet_column_that_is_none_is_named(database: Database, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="price_logs has no column 'shop'"):
        load(database, [price("1")], **options)


def alert(factors: object) -> dict[str, object]:
    return {
        "subject": "abc",
        "kind": "risk",
        "opened_day": DAY,
        "subject_kind": "sku",
        "product": "card",
        "chipset": "GeForce RTX 4070",
        "value": Decimal("51000.5"),
        "threshold": Decimal(50_000),
        "unit": "won",
        "factors": factors,
    }


@pytest.mark.parametrize(
    "factors", [{"price": 1, "words": ["새", "'\\\""]}, [1, None], "text", r"\u0000", 3, False, {}]
)
def test_json_comes_back_as_it_was_and_is_compared_by_value(database: Database, factors: object) -> None:
    with database.transaction() as connection:
        assert merge(connection, tables.risk_alerts, [alert(factors)]) == LoadCounts(inserted=1)
        assert merge(connection, tables.risk_alerts, [alert(factors)]) == LoadCounts(unchanged=1)
        assert connection.execute("select factors from risk_alerts").fetchone() == {"factors": factors}


@pytest.mark.parametrize("factors", [{"a": ["x\0"]}, {"\0": 1}])
def test_nul_inside_json_is_refused(database: Database, factors: object) -> None:
    with pytest.raises(ValueError, match=r"risk_alerts\.factors holds a NUL"), database.transaction() as connection:
        merge(connection, tables.risk_alerts, [alert(factors)])


def test_a_table_of_keys_and_quiet_columns_only(database: Database) -> None:
    row = {"post_id": "a", "chipset": "Arc B580", "market_day": DAY}
    scope = {"market_day": DAY}
    batches: list[list[dict[str, object]]] = [[row], [row], []]
    with database.transaction() as connection:
        counts = [
            merge(connection, tables.chipset_mentions, rows, scope=scope, quiet=("market_day",)) for rows in batches
        ]

    assert counts == [LoadCounts(inserted=1), LoadCounts(unchanged=1), LoadCounts(deleted=1)]


def test_a_row_that_moves_into_a_scope_outside_its_key_is_an_update(database: Database) -> None:
    row = {"post_id": "a", "chipset": "Arc B580", "market_day": DAY}
    moved = {**row, "market_day": DAY + timedelta(days=1)}
    with database.transaction() as connection:
        merge(connection, tables.chipset_mentions, [row], scope={"market_day": DAY})
        counts = merge(connection, tables.chipset_mentions, [moved], scope={"market_day": moved["market_day"]})

    assert counts == LoadCounts(updated=1)


def test_numbers_are_compared_as_they_are_stored(database: Database) -> None:
    row = {
        "keyword": "k",
        "market_day": DAY,
        "growth_pct": Decimal("33.333333"),
        "is_rising": False,
        "weight": 1.0,
    }
    with database.transaction() as connection:
        merge(connection, tables.keyword_trends, [row])
        assert merge(connection, tables.keyword_trends, [row]) == LoadCounts(unchanged=1)


def test_enumerations_are_stored_by_value(database: Database) -> None:
    class Availability(StrEnum):
        COMING_SOON = "coming_soon"

    load(database, [price("1", availability=Availability.COMING_SOON)])

    assert stored(database, "availability") == [("coming_soon",)]


def test_bytes_and_odd_text_come_back_as_they_were(database: Database) -> None:
    body = bytes(range(256))
    row = {
        "source": "danawa\t\\N\n",
        "market_day": DAY,
        "url": "\\.",
        "sha256": "'\"%s",
        "fetched_at": datetime(2026, 3, 1, tzinfo=UTC),
        "status": 200,
        "kind": "ok",
        "size": 256,
        "body": body,
    }
    with database.transaction() as connection:
        merge(connection, tables.raw_pages, [row], scope={"source": row["source"]})
        found = connection.execute("select source, url, sha256, body from raw_pages").fetchone()

    assert found == {"source": "danawa\t\\N\n", "url": "\\.", "sha256": "'\"%s", "body": body}


def test_a_column_that_is_lacking_gets_the_servers_default(database: Database) -> None:
    table = sa.Table(
        "with_default",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("word", sa.Text, nullable=False, server_default=sa.text("'usual'")),
    )
    with database.transaction() as connection:
        connection.execute("create table with_default (id integer primary key, word text not null default 'usual')")
        rows: list[dict[str, object]] = [{"id": 1}, {"id": 2, "word": "own"}]
        counts = [merge(connection, table, rows), merge(connection, table, rows)]
        found = connection.execute("select word from with_default order by id").fetchall()

    assert counts == [LoadCounts(inserted=2), LoadCounts(unchanged=2)]
    assert [row["word"] for row in found] == ["usual", "own"]


def test_many_loads_in_one_transaction_count_together_or_not_at_all(database: Database) -> None:
    def work(connection: Any) -> None:
        merge(connection, tables.price_logs, [price("1")], scope=SCOPE)
        merge(connection, tables.price_logs, [price("1", 2)], scope=SCOPE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run(work)
    assert stored(database) == []


def test_rows_that_were_begun_before_are_refused_rather_than_taken_for_none(database: Database) -> None:
    load(database, [price("1"), price("2")])
    used = (price(listing) for listing in ("1", "2"))
    assert load(database, used) == LoadCounts(unchanged=2)

    for rows in (used, map(price, ["1"])):
        with pytest.raises(ValueError, match="make it inside the work"):
            load(database, rows)
    assert len(stored(database)) == 2


def test_loads_of_one_scope_wait_for_each_other_and_others_go_on(database: Database) -> None:
    other_day = DAY + timedelta(days=1)
    with ThreadPoolExecutor(2) as pool:
        with database.transaction() as connection:
            merge(connection, tables.price_logs, [price("1")], scope=SCOPE)
            same = pool.submit(load, database, [price("1"), price("2")])
            other = pool.submit(
                load, database, [price("1", market_day=other_day)], scope={**SCOPE, "market_day": other_day}
            )

            assert other.result(timeout=20) == LoadCounts(inserted=1)
            assert not same.done()
        assert same.result(timeout=20) == LoadCounts(inserted=1, unchanged=1)


def test_a_first_load_without_scope_and_one_with_do_not_collide(database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as connection:
            merge(connection, tables.price_logs, [price("1")])
            second = pool.submit(load, database, [price("1", 5), price("2")])
        assert second.result(timeout=20) == LoadCounts(inserted=1, updated=1)


def test_with_newest_by_an_older_row_does_not_replace_a_newer_one(database: Database) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    load(database, [price("1", recorded_at=noon), price("2", recorded_at=noon), price("3", recorded_at=noon)])
    hour = timedelta(hours=1)
    rows = [
        price("1", 1, recorded_at=noon - hour),
        price("2", 2, recorded_at=noon),
        price("3", 3, recorded_at=noon + hour),
        price("4", 4, recorded_at=noon - hour),
    ]

    counts = load(database, rows, scope=None, newest_by="recorded_at")

    assert counts == LoadCounts(inserted=1, updated=2, unchanged=1)
    assert stored(database) == [("1", 800_000), ("2", 2), ("3", 3), ("4", 4)]


def test_counts_of_several_loads_add_up() -> None:
    assert LoadCounts(1, 2, 3, 4) + LoadCounts(10, 20, 30, 40) == LoadCounts(11, 22, 33, 44)
