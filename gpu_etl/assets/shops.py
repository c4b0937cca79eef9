"""Today's pages of the shops in SHOP_URLS, each shop by itself.

Belongs here: fetching and coverage. Does not belong here: what a page says (``sources.jsonld``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpu_etl.assets.fetching import Log, Recorder, Stopped, note_coverage
from gpu_etl.database import pages, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.settings import Settings
from gpu_etl.sources import jsonld
from gpu_etl.sources.records import CoverageStatus

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient


def crawl_shops(client: HttpClient, database: Transactions, settings: Settings, log: Log) -> int:
    """Fetch and store every page of SHOP_URLS; returns how many were had. A shop that fails leaves the others alone."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for url in settings.shop_urls:
        by_source[jsonld.source_of(url)].append(url)
    return sum(_crawl_shop(client, database, settings, log, source, urls) for source, urls in by_source.items())


def _crawl_shop(
    client: HttpClient, database: Transactions, settings: Settings, log: Log, source: str, urls: Sequence[str]
) -> int:
    recorder = Recorder(client, database, settings, source, pages.SHOP)
    problems: list[Stopped] = []
    for url in urls:
        try:
            recorder.fetch(url, jsonld.classify)
        except Stopped as stop:
            problems.append(stop)
            if stop.status is CoverageStatus.BLOCKED:
                break  # who says no once is not asked again today
    if recorder.count:
        recorder.finish(len(urls), recorder.count)
    status = CoverageStatus.COMPLETE
    if problems:
        status = CoverageStatus.PARTIAL if recorder.count else problems[-1].status
    reason = "; ".join(str(problem) for problem in problems[:3]) or None
    row = records.Coverage(source, pages.SHOP, settings.today(), status, recorder.count, len(urls), reason)
    note_coverage(database, settings, row)
    log.info(f"{source}: {recorder.count} of {len(urls)} pages")
    return recorder.count
