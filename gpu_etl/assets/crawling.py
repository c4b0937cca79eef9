"""Today's crawl of Danawa's lists: ask the plan, fetch, store, feed the plan.

Belongs here: that loop and what its end means for coverage. Does not belong here: the order of pages
(``sources.danawa_crawl``), politeness (``resources.http``), what a page says (``sources.danawa``), the product pages
that follow (``product_pages``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from gpu_etl.assets.failures import Refused, TryAgain
from gpu_etl.assets.fetching import Log, Recorder, Stopped, get, note_coverage
from gpu_etl.database import pages, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.resources.http import Page
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa, danawa_ajax
from gpu_etl.sources.danawa_crawl import Completeness, ListCrawl
from gpu_etl.sources.records import CoverageStatus, ListPage, Offer, PageKind

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient

SOURCE = danawa.SOURCE
PAGES_A_LINE = 10
"""Of progress: each line is an event that Dagster writes to its records for itself. Every page is in ``raw_pages``."""


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What a whole crawl of the list came to; ``size`` in bytes of decoded pages, ``offers`` by listing."""

    pages: int
    size: int
    completeness: Completeness
    offers: dict[str, Offer]


def crawl_danawa(client: HttpClient, database: Transactions, settings: Settings, log: Log) -> CrawlResult:
    """Crawl the whole category, store every page, and make it the crawl that counts for today.

    Raises:
        Refused: blocked, layout changed, or disallowed; nothing of it will be published.
        TryAgain: the site did not answer, or not in full; nothing of it will be published.
    """
    crawl = ListCrawl(settings.danawa_base_url, settings.danawa_category, use_ajax=settings.danawa_use_ajax)
    recorder = Recorder(
        client, database, settings, SOURCE, pages.LIST, ask=partial(_ask, settings), trusts_its_clock=True
    )
    offers: dict[str, Offer] = {}
    try:
        while url := crawl.next_url():
            if page := _read(recorder, crawl, url):
                for offer in page.offers:
                    offers.setdefault(offer.listing_id, offer)
                crawl.feed(page)
            if recorder.count % PAGES_A_LINE == 1:
                log.info(f"danawa: page {recorder.count} of about {crawl.pages_planned}: {url}")
        done = crawl.completeness()
        if done.status is CoverageStatus.FAILED:
            raise Stopped(done.status, done.reason or "incomplete", try_again=True)
    except Stopped as stop:
        _note(database, settings, Completeness(stop.status, None, 0, str(stop)))
        raise (TryAgain if stop.try_again else Refused)(f"danawa {stop.status}: {stop}") from None
    recorder.finish(done.expected, done.got)
    _note(database, settings, done)
    return CrawlResult(recorder.count, recorder.size, done, offers)


def _ask(settings: Settings, client: HttpClient, url: str, headers: Mapping[str, str] | None) -> Page:
    """A page of the list; one of the form's is posted, and goes by the address that has the form written out."""
    if not danawa_ajax.is_page(url):
        return get(client, url, headers)
    target, form = danawa_ajax.request_of(url)
    said = danawa_ajax.headers(settings.danawa_base_url, settings.danawa_category)
    return replace(client.post(target, headers=said, data=form), url=url)


def _read(recorder: Recorder, crawl: ListCrawl, url: str) -> ListPage | None:
    """The page at ``url``, or ``None`` where the crawl itself has dealt with its absence."""
    try:
        return _fetch_and_parse(recorder, crawl, url)
    except Stopped:
        if not danawa_ajax.is_page(url):
            raise
        crawl.give_up_ajax()
        return None


def _fetch_and_parse(recorder: Recorder, crawl: ListCrawl, url: str) -> ListPage | None:
    classify = danawa.classify_fragment if danawa_ajax.is_page(url) else danawa.classify_list
    page, kind = recorder.fetch(url, classify)
    if kind is PageKind.GONE:
        raise Stopped(CoverageStatus.FAILED, f"no list at {url} (status {page.status})", try_again=False)
    try:
        return danawa.parse_stored_list(url, page.body)
    except danawa.EmptyList as error:
        if crawl.feed_empty(error.total):
            return None
        raise Stopped(CoverageStatus.FAILED, f"{error} at {url}", try_again=True) from None
    except danawa.ParseError as error:
        raise Stopped(CoverageStatus.FAILED, f"{error} at {url}", try_again=False) from None


def _note(database: Transactions, settings: Settings, done: Completeness) -> None:
    part = settings.danawa_category
    row = records.Coverage(SOURCE, part, settings.today(), done.status, done.got, done.expected, done.reason)
    note_coverage(database, settings, row)
