"""What Dagster and the command line add: to a day of the price crawl, to an import, to ``--help``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crawled import LAST_DAY, of_the_replay, replayed
from benchmarks.ratios import Ratio, in_turn, seconds
from benchmarks.workshop import Missing, Workshop, workshop

ROUNDS = 3
MOST_SECONDS = 1.5
MOST_FOR_HELP = 0.4
IMPORT_DAGSTER = [sys.executable, "-c", "import dagster"]
STORED = "raw_pages, crawls, price_offers, price_logs, skus, listings, price_changes, chipset_index, risk_scores"


def measure(*, large: bool) -> list[Ratio]:
    """The command against the functions; imports in processor time, so that others on the machine do not count."""
    ratios = [
        in_turn(
            "import gpu_etl.definitions, against import dagster",
            lambda: _processor_seconds([sys.executable, "-c", "import gpu_etl.definitions"]),
            lambda: _processor_seconds(IMPORT_DAGSTER),
            goal=1.25,
            speed=False,
        ),
        _help(),
    ]
    try:
        with workshop() as place, replayed() as base_url:
            ratios.append(_day(place, base_url))
    except Missing as missing:
        sys.stdout.write(f"  skipped: {missing}\n")
    return ratios


def _help() -> Ratio:
    """Seconds by which ``gpu-etl --help`` is slower than a bare Python."""
    command = [sys.executable, "-m", "gpu_etl", "--help"]
    more = [_wall(command) - _wall([sys.executable, "-c", "pass"]) for _ in range(2 * ROUNDS)]
    return Ratio("gpu-etl --help, seconds beside a bare Python start", statistics.median(more), MOST_FOR_HELP, False)


def _day(place: Workshop, base_url: str) -> Ratio:
    """Seconds by which ``gpu-etl run price-crawl`` is dearer than the functions and ``import dagster``.

    Of the processor: the run waits for the same server, database and shop as the functions do.
    """
    environment = {
        **os.environ,
        **{name.upper(): str(value) for name, value in of_the_replay(base_url).items()},
        "GPU_ETL_HOME": str(place.home),
        "DAGSTER_HOME": str(place.home / "dagster"),
        "DATABASE_URL": place.database.url.get_secret_value(),
        "REDDIT_CLIENT_ID": "replay",
        "REDDIT_CLIENT_SECRET": "replay",
    }
    more = []
    for _ in range(ROUNDS):
        place.empty(*STORED.split(", "))
        run = [sys.executable, "-m", "gpu_etl", "run", "price-crawl", "--day", str(LAST_DAY)]
        with_dagster = _processor_seconds(run, environment)
        place.empty(*STORED.split(", "))
        plain = subprocess.run(
            [sys.executable, "-m", "benchmarks.plain_day"],
            env=environment,
            cwd=Path(__file__).resolve().parents[1],
            capture_output=True,
            text=True,
            check=True,
        )
        more.append(with_dagster - float(plain.stdout) - _processor_seconds(IMPORT_DAGSTER))
    return Ratio(
        "price_crawl of a day by gpu-etl run, processor seconds beside the bare functions and import dagster",
        statistics.median(more),
        MOST_SECONDS,
        False,
        (min(more), max(more)),
    )


def _wall(command: Sequence[str], environment: dict[str, str] | None = None) -> float:
    return seconds(lambda: subprocess.run(command, env=environment, capture_output=True, check=True))


def _processor_seconds(command: Sequence[str], environment: dict[str, str] | None = None) -> float:
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return used.ru_utime + used.ru_stime
