"""A Reddit collection that is killed between fetching and storing, and one that runs twice: the rows are the same."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from gpu_etl.database import Database, urls
from gpu_etl_tests.assets.community import FINAL
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import eventually
from gpu_etl_tests.endtoend.simulated import DAY, NOW, simulated_market

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]

COLLECT = ("run", "reddit-collection", "--day", DAY)


def contents(database_url: str) -> dict[str, list[str]]:
    """Every row of every table that a collection fills."""
    with psycopg.connect(urls.for_libpq(database_url), row_factory=dict_row) as connection:
        return {table: sorted(str(row) for row in connection.execute(f"select * from {table}")) for table in FINAL}


def kill_before_storing(command: Command, database_url: str) -> None:
    """Run a collection that finds its table locked once it has fetched, and kill it there."""
    with psycopg.connect(urls.for_libpq(database_url)) as holder, psycopg.connect(
        urls.for_libpq(database_url), autocommit=True
    ) as watcher:  # fmt: skip
        holder.execute("lock table reddit_posts in access exclusive mode")
        run = subprocess.Popen(
            [sys.executable, "-m", "gpu_etl", *COLLECT],
            env=command.environment,
            cwd=command.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            waiting = """select query from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock' and query ~ 'reddit_posts'"""
            eventually(
                lambda: watcher.execute(waiting).fetchall(), 120, "the collection has fetched and wants to store"
            )
        finally:
            run.kill()
            run.wait()
    assert run.returncode == -9


def test_killed_between_fetch_and_load_then_run_again_and_run_once_more(
    tmp_path: Path, database: Database, database_url: str, empty_database_url: str
) -> None:
    """The rows of an undisturbed run, of one that was killed and run again, and of a second one a minute later."""
    with simulated_market() as environment:
        (tmp_path / "calm").mkdir()
        calm = Command(tmp_path / "calm", empty_database_url, environment)
        assert calm.json(*COLLECT)["success"]
        expected = contents(empty_database_url)
        assert len(expected["reddit_posts"]) > 100
        assert expected["market_signals"]

        (tmp_path / "killed").mkdir()
        killed = Command(tmp_path / "killed", database_url, environment)
        kill_before_storing(killed, database_url)
        assert not any(contents(database_url).values()), "what was fetched and not stored whole is not there at all"
        again: dict[str, Any] = killed.json(*COLLECT)
        assert (again["success"], again["errors"]) == (True, [])
        assert contents(database_url) == expected

        later = (NOW + timedelta(minutes=1)).isoformat()
        assert killed.json(*COLLECT, GPU_ETL_NOW=later)["success"]
        assert contents(database_url) == expected
