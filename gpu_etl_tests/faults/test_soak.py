"""Months in one go: a random fault on every other day, and at the end each day is the truth or missing with its reason.

``GPU_ETL_TEST_SOAK_DAYS`` says how many days (120), ``GPU_ETL_TEST_SOAK_SEED`` which faults (1). The days are real ones
from the replay; what runs is the prices and the analyses in this process, and every tenth day a real command.
"""

from __future__ import annotations

import gc
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

import psycopg
import pytest

from gpu_etl.assets import ANALYTICS, PRICES
from gpu_etl.database import Database, gaps, urls
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.pricing import Prices, differences, truth_of
from gpu_etl_tests.faults.world import struck_while_writing
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive, needs_replay]

FIRST = date(2025, 8, 20)
"""120 days from here end before 25 December 2025, when the real series loses half its rows and is rightly refused."""
COUNT = int(os.environ.get("GPU_ETL_TEST_SOAK_DAYS", "120"))
SEED = int(os.environ.get("GPU_ETL_TEST_SOAK_SEED", "1"))
DAYS = [(FIRST + timedelta(days=ahead)).isoformat() for ahead in range(COUNT)]
WARM = 10
"""Days until caches and pools are filled, from which on nothing may grow."""

PASSING = [
    "http500:1",
    "http429:1:after=1",
    "http503-retry-after:1:after=1",
    "reset:1",
    "truncate:1:page=2",
    "gzip-truncated:1:page=2",
    "duplicate-rows",
    "shifting-list",
    "euc-kr",
    "nul-in-title",
    "sql-in-title",
    "script-in-title",
]
STAYING = {
    "captcha200": "danawa blocked",
    "http500": "status 500",
    "zero-bytes": "no content",
    "reset": "danawa",
    "truncate": "danawa failed",
    "gzip-truncated": "gzip stream ends early",
    "redirect-loop": "redirect",
    "robots-deny-all": "danawa unavailable",
    "layout-change:page=2": "danawa failed",
    "mojibake": "mojibake",
    "half-missing": "an empty list on a page that counts",
}
"""With words of the line in which the run fails."""


def open_handles() -> list[str]:
    """What each open handle of this process is, for the message of a failure."""
    found = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(f"{handle.name}: {handle.readlink()}")
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Sample:
    """What this process holds at the end of a day."""

    megabytes: float
    handles: int
    threads: int
    children: int
    connections: int
    temporary: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A day that is not to be published, and what was said then; its reason is to be part of that."""

    reason: str


def children() -> int:
    return sum(len(path.read_text().split()) for path in Path("/proc/self/task").glob("*/children"))


def megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


class Soak:
    """Lives through the days."""

    def __init__(self, market: Replay, prices: Prices, command: Command, temporary: Path) -> None:
        self.market, self.prices, self.command, self.temporary = market, prices, command, temporary
        self.random = Random(SEED)
        self.expected: dict[str, Missing | None] = {}
        self.samples: list[Sample] = []

    def live(self, number: int, day: str) -> None:
        """One day, by what chance wants of it."""
        self.market.control(day=day, faults=[])
        kind = self.random.choices(["fine", "passing", "staying", "nothing", "failover"], [10, 4, 3, 1, 2])[0]
        if number % 10 == 9:
            self.by_command(day)
        elif kind == "fine" or day in (DAYS[0], DAYS[-1]):  # a day that is missing lies between two others
            assert self.prices.run(day) == [], day
        elif kind == "passing":
            fault = self.random.choice(PASSING)
            self.market.control(faults=[fault])
            assert self.prices.run(day) == [], (day, fault)
        elif kind == "failover":
            self.with_a_lost_connection(day)
        elif kind == "staying":
            self.with_a_fault_that_stays(day)
            return
        else:
            self.expected[day] = Missing(gaps.MISSING)
            return
        self.expected[day] = None

    def by_command(self, day: str) -> None:
        self.command.environment.update(self.market.environment(day))
        outcome = self.command.json("run", "price-crawl")
        assert (outcome["success"], outcome["errors"]) == (True, []), day

    def with_a_lost_connection(self, day: str) -> None:
        def strike(waiting: list[int]) -> None:
            with psycopg.connect(urls.for_libpq(self.prices.database_url), autocommit=True) as connection:
                connection.execute("select pg_terminate_backend(%s, 5000)", (waiting[0],))

        table = self.random.choice(["price_offers", "price_logs", "price_changes"])
        with struck_while_writing(self.prices.database_url, table, strike):
            assert self.prices.run(day) == [], (day, table)

    def with_a_fault_that_stays(self, day: str) -> None:
        """Half of them are over by the evening, when the day is run again."""
        fault, reason = self.random.choice(list(STAYING.items()))
        self.market.control(faults=[fault])
        failures = self.prices.run(day)
        assert len(failures) == 1, (day, fault, failures)
        assert reason in failures[0], (day, fault, failures)
        self.expected[day] = Missing(failures[0])
        if self.random.random() < 0.5:
            self.market.control(faults=[])
            assert self.prices.run(day) == [], (day, fault)
            self.expected[day] = None

    def sample(self) -> Sample:
        """After a day: what is held, without what only waits for the collector (a failed run's traceback)."""
        gc.collect()
        connections = self.prices.rows(
            "select pid from pg_stat_activity where datname = current_database() and application_name like 'gpu-etl[%%'"
        )
        return Sample(
            megabytes(),
            len(list(Path("/proc/self/fd").iterdir())),
            threading.active_count(),
            children(),
            len(connections),
            len(list(self.temporary.iterdir())),
        )


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that nobody else uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    tempfile.tempdir = None  # asked for anew
    yield folder
    tempfile.tempdir = None


def test_days_of_random_faults_leave_the_truth_and_no_leak(
    database: Database, database_url: str, make_settings: Callable[..., Settings], tmp_path: Path, temporary: Path
) -> None:
    with replay("--limit", "150", "--max-seconds", "7200", "--day", DAYS[0]) as market:
        prices = Prices(
            database,
            database_url,
            make_settings,
            market.base_url,
            assets=[*PRICES, *ANALYTICS],
            danawa_product_pages_at_most=4,
        )
        home = tmp_path / "command"
        home.mkdir()
        soak = Soak(market, prices, Command(home, database_url), temporary)
        for number, day in enumerate(DAYS):
            soak.live(number, day)
            soak.samples.append(soak.sample())
        mark_what_never_ran(database)
        wrong = [line for day in DAYS for line in judged(soak, day)]
    kinds = [expected is None for expected in soak.expected.values()]
    print(f"soak: {len(DAYS)} days, seed {SEED}: {sum(kinds)} true, {kinds.count(False)} missing with their reason")
    print(f"soak: after day {WARM}: {soak.samples[min(WARM, len(DAYS)) - 1]}; at the end: {soak.samples[-1]}")
    assert wrong == []
    check_for_leaks(soak.samples)


def mark_what_never_ran(database: Database) -> None:
    """As the sensor of gaps does, each day."""
    after = date.fromisoformat(DAYS[-1]) + timedelta(days=1)
    at = datetime.fromisoformat(f"{after}T08:00:00+09:00")
    database.run(lambda c: gaps.mark_missing(c, prices_before=after, reddit_before=after, at=at))


def judged(soak: Soak, day: str) -> list[str]:
    """What is wrong with a day; nothing, if it is the truth or missing with the right reason."""
    published, expected = soak.prices.published(day), soak.expected[day]
    if expected is None:
        return [f"{day}: {line}" for line in differences(published, truth_of(soak.market, day))]
    if published:
        return [f"{day}: published, though {expected.reason}"]
    told = [row["reason"] for row in soak.prices.coverage(day).values() if row["status"] != "complete"]
    if not any(reason and reason in expected.reason for reason in told):
        return [f"{day}: {told} does not say why: {expected.reason!r}"]
    return []


def check_for_leaks(samples: list[Sample]) -> None:
    """Memory within a tenth and what caches of Python keep; everything else exactly as it was."""
    if len(samples) < 2 * WARM:
        return
    warm, late = samples[WARM : WARM + 5], samples[-5:]
    assert median(s.megabytes for s in late) < median(s.megabytes for s in warm) * 1.1 + 25
    for what in ("handles", "threads", "children", "connections", "temporary"):
        assert max(getattr(s, what) for s in late) <= max(getattr(s, what) for s in warm), (what, open_handles())
