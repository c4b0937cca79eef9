"""Two Celery workers on machines of their own against one: days rebuilt from their stored pages, per second.

The machines are network namespaces on this one, so two cores are shared by two workers, PostgreSQL, Redis, the daemon
and the UI. They have the settings and the worker's command that ``deploy/celery`` ships, none replaced. Measured from
the first run's start to the last one's end.
"""

from __future__ import annotations

import os
import signal
import statistics
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.crawled import of_the_replay, replayed
from benchmarks.ratios import Ratio, process_seconds
from benchmarks.workshop import Missing

# The tests' own cluster, imported so that their modules are not held to this package's types.
CLUSTER: Any = import_module("gpu_etl_tests.endtoend.cluster")
TESTS: Any = import_module("gpu_etl_tests.endtoend.test_celery")
eventually: Any = import_module("gpu_etl_tests.endtoend.instance").eventually

REAL_DAY = date.fromisoformat(TESTS.DAY)
DAYS, FULL = 16, 60
ROUNDS = 3
WARMING = 2
"""Days that a worker rebuilds before it is measured: its first run imports everything."""
PATIENCE_SECONDS = 1800
LOOK_EVERY_SECONDS = 2
"""A look costs some 30 ms of the same two cores; when a run began and ended is told by the runs."""
AT_LEAST = 1.4
PARTS = {"pgbouncer": "PgBouncer", "celery": "workers", "postgres": "PostgreSQL", "dagster-daemon": "daemon"}


def measure(*, large: bool) -> list[Ratio]:
    """Sixteen days (sixty with ``large``) by one worker and by two, in turn: what comes later finds warmer caches."""
    if missing := CLUSTER.what_is_missing():
        raise Missing(missing)
    number = FULL if large else DAYS
    alone, together = [], []
    with CLUSTER.cluster() as machines:
        expected = _fill(machines, number)
        machines.ask("vacuum analyze")
        machines.add_worker()
        with machines.services() as instance:
            _rebuild(machines, instance, WARMING)
            for _ in range(ROUNDS):
                alone.append(_rebuild(machines, instance, number))
                second = machines.add_worker()
                _rebuild(machines, instance, WARMING)
                together.append(_rebuild(machines, instance, number))
                second.kill()
        assert TESTS.rows(machines) == expected
    ratios = [one.seconds / two.seconds for one, two in zip(alone, together, strict=True)]
    listings = len(expected["price_logs"]) // number
    name = f"{number} days of {listings} listings rebuilt by two Celery workers, throughput against one"
    return [Ratio(name, statistics.median(ratios), AT_LEAST, True, (min(ratios), max(ratios)))]


def _fill(machines: Any, number: int) -> Any:
    """Days of the real market, or of the simulated one, which is a seventh of it, where the replay is missing."""
    try:
        with replayed(REAL_DAY) as base_url:
            return TESTS.fill(machines, number, of_the_replay(base_url, REAL_DAY))
    except Missing:
        return TESTS.fill(machines, number)


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What so many days took: from the first run's start to the last one's end, and a run for itself."""

    seconds: float
    a_run: float


def _rebuild(machines: Any, instance: Any, number: int) -> Rebuilding:
    """Rebuild days. Workers begin when all runs wait: the daemon hands them in one by one."""
    workers = [worker for worker in machines.workers if worker.process.poll() is None]
    before = len(TESTS.statuses(machines))
    TESTS.spoil(machines)
    for worker in workers:
        worker.signal(signal.SIGSTOP)
    TESTS.backfill(instance, TESTS.days(number))
    eventually(lambda: len(TESTS.statuses(machines)) == before + number, PATIENCE_SECONDS, f"{number} runs wait")
    used = _processor_seconds(machines.command.home)
    for worker in workers:
        worker.signal(signal.SIGCONT)
    eventually(
        lambda: TESTS.done(machines, before + number),
        PATIENCE_SECONDS,
        f"{number} days are built",
        every=LOOK_EVERY_SECONDS,
    )
    after = _processor_seconds(machines.command.home)
    used = {part: (seconds - used.get(part, 0)) / number for part, seconds in after.items()}
    asked = "select start_time, end_time from runs where run_body like '%__ASSET_JOB%' order by id desc"
    spans = machines.ask(asked, "dagster")[:number]
    whole = float(max(end for _, end in spans) - min(start for start, _ in spans))
    done = Rebuilding(whole, statistics.median(end - start for start, end in spans))
    parts = ", ".join(f"{used[part]:.2f} {part}" for part in sorted(used, key=used.__getitem__, reverse=True))
    print(
        f"  {number} days by {len(workers)}: {done.seconds:.1f} s, {done.a_run:.2f} s a run;"
        f" {sum(used.values()):.2f} s of processor a run: {parts}",
        flush=True,
    )
    return done


def _processor_seconds(home: Path) -> dict[str, float]:
    """Processor time so far of all that works for this home, by program, ended children included."""
    spent: dict[str, float] = defaultdict(float)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            at_home = (process / "cwd").readlink().is_relative_to(home)
            is_ours = at_home or str(home).encode() in (process / "environ").read_bytes()
            used = process_seconds(process.name, with_children=True)
        except OSError:
            continue  # ended in the meantime
        part = next((part for word, part in PARTS.items() if word in command), "the rest")
        if is_ours and int(process.name) != os.getpid():
            spent[part] += used
    return spent
