"""``make bench``: run every benchmark, print name, ratio, goal and ok, and write the same to ``results.json``."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.ratios import Ratio
from benchmarks.workshop import Missing

MODULES = ("parse", "load", "csv_import")
RESULTS = Path(__file__).with_name("results.json")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; exit code 1 when a goal is missed."""
    console = Console()
    results: list[Ratio] = []
    for name in names or MODULES:
        console.print(f"measuring {name} ...")
        try:
            results += importlib.import_module(f"benchmarks.{name}").measure()
        except Missing as missing:
            console.print(f"  skipped: {missing}")
    table = Table("name", "ratio", "lowest .. highest", "goal", "ok")
    for result in results:
        row = result.as_dict()
        spread = "{:.2f} .. {:.2f}".format(*result.spread) if result.spread else ""
        table.add_row(result.name, f"{result.value:.2f}", spread, str(row["goal"]), "yes" if result.is_ok else "NO")
    console.print(table)
    RESULTS.write_text(json.dumps([result.as_dict() for result in results], indent=2) + "\n", encoding="utf-8")
    return 0 if all(result.is_ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
