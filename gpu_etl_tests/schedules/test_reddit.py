"""The schedules between the daily collections: which is on, and what a tick asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from gpu_etl import jobs
from gpu_etl.schedules import reddit
from gpu_etl.settings import Settings

SEOUL = ZoneInfo("Asia/Seoul")
LOOPBACK = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")


def tick(make_settings: Callable[..., Settings], at: str, now: str) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime.fromisoformat(at).replace(tzinfo=SEOUL),
        resources={"settings": make_settings(gpu_etl_now=now + "+09:00", **LOOPBACK)},
    )
    answer = reddit.reddit_gathering_hourly(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_an_hour_is_asked_for_once_under_its_own_day(make_settings: Callable[..., Settings]) -> None:
    first = tick(make_settings, "2026-03-05T00:00", "2026-03-05T00:00:07")
    assert isinstance(first, dg.RunRequest)
    assert (first.run_key, first.partition_key) == ("2026-03-05T00", "2026-03-05")
    second = tick(make_settings, "2026-03-05T01:00", "2026-03-05T01:00:07")
    assert isinstance(second, dg.RunRequest)
    assert second.run_key != first.run_key


@pytest.mark.parametrize(
    ("at", "now", "says"),
    [
        ("2026-03-05T10:00", "2026-03-05T10:00:03", "daily collection"),
        ("2026-03-05T03:00", "2026-03-05T09:00:00", "missed"),
        ("2026-03-04T23:30", "2026-03-05T00:01:00", "missed"),
    ],
)
def test_some_hours_are_passed_over(make_settings: Callable[..., Settings], at: str, now: str, says: str) -> None:
    answer = tick(make_settings, at, now)
    assert isinstance(answer, dg.SkipReason)
    assert says in (answer.skip_message or "")


def test_the_job_never_runs_beside_the_collection() -> None:
    hourly, daily = (job.tags or {} for job in (reddit.reddit_gathering, jobs.reddit_collection))
    assert hourly[jobs.JOB_TAG] == daily[jobs.JOB_TAG]


@pytest.mark.parametrize(("secret", "hourly", "six_hourly"), [("", "RUNNING", "STOPPED"), ("x", "STOPPED", "RUNNING")])
def test_which_one_is_on_depends_on_the_key(tmp_path: Path, secret: str, hourly: str, six_hourly: str) -> None:
    code = "from gpu_etl.schedules.reddit import SCHEDULES as s; print(*(x.default_status.value for x in s))"
    environment = {"PATH": os.environ["PATH"], "REDDIT_CLIENT_ID": "id", "REDDIT_CLIENT_SECRET": secret}
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "PYTHONPATH": str(root), "GPU_ETL_HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == [hourly, six_hourly]
