"""The three jobs, and how they try again.

Belongs here: which assets a job covers, retry counts and pauses, the tag that keeps a job to one run at a time. Does
not belong here: whether trying again can help at all (``assets.failures``), or when jobs run (``schedules``).

A step is tried again as a whole, on top of the retries of single requests and transactions: those bridge seconds,
this bridges a site or a database that is away for a minute.
"""

from __future__ import annotations

import dagster as dg

from gpu_etl.assets import COMMUNITY, PRICES
from gpu_etl.settings import load_settings

JOB_TAG = "gpu_etl/job"
"""Every run carries its job under this tag; ``dagster.yaml`` allows one running run for each value."""

_settings = load_settings()
RETRY = dg.RetryPolicy(
    max_retries=_settings.max_retries,
    delay=_settings.retry_backoff_seconds,
    backoff=dg.Backoff.EXPONENTIAL,
    jitter=dg.Jitter.PLUS_MINUS,  # several installations behind one address should not come back in step
)


def _job(name: str, selection: dg.AssetSelection, description: str) -> dg.UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        name, selection=selection, description=description, op_retry_policy=RETRY, tags={JOB_TAG: name}
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
full = _job("full", dg.AssetSelection.all(), "Both, in one run.")

ALL = [price_crawl, reddit_collection, full]
