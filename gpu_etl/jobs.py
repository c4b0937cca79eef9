"""The three jobs.

Belongs here: which assets a job covers, and the tag that keeps a job to one run at a time. Does not belong here: when
jobs run (``schedules``), or how a failed step is tried again (``assets.failures``).
"""

from __future__ import annotations

import dagster as dg

from gpu_etl import run_queue
from gpu_etl.assets import COMMUNITY, PRICES

JOB_TAG = run_queue.JOB_TAG


def _job(name: str, selection: dg.AssetSelection, description: str) -> dg.UnresolvedAssetJobDefinition:
    return dg.define_asset_job(name, selection=selection, description=description, tags={JOB_TAG: name})


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
full = _job("full", dg.AssetSelection.all(), "Both, in one run.")

ALL = [price_crawl, reddit_collection, full]
