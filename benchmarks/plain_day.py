"""One day of the price crawl without Dagster: the same functions, called one after the other.

Run as a program of its own by ``benchmarks.dagster_cost``, with the environment of the command that it stands beside;
prints the processor seconds and the wall seconds that the work took once everything was imported.
"""

from __future__ import annotations

import logging
import sys
import time
from functools import partial

from gpu_etl import catalog  # noqa: F401 - imported before the clock starts, as by the run
from gpu_etl.assets import publishing
from gpu_etl.assets.analytics import load_day
from gpu_etl.assets.crawling import crawl_danawa
from gpu_etl.assets.histories import crawl_histories
from gpu_etl.assets.product_pages import crawl_product_pages
from gpu_etl.assets.reading import read_day
from gpu_etl.database import identities, open_database, pages
from gpu_etl.market.signals import load_rules
from gpu_etl.resources.http import HttpResource
from gpu_etl.settings import load_settings


def main() -> None:
    """Crawl, load and analyse today."""
    started, began = time.process_time(), time.perf_counter()
    settings = load_settings()
    day, log = settings.today(), logging.getLogger("benchmarks")
    client = HttpResource.from_settings(settings).new_client()
    database = open_database(settings)
    crawl = crawl_danawa(client, database, settings, log)
    crawl_product_pages(client, database, settings, log, crawl.offers)
    crawl_histories(client, database, settings, log, crawl.offers)
    database.run(
        lambda connection: pages.prune(connection, day, settings.raw_pages_keep_days, settings.raw_pages_keep_megabytes)
    )
    read = database.run(lambda connection: read_day(connection, "danawa", day))
    database.run(lambda connection: publishing.store_refusals(connection, read))
    assert database.run(lambda connection: publishing.judge(connection, read, settings.now())).passes
    database.run(lambda connection: publishing.store_offers(connection, read))
    database.run(lambda connection: publishing.identify_listings(connection, day, settings.corrections()))
    database.run(lambda connection: identities.identity_summary(connection, day))
    database.run(partial(publishing.store_prices, source="danawa", day=day, run_id="plain"))
    rules = load_rules(settings.reddit_keywords_file)
    database.run(lambda connection: load_day(connection, day, settings, rules))
    client.close()
    database.close()
    sys.stdout.write(f"{time.process_time() - started} {time.perf_counter() - began}\n")


if __name__ == "__main__":
    main()
