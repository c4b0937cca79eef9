"""Today's crawl of Danawa's lists: ask the plan, fetch, store, feed the plan.

Belongs here: that loop and what its end means for coverage. Does not belong here: the order of pages
(``sources.danawa_crawl``), politeness (``resources.http``), what a page says (``sources.danawa``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gpu_etl.assets.failures import Refused, TryAgain
from gpu_etl.database import pages, records
from gpu_etl.resources.http import HttpClient, HttpError, Page, RobotsDisallowed
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa
from gpu_etl.sources.danawa_crawl import Completeness, ListCrawl
from gpu_etl.sources.records import CoverageStatus, ListPage, PageKind

SOURCE = "danawa"


class Log(Protocol):
    """What we need of Dagster's log manager."""

    def info(self, msg: str) -> None:
        """Say something."""


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What a whole crawl came to; ``size`` in bytes of decoded pages."""

    pages: int
    size: int
    completeness: Completeness


class _Stopped(Exception):
    """The crawl cannot go on; carries what that means for coverage and for trying again."""

    def __init__(self, status: CoverageStatus, reason: str, *, try_again: bool) -> None:
        super().__init__(reason)
        self.status = status
        self.try_again = try_again


def crawl_danawa(client: HttpClient, postgres: PostgresResource, settings: Settings, log: Log) -> CrawlResult:
    """Crawl the whole category, store every page, and make it the crawl that counts for today.

    Raises:
        Refused: blocked, layout changed, or incomplete; nothing of it will be published.
        TryAgain: the site did not answer; nothing of it will be published.
    """
    crawl = ListCrawl(settings.danawa_base_url, settings.danawa_category)
    record = pages.CrawlRecord(SOURCE, settings.today(), settings.now())
    size = 0
    try:
        while url := crawl.next_url():
            page = _fetch(client, url)
            size += len(page.body)
            crawl.feed(_store_and_parse(postgres, record, page, settings.now()))
            log.info(f"danawa: page {len(record.pages)} of about {crawl.pages_planned}: {url}")
        done = crawl.completeness()
        if done.status is CoverageStatus.FAILED:
            raise _Stopped(done.status, done.reason or "incomplete", try_again=True)
    except _Stopped as stop:
        _note(postgres, settings, Completeness(stop.status, None, 0, str(stop)))
        raise (TryAgain if stop.try_again else Refused)(f"danawa {stop.status}: {stop}") from None
    postgres.run(
        lambda connection: pages.store_crawl(
            connection, record, finished_at=settings.now(), rows_expected=done.expected, rows_read=done.got
        )
    )
    _note(postgres, settings, done)
    return CrawlResult(len(record.pages), size, done)


def _fetch(client: HttpClient, url: str) -> Page:
    try:
        return client.get(url)
    except RobotsDisallowed as error:
        raise _Stopped(CoverageStatus.UNAVAILABLE, str(error), try_again=False) from None
    except HttpError as error:
        raise _Stopped(CoverageStatus.FAILED, str(error), try_again=True) from None


def _store_and_parse(postgres: PostgresResource, record: pages.CrawlRecord, page: Page, now: datetime) -> ListPage:
    kind, reason = danawa.classify_list(page.status, page.content_type, page.body)
    postgres.run(
        lambda connection: pages.store_page(
            connection,
            record,
            url=page.url,
            fetched_at=now,
            status=page.status,
            content_type=page.content_type,
            kind=kind,
            body=page.body,
        )
    )
    if kind is not PageKind.OK:
        status = CoverageStatus.BLOCKED if kind is PageKind.BLOCKED else CoverageStatus.FAILED
        raise _Stopped(status, f"{reason} at {page.url}", try_again=kind in (PageKind.EMPTY, PageKind.ERROR))
    try:
        return danawa.parse_list(page.body)
    except danawa.ParseError as error:
        raise _Stopped(CoverageStatus.FAILED, f"{error} at {page.url}", try_again=False) from None


def _note(postgres: PostgresResource, settings: Settings, done: Completeness) -> None:
    row = records.Coverage(
        SOURCE, settings.danawa_category, settings.today(), done.status, done.got, done.expected, done.reason
    )

    postgres.run(lambda connection: records.record_coverage(connection, [row], settings.now()))
