"""Asset ``risk_scores``: what each card in stock risks, by the required formula and by the learned score.

Belongs here: read, compute, store. Does not belong here: the formulas (``market``), scoring (``scoring``).
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from gpu_etl.assets import showing
from gpu_etl.assets.changes import GROUP, price_changes
from gpu_etl.assets.community import keyword_trends, market_signals
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import reported
from gpu_etl.assets.metadata import loaded
from gpu_etl.database import changes, community, tables
from gpu_etl.database.bulk import LoadCounts, as_row, merge
from gpu_etl.market import risk
from gpu_etl.market.signals import Rules
from gpu_etl.partitions import market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


@table_asset("risk_scores", GROUP, deps=[price_changes, market_signals, keyword_trends])
def risk_scores(
    context: dg.AssetExecutionContext,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """Per card: the required risk index and the learned score with their parts; higher is worse for who holds stock."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_risk_scores(connection, day, settings, keyword_rules))
        chart = postgres.run(lambda connection: showing.risk_picture(connection, day))
    return dg.MaterializeResult(
        metadata=loaded(
            len(rows),
            counts,
            high_risk=sum(bool(row["is_high_risk"]) for row in rows),
            unknown=sum(row["risk_index"] is None for row in rows),
            scored=sum(row["risk_score"] is not None for row in rows),
            high_score=sum((row["risk_score"] or 0) >= settings.risk_score_threshold for row in rows),
            model=next((row["model_version"] for row in rows if row["model_version"]), None),
            new_release_mentions=rows[0]["new_release_mentions"] if rows else None,
            chart=chart,
            dashboard=showing.dashboard_page(settings, "/alerts?kind=risk"),
        )
    )


def load_risk_scores(
    connection: "Connection[DictRow]", day: date, settings: Settings, rules: Rules
) -> "tuple[list[dict[str, Any]], LoadCounts]":
    """Compute and store a day of ``risk_scores``; returns its rows."""
    from gpu_etl.assets import scoring

    mentions, unread_days = new_release_mentions(connection, day, rules)
    cards = changes.of_day(connection, day)
    rows: list[dict[str, Any]] = []
    for change, score in zip(cards, scoring.scores(connection, day, cards, settings, rules), strict=True):
        scored = risk.risk(
            change["price"], change["last_week_avg"], mentions, settings.risk_threshold, change["reason"], unread_days
        )
        rows.append(
            {
                "sku_id": change["sku_id"],
                "market_day": day,
                "price": change["price"],
                "last_week_avg": change["last_week_avg"],
                "new_release_mentions": mentions,
                "threshold": settings.risk_threshold,
                **as_row(scored),
                **score,
            }
        )
    return rows, merge(connection, tables.risk_scores, rows, scope={"market_day": day})


def new_release_mentions(connection: "Connection[DictRow]", day: date, rules: Rules) -> tuple[int | None, int]:
    """Posts of the last seven days with a new-release keyword, each once, ``None`` when none of the days was read; and
    on how many of the days Reddit was not read.
    """
    first = day - timedelta(days=risk.MENTION_DAYS - 1)
    read = len(community.mentions_by_day(connection, first, day))
    mentions = community.posts_with_any(connection, rules.new_release_labels, first, day) if read else None
    return mentions, risk.MENTION_DAYS - read
