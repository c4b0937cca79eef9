"""The real daemon: stopped while it works, killed, and its schedules moved while it runs a day."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gpu_etl.demo.market import Market
from gpu_etl.demo.server import serve
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import eventually, processes_of, running
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market
from gpu_etl_tests.faults.world import started, writing_held

pytestmark = pytest.mark.slow
READY = "the scheduler is alive"
SEOUL = ZoneInfo("Asia/Seoul")


def test_stop_lets_the_run_in_progress_end_and_a_killed_scheduler_leaves_nothing(
    tmp_path: Path, database_url: str
) -> None:
    with simulated_market() as market:
        command = Command(tmp_path, database_url, {**market, "DANAWA_PRODUCT_PAGES_AT_MOST": "0"})
        with running(command, "scheduler", "start", ready=READY) as (scheduler, _):
            assert command("scheduler", "status").returncode == 0
            with ExitStack() as held:
                waiting = held.enter_context(writing_held(database_url, "price_offers"))
                assert command("trigger", "price-crawl").returncode == 0
                eventually(waiting, 90, "the run wants to load")
                with started(command, "scheduler", "stop") as stopping:
                    assert stopping.stdout is not None
                    assert stopping.stdout.readline().startswith("waiting for 1 running run(s) to end")
                    held.close()
                    assert stopping.communicate(timeout=120) == ("stopped\n", "")
                    assert stopping.returncode == 0
            assert scheduler.process.wait(30) == 0
        (run,) = command.json("scheduler", "history")
        assert (run["status"], run["day"]) == ("SUCCESS", DAY)
        status = command("scheduler", "status")
        assert (status.returncode, status.stderr) == (1, "gpu-etl: the scheduler is not running\n")

        with running(command, "scheduler", "start", ready=READY) as (scheduler, _):
            os.kill(scheduler.process.pid, signal.SIGKILL)
            scheduler.process.wait(10)
            status = command("scheduler", "status")
            assert status.returncode == 1
            assert f"not running: process {scheduler.process.pid}, which ran it, was killed; last" in status.stderr
            eventually(lambda: not processes_of(tmp_path), 30, "what it started ends with it")


@pytest.mark.exhaustive
def test_a_schedule_that_is_moved_takes_effect_and_does_not_run_the_day_twice(
    tmp_path: Path, database_url: str
) -> None:
    """With the real clock, so it takes minutes: a tick, the run, the schedule moved a few minutes on, a tick again."""
    with serve(Market(7, datetime.now(SEOUL).date(), 20)) as url:
        sources = dict.fromkeys(("DANAWA_BASE_URL", "REDDIT_BASE_URL", "REDDIT_OAUTH_URL"), url)
        steady = {**sources, "HTTP_REQUESTS_PER_SECOND": "500", "REDDIT_CRAWL_HOUR": "0"}
        first = ticks_at(tmp_path, "price_crawl_daily", database_url, steady)
        assert [tick["status"] for tick in first] == ["SUCCESS"]
        second = ticks_at(tmp_path, "price_crawl_daily", database_url, steady)
        assert [tick["status"] for tick in second] == ["SUCCESS", "SKIPPED"]
        assert "has had its run at another time" in second[-1]["skip"]
        history = Command(tmp_path, database_url, steady).json("scheduler", "history")
        assert [run["status"] for run in history if run["job"] == "price_crawl"] == ["SUCCESS"]


def ticks_at(home: Path, schedule: str, database_url: str, environment: dict[str, str]) -> list[dict[str, str]]:
    """Run the scheduler over a time of the crawl that is near; returns all ticks of the schedule so far."""
    at = datetime.now(SEOUL) + timedelta(seconds=90)
    clock = {"PRICE_CRAWL_HOUR": str(at.hour), "PRICE_CRAWL_MINUTE": str(at.minute)}
    command = Command(home, database_url, {**environment, **clock})
    before = len(ticks(command, schedule))
    with running(command, "scheduler", "start", ready=READY):
        eventually(lambda: len(ticks(command, schedule)) > before or None, 240, "the schedule has ticked")
        eventually(lambda: not [r for r in command.json("scheduler", "history") if r["end"] is None], 120, "runs ended")
    return ticks(command, schedule)


TICKS = """
import json, sys
import dagster as dg
with dg.DagsterInstance.get() as instance:
    states = [state for state in instance.all_instigator_state() if state.instigator_name == sys.argv[1]]
    ticks = [tick for state in states for tick in instance.get_ticks(state.instigator_origin_id, state.selector_id)]
    print(json.dumps([{"status": tick.status.value, "skip": tick.skip_reason} for tick in reversed(ticks)]))
"""


def ticks(command: Command, schedule: str) -> list[dict[str, str]]:
    """The ended ticks of a schedule, the oldest first, from Dagster's own records."""
    if not (command.home / "dagster").exists():
        return []
    done = subprocess.run(
        [sys.executable, "-c", TICKS, schedule], env=command.environment, capture_output=True, text=True, check=True
    )
    time.sleep(1)
    return [tick for tick in json.loads(done.stdout.splitlines()[-1]) if tick["status"] != "STARTED"]
