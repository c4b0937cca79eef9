"""What Dagster and the command line add: to a day of the price crawl, to an import, to ``--help``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crawled import LAST_DAY, of_the_replay, replayed
from benchmarks.ratios import Ratio, in_turn, seconds
from benchmarks.workshop import Missing, Workshop, workshop

ROUNDS = 3
DAYS = 5
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
            ratios += _day(place, base_url)
    except Missing as missing:
        sys.stdout.write(f"  skipped: {missing}\n")
    return ratios


def _help() -> Ratio:
    """Seconds by which ``gpu-etl --help`` is slower than a bare Python."""
    command = [sys.executable, "-m", "gpu_etl", "--help"]
    more = [_wall(command) - _wall([sys.executable, "-c", "pass"]) for _ in range(2 * ROUNDS)]
    return Ratio("gpu-etl --help, seconds beside a bare Python start", statistics.median(more), MOST_FOR_HELP, False)


def _day(place: Workshop, base_url: str) -> list[Ratio]:
    """Seconds by which ``gpu-etl run price-crawl`` is dearer than the functions and ``import dagster``.

    Of the processor, and by the clock: that one tells what a person waits for, disk included, on a machine that does
    nothing else; on a busy one it tells of the others.
    """
    # Modules are compiled once, as in an installation, whatever the shell that starts this has for tests.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **inherited,
        **{name.upper(): str(value) for name, value in of_the_replay(base_url).items()},
        "GPU_ETL_HOME": str(place.home),
        "DAGSTER_HOME": str(place.home / "dagster"),
        "DATABASE_URL": place.database.url.get_secret_value(),
        "REDDIT_CLIENT_ID": "replay",
        "REDDIT_CLIENT_SECRET": "replay",
    }
    more = [_more(place, environment) for _ in range(DAYS + 1)][1:]  # the first one warms up
    return [
        Ratio(
            f"price_crawl of a day by gpu-etl run, {what} beside the bare functions and import dagster",
            statistics.median(taken),
            MOST_SECONDS,
            False,
            (min(taken), max(taken)),
        )
        for what, taken in zip(("processor seconds", "seconds by the clock"), zip(*more, strict=True), strict=True)
    ]


def _more(place: Workshop, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of the processor and by the clock that one day takes more as a run."""
    place.empty(*STORED.split(", "))
    with_dagster = _costs([sys.executable, "-m", "gpu_etl", "run", "price-crawl", "--day", str(LAST_DAY)], environment)
    place.empty(*STORED.split(", "))
    plain = subprocess.run(
        [sys.executable, "-m", "benchmarks.plain_day"],
        env=environment,
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    without, imported = map(float, plain.stdout.split()), _costs(IMPORT_DAGSTER, environment)
    processor, clock = (one - two - three for one, two, three in zip(with_dagster, without, imported, strict=True))
    return processor, clock


def _wall(command: Sequence[str]) -> float:
    return seconds(lambda: subprocess.run(command, capture_output=True, check=True))


def _processor_seconds(command: Sequence[str]) -> float:
    return _costs(command)[0]


def _costs(command: Sequence[str], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds of the processor and by the clock, of a command and what it started."""
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return used.ru_utime + used.ru_stime, time.perf_counter() - began
