"""The prices group: from pages to one headline price a listing and day.

Belongs here: fetch, parse, store, in the order of the graph. Does not belong here: reading a page (``sources``),
judging a day (``market.gates``), knowing a card (``catalog``).
"""

from dataclasses import replace
from datetime import date

import dagster as dg

from gpu_etl.assets.crawling import SOURCE, crawl_danawa
from gpu_etl.assets.failures import Refused, reported
from gpu_etl.assets.metadata import loaded, table, table_metadata
from gpu_etl.database import pages, prices, records, tables
from gpu_etl.database.bulk import merge
from gpu_etl.database.identities import Identities
from gpu_etl.market.gates import blindness
from gpu_etl.market.suspects import suspect_reason
from gpu_etl.partitions import MARKET_DAYS, market_day
from gpu_etl.resources.http import HttpResource
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa
from gpu_etl.sources.records import Offer, Refusal

GROUP = "prices"


@dg.asset(
    group_name=GROUP, partitions_def=MARKET_DAYS, kinds={"web", "postgres"}, metadata=table_metadata(tables.raw_pages)
)
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
        crawl = crawl_danawa(http.client(), postgres, settings, context.log)
    numbers = {
        "dagster/partition_row_count": crawl.pages,
        "rows_read": crawl.completeness.got,
        "coverage": crawl.completeness.status.value,
        "bytes": crawl.size,
    }
    return dg.MaterializeResult(metadata=numbers)


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[raw_pages],
    kinds={"postgres"},
    metadata=table_metadata(tables.price_offers),
)
def price_offers(context: dg.AssetExecutionContext, postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """What the day's pages say, offer by offer; refused input goes to quarantine, and a blind day publishes nothing."""
    day = market_day(context)
    with reported():
        offers, refusals = _parse_pages(postgres, day)
        refused = postgres.run(lambda connection: records.store_refusals(connection, SOURCE, day, refusals))
        accepted = _pass_gate(postgres, day, [offer for offer, _ in offers], refused)
        rows = [_offer_row(offer, page) for offer, page in offers]
        counts = postgres.run(
            lambda connection: merge(
                connection,
                tables.price_offers,
                rows,
                scope={"source": SOURCE, "market_day": day},
                quiet=("observed_at", "page_sha256"),
            )
        )
    return dg.MaterializeResult(
        metadata=loaded(
            len(rows), counts, quarantined=refused, refusals=table(_shown(refusals)), accepted_because=accepted
        )
    )


def _parse_pages(
    postgres: PostgresResource, day: date
) -> tuple[list[tuple[Offer, str]], list[tuple[Refusal, str | None]]]:
    """The offers of the day's crawl with the page each stands on, each listing once (its first sighting counts)."""
    offers: dict[str, tuple[Offer, str]] = {}
    refusals: list[tuple[Refusal, str | None]] = []
    stored = postgres.run(lambda connection: list(pages.crawl_pages(connection, SOURCE, day)))
    if not stored:
        raise Refused(f"there is no whole crawl of {SOURCE} on {day}: nothing to parse")
    for page in stored:
        try:
            parsed = danawa.parse_list(page.body)
        except danawa.ParseError as error:
            raise Refused(f"{error} at {page.url}") from None
        refusals += [(refusal, page.sha256) for refusal in parsed.refusals]
        for offer in parsed.offers:
            dated = replace(offer, market_day=day, observed_at=page.fetched_at)
            offers.setdefault(offer.listing_id, (dated, page.sha256))
    return list(offers.values()), refusals


def _pass_gate(postgres: PostgresResource, day: date, offers: list[Offer], refused: int) -> str | None:
    """Let a day through that looks like the market; returns a person's reason where only that let it through."""
    read_at = max((offer.observed_at for offer in offers if offer.observed_at), default=None)
    if read_at is None:
        raise Refused(f"danawa {day} is not published: no rows at all")
    counts, accepted_rows = postgres.run(lambda connection: prices.day_counts(connection, SOURCE, day, offers, read_at))
    recent = postgres.run(lambda connection: prices.recent_prices(connection, SOURCE, day))
    suspect = sum(
        offer.price is not None
        and suspect_reason(offer.price, recent.get(offer.listing_id), offer.currency) is not None
        for offer in offers
    )
    if not (reasons := blindness(replace(counts, unreadable=refused, suspect=suspect), accepted_rows)):
        return None
    why = postgres.run(lambda connection: records.accepted_because(connection, SOURCE, day))
    if why is None:
        raise Refused(f"danawa {day} is not published: {'; '.join(reasons)}")
    return why


def _offer_row(offer: Offer, page_sha256: str) -> dict[str, object]:
    return {
        "source": offer.source,
        "listing_id": offer.listing_id,
        "market_day": offer.market_day,
        "position": 0,
        "title": offer.title,
        "price": offer.price,
        "currency": offer.currency,
        "availability": offer.availability.value,
        "seller_count": offer.seller_count,
        "url": offer.url,
        "observed_at": offer.observed_at,
        "page_sha256": page_sha256,
    }


def _shown(refusals: list[tuple[Refusal, str | None]], most: int = 20) -> list[dict[str, str]]:
    return [{"subject": r.subject, "reason": r.reason, "excerpt": r.excerpt[:80]} for r, _ in refusals[:most]]


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[price_offers],
    kinds={"postgres"},
    metadata=table_metadata(tables.skus),
)
def skus(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Which card each listing of the day is; names that no rule knows are queued in ``listings``, never guessed."""
    day = market_day(context)
    with reported():
        sightings = postgres.run(lambda connection: prices.sightings_of(connection, day))
        identities = Identities(settings.corrections())
        cards, listings = postgres.run(lambda connection: prices.store_identities(connection, sightings, identities.of))
        summary = postgres.run(lambda connection: prices.identity_summary(connection, day))
    unidentified = sum(row["listings"] for row in summary if row["identity_status"] == "unidentified")
    return dg.MaterializeResult(
        metadata=loaded(
            len(sightings),
            listings,
            cards=cards.inserted + cards.updated + cards.unchanged,
            new_cards=cards.inserted,
            unidentified=unidentified,
            not_cards=sum(row["listings"] for row in summary if row["identity_status"] == "not_a_card"),
            identity=table(summary),
        )
    )


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[price_offers, skus],
    kinds={"postgres"},
    metadata=table_metadata(tables.price_logs),
)
def price_logs(context: dg.AssetExecutionContext, postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """One headline price a listing; a price far from the listing's own is stored as suspect until seen again."""
    day = market_day(context)
    with reported():
        recent = postgres.run(lambda connection: prices.recent_prices(connection, SOURCE, day))
        rows = postgres.run(lambda connection: prices.headline_prices(connection, SOURCE, day))
        for row in rows:
            row["run_id"] = context.run.run_id
            if row["price"] is not None:
                row["suspect_reason"] = suspect_reason(row["price"], recent.get(row["listing_id"]), row["currency"])
        counts = postgres.run(
            lambda connection: merge(
                connection,
                tables.price_logs,
                rows,
                scope={"source": SOURCE, "market_day": day},
                quiet=("run_id", "recorded_at"),
            )
        )
    return dg.MaterializeResult(
        metadata=loaded(
            len(rows),
            counts,
            priced=sum(row["price"] is not None for row in rows),
            suspect=sum(row.get("suspect_reason") is not None for row in rows),
        )
    )
