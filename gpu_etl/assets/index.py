"""Asset ``chipset_index``: each chipset's like-for-like index, or the reason why it is withheld.

Belongs here: read, compute, store. Does not belong here: the index and its gates (``market.index``).
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from gpu_etl import catalog
from gpu_etl.assets import showing
from gpu_etl.assets.changes import CURRENCY, GROUP, price_changes
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import reported
from gpu_etl.assets.metadata import loaded
from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, as_row, merge
from gpu_etl.market import worth
from gpu_etl.partitions import market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


@table_asset("chipset_index", GROUP, deps=[price_changes])
def chipset_index(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Per chipset: like-for-like index, median, spread, or the reason why they are withheld."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(lambda connection: load_chipset_index(connection, day))
        chart = postgres.run(lambda connection: showing.chipset_picture(connection, day))
    by_status = {
        status: sum(row["status"] == status for row in rows)
        for status in ("published", "thin", "withheld", "end_of_life")
    }
    dashboard = showing.dashboard_page(settings, "/chipsets")
    return dg.MaterializeResult(metadata=loaded(len(rows), counts, **by_status, chart=chart, dashboard=dashboard))


def load_chipset_index(connection: "Connection[DictRow]", day: date) -> "tuple[list[dict[str, object]], LoadCounts]":
    """Compute and store a day of ``chipset_index``; returns its rows."""
    from gpu_etl.database import index as stored
    from gpu_etl.market import index

    cards = stored.cards_of(connection, day)
    pasts = stored.pasts(connection, day)
    cohorts = stored.cohorts(connection, day)
    computed = {
        chipset: index.chipset_index(
            day, cards[chipset], pasts.get(chipset, index.Past()), cohorts.get(chipset, frozenset())
        )
        for chipset in sorted(cards)
    }
    low_prices = {chipset: (row.status, row.low_price) for chipset, row in computed.items()}
    rows: list[dict[str, object]] = [
        {
            "chipset": chipset,
            "market_day": day,
            "currency": CURRENCY,
            **as_row(row),
            **as_row(_worth(chipset, low_prices)),
        }
        for chipset, row in computed.items()
    ]
    return rows, merge(connection, tables.chipset_index, rows, scope={"market_day": day})


def _worth(chipset: str, low_prices: Mapping[str, tuple[str, int | None]]) -> worth.Worth:
    chip = catalog.chipset(chipset)
    rate = catalog.won_per_dollar(chip.launched) if chip.launched else None
    launch = worth.launch_price(chip.price_usd, chip.launched, rate)
    return worth.worth(chipset, low_prices, launch, catalog.siblings(chipset), chip.g3d_mark)
