"""Assets ``launch_effects`` and ``rumour_lags``: what launches did to prices, and whether talk comes before them.

Belongs here: read, compute, store. Does not belong here: the measurements (``market.launches``, ``market.lags``).

They look at the whole history at once, so they have no partition and are in none of the daily jobs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from gpu_etl import catalog
from gpu_etl.assets.changes import GROUP
from gpu_etl.assets.community import keyword_trends
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import reported
from gpu_etl.assets.index import chipset_index
from gpu_etl.assets.metadata import loaded, table
from gpu_etl.database import launches as stored
from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

    from gpu_etl.market import lags, launches


@table_asset("launch_effects", GROUP, deps=[chipset_index], partitions=None)
def launch_effects(postgres: PostgresResource, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult[None]:
    """Per launch and predecessor: the change of its index against untouched chipsets, with an interval; or why not."""
    with reported():
        effects, counts = postgres.run(lambda connection: load_launch_effects(connection, settings))
    measured = [effect for effect in effects if effect.status == "measured"]
    shown = ("successor", "predecessor", "effect_pct", "effect_low", "effect_high")
    return dg.MaterializeResult(
        metadata=loaded(
            len(effects),
            counts,
            measured=len(measured),
            effects=table([{name: asdict(effect)[name] for name in shown} for effect in measured]),
        )
    )


def load_launch_effects(
    connection: "Connection[DictRow]", settings: Settings
) -> "tuple[Sequence[launches.Effect], LoadCounts]":
    """Measure every launch within the history and store it; returns the latest launch first."""
    from gpu_etl.market import launches

    scope, span = catalog.scope(settings.chipsets), stored.analysed_days(connection)
    levels = stored.published_levels(connection)
    events = {name: _events(name) for name in levels}
    effects = [
        launches.launch_effect(
            successor,
            predecessor,
            day,
            levels,
            launches.untouched(day, events, _relatives(successor, predecessor)),
            last,
        )
        for first, last in ([span] if span else [])
        for successor, day in _launched(first, last)
        for predecessor in catalog.predecessors(successor)
        if predecessor in scope
    ]
    rows = [{**asdict(effect), "controls": list(effect.controls)} for effect in effects]
    return effects, merge(connection, tables.launch_effects, rows, scope={})


def _launched(first: date, last: date) -> Sequence[tuple[str, date]]:
    """The chipsets launched between two days, the latest first."""
    found = [
        (chip.launched, chip.name) for chip in catalog.chipsets() if chip.launched and first <= chip.launched <= last
    ]
    return [(name, day) for day, name in sorted(found, reverse=True)]


def _events(name: str) -> list[date]:
    """The days of a chipset's own launch and of its successors'."""
    chips = [chip for chip in catalog.chipsets() if chip.name == name or name in catalog.predecessors(chip.name)]
    return [chip.launched for chip in chips if chip.launched]


def _relatives(successor: str, predecessor: str) -> list[str]:
    return [successor, predecessor, *catalog.siblings(successor), *catalog.siblings(predecessor)]


@table_asset("rumour_lags", GROUP, deps=[chipset_index, keyword_trends], partitions=None)
def rumour_lags(postgres: PostgresResource) -> dg.MaterializeResult[None]:
    """Per keyword and lag: whether mentions come before the market's changes, by a test over all of them together."""
    with reported():
        found, counts = postgres.run(load_rumour_lags)
    significant = [asdict(lag) for lag in found if lag.is_significant]
    shown: Sequence[Mapping[str, object]] = [
        {name: lag[name] for name in ("keyword", "lag_days", "correlation", "p_value")} for lag in significant
    ]
    return dg.MaterializeResult(metadata=loaded(len(found), counts, significant=len(shown), leads=table(shown)))


def load_rumour_lags(connection: "Connection[DictRow]") -> "tuple[Sequence[lags.Lag], LoadCounts]":
    """Test every keyword and lag over the whole history and store the outcome."""
    from gpu_etl.market import lags

    level = lags.market_level(stored.published_levels(connection))
    found = lags.lead_lags(stored.mention_shares(connection), level)
    return found, merge(connection, tables.rumour_lags, [asdict(lag) for lag in found], scope={})
