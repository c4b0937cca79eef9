"""The one partition key of every asset: the market day.

Belongs here: the calendar. Does not belong here: which day is today (``Settings.today``).

https://docs.dagster.io/guides/build/partitions-and-backfills
"""

from __future__ import annotations

from datetime import date

import dagster as dg

from gpu_etl.declared import SETTINGS
from gpu_etl.settings import load_settings

FIRST_DAY = "2020-01-01"
"""The public price files begin in 2020; no source of ours reaches further back."""

# A price is what it is when it is read, so the running day is a partition of its own (end_offset=1).
MARKET_DAYS = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone=SETTINGS.market_timezone, end_offset=1)


def market_day(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    """The market day that a step works on: its partition; today where a run was launched without one."""
    return date.fromisoformat(context.partition_key) if context.has_partition_key else load_settings().today()
