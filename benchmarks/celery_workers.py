"""Two Celery workers on machines of their own against one: days rebuilt from their stored pages, per second.

The machines are network namespaces on this one, so two cores are shared by two workers, PostgreSQL, Redis, the daemon
and the UI. Measured from the first run's start to the last one's end.
"""

from __future__ import annotations

import signal
from importlib import import_module
from typing import Any

from benchmarks.ratios import Ratio
from benchmarks.workshop import Missing

# The tests' own cluster, imported so that their modules are not held to this package's types.
CLUSTER: Any = import_module("gpu_etl_tests.endtoend.cluster")
TESTS: Any = import_module("gpu_etl_tests.endtoend.test_celery")
eventually: Any = import_module("gpu_etl_tests.endtoend.instance").eventually

DAYS, FULL = 16, 60
PATIENCE_SECONDS = 1800
AT_LEAST = 1.4


def measure(*, large: bool) -> list[Ratio]:
    """Sixteen days (sixty with ``large``) by one worker, spoiled, and once more by two."""
    if missing := CLUSTER.what_is_missing():
        raise Missing(missing)
    number = FULL if large else DAYS
    with CLUSTER.cluster(start_timeout_seconds=PATIENCE_SECONDS) as machines:
        expected = TESTS.fill(machines, number)
        machines.add_worker()
        with machines.services() as instance:
            _rebuild(machines, instance, 1)  # the first run of a worker imports everything
            alone = _rebuild(machines, instance, number)
            machines.add_worker()
            _rebuild(machines, instance, 2)
            together = _rebuild(machines, instance, number)
        assert TESTS.rows(machines) == expected
    return [
        Ratio(f"{number} days rebuilt by two Celery workers, throughput against one", alone / together, AT_LEAST, True)
    ]


def _rebuild(machines: Any, instance: Any, number: int) -> float:
    """Seconds that the workers took. They begin when all runs wait: the daemon hands them in one by one."""
    before = len(TESTS.statuses(machines))
    TESTS.spoil(machines)
    for worker in machines.workers:
        worker.signal(signal.SIGSTOP)
    TESTS.backfill(instance, TESTS.days(number))
    eventually(lambda: len(TESTS.statuses(machines)) == before + number, PATIENCE_SECONDS, f"{number} runs wait")
    for worker in machines.workers:
        worker.signal(signal.SIGCONT)
    eventually(lambda: TESTS.done(machines, before + number), PATIENCE_SECONDS, f"{number} days are built")
    asked = "select start_time, end_time from runs where run_body like '%__ASSET_JOB%' order by id desc"
    spans = machines.ask(asked, "dagster")[:number]
    return float(max(end for _, end in spans) - min(start for start, _ in spans))
