"""``make bench``: run every benchmark, print name, ratio, goal and ok, and write the same to ``results.json``.

``make bench ARGS="parse load"`` runs these alone, ``ARGS=--large`` all of them at full size (an hour).

One that fails costs its own ratios only; the others are measured all the same.
"""

from __future__ import annotations

import json
import re
import sys
import time
import traceback
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.alone import measured
from benchmarks.ratios import Ratio
from benchmarks.workshop import Missing

MODULES = (
    "parse",
    "load",
    "csv_import",
    "market_day",
    "dagster_cost",
    "dashboard",
    "dashboard_pages",
    "growth",
    "celery_workers",
)
RESULTS = Path(__file__).with_name("results.json")


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all; exit code 1 when one fails or misses a goal, 2 for an unknown one."""
    console = Console()
    large = "--large" in arguments
    names = [name for name in arguments if name != "--large"] or MODULES
    if unknown := sorted(set(names) - set(MODULES)):
        console.print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(MODULES)} and --large")
        return 2
    results: list[Ratio] = []
    failed: list[str] = []
    for number, name in enumerate(names, 1):
        console.print(f"{number} of {len(names)}: measuring {name} ...")
        start = time.monotonic()
        try:
            found = measured(name, large=large)
        except Missing as missing:
            console.print(f"  skipped: {missing}", markup=False)
            continue
        except Exception:  # whatever it is, the others are still worth measuring
            traceback.print_exc()
            failed.append(name)
            continue
        console.print(f"  {len(found)} ratios in {time.monotonic() - start:.0f} s")
        results += found
        _keep(found)
    console.print(_table(results))
    if failed:
        console.print(f"failed, see above: {', '.join(failed)}")
    return 0 if not failed and all(result.is_ok for result in results) else 1


def _table(results: list[Ratio]) -> Table:
    table = Table("name", "ratio", "lowest .. highest", "goal", "ok")
    for result in results:
        spread = "{:.2f} .. {:.2f}".format(*result.spread) if result.spread else ""
        told = result.as_dict()
        table.add_row(result.name, f"{result.value:.2f}", spread, str(told["goal"]), "yes" if result.is_ok else "NO")
    return table


def _keep(results: list[Ratio]) -> None:
    """Write results down at once; those of benchmarks that were not run this time stay."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    # What stands in brackets is a finding, and may be another one next time.
    kept = {re.sub(r" \([^)]*\)", "", str(e["name"])): e for e in [*before, *(result.as_dict() for result in results)]}
    RESULTS.write_text(json.dumps(list(kept.values()), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
