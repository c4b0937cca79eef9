"""The three jobs.

Belongs here: which assets a job covers, the tag that keeps a job to one run at a time, what follows a failed step. Does
not belong here: when jobs run (``schedules``), or how a failed step is tried again (``assets.failures``).
"""

from __future__ import annotations

import dagster as dg

from gpu_etl import run_queue
from gpu_etl.assets import COMMUNITY, OVER_ALL_DAYS, PRICES
from gpu_etl.assets.alerts import tell_of_blind_sources
from gpu_etl.database import DatabaseError

JOB_TAG = run_queue.JOB_TAG


@dg.failure_hook(required_resource_keys={"postgres", "settings"})
def blind_sources(context: dg.HookContext) -> None:
    """Open the alert of a source that went blind: where its step fails, the alerts' own step never comes."""
    try:
        tell_of_blind_sources(context.resources.postgres, context.resources.settings)
    except DatabaseError as error:
        context.log.warning(f"sources could not be watched: {error}")


def _job(name: str, selection: dg.AssetSelection, description: str) -> dg.UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        name,
        selection=selection - dg.AssetSelection.assets(*OVER_ALL_DAYS),
        description=description,
        tags={JOB_TAG: name},
        hooks={blind_sources},
    )


price_crawl = _job(
    "price_crawl",
    dg.AssetSelection.assets(*PRICES).downstream(),
    "What graphics cards cost today, and all that follows from it.",
)
reddit_collection = _job(
    "reddit_collection",
    dg.AssetSelection.assets(*COMMUNITY).downstream(),
    "What Reddit says, and all that follows from it.",
)
full = _job("full", dg.AssetSelection.all(), "The price crawl and the Reddit collection, in one run.")

ALL = [price_crawl, reddit_collection, full]
