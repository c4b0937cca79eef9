"""Today's searches of Naver Shopping, one a chipset, where a key is given.

Belongs here: which queries, the quota, coverage. Does not belong here: what an answer says (``sources.naver``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpu_etl import catalog
from gpu_etl.assets.fetching import Log, Recorder, Stopped, note_coverage
from gpu_etl.database import pages, records
from gpu_etl.database.transactions import Transactions
from gpu_etl.settings import Settings
from gpu_etl.sources import naver
from gpu_etl.sources.records import CoverageStatus

if TYPE_CHECKING:
    from gpu_etl.resources.http_client import HttpClient

MAKERS_LINE = ("GeForce ", "Radeon ")
"""What Korean titles leave out or transcribe."""


def crawl_naver(client: HttpClient, database: Transactions, settings: Settings, log: Log) -> int:
    """Fetch and store the first results for every chipset that is analysed; returns how many answers were had.

    Whatever goes wrong is noted in coverage and takes nothing from the other sources.
    """
    if not settings.naver_has_key:
        return 0
    queries = queries_for(settings.chipsets)[: settings.naver_calls_a_day]
    key = naver.headers(settings.naver_client_id, settings.naver_client_secret.get_secret_value())
    recorder = Recorder(client, database, settings, naver.SOURCE, pages.SEARCH)
    problem: Stopped | None = None
    for query in queries:
        try:
            recorder.fetch(naver.search_url(settings.naver_base_url, query), naver.classify, key)
        except Stopped as stop:
            problem = stop
            break  # a refused key or a used-up quota refuses the next query as well
    if recorder.count:
        recorder.finish(len(queries), recorder.count)
    status = CoverageStatus.COMPLETE
    if problem is not None:
        status = CoverageStatus.PARTIAL if recorder.count else problem.status
    reason = str(problem) if problem else None
    row = records.Coverage(naver.SOURCE, pages.SEARCH, settings.today(), status, recorder.count, len(queries), reason)
    note_coverage(database, settings, row)
    log.info(f"naver: {recorder.count} of {len(queries)} searches")
    return recorder.count


def queries_for(chipsets: str) -> list[str]:
    """One query a chipset of the CHIPSETS setting, such as ``RTX 4070 SUPER 그래픽카드``."""
    queries = []
    for name in sorted(catalog.scope(chipsets)):
        for line in MAKERS_LINE:
            name = name.removeprefix(line)
        queries.append(f"{name} 그래픽카드")
    return queries
