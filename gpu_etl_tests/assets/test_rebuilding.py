"""A day built anew: told before it is done, done as told, and left alone where it cannot be read."""

from __future__ import annotations

from datetime import date

import pytest

from gpu_etl.assets.failures import Refused
from gpu_etl.assets.rebuilding import Rebuilt, rebuild_day
from gpu_etl.catalog import overrides
from gpu_etl.database import Database, pages
from gpu_etl_tests.assets.stored import DAY, NEW, NOW, SHOPS, USED, list_of, product_page, publish, store

LIST = "http://x/list/?cate=1"


def rebuild(database: Database, *, dry_run: bool) -> Rebuilt:
    corrections = overrides.read("")
    (done,) = database.run(lambda connection: rebuild_day(connection, DAY, NOW, corrections, dry_run=dry_run))
    return done


def state(database: Database) -> list[str]:
    tables = ("price_logs", "price_offers", "listings", "skus", "quarantine", "source_coverage")

    def work(connection: object) -> list[str]:
        return [
            row["row"]
            for table in tables
            for row in connection.execute(f"select t::text as row from {table} t order by 1").fetchall()  # type: ignore[attr-defined]
        ]

    return database.run(work)


@pytest.fixture
def a_day(database: Database) -> Database:
    store(database, pages.LIST, (LIST, list_of((1, NEW, 700_000), (2, NEW, 710_000), (3, USED, 400_000))))
    store(database, pages.PRODUCTS, ("http://x/info/?pcode=1", product_page(1, 700_000, SHOPS)))
    publish(database)
    return database


def test_a_day_that_is_as_its_pages_say_does_not_change(a_day: Database) -> None:
    done = rebuild(a_day, dry_run=False)
    assert (done.rows, done.added, done.removed, done.changes, done.refused) == (3, [], [], [], None)


def test_what_a_mended_parser_would_change_is_told_first_and_then_done(a_day: Database) -> None:
    def damage(connection: object) -> None:
        execute = connection.execute  # type: ignore[attr-defined]
        execute("update price_logs set price = 70000, payable_price = null where listing_id = '1'")
        execute("delete from price_logs where listing_id = '2'")
        execute("update price_logs set listing_id = '9' where listing_id = '3'")

    a_day.run(damage)
    damaged = state(a_day)
    told = rebuild(a_day, dry_run=True)
    assert state(a_day) == damaged
    assert (told.added, told.removed) == (["2", "3"], ["9"])
    changes = [(change.listing_id, change.column, change.before, change.after) for change in told.changes]
    assert changes == [("1", "price", 70_000, 700_000), ("1", "payable_price", None, 701_000)]
    assert rebuild(a_day, dry_run=False) == told
    assert rebuild(a_day, dry_run=True).changes == []


def test_a_day_whose_pages_cannot_be_read_is_left_as_it_was(a_day: Database) -> None:
    before = state(a_day)
    store(a_day, pages.LIST, (LIST, list_of((1, NEW, 700_000)).replace(b"prod_item", b"gds-card")))
    done = rebuild(a_day, dry_run=False)
    assert "no li.prod_item" in (done.refused or "")
    assert state(a_day) == before


def test_a_reading_that_loses_rows_of_the_same_pages_is_refused(a_day: Database) -> None:
    a_day.run(lambda connection: connection.execute("update crawls set rows_read = 5 where part = 'list'"))
    assert "3 rows read from pages that held 5 when they came" in (rebuild(a_day, dry_run=False).refused or "")


def test_a_day_without_stored_pages_cannot_be_rebuilt(database: Database) -> None:
    with pytest.raises(Refused, match="no stored crawl on 2026-03-05"):
        rebuild(database, dry_run=True)


# --- how long pages are kept ------------------------------------------------------------------------------------------


def kept(database: Database) -> list[str]:
    rows = database.run(
        lambda connection: connection.execute("select market_day from raw_pages order by market_day").fetchall()
    )
    return [row["market_day"].isoformat() for row in rows]


def prune(database: Database, days: int, megabytes: int) -> int:
    return database.run(lambda connection: pages.prune(connection, DAY, days, megabytes))


def four_days(database: Database) -> None:
    for day in ("2026-02-01", "2026-03-01", "2026-03-04", "2026-03-05"):
        store(database, pages.LIST, (LIST, list_of((1, NEW, 700_000))), day=date.fromisoformat(day))


def test_old_pages_go_and_the_crawls_that_need_them(database: Database) -> None:
    four_days(database)
    assert prune(database, 10, 10_000) == 1
    assert kept(database) == ["2026-03-01", "2026-03-04", "2026-03-05"]
    crawls = database.run(lambda c: c.execute("select market_day from crawls order by 1").fetchall())
    assert len(crawls) == 3
    assert prune(database, 10, 10_000) == 0


def test_what_a_quarantined_row_stands_on_stays(database: Database) -> None:
    four_days(database)
    database.run(
        lambda connection: connection.execute(
            """insert into quarantine (source, market_day, subject, reason, excerpt, page_sha256)
               select source, market_day, 'x', 'unreadable', '', sha256 from raw_pages
               where market_day = '2026-02-01'"""
        )
    )
    assert prune(database, 2, 10_000) == 1
    assert kept(database) == ["2026-02-01", "2026-03-04", "2026-03-05"]


def test_the_oldest_days_go_when_there_is_too_much_and_today_stays(database: Database) -> None:
    four_days(database)
    database.run(
        lambda connection: connection.execute("update raw_pages set body = body || decode(repeat('00', 600000), 'hex')")
    )
    assert prune(database, 730, 2) == 1
    assert kept(database) == ["2026-03-01", "2026-03-04", "2026-03-05"]
    assert prune(database, 730, 1) == 2
    assert kept(database) == ["2026-03-05"]
