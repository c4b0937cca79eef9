"""Raw pages and the crawls they form: stored before anything is parsed, read back by whoever parses.

Belongs here: writing and reading ``raw_pages`` and ``crawls``. Does not belong here: fetching, or what a page says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import zstandard
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl.sources.records import PageKind


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page of a crawl as it was stored; ``body`` is decoded."""

    url: str
    sha256: str
    fetched_at: datetime
    body: bytes


@dataclass(slots=True)
class CrawlRecord:
    """What is noted of a crawl while it goes on; stored by :func:`store_crawl` once it is whole."""

    source: str
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
) -> str:
    """Store one response and note it in ``record``; returns the body's SHA-256. The same body again changes nothing."""
    digest = hashlib.sha256(body).hexdigest()
    connection.execute(
        """insert into raw_pages (source, market_day, url, sha256, fetched_at, status, content_type, kind, size, body)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
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
            zstandard.compress(body, 6),
        ),
    )
    record.pages.append((url, digest))
    return digest


def store_crawl(
    connection: Connection[DictRow],
    record: CrawlRecord,
    *,
    finished_at: datetime,
    rows_expected: int | None,
    rows_read: int,
) -> None:
    """Make this crawl the one that counts for its source and day."""
    row = {
        "source": record.source,
        "market_day": record.market_day,
        "started_at": record.started_at,
        "finished_at": finished_at,
        "pages": record.pages,
        "rows_expected": rows_expected,
        "rows_read": rows_read,
    }
    merge(connection, tables.crawls, [row], quiet=("started_at", "finished_at"))


def crawl_pages(connection: Connection[DictRow], source: str, day: date) -> Iterator[StoredPage]:
    """The pages of the crawl that counts for a source and day, in its order; none when there is no such crawl."""
    rows = connection.execute(
        """select p.url, p.sha256, p.fetched_at, p.body
           from crawls c
           cross join jsonb_array_elements(c.pages) with ordinality as item(page, position)
           join raw_pages p on p.source = c.source and p.market_day = c.market_day
                and p.url = item.page ->> 0 and p.sha256 = item.page ->> 1
           where c.source = %s and c.market_day = %s order by item.position""",
        (source, day),
    )
    unpack = zstandard.ZstdDecompressor()
    for row in rows:
        yield StoredPage(row["url"], row["sha256"], row["fetched_at"], unpack.decompress(row["body"]))


def crawled_sources(connection: Connection[DictRow], day: date) -> Sequence[str]:
    """The sources that have a whole crawl on a day."""
    rows = connection.execute("select source from crawls where market_day = %s order by 1", (day,)).fetchall()
    return [row["source"] for row in rows]
