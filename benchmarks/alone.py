"""One benchmark in a process of its own: what another left in memory is not measured, and a crash costs it alone.

Belongs here: that process. Does not belong here: which benchmarks there are (``__main__``).
"""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from benchmarks.ratios import Ratio


def measured(name: str, *, large: bool) -> list[Ratio]:
    """The ratios of the benchmark of this name.

    Raises:
        Missing: what it needs is not here.
        Exception: whatever the benchmark raised, or ``BrokenProcessPool`` when it ended the process.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_measure, name, large).result()


def _measure(name: str, large: bool) -> list[Ratio]:
    found: list[Ratio] = importlib.import_module(f"benchmarks.{name}").measure(large=large)
    return found
