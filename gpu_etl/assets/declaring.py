"""What every asset that is a table is declared with: its group, whom to ask, its partitions, its columns.

Belongs here: arguments of ``@dg.asset`` that repeat. Does not belong here: assets; each says what it is made from.

https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from gpu_etl.assets.metadata import table_metadata
from gpu_etl.partitions import MARKET_DAYS

OWNERS = {"prices": ["team:data"], "community": ["team:data"], "analytics": ["team:analysis"]}
"""Whom to ask about an asset, by its group."""


def table_asset(
    table: str,
    group: str,
    *,
    deps: Sequence[dg.AssetsDefinition] = (),
    read_from: str | None = None,
    partitions: dg.PartitionsDefinition[str] | None = MARKET_DAYS,
    pool: str | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """``@dg.asset`` for a table of that name: a partition a market day, unless it is made over all days at once.

    ``read_from`` is the kind of the outside source that it reads, if it does; ``pool`` lets one run at a time ask it.
    """
    return dg.asset(
        group_name=group,
        owners=OWNERS[group],
        partitions_def=partitions,
        deps=deps,
        kinds={"postgres"} | ({read_from} if read_from else set()),
        metadata=table_metadata(table),
        pool=pool,
    )
