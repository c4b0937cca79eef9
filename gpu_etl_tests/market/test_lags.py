from __future__ import annotations

import random
from datetime import date, timedelta
from math import exp

import pytest

from gpu_etl.market.lags import LAGS, Lag, lead_lags, market_level

FIRST = date(2025, 1, 1)


def day(after: int) -> date:
    return FIRST + timedelta(days=after)


def talk(seed: int, days: int = 420) -> dict[date, float]:
    """Bursts of mentions of about a week."""
    dice, burst, shares = random.Random(seed), 0.0, {}
    for after in range(days):
        burst = 0.8 * burst + (dice.expovariate(0.5) if dice.random() < 0.08 else 0.0)
        shares[day(after)] = 2 + burst + dice.random()
    return shares


def prices(seed: int, follows: dict[date, float] | None = None, lag: int = 0, days: int = 420) -> dict[date, float]:
    """A wandering level which, where it follows mentions, falls after each burst."""
    dice, level, levels = random.Random(seed), 0.0, {}
    for after in range(days):
        share = follows.get(day(after - lag), 3.0) if follows else 3.0
        level += dice.gauss(0, 0.003) - 0.004 * (share - 3)
        levels[day(after)] = 100 * exp(level)
    return levels


def significant(found: list[Lag]) -> list[Lag]:
    return [lag for lag in found if lag.is_significant]


def test_a_planted_lead_is_found_at_its_lag_and_with_its_sign() -> None:
    rumours = talk(1)
    found = lead_lags({"rumour": rumours, "noise": talk(2)}, prices(3, rumours, lag=14))
    assert len(found) == 2 * len(LAGS)
    strongest = max(found, key=lambda lag: abs(lag.correlation or 0))
    assert (strongest.keyword, strongest.lag_days, strongest.is_significant) == ("rumour", 14, True)
    assert strongest.correlation is not None
    assert strongest.correlation < -0.4
    assert strongest.p_value is not None
    assert strongest.p_value < 0.01
    assert {lag.keyword for lag in significant(found)} == {"rumour"}


def test_unrelated_talk_hardly_ever_leads_anything() -> None:
    words = [{f"word {n}": talk(10 * seed + n) for n in range(5)} for seed in range(20)]
    markets = [lead_lags(each, prices(500 + seed)) for seed, each in enumerate(words)]
    assert sum(bool(significant(found)) for found in markets) <= 3


def test_prices_turned_round_turn_the_sign_and_nothing_else() -> None:
    rumours, level = talk(4), prices(5, talk(4), lag=7)
    up = lead_lags({"rumour": rumours}, {each: 10_000 / value for each, value in level.items()})
    for lag, mirrored in zip(lead_lags({"rumour": rumours}, level), up, strict=True):
        assert lag.correlation is not None
        assert mirrored.correlation == pytest.approx(-lag.correlation, abs=0.01)
        assert mirrored.p_value == pytest.approx(lag.p_value, abs=0.02)


def test_too_few_days_say_nothing() -> None:
    found = lead_lags({"rumour": talk(6, days=150)}, prices(7))
    assert {(lag.correlation, lag.p_value, lag.is_significant) for lag in found} == {(None, None, False)}
    assert (found[0].from_day, found[0].to_day, found[0].days) == (FIRST, day(149), 143)


def test_days_that_were_not_read_are_left_out() -> None:
    rumours = talk(8)
    read = {each: share for each, share in rumours.items() if each.day > 9}
    found = lead_lags({"rumour": read}, prices(9, rumours, lag=14))
    assert found[2].days < 330
    assert max(found, key=lambda lag: abs(lag.correlation or 0)).lag_days == 14


def test_without_talk_or_prices_there_is_nothing() -> None:
    assert lead_lags({}, prices(1)) == []
    assert lead_lags({"rumour": {}}, prices(1)) == []
    assert lead_lags({"rumour": talk(1)}, {}) == []
    assert lead_lags({"rumour": {day(900): 1.0}}, prices(1)) == []


def test_the_markets_level_chains_what_a_day_and_the_one_before_it_publish() -> None:
    levels = {
        "one": {day(0): 100.0, day(1): 110.0, day(2): 110.0},
        "two": {day(1): 50.0, day(2): 60.5, day(4): 66.55},
    }
    assert market_level(levels) == pytest.approx({day(0): 100, day(1): 110, day(2): 121, day(4): 133.1})
