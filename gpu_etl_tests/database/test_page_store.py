"""Bodies of raw pages outside of the database, in a folder and in a store that is addressed as S3 is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gpu_etl.database import Database, DatabaseError, pages
from gpu_etl.settings import Settings
from gpu_etl.sources.records import PageKind

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"file://{tmp_path}/pages" if request.param == "file" else f"memory://pages/{tmp_path.name}"


def crawl(database: Database, store: str | None, day: date = DAY, source: str = "jsonld:shop.example") -> None:
    record = pages.CrawlRecord(source, pages.SHOP, day, NOW)

    def work(connection: Any) -> None:
        for number in range(3):
            url, body = f"https://shop.example/{number}", f"page {number} of {day}".encode()
            digest = pages.store_page(
                connection, record, url=url, fetched_at=NOW, status=200, content_type=None, kind=PageKind.OK, body=body,
                store=store,
            )  # fmt: skip
            record.pages.append((url, digest))
        pages.store_crawl(connection, record, finished_at=NOW, rows_expected=3, rows_read=3)

    database.run(work)


def read(database: Database, day: date = DAY, source: str = "jsonld:shop.example") -> list[bytes]:
    return database.run(lambda connection: [p.body for p in pages.crawl_pages(connection, source, day, pages.SHOP)])


def held(database: Database) -> list[dict[str, Any]]:
    return database.run(lambda c: c.execute("select body, stored_at from raw_pages order by url").fetchall())


def test_pages_come_back_from_where_they_were_put(database: Database, store: str) -> None:
    crawl(database, store)
    assert read(database) == [b"page 0 of 2026-03-01", b"page 1 of 2026-03-01", b"page 2 of 2026-03-01"]
    assert all(row["body"] is None and row["stored_at"].startswith(store) for row in held(database))


def test_pages_that_are_in_the_database_stay_readable_beside_them(database: Database, store: str) -> None:
    crawl(database, None)
    crawl(database, store, date(2026, 3, 2))
    crawl(database, store)  # the same bodies again change nothing
    assert len(read(database)) == len(read(database, date(2026, 3, 2))) == 3
    assert sum(row["stored_at"] is None for row in held(database)) == 3


def test_old_pages_are_deleted_where_they_lie(database: Database, store: str) -> None:
    import fsspec

    crawl(database, store, date(2025, 1, 1))
    crawl(database, store)
    files, path = fsspec.url_to_fs(store)
    assert len(files.find(path)) == 6
    assert database.run(lambda connection: pages.prune(connection, DAY, 30, 1000)) == 3
    assert len(files.find(path)) == 3
    assert len(read(database)) == 3


def test_a_page_that_was_damaged_is_noticed(database: Database, tmp_path: Path) -> None:
    crawl(database, f"file://{tmp_path}/pages")
    first, second, *_ = sorted((tmp_path / "pages").rglob("*.zst"))
    first.write_bytes(second.read_bytes())
    with pytest.raises(DatabaseError, match=r"\.zst does not hold the page that was stored there"):
        read(database)


@pytest.mark.parametrize("store", ["file:///proc/nowhere", "nonsense://bucket/pages"])
def test_a_store_that_cannot_be_used_is_named_in_one_line(database: Database, store: str) -> None:
    with pytest.raises(DatabaseError, match=rf"^RAW_PAGES_STORE: cannot write {store}/[^\n]*$"):
        crawl(database, store)
    assert held(database) == []


def test_empty_means_the_database(make_settings: Callable[..., Settings]) -> None:
    assert make_settings(raw_pages_store="").raw_pages_store is None
