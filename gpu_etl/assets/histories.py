"""Danawa's own price history of listings that we do not have one of, where the operator has opted in.

Belongs here: choosing, fetching, storing. Does not belong here: what an answer says (``sources.danawa``), our own daily
prices, with which these coarser points are never mixed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gpu_etl.assets.crawling import SOURCE
from gpu_etl.assets.fetching import Log, Recorder, Stopped, note_coverage
from gpu_etl.assets.product_pages import FAILURES_IN_A_ROW
from gpu_etl.database import prices, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa
from gpu_etl.sources.records import CoverageStatus

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient

PART = "history"


def crawl_histories(
    client: HttpClient, database: Transactions, settings: Settings, log: Log, listings: Collection[str]
) -> int:
    """Import the histories that are missing, as many a day as product pages are read; returns how many were had."""
    if not settings.danawa_use_ajax:
        return 0
    known = database.run(lambda connection: prices.listings_with_history(connection, SOURCE))
    missing = sorted(set(listings) - known)[: settings.danawa_product_pages_at_most]
    if not missing:
        return 0
    recorder = Recorder(client, database, settings, SOURCE, PART)
    got, problems = _import(recorder, database, settings, missing)
    status, reason = CoverageStatus.COMPLETE, None
    if problems:
        status = CoverageStatus.PARTIAL if got else CoverageStatus.FAILED
        reason = f"{got} of {len(missing)} histories; the last problem: {problems[-1]}"
    row = records.Coverage(SOURCE, PART, settings.today(), status, got, len(missing), reason)
    note_coverage(database, settings, row)
    log.info(f"danawa: {got} of {len(missing)} histories")
    return got


def _import(
    recorder: Recorder, database: Transactions, settings: Settings, missing: Sequence[str]
) -> tuple[int, list[str]]:
    """Fetch and store them all, or until the site refuses; returns how many, and what went wrong."""
    got, in_a_row = 0, 0
    problems: list[str] = []
    base = settings.danawa_base_url
    for listing_id in missing:
        try:
            url, headers = danawa.history_url(base, listing_id), danawa.history_headers(base, listing_id)
            page, _ = recorder.fetch(url, danawa.classify_history, headers)
            points = danawa.parse_history(page.body)
        except (Stopped, danawa.ParseError) as problem:
            problems.append(str(problem))
            in_a_row += 1
            if in_a_row == FAILURES_IN_A_ROW:
                break
            continue
        got, in_a_row = got + 1, 0
        rows = [
            {
                "source": SOURCE,
                "listing_id": listing_id,
                "window_months": point.window_months,
                "period": point.period,
                "price": point.price,
                "currency": danawa.CURRENCY,
                "fetched_at": settings.now(),
            }
            for point in points
        ]
        database.run(partial(prices.store_history, rows=rows))
    return got, problems
