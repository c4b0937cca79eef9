"""The product pages of the listings that matter today: the shops behind a price, and who can pay it.

Belongs here: choosing with what is stored, fetching, coverage. Does not belong here: the rule of the choice
(``sources.danawa_crawl``), what a page says (``sources.danawa``), what follows from it (``reading``, ``publishing``).

A product page is a second look. Whatever goes wrong with them, the day stands on the list: it is noted in coverage
under ``products`` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpu_etl import catalog
from gpu_etl.assets.crawling import SOURCE
from gpu_etl.assets.fetching import Log, Recorder, Stopped, note_coverage
from gpu_etl.catalog import Card, Condition, identify
from gpu_etl.database import pages, prices, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.market.suspects import suspect_reason
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa
from gpu_etl.sources.danawa_crawl import products_worth_reading
from gpu_etl.sources.records import CoverageStatus, Offer

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

    from gpu_etl.resources.http_client import HttpClient

FAILURES_IN_A_ROW = 3
"""After which the site is left alone for today."""


def crawl_product_pages(
    client: HttpClient, database: Transactions, settings: Settings, log: Log, offers: Mapping[str, Offer]
) -> int:
    """Fetch and store the product pages of the day; returns how many were had."""
    chosen = database.run(lambda connection: choose(connection, settings, offers))
    if not chosen:
        return 0
    recorder = Recorder(client, database, settings, SOURCE, pages.PRODUCTS)
    problems = _fetch(recorder, settings, chosen, log)
    if recorder.count:
        recorder.finish(len(chosen), recorder.count)
    note_coverage(database, settings, _coverage(settings, len(chosen), recorder.count, problems))
    return recorder.count


def choose(connection: Connection[DictRow], settings: Settings, offers: Mapping[str, Offer]) -> list[str]:
    """The listings whose product pages are asked for, in this order."""
    from gpu_etl.database.recent_prices import recent_prices

    day = settings.today()
    before = prices.history_before(connection, SOURCE, day).listings
    recent = recent_prices(connection, SOURCE, day, list(offers))
    suspects = [
        key
        for key, offer in offers.items()
        if offer.price is not None and suspect_reason(offer.price, recent.get(key), offer.currency)
    ]
    return products_worth_reading(
        offers,
        {key: listing.price for key, listing in before.items()},
        _chipsets(offers, catalog.scope(settings.chipsets)),
        suspects,
        mode=settings.danawa_product_pages,
        most=settings.danawa_product_pages_at_most,
    )


def _chipsets(offers: Mapping[str, Offer], scope: frozenset[str]) -> dict[str, str]:
    """The chipset of each new card that is analysed."""
    cards = {key: identify(offer.title) for key, offer in offers.items()}
    return {
        key: card.chipset
        for key, card in cards.items()
        if isinstance(card, Card) and card.condition is Condition.NEW and card.chipset in scope
    }


def _fetch(recorder: Recorder, settings: Settings, chosen: Sequence[str], log: Log) -> list[Stopped]:
    """Fetch them all, or until the site refuses; returns what went wrong."""
    problems: list[Stopped] = []
    in_a_row = 0
    for listing_id in chosen:
        try:
            recorder.fetch(danawa.product_url(settings.danawa_base_url, listing_id), danawa.classify_product)
            in_a_row = 0
        except Stopped as stop:
            problems.append(stop)
            in_a_row += 1
            if in_a_row == FAILURES_IN_A_ROW or not stop.try_again:
                break
    log.info(f"danawa: {recorder.count} of {len(chosen)} product pages, {len(problems)} failed")
    return problems


def _coverage(settings: Settings, asked: int, got: int, problems: Sequence[Stopped]) -> records.Coverage:
    status, reason = CoverageStatus.COMPLETE, None
    if problems:
        status = CoverageStatus.PARTIAL if got else problems[-1].status
        reason = f"{got} of {asked} product pages; the last problem: {problems[-1]}"
    return records.Coverage(SOURCE, pages.PRODUCTS, settings.today(), status, got, asked, reason)
