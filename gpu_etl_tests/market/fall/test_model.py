"""The model: it learns what there is to learn, can be written down and read, and its parts add up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from importlib import resources

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from gpu_etl.market.fall import trees
from gpu_etl.market.fall.evaluation import auc
from gpu_etl.market.fall.features import NAMES, prepare
from gpu_etl.market.fall.model import KIND, PARTS, Examples, FallModel, _read, fit, from_json
from gpu_etl.market.fall.shipped import FILE, shipped_model
from gpu_etl.market.fall.walk_forward import examples_of
from gpu_etl.market.fall.words import SAID, because, parts_in_words
from gpu_etl.words import Words
from gpu_etl_tests.market.fall.fake_market import FIRST_DAY, market


@pytest.fixture(scope="module")
def examples() -> Examples:
    found = examples_of(prepare(market(170)), 0, 169)
    return found.take(np.isfinite(found.change))


@pytest.fixture(scope="module")
def model(examples: Examples) -> FallModel:
    return fit(examples, FIRST_DAY, FIRST_DAY + timedelta(days=138), "a made-up market")


def test_it_learns_and_says_probabilities(model: FallModel, examples: Examples) -> None:
    said = model.probability(examples.features)
    assert (said > 0).all()
    assert (said < 1).all()
    assert (auc(examples.fell, said) or 0) > 0.8
    assert said.mean() == pytest.approx(examples.fell.mean(), abs=0.03)
    assert 0.05 < model.mean_fall < 0.3


def test_the_same_examples_give_the_same_model(model: FallModel, examples: Examples) -> None:
    assert fit(examples, model.trained_from, model.trained_to, model.about).as_json() == model.as_json()


def test_written_down_and_read_it_says_the_same(model: FallModel, examples: Examples) -> None:
    read = from_json(json.loads(json.dumps(model.as_json(), allow_nan=False)))
    np.testing.assert_allclose(read.probability(examples.features), model.probability(examples.features), atol=2e-4)
    assert (read.trained_to, read.rows, read.about) == (model.trained_to, model.rows, model.about)


def test_the_trees_are_those_of_the_library(examples: Examples) -> None:
    columns = np.flatnonzero(np.isfinite(examples.features).any(axis=0)).tolist()
    features = examples.features
    learner = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=9, early_stopping=False, random_state=1)
    with threadpool_limits(1, user_api="openmp"):
        learner.fit(features[:, columns], examples.fell)
    ours = _read(learner, columns)
    np.testing.assert_allclose(ours.log_odds(features), learner.decision_function(features[:, columns]), atol=1e-6)


def test_the_parts_add_up_to_the_probability(model: FallModel, examples: Examples) -> None:
    probability, base, parts = model.parts(examples.features[:500])
    assert parts.shape == (500, len(PARTS))
    np.testing.assert_allclose(base + parts.sum(axis=1), probability, atol=1e-9)
    np.testing.assert_array_equal(probability, model.probability(examples.features[:500]))


def test_the_score_ranks_as_the_probability_does(model: FallModel) -> None:
    score = model.score(np.linspace(0, 1, 200))
    assert (np.diff(score) >= 0).all()
    assert (score.min(), score.max()) == (0, 100)


def test_parts_are_told_in_words_the_largest_first(model: FallModel, examples: Examples) -> None:
    _, base, parts = model.parts(examples.features[-1:])
    told = parts_in_words(examples.features[-1].astype(float), parts[0], 900_000, model.mean_fall)
    assert {part["part"] for part in told} == set(PARTS) == set(SAID)
    sizes = [abs(part["points"]) for part in told]
    assert sizes == sorted(sizes, reverse=True)
    assert all(part["words"] and "nan" not in part["words"] for part in told)
    assert because(told, base + parts.sum(), base)


def test_parts_have_words_for_a_card_of_which_little_is_known() -> None:
    features = np.full(len(NAMES), np.nan)
    for name in (
        "above_low_90d",
        "below_high_90d",
        "changes_28d",
        "days_unchanged",
        "days_listed_28d",
        "above_siblings",
    ):
        features[NAMES.index(name)] = 0.0
    told = parts_in_words(features, np.zeros(len(PARTS)), 900_000, 0.1)
    assert all(part["words"] for part in told)


def test_nothing_but_one_outcome_teaches_nothing(examples: Examples) -> None:
    with pytest.raises(ValueError, match="nothing to learn from"):
        fit(replace(examples, change=np.zeros(len(examples))), FIRST_DAY, FIRST_DAY)


def test_another_kind_of_model_is_refused(model: FallModel) -> None:
    with pytest.raises(ValueError, match=f"this release reads '{KIND}'"):
        from_json({**model.as_json(), "kind": "a line, 0"})


@pytest.mark.parametrize(
    ("node", "says"),
    [(["tomorrow", 1.0, "left", 1, 2, 0.0], "no feature"), (["sellers", 1.0, "left", 0, 2, 0.0], "leads nowhere")],
)
def test_a_tree_that_makes_no_sense_is_refused(node: list[object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        trees.from_nodes(0.0, [[node, [0.1], [0.2]]], NAMES)


def test_the_model_in_the_package_says_where_it_comes_from_and_holds_no_data() -> None:
    text = resources.files("gpu_etl.market.fall").joinpath(FILE).read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    stored = json.loads(text)
    assert list(stored)[:8] == [
        "kind", "about", "trained_from", "trained_to", "rows", "base_rate", "mean_fall", "metrics",
    ]  # fmt: skip
    shipped = shipped_model()
    assert shipped.rows > 300_000
    assert {"auc", "within_day_auc", "brier_skill", "ece", "by_advice", "by_score_band"} <= set(shipped.metrics)
    assert all(tree.n > 50 for tree in shipped.members)


@pytest.mark.parametrize(
    ("ago", "said"),
    [(3.0, "its price changed on 0 of 28 days, last 3 days ago"), (90.0, "its price changed on 0 of 28 days")],
)
def test_when_a_price_changed_last_is_told_where_it_is_known(ago: float, said: str) -> None:
    """A listing of a week whose price never moved has no change of 90 days ago."""
    assert SAID["restlessness"]({"changes_28d": 0.0, "days_unchanged": ago}) == (0.0, said)
    assert Words("ko").told("reasons", said) != said
