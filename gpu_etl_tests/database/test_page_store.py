"""Bodies of raw pages outside of the database: in a folder, in memory, and in S3 as moto's server speaks it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from gpu_etl.database import Database, DatabaseError, page_store, pages
from gpu_etl.settings import Settings
from gpu_etl.sources.records import PageKind

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


SECRET, REGION = "not-to-be-seen-anywhere", "ap-northeast-2"


@contextmanager
def addressed(monkeypatch: pytest.MonkeyPatch, url: str) -> Iterator[None]:
    """Make ``s3://`` mean the server at this address, as the environment of an installation does."""
    from s3fs import S3FileSystem

    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    S3FileSystem.clear_instance_cache()  # it keeps the address of the first use
    try:
        yield
    finally:
        S3FileSystem.clear_instance_cache()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def bucket(s3_server: str, tmp_path: Path) -> str:
    name = tmp_path.name.replace("_", "-").strip("-")
    place = f"<LocationConstraint>{REGION}</LocationConstraint>"
    wanted = f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>"
    made = requests.put(f"{s3_server}/{name}", wanted, timeout=90)  # the server imports its S3 at the first request
    made.raise_for_status()
    return name


@pytest.fixture(params=["file", "memory", pytest.param("s3", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param != "s3":
        yield f"file://{tmp_path}/pages" if request.param == "file" else f"memory://pages/{tmp_path.name}"
        return
    with addressed(monkeypatch, request.getfixturevalue("s3_server")):
        yield f"s3://{request.getfixturevalue('bucket')}/pages"


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
    old = f"{path}/jsonld%3Ashop.example/2025-01-01"
    assert (len(files.find(path)), len(files.find(old))) == (6, 3)
    page_store.delete([f"{store}/jsonld%3Ashop.example/2025-01-01/{Path(files.find(old)[0]).name}"])  # gone already
    assert database.run(lambda connection: pages.prune(connection, DAY, 30, 1000)) == 3
    files.invalidate_cache()
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


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_named_and_not_made(
    database: Database, s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        addressed(monkeypatch, s3_server),
        pytest.raises(DatabaseError, match=r"^RAW_PAGES_STORE: cannot write s3://no-such-bucket/pages/[^\n]*bucket"),
    ):
        crawl(database, "s3://no-such-bucket/pages")
    assert requests.head(f"{s3_server}/no-such-bucket", timeout=9).status_code == 404


@pytest.mark.exhaustive
def test_a_store_that_does_not_answer_is_named_in_one_line_without_a_secret(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client tries for ten seconds; then the step fails as without a database, and is tried again later."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with addressed(monkeypatch, f"http://127.0.0.1:{port}"), pytest.raises(DatabaseError) as raised:
        crawl(database, "s3://bucket/pages")
    assert str(raised.value).startswith("RAW_PAGES_STORE: cannot write s3://bucket/pages/")
    assert "\n" not in str(raised.value)
    assert SECRET not in str(raised.value)
