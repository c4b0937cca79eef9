"""Buy or wait, and how often that was right."""

from __future__ import annotations

import numpy as np

from gpu_etl.market.fall.advice import BUY, NOT_ENOUGH_DATA, WAIT, WAIT_FROM, advise, how_often_right, whole_percent

RECORD = {WAIT: {"n": 1000, "right": 0.7}, BUY: {"n": 10, "right": 0.9}}


def test_a_probable_fall_is_waited_for() -> None:
    said = advise(0.31, None, "its price rose 12.0 % in 28 days", RECORD)
    assert (said.advice, said.right_share, said.right_n) == (WAIT, 0.7, 1000)
    assert said.reason == "31% that it costs at least 5% less in 28 days: its price rose 12.0 % in 28 days"
    assert advise(WAIT_FROM, None, "", {}).advice == WAIT


def test_a_share_over_few_card_days_is_not_told() -> None:
    said = advise(0.02, None, "", RECORD)
    assert (said.advice, said.right_share, said.right_n) == (BUY, None, None)


def test_unknown_is_no_advice() -> None:
    said = advise(None, "not enough data: 3 days of prices in 28, 7 are needed", "", RECORD)
    assert (said.advice, said.probability) == (NOT_ENOUGH_DATA, None)
    assert said.reason.startswith("not enough data")


def test_waiting_was_right_when_it_was_cheaper_and_buying_when_it_was_not_much() -> None:
    said = np.array([0.5, 0.5, 0.1, 0.1])
    change = np.array([-0.01, 0.0, -0.049, -0.05])
    assert {word: (found["n"], found["right"]) for word, found in how_often_right(said, change).items()} == {
        BUY: (2, 0.5),
        WAIT: (2, 0.5),
    }
    assert how_often_right(said[:2], change[:2])[BUY] == {"n": 0, "right": None, "mean_change": None}


def test_what_is_just_below_the_line_is_not_told_as_what_stands_on_it() -> None:
    assert [whole_percent(probability) for probability in (0.1949, 0.1951, 0.1999, 0.2, 0.2049, 0.996)] == [
        19, 19, 19, 20, 20, 100
    ]  # fmt: skip
    assert advise(0.196, None, "", {}).reason.startswith("19% ")
