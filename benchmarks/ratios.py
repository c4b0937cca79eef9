"""How every benchmark measures: two ways of doing a thing in turn, and the median of the ratio pair by pair.

Belongs here: timing and the form of a result. Does not belong here: what is measured.

A machine that is busy slows both ways of a pair alike; absolute times of such a machine say nothing.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measured ratio and the goal it is held against."""

    name: str
    value: float
    goal: float
    higher_is_better: bool
    spread: tuple[float, float] | None = None
    """The lowest and the highest of several rounds."""

    @property
    def is_ok(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.goal if self.higher_is_better else self.value <= self.goal

    def as_dict(self) -> dict[str, object]:
        """The result for machines."""
        sign = ">=" if self.higher_is_better else "<="
        return {"name": self.name, "ratio": round(self.value, 3), "goal": f"{sign} {self.goal:g}", "ok": self.is_ok}


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, for work that is this process's alone: waiting for others does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def process_seconds(pid: int | str, *, with_children: bool = False) -> float:
    """Processor time so far of another process; ``with_children``: and of those that it has seen end.

    Raises:
        OSError: it has ended.
    """
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()  # proc(5)
    return sum(map(int, fields[11 : 15 if with_children else 13])) / os.sysconf("SC_CLK_TCK")


def in_turn(
    name: str,
    ours: Callable[[], float],
    reference: Callable[[], float],
    *,
    goal: float,
    speed: bool,
    rounds: int = 5,
) -> Ratio:
    """Measure in turn, after one round of warming up; both callables return seconds.

    With ``speed`` the ratio is our speed over the reference's (higher is better), else our time over its time.
    """
    values = []
    for number in range(rounds + 1):
        one, other = ours(), reference()
        if number:
            values.append(other / one if speed else one / other)
    return Ratio(name, statistics.median(values), goal, speed, (min(values), max(values)))
