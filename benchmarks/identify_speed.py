"""What identifying a title costs: ``python benchmarks/identify_speed.py FILE.csv [FILE.csv ...]``.

Prints ratios to ``unicodedata.normalize("NFKC", t).casefold()`` over the same titles in the same run: ``new words``
forgets every word before each pass, ``known words`` does not. No title's answer is kept in either. The measurements
alternate, so that a busy machine slows all of them alike; the median counts.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from gpu_etl.catalog import identify
from gpu_etl.catalog.lexicon import lexicon

ROUNDS = 15
BAR = 60.0


def reference(title: str) -> str:
    """Do the least that any reader of titles must do."""
    return unicodedata.normalize("NFKC", title).casefold()


def seconds(function: Callable[[str], object], titles: Sequence[str]) -> float:
    """Time one pass over all titles."""
    start = time.perf_counter()
    for title in titles:
        function(title)
    return time.perf_counter() - start


def main(arguments: Sequence[str]) -> int:
    """Measure the files' titles; exit code 1 if the bar is missed."""
    titles: list[str] = []
    for name in arguments:
        with Path(name).open(encoding="utf-8", newline="") as file:
            titles += [row["title"] for row in csv.DictReader(file) if row.get("title")]
    if not titles:
        print(__doc__)
        return 2
    identify("")
    ratios: dict[str, list[float]] = {"new words": [], "known words": []}
    for _ in range(ROUNDS):
        lexicon().clear()
        base = seconds(reference, titles)
        cold = seconds(identify, titles)
        warm = seconds(identify, titles)
        base = (base + seconds(reference, titles)) / 2
        ratios["new words"].append(cold / base)
        ratios["known words"].append(warm / base)
    medians = {name: statistics.median(values) for name, values in ratios.items()}
    print(f"{len(titles)} titles, {len(lexicon())} words, {ROUNDS} rounds")
    for name, values in ratios.items():
        print(
            f"  {name:12} {medians[name]:6.1f} x the reference (fastest {min(values):.1f}, slowest {max(values):.1f})"
        )
    return 0 if medians["known words"] <= BAR else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
