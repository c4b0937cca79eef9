"""A real `gpu-etl run price-crawl` that is killed wherever it may be, and two of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gpu_etl.database import urls
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import eventually
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.world import BAD, World, ended, started, writing_held

pytestmark = pytest.mark.slow

CRAWL = ("run", "price-crawl")
FILLED_IN_ORDER = ["price_offers", "listings", "price_logs", "price_changes"]
POINTS = {
    "parsing": ("quarantine", []),
    "before the load's commit": ("price_offers", []),
    "after the load's commit": ("price_logs", ["price_offers", "listings"]),
    "after publishing": ("price_changes", ["price_offers", "listings", "price_logs"]),
}
"""Where it is killed: the table at which it is held there, and what is stored for good by then."""


def filled(database_url: str) -> list[str]:
    """Which of the tables hold something."""
    with psycopg.connect(urls.for_libpq(database_url)) as connection:
        rows = [connection.execute(f"select 1 from {table} limit 1").fetchone() for table in FILLED_IN_ORDER]
    return [table for table, row in zip(FILLED_IN_ORDER, rows, strict=True) if row]


def killed_while_fetching(command: Command) -> None:
    slow = Command(command.home, command.environment["DATABASE_URL"], {**command.environment})
    slow.environment["HTTP_REQUESTS_PER_SECOND"] = "1"
    log = command.home / "logs" / "gpu-etl.log"
    with started(slow, *CRAWL):
        eventually(lambda: log.exists() and "page 1 of" in log.read_text(), 120, "the crawl has begun")


def killed_at(command: Command, database_url: str, table: str) -> None:
    with writing_held(database_url, table) as waiting, started(command, *CRAWL) as process:

        def look() -> list[int]:
            assert process.poll() is None, process.communicate()
            return waiting()

        eventually(look, 120, f"the run wants to write to {table}")


def test_killed_at_every_point_in_turn_then_run_again(
    tmp_path: Path, world: World, database_url: str, prices: Prices, true_rows: Callable[[str], bool]
) -> None:
    """Each killed run finds what the one before has left; nothing is stored by halves, and the last one is whole."""
    world.day = BAD
    command = Command(tmp_path, database_url, world.environment())
    killed_while_fetching(command)
    assert filled(database_url) == []
    for point, (table, stored) in POINTS.items():
        killed_at(command, database_url, table)
        eventually(lambda: ended(database_url), 30, "the server has noticed")
        assert filled(database_url) == stored, point
        assert true_rows(BAD) == ("price_logs" in stored), point
    outcome: dict[str, Any] = command.json(*CRAWL)
    assert (outcome["success"], outcome["errors"]) == (True, [])
    assert true_rows(BAD)
    assert filled(database_url) == FILLED_IN_ORDER
    assert {row["status"] for row in prices.coverage(BAD).values()} == {"complete"}
    history = command.json("scheduler", "history")
    assert [run["status"] for run in history] == ["SUCCESS"] + ["FAILURE"] * 5
    assert {run["error"] for run in history[1:]} == {"the command that ran it was killed"}


def test_two_homes_that_load_the_same_day_at_once(
    tmp_path: Path, world: World, database_url: str, true_rows: Callable[[str], bool]
) -> None:
    """Within a home the second is refused; two machines on one database both run, and both are held at the load."""
    world.day = BAD
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (Command(tmp_path / name, database_url, world.environment()) for name in ("one", "two"))
    with started(one, *CRAWL) as first, started(two, *CRAWL) as second:
        with writing_held(database_url, "price_offers"):
            waiting = """select pid from pg_stat_activity where datname = current_database()
                         and wait_event_type = 'Lock' and application_name like 'gpu-etl%'"""
            with psycopg.connect(urls.for_libpq(database_url), autocommit=True) as watcher:
                eventually(lambda: len(watcher.execute(waiting).fetchall()) == 2, 120, "both want to load")
        said = [process.communicate(timeout=120) for process in (first, second)]
        assert [(process.returncode, errors) for process, (_, errors) in zip((first, second), said, strict=True)] == [
            (0, ""),
            (0, ""),
        ]
    assert true_rows(BAD)
