"""Where Reddit fails in a full run, the prices have their analyses all the same, and the run has failed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from psycopg.rows import dict_row

from gpu_etl.database import urls
from gpu_etl.run_queue import RUN_BY_TAG
from gpu_etl.schedules import halves
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market


@pytest.mark.parametrize(
    ("job", "failed", "follows"),
    [
        ("full", ["reddit_posts"], True),
        ("full", ["market_signals"], True),
        ("full", ["reddit_posts", "raw_pages"], False),
        ("full", ["risk_scores"], False),
        ("full", [], False),
        ("reddit_collection", ["reddit_posts"], False),
    ],
)
def test_only_a_full_run_without_reddit_has_its_prices(job: str, failed: Sequence[str], follows: bool) -> None:
    assert halves.has_prices_only(job, failed) is follows


@pytest.mark.parametrize(("tags", "asks"), [({}, True), ({RUN_BY_TAG: "here"}, False)])
def test_the_sensor_asks_for_the_analyses_of_that_day(tags: dict[str, str], asks: bool) -> None:
    @dg.op
    def reddit_posts() -> None:
        raise dg.Failure("no subreddit could be read", allow_retries=False)

    @dg.job
    def full() -> None:
        reddit_posts()

    with dg.instance_for_test() as instance:
        tags = {"dagster/partition": DAY, **tags}
        result = full.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        context = dg.build_run_status_sensor_context(
            sensor_name="half_a_day",
            dagster_event=result.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        ).for_run_failure()
        answer = halves.half_a_day(context)
    assert isinstance(answer, dg.RunRequest) is asks
    if isinstance(answer, dg.RunRequest):
        assert answer.partition_key == DAY


@pytest.mark.slow
def test_risk_is_computed_and_the_run_fails_with_reddits_reason(tmp_path: Path, database_url: str) -> None:
    with simulated_market() as environment:
        nowhere = {
            "REDDIT_BASE_URL": "http://127.0.0.1:9",
            "REDDIT_OAUTH_URL": "http://127.0.0.1:9",
            "MAX_RETRIES": "0",
        }
        outcome: dict[str, Any] = Command(tmp_path, database_url, {**environment, **nowhere}).json("run", "full")
    assert outcome["success"] is False
    [error] = outcome["errors"]
    assert error.startswith("reddit_posts: no subreddit could be read")
    assert {"price_logs", "price_changes", "risk_scores", "risk_alerts"} <= set(outcome["assets"])
    assert "keyword_trends" not in outcome["assets"]
    with psycopg.connect(urls.for_libpq(database_url), row_factory=dict_row) as connection:
        rows = connection.execute("select * from risk_scores where market_day = %s", (DAY,)).fetchall()
    assert len(rows) == outcome["assets"]["risk_scores"] > 10
    assert {row["new_release_mentions"] for row in rows} == {None}, "not read is not none"
