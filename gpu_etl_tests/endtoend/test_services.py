"""The real webserver and daemon, and commands beside them: the same rows whoever asks, and nothing left running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from psycopg.rows import dict_row

from gpu_etl.database import urls
from gpu_etl_tests.conftest import server_home
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import (
    eventually,
    kill_what_is_left,
    processes_of,
    running,
    stop,
)
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market

pytestmark = pytest.mark.slow

TABLES = {
    "price_offers": "observed_at, page_sha256, detail_sha256",
    "price_logs": "run_id, recorded_at",
    "listings": "",
    "skus": "",
    "price_changes": "",
    "chipset_index": "",
    "market_signals": "",
    "keyword_trends": "",
    "risk_scores": "",
    "risk_alerts": "alert_id",
}
"""Each with the columns that say when and by whom rather than what."""


@pytest.fixture(scope="module")
def market() -> Iterator[dict[str, str]]:
    with simulated_market() as environment:
        yield environment


def contents(database_url: str, only: str = "") -> dict[str, list[str]]:
    """Every table as sorted rows of text, without the columns that say when and by whom."""
    found = {}
    with psycopg.connect(urls.for_libpq(database_url), row_factory=dict_row) as connection:
        for table, ignored in TABLES.items():
            rows = connection.execute(f"select * from {table}").fetchall()
            dropped = {name.strip() for name in ignored.split(",")} | {"first_seen_at", "updated_at", "created_at"}
            found[table] = sorted(str({k: v for k, v in row.items() if k not in dropped}) for row in rows)
    return found


def row_states(database_url: str) -> set[Any]:
    """Where each row of the prices lies and which transaction wrote it: changes when a row is written again."""
    with psycopg.connect(urls.for_libpq(database_url)) as connection:
        return set(connection.execute("select ctid::text, xmin::text, listing_id from price_logs").fetchall())


def test_ui_daemon_and_command_give_the_same_rows_and_stop_together(
    tmp_path: Path, market: dict[str, str], database_url: str, empty_database_url: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    here = Command(tmp_path / "here", empty_database_url, market)
    outcome = here.json("run", "full")
    assert (outcome["success"], outcome["day"]) == (True, DAY)

    there = Command(tmp_path / "there", database_url, market)
    with running(
        there, "up", "--port", "0", "--dashboard-port", "0", ready=r"Dagster UI: (http://127\.0\.0\.1:\d+)\n"
    ) as (instance, said):
        dashboard = eventually(
            lambda: re.search(r"Dashboard: (http://127\.0\.0\.1:\d+)\n", "".join(said)), 5, "the dashboard's address"
        )[1]
        assert f'href="{instance.url}"' in requests.get(dashboard, timeout=20).text
        instance.materialize(["raw_pages", "price_offers", "skus", "price_logs"], DAY)
        instance.wait_for(["__ASSET_JOB"], "SUCCESS")
        before = row_states(database_url)
        assert len(before) == outcome["assets"]["price_logs"] > 100

        triggered = there("trigger", "price-crawl")
        assert (triggered.returncode, triggered.stdout) == (0, f"queued price_crawl for {DAY}\n")
        assert triggered.stderr == ""
        launched = launch(there, "reddit_collection")  # without a partition: today's market day
        assert launched.returncode == 0, launched.stderr
        runs = instance.wait_for(["price_crawl", "reddit_collection"], "SUCCESS")
        assert all({"key": "dagster/partition", "value": DAY} in run["tags"] for run in runs)
        assert row_states(database_url) == before
        assert contents(database_url) == contents(empty_database_url)

        status = there("scheduler", "status")
        assert (status.returncode, "alive" in status.stdout) == (0, True)
        assert len(processes_of(there.home)) >= 4

        down = there("down")
        assert (down.returncode, down.stdout) == (0, "stopped services\n")
        assert instance.process.wait(30) == 0
        eventually(lambda: not processes_of(there.home), 5, f"nothing is left running: {processes_of(there.home)}")
    told = "".join(said)
    assert f"price_crawl        {DAY}  SUCCESS" in told
    assert "Traceback" not in told
    history = there.json("scheduler", "history")
    assert [run["job"] for run in history] == ["reddit_collection", "price_crawl", "__ASSET_JOB"]
    assert all(run["seconds"] > 0 and run["error"] is None and run["day"] == DAY for run in history)
    assert history[1]["rows"]["price_logs"] == len(before)
    log = (there.home / "logs" / "gpu-etl.log").read_text()
    assert "Traceback" not in log
    first_page = [line for line in log.splitlines() if "danawa: page 1 of" in line]
    assert len(first_page) == 2, "each of the two crawls says it once"


def launch(command: Command, job: str) -> subprocess.CompletedProcess[str]:
    """Dagster's own command, as README shows it."""
    return subprocess.run(
        [sys.executable, "-m", "dagster", "job", "launch", "-j", job, "-w", "dagster/workspace.yaml"],
        env=command.environment,
        cwd=command.home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_interrupted_run_ends_at_once_and_takes_its_server_along(market: dict[str, str]) -> None:
    with server_home() as home:
        command = Command(home, "", {**market, "HTTP_REQUESTS_PER_SECOND": "1"})
        process = begun(command, "run", "price-crawl")
        try:
            process.send_signal(signal.SIGTERM)
            output, errors = process.communicate(timeout=20)
        finally:
            stop(process)
        assert (process.returncode, output) == (1, "")
        assert errors == f"gpu-etl: price_crawl {DAY} failed: raw_pages: interrupted\n"
        eventually(lambda: not processes_of(home), 5, "nothing is left running")
        assert command.json("scheduler", "history")[0]["error"] == "raw_pages: interrupted"


def begun(command: Command, *arguments: str) -> subprocess.Popen[str]:
    """Start a command and return once its crawl has read a page."""
    process = command.begin(*arguments)
    log = command.home / "logs" / "gpu-etl.log"
    try:
        eventually(lambda: log.exists() and "page 1 of" in log.read_text(), 60, "the crawl has begun")
    except AssertionError:
        stop(process)
        raise
    return process


def test_a_killed_run_does_not_hold_back_the_next(tmp_path: Path, market: dict[str, str], database_url: str) -> None:
    command = Command(tmp_path, database_url, market)
    process = begun(Command(tmp_path, database_url, {**market, "HTTP_REQUESTS_PER_SECOND": "1"}), "run", "price-crawl")
    try:
        refused = command("run", "price-crawl")
        assert refused.returncode == 1
        assert refused.stderr.startswith("gpu-etl: price_crawl is running already: run ")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)
        assert command.json("run", "price-crawl")["success"]
        latest, killed = command.json("scheduler", "history")
        assert (latest["status"], killed["status"]) == ("SUCCESS", "FAILURE")
        assert killed["error"] == "the command that ran it was killed"
    finally:
        stop(process)
        kill_what_is_left(tmp_path)


def test_up_says_why_it_ended_where_the_database_cannot_be_used(tmp_path: Path) -> None:
    command = Command(tmp_path, "postgresql://etl:hush@127.0.0.1:1/market", {"MAX_RETRIES": "0"})
    done = command("up", "--port", "0", "--dashboard-port", "0")
    assert done.returncode == 1
    told = 'gpu-etl dashboard ended by itself with code 1: cannot use database "market" on 127.0.0.1:1 as user "etl"'
    assert done.stderr == f"gpu-etl: {told}: Connection refused\n"
    assert processes_of(tmp_path) == {}
