"""The measures of a prediction, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.market.fall.evaluation import auc, brier_skill, by_score_band, calibration, ece, within_day_auc

LINES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=2, max_size=30)


@given(LINES)
def test_auc_is_the_share_of_pairs_in_the_right_order(lines: list[tuple[bool, float]]) -> None:
    happened, said = (np.array(values, dtype=float) for values in zip(*lines, strict=True))
    pairs = [
        1.0 if one > other else 0.5 if one == other else 0.0
        for one in said[happened == 1]
        for other in said[happened == 0]
    ]
    found = auc(happened, said)
    assert found == (pytest.approx(np.mean(pairs)) if pairs else None)


def test_within_a_day_the_day_itself_tells_nothing() -> None:
    day = np.repeat(np.arange(2), 4)
    happened = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=float)
    said = np.where(day == 1, 0.9, 0.1)
    assert auc(happened, said) == pytest.approx(0.75)
    assert within_day_auc(happened, said, day) == 0.5
    assert within_day_auc(np.ones(8), said, day) is None


def test_skill_is_against_what_was_known_before() -> None:
    happened = np.array([1.0, 0, 0, 0])
    assert brier_skill(happened, happened, 0.25) == 1
    assert brier_skill(happened, np.full(4, 0.25), 0.25) == 0
    assert (brier_skill(happened, np.full(4, 0.9), 0.25) or 0) < 0
    assert brier_skill(np.zeros(3), np.zeros(3), 0.0) is None


def test_calibration_compares_what_was_said_with_what_happened() -> None:
    said = np.array([0.05] * 10 + [0.85] * 10)
    happened = np.array([0.0] * 10 + [1.0] * 9 + [0.0])
    low, high = calibration(happened, said)
    assert (low["n"], low["said"], low["happened"]) == (10, 0.05, 0.0)
    assert (high["from"], high["happened"]) == (0.8, 0.9)
    assert ece(happened, said) == pytest.approx(0.05)


def test_each_band_of_scores_says_what_became_of_it() -> None:
    score, said = np.array([10.0, 75, 100]), np.array([0.01, 0.2, 0.6])
    change = np.array([0.01, -0.01, -0.2])
    bands = {band["from"]: band for band in by_score_band(score, said, change, (change <= -0.05).astype(float))}
    assert (bands[0]["n"], bands[0]["fell"], bands[0]["cheaper"]) == (1, 0, 0)
    assert (bands[70]["n"], bands[70]["fell"], bands[70]["cheaper"]) == (1, 0, 1)
    assert (bands[90]["n"], bands[90]["to"], bands[90]["mean_change"]) == (1, 100, -0.2)
    assert (bands[20]["n"], bands[20]["fell"]) == (0, None)
