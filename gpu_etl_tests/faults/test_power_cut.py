"""Everything of a home dies at one moment, its database server too, as when the power is cut; the disk keeps its data.

Belongs here: cuts at random moments of a run. Does not belong here: killing the run or the server alone
(``test_killed``, ``database.test_embedded``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest

from gpu_etl.database import urls
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl_tests.conftest import server_home
from gpu_etl_tests.database.test_embedded import postmaster
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import processes_of
from gpu_etl_tests.faults.world import World, started

CUTS = int(os.environ.get("GPU_ETL_TEST_POWER_CUTS", "6"))
CRAWL = ("run", "price-crawl")


def descendants(pid: int) -> set[int]:
    """A process and all that it has started."""
    found = {pid}
    with suppress(FileNotFoundError, ProcessLookupError):  # a worker of the server that has just ended
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found |= descendants(int(child))
    return found


def cut(server: EmbeddedServer, home: Path) -> None:
    """Nothing runs on while the others die: all are stopped first."""
    doomed = descendants(postmaster(server)) | set(processes_of(home))
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def crawled(home: Path) -> None:
    """Wait for the moment from which on the pages are there and nothing is loaded yet."""
    log = home / "logs" / "gpu-etl.log"
    deadline = time.monotonic() + 120
    while not (log.exists() and "product pages" in log.read_text()):
        assert time.monotonic() < deadline, "the day is not crawled"
        time.sleep(0.01)


def published(server: EmbeddedServer, day: str) -> dict[str, int | None]:
    with psycopg.connect(urls.for_libpq(server.start())) as connection:
        rows = connection.execute("select listing_id, price from price_logs where market_day = %s", (day,))
        return dict(rows.fetchall())


@contextmanager
def next_day(world: World, server: EmbeddedServer, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A crawl of the world's next day that has its pages.

    Somebody else is connected meanwhile: the crawl may end before the power is cut, and would stop the server.
    """
    world.day = str(date.fromisoformat(world.day) + timedelta(days=1))
    (home / "logs" / "gpu-etl.log").unlink(missing_ok=True)
    command = Command(home, "", world.environment())
    with closing(psycopg.connect(urls.for_libpq(server.start()))), started(command, *CRAWL) as process:
        crawled(home)
        yield process


@pytest.mark.exhaustive
def test_the_power_is_cut_at_random_moments_and_the_next_run_is_whole(
    world: World, record_property: Callable[[str, str], None]
) -> None:
    """After each cut the server recovers by itself, and the day is there whole or not at all."""
    chance = Random(1)
    came_to: list[bool] = []
    with server_home() as home:
        server = EmbeddedServer(home)
        with next_day(world, server, home) as undisturbed:
            began = time.monotonic()
            assert undisturbed.wait(120) == 0
            takes = time.monotonic() - began
        for number in range(CUTS):
            with next_day(world, server, home):
                time.sleep(takes * ((number + chance.random()) / CUTS) ** 2)  # closer at first: analyses take longest
                cut(server, home)
            assert postmaster(server), "nobody has tidied up"
            rows = published(server, world.day)
            assert rows in ({}, world.truth(world.day))
            came_to.append(bool(rows))
            outcome = Command(home, "", world.environment()).json(*CRAWL)
            assert (outcome["success"], outcome["errors"]) == (True, [])
            assert published(server, world.day) == world.truth(world.day)
    told = f"power cut: {CUTS} times in mid-run, {sum(came_to)} of them after the prices were published"
    record_property("told at the end", told)
