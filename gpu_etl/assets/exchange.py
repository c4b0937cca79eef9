"""Today's exchange rates, where shops may ask other money than won.

Belongs here: fetching and storing. Does not belong here: the file (``sources.ecb``), converting (``publishing``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpu_etl.assets.fetching import Log, Recorder, Stopped, note_coverage
from gpu_etl.database import prices, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.settings import Settings
from gpu_etl.sources import ecb
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import CoverageStatus

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient

PART = "rates"


def crawl_rates(client: HttpClient, database: Transactions, settings: Settings, log: Log) -> None:
    """Fetch and store the latest rates; a failure is noted in coverage, and prices stay unconverted."""
    if not settings.shop_urls or not settings.ecb_rates_url:
        return
    recorder = Recorder(client, database, settings, ecb.SOURCE, PART)
    status, reason, got = CoverageStatus.COMPLETE, None, 0
    try:
        page, _ = recorder.fetch(settings.ecb_rates_url, ecb.classify)
        rates = ecb.parse(page.body)
        got = len(rates.per_euro)
        database.run(lambda connection: prices.store_rates(connection, rates, settings.now()))
        log.info(f"ecb: {got} exchange rates of {rates.day}")
    except (Stopped, ParseError) as problem:
        status = problem.status if isinstance(problem, Stopped) else CoverageStatus.FAILED
        reason = str(problem)
    row = records.Coverage(ecb.SOURCE, PART, settings.today(), status, got, None, reason)
    note_coverage(database, settings, row)
