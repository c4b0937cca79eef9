"""Which assets a job covers; and that no job can hold up another."""

from __future__ import annotations

from gpu_etl import jobs
from gpu_etl.definitions import defs
from gpu_etl_tests.test_definitions import ASSETS


def covered(job: str) -> set[str]:
    return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.selected_asset_keys}


def test_a_job_covers_its_group_and_all_that_follows() -> None:
    assert covered("price_crawl") == {*ASSETS["prices"], *ASSETS["analytics"], "market_report"}
    assert set(ASSETS["community"]) <= covered("reddit_collection")
    assert {"risk_scores", "risk_alerts", "market_report"} <= covered("reddit_collection")
    assert covered("full") == {name for group in ASSETS.values() for name in group} | {"market_report"}


def test_neither_daily_job_asks_anything_of_the_others_source() -> None:
    assert not covered("price_crawl") & set(ASSETS["community"])
    assert not covered("reddit_collection") & set(ASSETS["prices"])


def test_each_job_is_tagged_for_the_queue() -> None:
    assert {job.name: defs.resolve_job_def(job.name).tags[jobs.JOB_TAG] for job in jobs.ALL} == {
        "price_crawl": "price_crawl",
        "reddit_collection": "reddit_collection",
        "full": "full",
    }


def test_no_job_takes_an_interruption_for_a_reason_to_begin_anew() -> None:
    """A retry policy on a job would: see ``assets.failures``."""
    for job in jobs.ALL:
        for node in defs.resolve_job_def(job.name).all_node_defs:
            assert getattr(node, "retry_policy", None) is None
