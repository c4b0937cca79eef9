"""Asset ``risk_alerts``: events that begin and end.

Belongs here: read, move the events on, store. Does not belong here: when an event begins and ends (``market.alerts``).
"""

from datetime import date

import dagster as dg
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets.changes import GROUP
from gpu_etl.assets.failures import reported
from gpu_etl.assets.index import chipset_index
from gpu_etl.assets.metadata import table, table_metadata
from gpu_etl.assets.risk import risk_scores
from gpu_etl.database import alerts as stored
from gpu_etl.database import tables
from gpu_etl.market import alerts
from gpu_etl.partitions import MARKET_DAYS, market_day
from gpu_etl.resources.postgres import PostgresResource


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
        active = postgres.run(lambda connection: stored.list_alerts(connection, only_open=True))
    shown = [{k: row[k] for k in ("product", "value", "opened_day")} for row in active[:20]]
    return dg.MaterializeResult(
        metadata={"opened": opened, "closed": closed, "active": len(active), "active_alerts": table(shown)}
    )


def load_risk_alerts(connection: Connection[DictRow], day: date) -> tuple[int, int]:
    """Move the events on by a day, and by every later scored day after it; returns what began and ended on ``day``."""
    counts = (0, 0)
    for scored_day in stored.scored_days_from(connection, day):
        step = alerts.step(
            scored_day, stored.open_alerts_before(connection, scored_day), stored.readings(connection, scored_day)
        )
        moved = stored.store_step(connection, scored_day, [r.sku_id for r in step.opened], step.closed)
        counts = moved if scored_day == day else counts
    return counts
