"""Importing two years of real prices: the whole command against bare COPY of the price rows that come of it.

The reference is handed the finished rows as Python values; the command reads, judges and identifies them first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.load import copy_rows
from benchmarks.ratios import Ratio, in_turn, seconds
from benchmarks.workshop import SERIES, Workshop, shared, workshop

MOST_MEGABYTES = 350
PRICES = ("price_logs", "listings", "skus", "quarantine")


def measure(*, large: bool) -> list[Ratio]:
    """Speed from file to tables, peak memory of the process, and that a second import changes nothing."""
    path = shared(*SERIES)
    with workshop() as place:
        first, peak = _import(place, path)
        again, peak_again = _import(place, path)
        rows = place.database.run(lambda connection: connection.execute("select * from price_logs").fetchall())
        values = [tuple(row.values()) for row in rows]
        columns = tuple(rows[0])
        del rows

        def ours() -> float:
            place.empty(*PRICES)
            return seconds(lambda: _import(place, path))

        def bare() -> float:
            place.empty(*PRICES)
            return seconds(
                lambda: place.database.run(lambda connection: copy_rows(connection, "price_logs", columns, values))
            )

        speed = in_turn(
            f"import {len(values):,} real rows, speed against bare COPY", ours, bare, goal=0.35, speed=True, rounds=2
        )
    assert first["inserted"] == len(values)
    changed = again["inserted"] + again["updated"]
    return [
        speed,
        Ratio("  its peak memory, against 350 MB", max(peak, peak_again) / MOST_MEGABYTES, 1, False),
        Ratio("  rows changed by importing once more", changed, 0, False),
    ]


def _import(place: Workshop, path: Path) -> tuple[dict[str, Any], float]:
    """Run the command; returns what it says, and its peak memory in MB.

    The system counts what this process held when it started the command, so memory is asked about while that is little.
    """
    command = [sys.executable, "-m", "gpu_etl", "import", "crawler-csv", str(path), "--json"]
    environment = {**os.environ, "GPU_ETL_HOME": str(place.home), "DATABASE_URL": place.database.url.get_secret_value()}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    summary: dict[str, Any] = json.loads(said)
    return summary, used.ru_maxrss / 1000
