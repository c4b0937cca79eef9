"""Fetching pages of one crawl, each stored as it came before anything is parsed from it.

Belongs here: what all crawls of shops share. Does not belong here: which pages (``crawling``, ``product_pages``,
``shops``), politeness (``resources.http``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from gpu_etl.assets import clock
from gpu_etl.database import pages, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.resources.http import (
    AddressRefused,
    HttpError,
    Page,
    RobotsDisallowed,
    TlsFailed,
    TooLarge,
    Undecodable,
)
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus, PageKind

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient

Classify = Callable[[int, str | None, bytes], tuple[PageKind, str | None]]
"""What an answer is, from its status, content type and body, and why where it is no ordinary page."""

Ask = Callable[["HttpClient", str, Mapping[str, str] | None], Page]
"""How a page is asked for by its address, with these headers."""

IN_VAIN = (RobotsDisallowed, AddressRefused, TooLarge, Undecodable, TlsFailed)
"""Errors that another try a minute later meets again."""


class Log(Protocol):
    """What we need of Dagster's log manager."""

    def info(self, msg: str) -> None:
        """Say something."""


class Stopped(Exception):
    """A page could not be had or read; carries what that means for coverage and for trying again."""

    def __init__(self, status: CoverageStatus, reason: str, *, try_again: bool) -> None:
        super().__init__(reason)
        self.status = status
        self.try_again = try_again


def get(client: HttpClient, url: str, headers: Mapping[str, str] | None) -> Page:
    """The page at an address, as nearly all are had."""
    return client.get(url, headers=headers)


class Recorder:
    """Fetches the pages of one crawl of one part of a source, and stores them.

    ``ask`` gets a page by its address; for a source whose addresses are not all asked for by GET, it knows how. With
    ``trusts_its_clock``, nothing is stored of a source on whose clock it is another day than on ours.
    """

    def __init__(
        self,
        client: HttpClient,
        database: Transactions,
        settings: Settings,
        source: str,
        part: str,
        *,
        ask: Ask = get,
        trusts_its_clock: bool = False,
    ) -> None:
        self._client = client
        self._ask = ask
        self._trusts_its_clock = trusts_its_clock
        self._database = database
        self._settings = settings
        self._record = pages.CrawlRecord(source, part, settings.today(), settings.now())
        self.size = 0

    @property
    def count(self) -> int:
        """Pages so far."""
        return len(self._record.pages)

    def fetch(self, url: str, classify: Classify, headers: Mapping[str, str] | None = None) -> tuple[Page, PageKind]:
        """Fetch and store one page; returns it when it is an ordinary one or says that its subject is gone.

        Raises:
            Stopped: no page, or none that can be read; it is stored all the same.
        """
        try:
            page = self._ask(self._client, url, headers)
        except HttpError as error:
            if error.page is not None:
                self._store(error.page, PageKind.ERROR)
            status = CoverageStatus.UNAVAILABLE if isinstance(error, RobotsDisallowed) else CoverageStatus.FAILED
            raise Stopped(status, str(error), try_again=not isinstance(error, IN_VAIN)) from None
        if self._trusts_its_clock and (wrong := clock.another_day_than(page.answered_at, self._settings)):
            raise Stopped(CoverageStatus.FAILED, wrong, try_again=False)
        kind, reason = classify(page.status, page.content_type, page.body)
        self._store(page, kind)
        if kind in (PageKind.OK, PageKind.GONE):
            self.size += len(page.body)
            return page, kind
        status = CoverageStatus.BLOCKED if kind is PageKind.BLOCKED else CoverageStatus.FAILED
        raise Stopped(status, f"{reason} at {page.url}", try_again=kind is not PageKind.BLOCKED)

    def finish(self, expected: int | None, got: int) -> None:
        """Make this the crawl that counts for its part today."""
        self._database.run(
            lambda connection: pages.store_crawl(
                connection, self._record, finished_at=self._settings.now(), rows_expected=expected, rows_read=got
            )
        )

    def _store(self, page: Page, kind: PageKind) -> None:
        digest = self._database.run(
            lambda connection: pages.store_page(
                connection,
                self._record,
                url=page.url,
                fetched_at=self._settings.now(),
                status=page.status,
                content_type=page.content_type,
                kind=kind,
                body=page.body,
                store=self._settings.raw_pages_store,
            )
        )
        if kind in (PageKind.OK, PageKind.GONE):
            self._record.pages.append((page.url, digest))


def note_coverage(database: Transactions, settings: Settings, *rows: records.Coverage) -> None:
    """Note how well parts of a source were read."""
    database.run(lambda connection: records.record_coverage(connection, rows, settings.now()))
