"""What the launch of a successor did to its predecessor's prices.

Belongs here: the measurement and when it is withheld. Does not belong here: the index it is made on (``index``), who
follows whom (``catalog``).

- A difference in differences: the predecessor's mean index of the 28 days from the launch on against the 28 days before
  it, less the same of untouched chipsets. What moved the whole market (the exchange rate, a memory shortage) moves both
  and cancels out. Means are taken of logarithms.
- Untouched is a chipset that has neither been launched nor succeeded within 56 days of the launch, so that its windows
  meet nobody else's, and that is no relative of the two. It is still a substitute: a launch that pulls the whole market
  down shows here only by how much more it pulled its predecessor.
- The interval is a bootstrap of 2,000 draws with a seed that follows from the two names, so that the same data give
  the same ends. Each draw takes untouched chipsets with replacement, and 56 days of ordinary movement: blocks of seven
  daily changes of the predecessor against them, from the 180 days before the window. It tells how far two windows of a
  chipset that nothing happened to are apart by themselves, and how much hangs on which chipsets are compared.
- Launch is the day of sale. What was announced weeks before has moved prices by then and is in "before": the effect is
  that of being sold, not that of being known.

Withheld, with the reason, where the index of either window is not published on at least half of its days (a chipset
that sells out keeps ghost prices), where the window is not over, where fewer than three untouched chipsets or fewer
than 42 ordinary days are left.

On the real series (2024-07..2026-04) 4 of 19 launches can be measured; most predecessors were sold out before or within
a week. None fell for it: the RTX 4080 SUPER rose by 4 points more than others when the RTX 5080 came, its shelves
emptying, and the intervals of the other three hold 0.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from statistics import fmean

import numpy as np
import numpy.typing as npt

WINDOW_DAYS = 28
MIN_DAYS = WINDOW_DAYS // 2
APART = timedelta(days=2 * WINDOW_DAYS)
MIN_CONTROLS = 3
ORDINARY_DAYS = 180
MIN_ORDINARY = 42
MIN_ORDINARY_CONTROLS = 2
BLOCK_DAYS = 7
DRAWS = 2_000
INTERVAL = (2.5, 97.5)

Levels = Mapping[date, float]
"""A chipset's published index by day."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """One launch and predecessor: changes in %, or why they are withheld."""

    successor: str
    predecessor: str
    launch_day: date
    status: str
    reason: str | None
    window_days: int = WINDOW_DAYS
    before_index: float | None = None
    after_index: float | None = None
    change_pct: float | None = None
    control_pct: float | None = None
    effect_pct: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    controls: Sequence[str] = ()


def untouched(launch_day: date, events: Mapping[str, Sequence[date]], relatives: Sequence[str]) -> list[str]:
    """Chipsets that a launch can be held against; ``events`` are each one's own launch and those of its successors."""
    return [
        chipset
        for chipset, days in sorted(events.items())
        if chipset not in relatives and all(abs(day - launch_day) >= APART for day in days)
    ]


def launch_effect(
    successor: str,
    predecessor: str,
    launch_day: date,
    levels: Mapping[str, Levels],
    candidates: Sequence[str],
    last_day: date,
) -> Effect:
    """Measure one launch; ``levels`` are the published indexes, ``last_day`` the last day that was analysed."""
    own = levels.get(predecessor, {})
    before, after = _window(own, launch_day, -WINDOW_DAYS), _window(own, launch_day, 0)
    controls = [chipset for chipset in candidates if _is_whole(levels.get(chipset, {}), launch_day)]
    ordinary = _ordinary(own, [levels[chipset] for chipset in controls], launch_day)
    over = (last_day - launch_day).days + 1
    reason = (
        _told(over, f"days of the window after it are over, {WINDOW_DAYS} are needed", WINDOW_DAYS)
        or _told(len(before), f"of the {WINDOW_DAYS} days before it have a published index, {MIN_DAYS} are needed")
        or _told(len(after), f"of the {WINDOW_DAYS} days from it on have a published index, {MIN_DAYS} are needed")
        or _told(len(controls), f"untouched chipsets with a published index, {MIN_CONTROLS} are needed", MIN_CONTROLS)
        or _told(len(ordinary), f"ordinary days before the window, {MIN_ORDINARY} are needed", MIN_ORDINARY)
    )
    if reason:
        return Effect(successor, predecessor, launch_day, "withheld", reason, controls=controls)
    change = fmean(after) - fmean(before)
    others = np.array([_change(levels[chipset], launch_day) for chipset in controls])
    low, high = _interval(change, others, ordinary, f"{successor}|{predecessor}")
    own_pct, control_pct = _percent(change), _percent(fmean(others))
    return Effect(
        successor=successor,
        predecessor=predecessor,
        launch_day=launch_day,
        status="measured",
        reason=None,
        before_index=exp(fmean(before)),
        after_index=exp(fmean(after)),
        change_pct=own_pct,
        control_pct=control_pct,
        effect_pct=own_pct - control_pct,
        effect_low=low,
        effect_high=high,
        controls=controls,
    )


def _told(count: int, sentence: str, least: int = MIN_DAYS) -> str | None:
    return None if count >= least else f"{max(count, 0)} {sentence}"


def _window(levels: Levels, launch_day: date, begins: int) -> list[float]:
    """Logarithms of the published levels of 28 days, the first of which is ``begins`` days after the launch."""
    days = (launch_day + timedelta(days=begins + after) for after in range(WINDOW_DAYS))
    return [log(levels[day]) for day in days if day in levels]


def _is_whole(levels: Levels, launch_day: date) -> bool:
    return all(len(_window(levels, launch_day, begins)) >= MIN_DAYS for begins in (-WINDOW_DAYS, 0))


def _change(levels: Levels, launch_day: date) -> float:
    return fmean(_window(levels, launch_day, 0)) - fmean(_window(levels, launch_day, -WINDOW_DAYS))


def _ordinary(own: Levels, others: Sequence[Levels], launch_day: date) -> Floats:
    """Daily changes of the predecessor against the others on ordinary days, in order."""
    end = launch_day - timedelta(days=WINDOW_DAYS)
    changes = []
    for back in range(ORDINARY_DAYS, 0, -1):
        day, before = end - timedelta(days=back), end - timedelta(days=back + 1)
        known = [levels for levels in others if day in levels and before in levels]
        if day in own and before in own and len(known) >= MIN_ORDINARY_CONTROLS:
            market = fmean(log(levels[day] / levels[before]) for levels in known)
            changes.append(log(own[day] / own[before]) - market)
    return np.array(changes)


def _interval(change: float, others: Floats, ordinary: Floats, name: str) -> tuple[float, float]:
    dice = np.random.default_rng(zlib.crc32(name.encode()))
    drawn = dice.choice(others, size=(DRAWS, len(others))).mean(axis=1)
    blocks = 2 * WINDOW_DAYS // BLOCK_DAYS
    starts = dice.integers(0, len(ordinary) - BLOCK_DAYS + 1, size=(DRAWS, blocks, 1))
    # A day of drift is no effect: ordinary changes are taken from their own mean.
    steps = (ordinary - ordinary.mean())[starts + np.arange(BLOCK_DAYS)].reshape(DRAWS, -1)
    paths = steps.cumsum(axis=1)
    by_itself = paths[:, WINDOW_DAYS:].mean(axis=1) - paths[:, :WINDOW_DAYS].mean(axis=1)
    effects = _percent_of(change + by_itself) - _percent_of(drawn)
    low, high = np.percentile(effects, INTERVAL)
    return float(low), float(high)


def _percent(change: float) -> float:
    return 100 * (exp(change) - 1)


def _percent_of(changes: Floats) -> Floats:
    made: Floats = 100 * np.expm1(changes)
    return made
