"""Raw pages and the crawls they form: stored before anything is parsed, read back by whoever parses.

Belongs here: writing and reading ``raw_pages`` and ``crawls``. Does not belong here: fetching, or what a page says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import zstandard

from gpu_etl.database import page_store, tables
from gpu_etl.database.bulk import merge
from gpu_etl.database.errors import DatabaseError
from gpu_etl.sources.records import PageKind

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page of a crawl as it was stored; ``body`` is decoded."""

    url: str
    sha256: str
    fetched_at: datetime
    kind: PageKind
    body: bytes


LIST, PRODUCTS, SHOP, SEARCH = "list", "products", "shop", "search"
"""The parts of a source that are crawled by themselves: a failed one leaves the others as they are."""


@dataclass(slots=True)
class CrawlRecord:
    """What is noted of a crawl while it goes on; stored by :func:`store_crawl` once it is whole."""

    source: str
    part: str
    market_day: date
    started_at: datetime
    pages: list[tuple[str, str]] = field(default_factory=list)


def store_page(
    connection: Connection[DictRow],
    record: CrawlRecord,
    *,
    url: str,
    fetched_at: datetime,
    status: int,
    content_type: str | None,
    kind: PageKind,
    body: bytes,
    store: str | None = None,
) -> str:
    """Store one response of a crawl; returns the body's SHA-256. The same body again changes nothing.

    With a ``store`` (``RAW_PAGES_STORE``) the body goes there, and the table holds where it lies.
    """
    digest = hashlib.sha256(body).hexdigest()
    packed = zstandard.compress(body, 6)
    stored_at = page_store.put(store, record.source, record.market_day, digest, packed) if store else None
    connection.execute(
        """insert into raw_pages (source, market_day, url, sha256, fetched_at, status, content_type, kind, size, body,
                                  stored_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (
            record.source,
            record.market_day,
            url,
            digest,
            fetched_at,
            status,
            content_type,
            kind,
            len(body),
            None if stored_at else packed,
            stored_at,
        ),
    )
    return digest


def store_crawl(
    connection: Connection[DictRow],
    record: CrawlRecord,
    *,
    finished_at: datetime,
    rows_expected: int | None,
    rows_read: int,
) -> None:
    """Make this crawl the one that counts for its source, part and day."""
    row = {
        "source": record.source,
        "market_day": record.market_day,
        "part": record.part,
        "started_at": record.started_at,
        "finished_at": finished_at,
        "pages": record.pages,
        "rows_expected": rows_expected,
        "rows_read": rows_read,
    }
    merge(connection, tables.crawls, [row], quiet=("started_at", "finished_at"))


def crawl_pages(connection: Connection[DictRow], source: str, day: date, part: str = LIST) -> Iterator[StoredPage]:
    """The pages of the crawl that counts for a part and day, in its order; none when there is no such crawl."""
    rows = connection.execute(
        """select p.url, p.sha256, p.fetched_at, p.kind, p.body, p.stored_at
           from crawls c
           cross join jsonb_array_elements(c.pages) with ordinality as item(page, position)
           join raw_pages p on p.source = c.source and p.market_day = c.market_day
                and p.url = item.page ->> 0 and p.sha256 = item.page ->> 1
           where c.source = %s and c.market_day = %s and c.part = %s order by item.position""",
        (source, day, part),
    )
    unpack = zstandard.ZstdDecompressor()
    for row in rows:
        packed = page_store.get(row["stored_at"]) if row["stored_at"] else row["body"]
        kind, body = PageKind(row["kind"]), unpack.decompress(packed)
        if row["stored_at"] and hashlib.sha256(body).hexdigest() != row["sha256"]:
            raise DatabaseError(f"{row['stored_at']} does not hold the page that was stored there")
        yield StoredPage(row["url"], row["sha256"], row["fetched_at"], kind, body)


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What a whole crawl had come to when it was stored."""

    pages: int
    rows_expected: int | None
    rows_read: int
    finished_at: datetime


def crawl_summary(connection: Connection[DictRow], source: str, day: date, part: str = LIST) -> CrawlSummary | None:
    """The crawl that counts for a part and day, ``None`` when there is none."""
    row = connection.execute(
        """select jsonb_array_length(pages) as pages, rows_expected, rows_read, finished_at from crawls
           where source = %s and market_day = %s and part = %s""",
        (source, day, part),
    ).fetchone()
    return CrawlSummary(**row) if row else None


@dataclass(frozen=True, slots=True)
class CrawledAhead:
    """A crawl of a day that has not come yet; ``finished_at`` by the clock of then."""

    market_day: date
    finished_at: datetime


def crawled_ahead(connection: Connection[DictRow], now: datetime, today: date) -> CrawledAhead | None:
    """The last crawl of a day after ``today`` that ended after ``now``; ``None`` when there is none.

    Both, as another zone moves days, not moments.
    """
    row = connection.execute(
        """select market_day, finished_at from crawls where market_day > %s and finished_at > %s
           order by market_day desc limit 1""",
        (today, now),
    ).fetchone()
    return CrawledAhead(**row) if row else None


def crawled_sources(connection: Connection[DictRow], day: date) -> Sequence[str]:
    """The sources whose list or shop pages have a whole crawl on a day."""
    rows = connection.execute(
        "select distinct source from crawls where market_day = %s and part <> %s order by 1", (day, PRODUCTS)
    ).fetchall()
    return [row["source"] for row in rows]


def prune(connection: Connection[DictRow], today: date, keep_days: int, keep_megabytes: int) -> int:
    """Delete stored pages that are too old, then the oldest days until the rest fits; returns how many pages.

    Never deleted: today's, and what a row in quarantine stands on. A crawl of which a page went is no longer whole and
    is forgotten with it, so that no day is rebuilt from a part of its pages. ``keep_megabytes`` is about the database:
    bodies that lie elsewhere are let go by their age alone.
    """
    spare = """p.market_day < %(today)s and not exists (
                   select from quarantine q
                   where q.source = p.source and q.market_day = p.market_day and q.page_sha256 = p.sha256)"""
    gone = connection.execute(
        f"""delete from raw_pages p where p.market_day < %(today)s::date - %(days)s::int and {spare}
            returning stored_at""",  # noqa: S608
        {"today": today, "days": keep_days},
    ).fetchall()
    gone += connection.execute(
        f"""with days as (
                select market_day, sum(body_size) over (order by market_day desc) as size
                from (select market_day, sum(octet_length(body)) as body_size from raw_pages group by 1) as by_day
            )
            delete from raw_pages p using days d
            where d.market_day = p.market_day and d.size > %(bytes)s and {spare} returning stored_at""",  # noqa: S608
        {"today": today, "bytes": keep_megabytes * 1_000_000},
    ).fetchall()
    page_store.delete(row["stored_at"] for row in gone if row["stored_at"])
    if gone:
        connection.execute(
            """delete from crawls c where exists (
                   select from jsonb_array_elements(c.pages) as item(page) where not exists (
                       select from raw_pages p where p.source = c.source and p.market_day = c.market_day
                         and p.url = item.page ->> 0 and p.sha256 = item.page ->> 1))"""
        )
    return len(gone)
