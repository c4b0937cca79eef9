"""The analytics group: from stored prices and talk to numbers that somebody acts on.

Belongs here: read, compute, store, in the order of the graph. Does not belong here: any formula (``market``).

Both daily jobs end here, whichever came first: each step takes what is stored, and says what it did not find.
"""

from dataclasses import asdict
from datetime import date, timedelta

import dagster as dg
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.assets.community import keyword_trends, market_signals
from gpu_etl.assets.failures import reported
from gpu_etl.assets.metadata import loaded, table, table_metadata
from gpu_etl.assets.prices import price_logs
from gpu_etl.database import analytics, community, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.market import alerts, changes, index, risk
from gpu_etl.market.signals import Rules
from gpu_etl.partitions import MARKET_DAYS, market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings

GROUP = "analytics"
CURRENCY = "KRW"


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[price_logs],
    kinds={"postgres"},
    metadata=table_metadata(tables.price_changes),
)
def price_changes(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Per card: its price, last week's average (days 6 to 8 back) and the change, or the reason why there is none."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_price_changes(connection, day, settings))
    falls = sorted((row for row in rows if row["change_pct"] is not None), key=lambda row: row["change_pct"])
    return dg.MaterializeResult(
        metadata=loaded(
            len(rows),
            counts,
            with_change=len(falls),
            largest_falls=table(
                [{k: row[k] for k in ("sku_id", "price", "last_week_avg", "change_pct")} for row in falls[:10]]
            ),
        )
    )


def load_price_changes(
    connection: Connection[DictRow], day: date, settings: Settings
) -> tuple[list[DictRow], LoadCounts]:
    """Compute and store a day of ``price_changes``; returns its rows."""
    scope = catalog.scope(settings.chipsets)
    rows = connection.execute(changes.PRICE_CHANGES, changes.parameters(day, scope, CURRENCY)).fetchall()
    return rows, merge(connection, tables.price_changes, rows, scope={"market_day": day})


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[price_changes],
    kinds={"postgres"},
    metadata=table_metadata(tables.chipset_index),
)
def chipset_index(context: dg.AssetExecutionContext, postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """Per chipset: like-for-like index, median, spread, or the reason why they are withheld."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_chipset_index(connection, day))
    by_status = {
        status: sum(row["status"] == status for row in rows)
        for status in ("published", "thin", "withheld", "end_of_life")
    }
    return dg.MaterializeResult(metadata=loaded(len(rows), counts, **by_status))


def load_chipset_index(connection: Connection[DictRow], day: date) -> tuple[list[dict[str, object]], LoadCounts]:
    """Compute and store a day of ``chipset_index``; returns its rows."""
    cards = analytics.cards_of(connection, day)
    links = analytics.index_links(connection, day)
    cohorts = analytics.cohorts(connection, day)
    earlier = {
        link_day: analytics.prices_of_day(connection, link_day) for link_day in {link.day for link in links.values()}
    }
    rows: list[dict[str, object]] = []
    for chipset in sorted(cards):
        link = links.get(chipset)
        row = index.chipset_index(
            day, cards[chipset], earlier[link.day] if link else {}, link, cohorts.get(chipset, frozenset())
        )
        rows.append({"chipset": chipset, "market_day": day, "currency": CURRENCY, **asdict(row)})
    return rows, merge(connection, tables.chipset_index, rows, scope={"market_day": day})


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[price_changes, market_signals, keyword_trends],
    kinds={"postgres"},
    metadata=table_metadata(tables.risk_scores),
)
def risk_scores(
    context: dg.AssetExecutionContext,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """Per card: the required risk index with its parts; higher is worse for who holds stock."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_risk_scores(connection, day, settings, keyword_rules))
    return dg.MaterializeResult(
        metadata=loaded(
            len(rows),
            counts,
            high_risk=sum(bool(row["is_high_risk"]) for row in rows),
            unknown=sum(row["risk_index"] is None for row in rows),
            new_release_mentions=rows[0]["new_release_mentions"] if rows else None,
        )
    )


def load_risk_scores(
    connection: Connection[DictRow], day: date, settings: Settings, rules: Rules
) -> tuple[list[dict[str, object]], LoadCounts]:
    """Compute and store a day of ``risk_scores``; returns its rows."""
    mentions = new_release_mentions(connection, day, rules)
    rows: list[dict[str, object]] = []
    for change in analytics.day_changes(connection, day):
        scored = risk.risk(
            change["price"], change["last_week_avg"], mentions, settings.risk_threshold, change["reason"]
        )
        rows.append(
            {
                "sku_id": change["sku_id"],
                "market_day": day,
                "price": change["price"],
                "last_week_avg": change["last_week_avg"],
                "new_release_mentions": mentions,
                "threshold": settings.risk_threshold,
                **asdict(scored),
            }
        )
    return rows, merge(connection, tables.risk_scores, rows, scope={"market_day": day})


def new_release_mentions(connection: Connection[DictRow], day: date, rules: Rules) -> int | None:
    """Posts of the last seven days with a new-release keyword, each once; ``None`` when none of the days was read."""
    first = day - timedelta(days=risk.MENTION_DAYS - 1)
    labels = [keyword.label for keyword in rules.keywords if keyword.weight_group == "new_release"]
    if not community.mentions_by_day(connection, first, day):
        return None
    return community.posts_with_any(connection, labels, first, day)


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[risk_scores, chipset_index],
    kinds={"postgres"},
    metadata=table_metadata(tables.risk_alerts),
)
def risk_alerts(context: dg.AssetExecutionContext, postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """Events: opened above the threshold, closed at half of it, acknowledged by a person, never doubled by a re-run."""
    day = market_day(context)
    with reported():
        opened, closed = postgres.run(lambda connection: load_risk_alerts(connection, day))
        active = postgres.run(lambda connection: analytics.list_alerts(connection, only_open=True))
    shown = [{k: row[k] for k in ("product", "value", "opened_day")} for row in active[:20]]
    return dg.MaterializeResult(
        metadata={"opened": opened, "closed": closed, "active": len(active), "active_alerts": table(shown)}
    )


def load_risk_alerts(connection: Connection[DictRow], day: date) -> tuple[int, int]:
    """Move the events on by a day, and by every later scored day after it; returns what began and ended on ``day``."""
    counts = (0, 0)
    for scored_day in analytics.scored_days_from(connection, day):
        step = alerts.step(
            scored_day, analytics.open_alerts_before(connection, scored_day), analytics.readings(connection, scored_day)
        )
        stored = analytics.store_step(connection, scored_day, [r.sku_id for r in step.opened], step.closed)
        counts = stored if scored_day == day else counts
    return counts


def load_day(connection: Connection[DictRow], day: date, settings: Settings, rules: Rules) -> None:
    """Compute and store all four analyses of one day, in the order of the graph."""
    load_price_changes(connection, day, settings)
    load_chipset_index(connection, day)
    load_risk_scores(connection, day, settings, rules)
    load_risk_alerts(connection, day)
