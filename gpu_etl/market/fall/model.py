"""The learned risk score: how probable is a price at least 5 % lower in 28 days?

Belongs here: the model, learning it, its prediction and the parts of one. Does not belong here: the features
(``features``), how good it is (``walk_forward``), words for people (``words``).

The log odds are the mean of two sets of boosted trees. One knows all features; the other does not see the market-wide
ones, the same for all cards of a day, of which two years hold only a few distinct episodes: it keeps the first from
betting on a repetition of the last one. Either learns from every third day, not the same ones: neighbouring days share
27 of their 28 days to come and tell nothing new.

``probability`` is what it says; ``risk_score`` is the share of the training rows, in %, that the model thought less
probable to fall: 70 is riskier than 70 % of the card-days of its training window. ``parts`` gather what features added,
by subject, in probability points: they and the training window's base add up to the probability exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.fall import talk, trees
from gpu_etl.market.fall.features import FEATURES, MARKET_WIDE, NAMES, Features
from gpu_etl.market.fall.labels import FALL
from gpu_etl.market.fall.trees import Trees, Values

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

KIND = "two sets of boosted trees, 1"
"""The kind of model with its version: raise it with any change of a feature that models may have learned, of the label
or of learning, so that a model that was stored before is not asked. A new feature leaves them as they are."""
EVERY = 3
"""A member learns from every third day."""
LEARNING: Mapping[str, Any] = {
    "max_iter": 120,
    "learning_rate": 0.06,
    "max_leaf_nodes": 31,
    "min_samples_leaf": 400,
    "l2_regularization": 20.0,
    "max_features": 0.3,
    "max_bins": 63,
    "early_stopping": False,
}
"""None of these numbers matters much: 60 to 240 trees of 7 to 31 leaves are within .01 of each other (docs/risk.md)."""
LEAST_IN_A_LEAF = 20
PARTS = tuple(dict.fromkeys(FEATURES.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Card-days to learn from or to be judged by: a line each."""

    features: Features
    row: NDArray[np.int64]
    """The day, as a row of the panel."""
    column: NDArray[np.int64]
    """The listing, as a column of the panel."""
    change: Values
    """The change to the price 28 days later; NaN where unknown."""

    def __len__(self) -> int:
        """How many."""
        return len(self.row)

    @property
    def fell(self) -> Values:
        """1 where the price fell by 5 % or more, 0 where not; only of lines whose change is known."""
        return np.asarray(self.change <= -FALL, dtype=np.float64)

    def take(self, wanted: NDArray[np.bool_]) -> Examples:
        """The wanted lines."""
        return Examples(self.features[wanted], self.row[wanted], self.column[wanted], self.change[wanted])


@dataclass(frozen=True, slots=True, eq=False)
class FallModel:
    """A learned model and where it comes from."""

    members: tuple[Trees, ...]
    knots: Values
    """The quantiles 0, 1, ... 100 % of what it says of its training rows."""
    mean_fall: float
    """By how much a price fell where it fell by 5 % or more (0.1 is 10 %)."""
    trained_from: date
    trained_to: date
    rows: int
    base_rate: float
    metrics: Mapping[str, Any] = field(default_factory=dict)
    """How good it was on days it had not seen, from the last backtest before it was learned."""
    about: str = ""
    """What it was trained on, in words."""

    @property
    def asked(self) -> frozenset[str]:
        """The features that it looks at: those that were known when it learned, and of use."""
        return frozenset(NAMES[at] for member in self.members for at in np.unique(member.feature) if at != trees.LEAF)

    @property
    def learned_parts(self) -> frozenset[str]:
        """The parts of a score that it weighs."""
        return frozenset(FEATURES[name] for name in self.asked)

    def probability(self, features: Features) -> Values:
        """Of a price at least 5 % lower in 28 days, for each line of features."""
        values = features.astype(np.float64)
        return _probability(np.mean([member.log_odds(values) for member in self.members], axis=0))

    def score(self, probability: Values) -> Values:
        """The risk score, 0 to 100, of probabilities."""
        return np.asarray(np.interp(probability, self.knots, np.linspace(0, 100, len(self.knots))))

    def parts(self, features: Features) -> tuple[Values, float, Values]:
        """The probability of each line of features, the base probability, and what each of :data:`PARTS` (columns)
        adds to that.

        Their sum is the probability: additions in log odds are scaled by the mean slope between base and result.
        """
        values = features.astype(np.float64)
        told = [member.contributions(values) for member in self.members]
        probability = _probability(np.mean([log_odds for log_odds, _, _ in told], axis=0))
        base = float(np.mean([start for _, start, _ in told]))
        by_feature = np.mean([added for _, _, added in told], axis=0)
        by_part = np.zeros((len(features), len(PARTS)))
        for column, name in enumerate(NAMES):
            by_part[:, PARTS.index(FEATURES[name])] += by_feature[:, column]
        total = by_part.sum(axis=1)
        start = float(_probability(np.array(base)))
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = (_probability(base + total) - start) / total
        slope = np.where(np.abs(total) < 1e-9, start * (1 - start), slope)
        return probability, start, by_part * slope[:, None]

    def as_json(self) -> dict[str, Any]:
        """The model for a file or the database: everything it needs, and nothing that can run."""
        return {
            "kind": KIND,
            "about": self.about,
            "trained_from": self.trained_from.isoformat(),
            "trained_to": self.trained_to.isoformat(),
            "rows": self.rows,
            "base_rate": round(self.base_rate, 4),
            "mean_fall": round(self.mean_fall, 4),
            "metrics": dict(self.metrics),
            "features": [name for name in NAMES if name in self.asked],
            "knots": [round(float(knot), 5) for knot in self.knots],
            "members": [member.as_json(NAMES) for member in self.members],
        }


def _probability(log_odds: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def from_json(stored: Mapping[str, Any]) -> FallModel:
    """What :meth:`FallModel.as_json` wrote.

    Raises:
        ValueError: another kind of model, made by an older or a newer release.
    """
    if stored.get("kind") != KIND:
        raise ValueError(f"the model is of the kind {stored.get('kind')!r}, this release reads {KIND!r}")
    return FallModel(
        members=tuple(trees.from_json(member, NAMES) for member in stored["members"]),
        knots=np.array(stored["knots"], dtype=np.float64),
        mean_fall=float(stored["mean_fall"]),
        trained_from=date.fromisoformat(stored["trained_from"]),
        trained_to=date.fromisoformat(stored["trained_to"]),
        rows=int(stored["rows"]),
        base_rate=float(stored["base_rate"]),
        metrics=stored["metrics"],
        about=stored["about"],
    )


def fit(examples: Examples, first_day: date, last_day: date, about: str = "") -> FallModel:
    """Learn from card-days whose change is known; the same examples give the same model.

    Takes about 30 s for 400,000 card-days.

    Raises:
        ValueError: there is nothing to learn: no fall, or nothing but falls.
    """
    fell = examples.fell
    if not 0 < fell.sum() < len(fell):
        raise ValueError(f"{len(fell):,} card-days of which {int(fell.sum()):,} fell: nothing to learn from")
    usable = _usable(examples)
    seen_by_all = [at for at in usable if NAMES[at] not in MARKET_WIDE]
    members = tuple(_grow(examples, phase, columns) for phase, columns in enumerate((usable, seen_by_all)))
    learned = FallModel(
        members,
        knots=np.zeros(101),
        mean_fall=float(-examples.change[fell == 1].mean()),
        trained_from=first_day,
        trained_to=last_day,
        rows=len(examples),
        base_rate=float(fell.mean()),
        about=about,
    )
    said = learned.probability(examples.features[:: max(1, len(examples) // 50_000)])
    learned.knots[:] = np.quantile(said, np.linspace(0, 1, 101))
    return learned


def _usable(examples: Examples) -> list[int]:
    """The columns to learn from: all, without the talk where there is too little of it."""
    left_out = talk.FEATURES if talk_left_out(examples) else ()
    return [at for at, name in enumerate(NAMES) if name not in left_out]


def talk_left_out(examples: Examples) -> str | None:
    """Why the talk of these card-days cannot be learned from; ``None`` when it can."""
    is_known = np.isfinite(examples.features[:, NAMES.index("talk_share_28d")])
    return talk.why_not_learned(len(np.unique(examples.row[is_known])), len(np.unique(examples.row)))


def _grow(examples: Examples, phase: int, columns: list[int]) -> Trees:
    """One set of trees, from every third day, on some of the features."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    chosen = examples.row % EVERY == phase
    known = np.isfinite(examples.features[chosen]).any(axis=0)
    columns = [column for column in columns if known[column]]
    features = examples.features[chosen][:, columns].astype(np.float64)
    leaf = max(LEAST_IN_A_LEAF, min(int(LEARNING["min_samples_leaf"]), len(features) // 50))
    learner = HistGradientBoostingClassifier(random_state=phase, **{**LEARNING, "min_samples_leaf": leaf})
    # OpenMP's threads wait for each other by spinning: where others want the cores too, one thread is 20 times faster.
    with threadpool_limits(1, user_api="openmp"):
        learner.fit(features, examples.fell[chosen])
    return _read(learner, columns)


def _read(learner: HistGradientBoostingClassifier, columns: list[int]) -> Trees:
    """The learner's trees; scikit-learn has no public way to them (its ``_predictors``, there since 0.21)."""
    grown = [[*_nodes(predictor.nodes, columns)] for (predictor,) in learner._predictors]
    return trees.from_nodes(float(learner._baseline_prediction.ravel()[0]), grown, NAMES)


def _nodes(nodes: NDArray[np.void], columns: list[int]) -> Iterator[list[Any]]:
    """The nodes of one tree as :mod:`trees` writes them; a child stands behind its parent."""
    value = nodes["value"].copy()
    for at in reversed(range(len(nodes))):
        if not nodes["is_leaf"][at]:
            left, right = nodes["left"][at], nodes["right"][at]
            shares = nodes["count"][[left, right]]
            value[at] = np.average(value[[left, right]], weights=shares)
    for at, node in enumerate(nodes):
        if node["is_leaf"]:
            yield [float(value[at])]
            continue
        unknown = "left" if node["missing_go_to_left"] else "right"
        name = NAMES[columns[node["feature_idx"]]]
        yield [name, _single(node["num_threshold"]), unknown, int(node["left"]), int(node["right"]), float(value[at])]


def _single(threshold: float) -> float:
    """The largest number of single precision, as features are, that is not above a threshold: it splits them alike.

    Infinity, with which the library tells known from unknown, becomes the largest number: JSON has no infinity.
    """
    nearest = np.float32(min(float(threshold), float(np.finfo(np.float32).max)))
    return float(nearest if nearest <= threshold else np.nextafter(nearest, np.float32(-np.inf)))
