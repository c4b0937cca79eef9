"""Asset ``buying_advice``: buy or wait, for each card and each chipset, and how often that was right.

Belongs here: read, compute, store. Does not belong here: where the line is (``market.fall.advice``).
"""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from gpu_etl.assets.changes import GROUP
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import reported
from gpu_etl.assets.index import chipset_index
from gpu_etl.assets.metadata import loaded
from gpu_etl.assets.risk import risk_scores
from gpu_etl.database import advice as stored
from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.partitions import market_day
from gpu_etl.resources.postgres import PostgresResource

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


@table_asset("buying_advice", GROUP, deps=[risk_scores, chipset_index])
def buying_advice(context: dg.AssetExecutionContext, postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """Per card and chipset: buy, wait or not enough data, why, and how often that was right on days not seen before."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_buying_advice(connection, day))
    given = Counter(row["advice"] for row in rows)
    return dg.MaterializeResult(metadata=loaded(len(rows), counts, **given))


def load_buying_advice(connection: "Connection[DictRow]", day: date) -> "tuple[list[dict[str, Any]], LoadCounts]":
    """Compute and store a day of ``buying_advice``; returns its rows."""
    from gpu_etl.assets.scoring import advice_rows
    from gpu_etl.database import scoring

    record = scoring.backtest_until(connection, day).get("by_advice", {})
    rows = advice_rows(day, stored.scored_cards(connection, day), stored.chipset_statuses(connection, day), record)
    return rows, merge(connection, tables.buying_advice, rows, scope={"market_day": day})
