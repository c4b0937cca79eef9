"""The prices group: from pages to one headline price a listing and day.

Belongs here: fetch, parse, store, in the order of the graph. Does not belong here: reading a page (``sources``),
judging a day (``market.gates``), knowing a card (``catalog``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import dagster as dg

from gpu_etl.assets import clock, publishing, reading
from gpu_etl.assets.crawling import crawl_danawa
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.exchange import crawl_rates
from gpu_etl.assets.failures import Refused, reported
from gpu_etl.assets.histories import crawl_histories
from gpu_etl.assets.metadata import loaded, table
from gpu_etl.assets.naver import crawl_naver
from gpu_etl.assets.product_pages import crawl_product_pages
from gpu_etl.assets.shops import crawl_shops
from gpu_etl.database import LoadCounts, identities, pages, prices
from gpu_etl.partitions import market_day
from gpu_etl.resources.http import HttpResource
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings
from gpu_etl.sources.records import Refusal

GROUP = "prices"


# Each run paces its own requests; where several run at once (deploy/celery), one of them asks at a time.
@table_asset("raw_pages", GROUP, read_from="web", pool="shops")
def raw_pages(
    context: dg.AssetExecutionContext,
    http: HttpResource,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
) -> dg.MaterializeResult[None]:
    """Every response of today's crawl as it came, stored before anything is parsed. Refuses any day but today."""
    day = market_day(context)
    with reported():
        if day != settings.today():
            raise Refused(f"{day} is not today ({settings.today()}): no day but today gets today's prices")
        client = http.client()
        clock.refuse_if_behind(client, postgres, settings)
        shop_pages = searches = 0
        if context.retry_number == 0:  # another try is for Danawa's sake; the others were asked and have answered
            crawl_rates(client, postgres, settings, context.log)
            shop_pages = crawl_shops(client, postgres, settings, context.log)
            searches = crawl_naver(client, postgres, settings, context.log)
        crawl = crawl_danawa(client, postgres, settings, context.log)
        product_pages = crawl_product_pages(client, postgres, settings, context.log, crawl.offers)
        histories = crawl_histories(client, postgres, settings, context.log, crawl.offers)
        deleted = postgres.run(
            lambda connection: pages.prune(
                connection, day, settings.raw_pages_keep_days, settings.raw_pages_keep_megabytes
            )
        )
    numbers = {
        "dagster/partition_row_count": crawl.pages + product_pages + shop_pages + searches,
        "rows_read": crawl.completeness.got,
        "coverage": crawl.completeness.status.value,
        "bytes": crawl.size,
        "product_pages": product_pages,
        "shop_pages": shop_pages,
        "searches": searches,
        "histories": histories,
        "old_pages_deleted": deleted,
    }
    return dg.MaterializeResult(metadata=numbers)


@table_asset("price_offers", GROUP, deps=[raw_pages])
def price_offers(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """What the day's pages say, offer by offer; refused input goes to quarantine, and a blind day publishes nothing."""
    day = market_day(context)
    with reported():
        done = [_load_source(postgres, settings, source, day) for source in _sources(postgres, day)]
        if blind := [each.blind for each in done if each.blind]:
            raise Refused("; ".join(blind))
    refusals = [refusal for each in done for refusal, _ in each.refusals]
    return dg.MaterializeResult(
        metadata=loaded(
            sum(each.rows for each in done),
            sum((each.counts for each in done), LoadCounts()),
            quarantined=len(refusals),
            refusals=table(_shown(refusals)),
            accepted_because=next((each.vouched for each in done if each.vouched), None),
        )
    )


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What became of one source's day."""

    refusals: list[tuple[Refusal, str | None]]
    blind: str | None = None
    """Why nothing of it is published, in one line."""
    vouched: str | None = None
    rows: int = 0
    counts: LoadCounts = field(default_factory=LoadCounts)


def _load_source(postgres: PostgresResource, settings: Settings, source: str, day: date) -> _Loaded:
    """Read a source's day, keep what was refused of it, and load its offers if the gate lets it through."""
    read = postgres.run(lambda connection: reading.read_day(connection, source, day))
    postgres.run(lambda connection: publishing.store_refusals(connection, read))
    verdict = postgres.run(lambda connection: publishing.judge(connection, read, settings.now()))
    if not verdict.passes:
        return _Loaded(read.refusals, blind=verdict.line(source, day))
    rows, counts = postgres.run(lambda connection: publishing.store_offers(connection, read))
    return _Loaded(read.refusals, vouched=verdict.vouched, rows=rows, counts=counts)


def _sources(postgres: PostgresResource, day: date) -> Sequence[str]:
    sources = postgres.run(lambda connection: pages.crawled_sources(connection, day))
    if not sources:
        raise Refused(f"there is no whole crawl on {day}: nothing to parse")
    return sources


def _shown(refusals: Sequence[Refusal], most: int = 20) -> list[dict[str, str]]:
    return [{"subject": r.subject, "reason": r.reason, "excerpt": r.excerpt[:80]} for r in refusals[:most]]


@table_asset("skus", GROUP, deps=[price_offers])
def skus(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Which card each listing of the day is; names that no rule knows are queued in ``listings``, never guessed."""
    day = market_day(context)
    with reported():
        sightings, cards, listings = postgres.run(
            lambda connection: publishing.identify_listings(connection, day, settings.corrections())
        )
        summary = postgres.run(lambda connection: identities.identity_summary(connection, day))
    unidentified = sum(row["listings"] for row in summary if row["identity_status"] == "unidentified")
    return dg.MaterializeResult(
        metadata=loaded(
            sightings,
            listings,
            cards=cards.inserted + cards.updated + cards.unchanged,
            new_cards=cards.inserted,
            unidentified=unidentified,
            not_cards=sum(row["listings"] for row in summary if row["identity_status"] == "not_a_card"),
            identity=table(summary),
        )
    )


@table_asset("price_logs", GROUP, deps=[price_offers, skus])
def price_logs(context: dg.AssetExecutionContext, postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """One headline price a listing; one far below its own past, or five times as high, is suspect until seen again."""
    day, run_id = market_day(context), context.run.run_id
    with reported():
        sources = postgres.run(lambda connection: prices.sources_with_offers(connection, day))
        done = [
            postgres.run(partial(publishing.store_prices, source=source, day=day, run_id=run_id)) for source in sources
        ]
    return dg.MaterializeResult(
        metadata=loaded(
            sum(each.rows for each in done),
            sum((each.counts for each in done), LoadCounts()),
            priced=sum(each.priced for each in done),
            suspect=sum(each.suspect for each in done),
            payable=sum(each.payable for each in done),
        )
    )
