from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_etl.market.launches import Effect, launch_effect, untouched

LAUNCH = date(2026, 3, 5)
FIRST = LAUNCH - timedelta(days=208)
OTHERS = ["other 1", "other 2", "other 3", "other 4"]


def walk(seed: int, jump: float = 0.0, days: int = 240, unrest: float = 0.004) -> dict[date, float]:
    """An index that wanders, and moves by ``jump`` (a logarithm) for good on the launch."""
    dice, level, levels = random.Random(seed), 0.0, {}
    for after in range(days):
        day = FIRST + timedelta(days=after)
        level += dice.gauss(0, unrest) + (jump if day == LAUNCH else 0.0)
        levels[day] = 100 * exp(level)
    return levels


def market(seed: int, jump: float = 0.0) -> dict[str, dict[date, float]]:
    """A predecessor and four others, which share what moves the whole market."""
    common = walk(1000 + seed, unrest=0.01)
    own = {"old": walk(seed, jump), **{name: walk(seed + 100 * n) for n, name in enumerate(OTHERS, 1)}}
    return {name: {day: level * common[day] / 100 for day, level in levels.items()} for name, levels in own.items()}


def measure(levels: Mapping[str, Mapping[date, float]], last_day: date = LAUNCH + timedelta(days=31)) -> Effect:
    return launch_effect("new", "old", LAUNCH, levels, OTHERS, last_day)


def test_a_planted_fall_is_found_whatever_the_market_does() -> None:
    effect = measure(market(1, jump=-0.08))
    assert (effect.status, effect.reason, effect.controls) == ("measured", None, OTHERS)
    assert effect.effect_pct == pytest.approx(-7.7, abs=3)
    assert effect.effect_low is not None
    assert effect.effect_high is not None
    low, middle, high = (value or 0 for value in (effect.effect_low, effect.effect_pct, effect.effect_high))
    assert low < middle < high < 0


def test_where_nothing_happened_the_interval_holds_zero_nearly_always() -> None:
    effects = [measure(market(seed)) for seed in range(60)]
    held = sum((effect.effect_low or 0) <= 0 <= (effect.effect_high or 0) for effect in effects)
    assert held >= 0.85 * len(effects)


def test_the_same_data_give_the_same_interval() -> None:
    assert measure(market(2)) == measure(market(2))


def test_change_and_control_are_those_of_the_means() -> None:
    flat = dict.fromkeys(walk(0), 100.0)
    halved = {day: 100.0 if day < LAUNCH else 50.0 for day in flat}
    effect = measure({"old": halved, **dict.fromkeys(OTHERS, flat)})
    assert (effect.before_index, effect.after_index) == (pytest.approx(100), pytest.approx(50))
    assert (effect.change_pct, effect.control_pct) == (pytest.approx(-50), pytest.approx(0))
    assert effect.effect_pct == pytest.approx(-50)
    assert (effect.effect_low, effect.effect_high) == (pytest.approx(-50), pytest.approx(-50))


@settings(max_examples=20)
@given(seed=st.integers(0, 50), fall=st.floats(min_value=0.001, max_value=0.5))
def test_a_deeper_fall_is_never_a_smaller_effect(seed: int, fall: float) -> None:
    shallow, deep = measure(market(seed)), measure(market(seed, jump=-fall))
    for one, other in (
        (shallow.effect_pct, deep.effect_pct),
        (shallow.effect_low, deep.effect_low),
        (shallow.effect_high, deep.effect_high),
    ):
        assert one is not None
        assert other is not None
        assert other < one


def without(levels: Mapping[date, float], first: int, last: int) -> dict[date, float]:
    """An index that is not published between two days, counted from the launch."""
    return {day: level for day, level in levels.items() if not first <= (day - LAUNCH).days <= last}


@pytest.mark.parametrize(
    ("gap", "reason"),
    [
        ((7, 40), "7 of the 28 days from it on have a published index, 14 are needed"),
        ((-28, -6), "5 of the 28 days before it have a published index, 14 are needed"),
        ((-300, -60), "30 ordinary days before the window, 42 are needed"),
    ],
)
def test_a_ghost_is_not_measured(gap: tuple[int, int], reason: str) -> None:
    levels = market(3)
    effect = measure({**levels, "old": without(levels["old"], *gap)})
    assert effect == replace(Effect("new", "old", LAUNCH, "withheld", reason), controls=OTHERS)


def test_too_few_untouched_chipsets_or_days_are_said() -> None:
    levels = market(4)
    few = {name: levels[name] for name in ("old", "other 1", "other 2")}
    assert measure(few).reason == "2 untouched chipsets with a published index, 3 are needed"
    early = measure(levels, LAUNCH + timedelta(days=9))
    assert early.reason == "10 days of the window after it are over, 28 are needed"
    assert measure({}).reason == "0 of the 28 days before it have a published index, 14 are needed"


def test_untouched_are_those_whose_windows_meet_nobody_elses() -> None:
    events = {
        "old": [LAUNCH - timedelta(days=700), LAUNCH],
        "sibling": [LAUNCH - timedelta(days=700)],
        "just launched": [LAUNCH - timedelta(days=55)],
        "soon succeeded": [LAUNCH - timedelta(days=700), LAUNCH + timedelta(days=55)],
        "settled": [LAUNCH - timedelta(days=56)],
        "long known": [],
    }
    assert untouched(LAUNCH, events, ["new", "old", "sibling"]) == ["long known", "settled"]
