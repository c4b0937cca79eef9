"""Asset ``price_changes``: what each card costs, against last week and against its own past.

Belongs here: read, compute, store. Does not belong here: the definition of a card's price (``market.changes``).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from gpu_etl import catalog
from gpu_etl.assets import showing
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import reported
from gpu_etl.assets.metadata import loaded, table
from gpu_etl.assets.prices import price_logs
from gpu_etl.database import queries, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.planning import day_by_day
from gpu_etl.market import changes
from gpu_etl.partitions import market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

GROUP = "analytics"
CURRENCY = "KRW"


@table_asset("price_changes", GROUP, deps=[price_logs])
def price_changes(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Per card: its price, the change against days 6 to 8 back, its place in its own past; or why there is none."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_price_changes(connection, day, settings))
        falls, rises = postgres.run(lambda connection: queries.largest_changes(connection, day, 10))
    known = [row["change_pct"] for row in rows if row["change_pct"] is not None]
    return dg.MaterializeResult(
        metadata=loaded(
            len(rows),
            counts,
            with_change=len(known),
            cheaper=sum(change < 0 for change in known),
            dearer=sum(change > 0 for change in known),
            largest_falls=table(falls),
            largest_rises=table(rises),
            dashboard=showing.dashboard_page(settings, "/"),
        )
    )


def load_price_changes(
    connection: "Connection[DictRow]", day: date, settings: Settings
) -> "tuple[list[DictRow], LoadCounts]":
    """Compute and store a day of ``price_changes``; returns its rows."""
    scope = catalog.scope(settings.chipsets)
    with day_by_day(connection):
        rows = connection.execute(changes.PRICE_CHANGES, changes.parameters(day, scope, CURRENCY)).fetchall()
    for row, place in zip(rows, _places(connection, day, rows), strict=True):
        row.update(place)
    return rows, merge(connection, tables.price_changes, rows, scope={"market_day": day})


def _places(connection: "Connection[DictRow]", day: date, rows: "Sequence[DictRow]") -> list[dict[str, Any]]:
    """Where the cards' prices of a day stand in their own past."""
    import numpy as np

    from gpu_etl.database import card_prices
    from gpu_etl.market import history

    first = day - timedelta(days=history.DAYS - 1)
    keys = card_prices.keys_of(connection, [row["sku_id"] for row in rows])
    before = card_prices.table(connection, keys, first, day - timedelta(days=1))
    today = np.array([[row["price"] for row in rows]], dtype=np.float64)
    places = history.places(np.vstack([before, today]))
    still = {
        row["sku_id"]: row["price"]
        for row, place in zip(rows, places, strict=True)
        if place["unchanged_days"] is None and row["price"] is not None
    }
    since = card_prices.standing_since(connection, still, first, day)
    for row, place in zip(rows, places, strict=True):
        if row["sku_id"] in since:
            place["unchanged_days"] = (day - since[row["sku_id"]]).days
    return places
