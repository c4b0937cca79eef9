"""``make bench``: run every benchmark, print name, ratio, goal and ok, and write the same to ``results.json``.

``make bench ARGS="parse load"`` runs these alone, ``ARGS=--large`` all of them at full size (an hour).
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.ratios import Ratio
from benchmarks.workshop import Missing

MODULES = ("parse", "load", "csv_import", "market_day", "dagster_cost", "dashboard", "growth", "celery_workers")
RESULTS = Path(__file__).with_name("results.json")


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; exit code 1 when a goal is missed."""
    console = Console()
    results: list[Ratio] = []
    for name in [name for name in arguments if name != "--large"] or MODULES:
        console.print(f"measuring {name} ...")
        try:
            results += importlib.import_module(f"benchmarks.{name}").measure(large="--large" in arguments)
        except Missing as missing:
            console.print(f"  skipped: {missing}")
    console.print(_table(results))
    _keep(results)
    return 0 if all(result.is_ok for result in results) else 1


def _table(results: list[Ratio]) -> Table:
    table = Table("name", "ratio", "lowest .. highest", "goal", "ok")
    for result in results:
        spread = "{:.2f} .. {:.2f}".format(*result.spread) if result.spread else ""
        told = result.as_dict()
        table.add_row(result.name, f"{result.value:.2f}", spread, str(told["goal"]), "yes" if result.is_ok else "NO")
    return table


def _keep(results: list[Ratio]) -> None:
    """Write the results down; those of benchmarks that were not run this time stay."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    kept = {each["name"]: each for each in [*before, *(result.as_dict() for result in results)]}
    RESULTS.write_text(json.dumps(list(kept.values()), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
