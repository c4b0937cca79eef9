"""Walking forward: what is said of a day knows nothing of later ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from gpu_etl.market.fall import walk_forward
from gpu_etl.market.fall.features import prepare
from gpu_etl.market.fall.labels import EMBARGO_DAYS
from gpu_etl.market.fall.model import Examples, FallModel, fit
from gpu_etl.market.fall.price_panel import PricePanel
from gpu_etl.market.fall.talk import PART, Talk
from gpu_etl.market.fall.walk_forward import Predictions, TooShort, days_to_predict, examples_of, predict, report
from gpu_etl_tests.market.fall.fake_market import FIRST_DAY, market, talk, with_other_talk_from

FROM, TO = 170, 225
PANEL = market(260, listings=24)
TALK = talk(260)


def predicted(panel: PricePanel, said: Talk = TALK, seen: list[tuple[date, date, bool]] | None = None) -> Predictions:
    def noted(examples: Examples, first: date, last: date) -> FallModel:
        model = fit(examples, first, last)
        if seen is not None:
            seen.append((first, last, PART in model.learned_parts))
        return model

    prepared = prepare(panel, said)
    examples = examples_of(prepared, 0, panel.days - 1)
    return predict(examples, (FROM, TO), panel.first_day, noted, None, lambda _: None)


@pytest.fixture(scope="module")
def honest() -> Predictions:
    return predicted(PANEL)


def test_a_prediction_stays_when_everything_after_its_day_changes(honest: Predictions) -> None:
    """Prices after ``cut``, and talk from it on, become others; what was predicted up to it must be the very same.

    The labels of the last four weeks before it change with them: had a model learned from one of them, or a feature
    read a later price or post, some prediction would move. Talk of a day is still being written when it is scored.
    """
    cut = FROM + 25
    price = PANEL.price.copy()
    price[cut + 1 :] = np.random.default_rng(5).uniform(200_000, 2_000_000, price[cut + 1 :].shape)
    changed = predicted(replace(PANEL, price=price), with_other_talk_from(TALK, cut))
    said = {
        (row, column): value
        for row, column, value in zip(honest.lines.row, honest.lines.column, honest.said, strict=True)
    }
    again = [
        (value, said[row, column])
        for row, column, value in zip(changed.lines.row, changed.lines.column, changed.said, strict=True)
        if row <= cut and (row, column) in said
    ]
    assert len(again) > 500
    assert all(value == before for value, before in again)


def test_a_model_learns_only_from_days_that_ended_before_the_embargo() -> None:
    seen: list[tuple[date, date, bool]] = []
    predicted(PANEL, seen=seen)
    starts = [FROM, FROM + walk_forward.REFIT_DAYS]
    assert all(heard for *_, heard in seen), "the talk is learned too"
    assert [last for _, last, _ in seen] == [FIRST_DAY + timedelta(days=start - EMBARGO_DAYS - 1) for start in starts]


def test_the_report_has_what_was_asked_for(honest: Predictions) -> None:
    told = report(honest, prepare(PANEL))
    assert (told["from_day"], told["to_day"]) == (str(PANEL.day_of(FROM)), str(PANEL.day_of(TO)))
    assert told["n"] == len(honest.said) == sum(band["n"] for band in told["by_score_band"])
    assert sum(fold["n"] for fold in told["folds"]) == told["n"]
    assert told["within_day_auc"] > 0.6
    assert told["by_card"]["n"] < told["n"], "two listings a card"
    assert {"auc", "brier_skill", "ece", "base_rate"} <= told.keys()
    assert sum(found["n"] for found in told["by_advice"].values()) == told["n"]


def test_a_history_that_is_too_short_is_named() -> None:
    with pytest.raises(TooShort, match="at least 120 are needed"):
        predict(examples_of(prepare(market(130, listings=6)), 0, 129), (90, 100), FIRST_DAY, fit, None, lambda _: None)
    with pytest.raises(TooShort, match="leave no day to predict"):
        days_to_predict(FIRST_DAY, FIRST_DAY + timedelta(days=100), None, None)


def test_the_packaged_model_predicts_where_history_is_short_and_it_had_not_seen_the_days(
    honest: Predictions,
) -> None:
    shipped = honest.models[0]
    examples = examples_of(prepare(market(130, listings=6)), 0, 129)

    def with_shipped(trained_to: date) -> Predictions:
        known = replace(shipped, trained_to=trained_to)
        return predict(examples, (90, 100), FIRST_DAY, fit, known, lambda _: None)

    first = FIRST_DAY + timedelta(days=90)
    assert with_shipped(first - timedelta(days=EMBARGO_DAYS + 1)).reference[0] == shipped.base_rate
    with pytest.raises(TooShort):
        with_shipped(first - timedelta(days=EMBARGO_DAYS))


def test_where_no_days_are_asked_for_half_a_year_is_learned_from_first() -> None:
    first, last = days_to_predict(date(2024, 7, 9), date(2026, 4, 30), None, None)
    assert (first, last) == (date(2025, 2, 7), date(2026, 4, 2))
