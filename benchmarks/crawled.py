"""The real market replayed over loopback, and days of it in a database: crawled, imported, or copied from others.

Belongs here: making the days that benchmarks work on. Does not belong here: measuring them.
"""

from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.workshop import SERIES, Workshop, shared
from gpu_etl.assets.crawling import crawl_danawa
from gpu_etl.catalog import overrides
from gpu_etl.cli.importing import CsvImport
from gpu_etl.database import pages
from gpu_etl.database.identities import Identities
from gpu_etl.resources.http import HttpResource
from gpu_etl.settings import Settings, load_settings

LAST_DAY = date(2026, 4, 30)
"""Of the real series."""


@contextmanager
def replayed(day: date = LAST_DAY, *arguments: str) -> Iterator[str]:
    """Serve a day of the real market; yields its address.

    Raises:
        Missing: the replay is not beside the project.
    """
    script = shared("tools", "market_replay.py")
    command = [sys.executable, str(script), "--max-seconds", "3600", "--day", str(day), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["base_url"]
        finally:
            process.terminate()


def of_the_replay(base_url: str, day: date = LAST_DAY) -> dict[str, Any]:
    """Settings under which the replay is the world, and the day is today."""
    return {
        "danawa_base_url": base_url,
        "reddit_base_url": base_url,
        "reddit_oauth_url": base_url,
        "http_requests_per_second": 500.0,
        "danawa_product_pages_at_most": 0,
        "gpu_etl_now": f"{day}T10:00:00+09:00",
    }


def crawl(place: Workshop, settings: Settings | None = None) -> list[bytes]:
    """Crawl today's list into the workshop's database; returns its pages."""
    used = settings or place.settings
    with closing(HttpResource.from_settings(used).new_client()) as client:
        crawl_danawa(client, place.database, used, logging.getLogger("benchmarks"))
    day = used.today()
    return place.database.run(lambda connection: [p.body for p in pages.crawl_pages(connection, "danawa", day)])


def crawl_last_day(place: Workshop) -> list[bytes]:
    """Crawl the last day of the real series, and stop its replay."""
    with replayed() as base_url:
        kept = {"gpu_etl_home": place.home, "database_url": None, "_env_file": None}
        return crawl(place, load_settings(**kept, **of_the_replay(base_url)))


def repeat_crawl(place: Workshop, days: int) -> list[date]:
    """Store the last day's crawl again as that of each of the days before it; returns all days, the first first."""
    for table, columns in (
        ("raw_pages", "url, sha256, fetched_at, status, content_type, kind, size, body"),
        ("crawls", "part, started_at, finished_at, pages, rows_expected, rows_read"),
    ):
        place.execute(
            f"""insert into {table} (source, market_day, {columns})
                select source, market_day - n, {columns} from {table}, generate_series(1, {days - 1}) as n"""  # noqa: S608
        )
    return [date.fromordinal(LAST_DAY.toordinal() - back) for back in range(days - 1, -1, -1)]


def import_days(place: Workshop, first: date, last: date) -> None:
    """Import these days of the real series."""
    chosen = place.home / f"days_{first}_{last}.csv"
    with gzip.open(shared(*SERIES), "rt", encoding="utf-8-sig") as series, chosen.open("w", encoding="utf-8") as file:
        file.write(next(series))
        file.writelines(line for line in series if str(first) <= line[:10] <= str(last))
    import_file(place, chosen)


def import_file(place: Workshop, path: Path) -> None:
    """Import a file of the public crawlers; all that it tells is new, and taken."""
    summary = CsvImport(place.database, Console(quiet=True), Identities(overrides.read(""))).load([path])
    assert summary.inserted == summary.observations > 0
    place.execute("vacuum analyze")
