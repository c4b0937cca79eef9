"""A day whose load was lost: the sensor asks for it on the next, and the run it asks for brings back the same rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from gpu_etl.database import Database
from gpu_etl.schedules import gaps
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market
from gpu_etl_tests.endtoend.test_services import contents

NEXT_MORNING = "2026-03-09T08:00:00+09:00"


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_lost_load_is_made_up_for_from_the_stored_pages(
    tmp_path: Path,
    database: Database,
    database_url: str,
    instance: dg.DagsterInstance,
    make_settings: Callable[..., Settings],
) -> None:
    with simulated_market() as market:
        command = Command(tmp_path, database_url, {**market, "DANAWA_PRODUCT_PAGES_AT_MOST": "5"})
        assert command.json("run", "price-crawl")["success"]
    before = contents(database_url)
    assert len(before["price_logs"]) > 100
    with database.transaction() as connection:
        connection.execute("truncate price_offers, price_logs, price_changes, chipset_index, risk_scores")
    assert contents(database_url) != before

    sources = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:1")
    settings = make_settings(database_url=database_url, gpu_etl_now=NEXT_MORNING, **sources)
    answer = gaps.gap_sensor(dg.build_sensor_context(instance, resources={"settings": settings}))
    assert isinstance(answer, dg.SensorResult)
    (request,) = answer.run_requests or []
    assert (request.job_name, request.partition_key) == ("price_rebuild", DAY)

    tags = {**request.tags, "dagster/partition": DAY}
    job = ["job", "execute", "-m", "gpu_etl.definitions", "-j", str(request.job_name), "--tags", json.dumps(tags)]
    nobody = {"GPU_ETL_NOW": NEXT_MORNING, **{name.upper(): url for name, url in sources.items()}}
    done = subprocess.run(
        [sys.executable, "-m", "dagster", *job],
        env={**command.environment, **nobody},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert contents(database_url) == before
