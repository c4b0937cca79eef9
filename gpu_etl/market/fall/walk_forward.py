"""Predicting past days as if they were today: each by a model that had learned from earlier days alone.

Belongs here: which days a model may learn from, who predicts which day, and the figures over all of them. Does not
belong here: the model (``model``), the measures (``evaluation``).

The days are predicted in stretches of 30, as the monthly refit does it. What predicts a stretch has learned from days
that ended 31 days (the label's horizon and its tolerance) before the stretch begins, and its reference for the Brier
skill is their base rate. Features read no later day (``features``), so nothing a prediction is made
from lies after its day. Figures stand per 60 days too: regimes differ wildly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.fall import advice, evaluation
from gpu_etl.market.fall.features import Prepared, day_features
from gpu_etl.market.fall.labels import EMBARGO_DAYS, HORIZON_DAYS, later_change
from gpu_etl.market.fall.model import KIND, Examples, FallModel
from gpu_etl.market.fall.trees import Values

REFIT_DAYS = 30
FOLD_DAYS = 60
LEAST_DAYS = 120
"""Days whose outcome is known, before a model is learned from them."""
FIRST_TEST_AFTER = 182
"""Days of training before the first day that is predicted, where none is asked for."""

Fit = Callable[[Examples, date, date], FallModel]
Tell = Callable[[date], None]


class TooShort(ValueError):
    """The history does not reach; the message is one line that says what is missing."""


def examples_of(prepared: Prepared, first: int, last: int, change: Values | None = None) -> Examples:
    """The card-days of some rows with their features, and their outcome where it is known by now."""
    change = later_change(prepared.believed) if change is None else change
    found = [(row, *day_features(prepared, row)) for row in range(first, last + 1)]
    rows = np.concatenate([np.full(len(columns), row) for row, columns, _ in found])
    columns = np.concatenate([columns for _, columns, _ in found])
    features = np.concatenate([features for _, _, features in found])
    return Examples(features, rows, columns, change[rows, columns])


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What was said of card-days (lines), and by what."""

    lines: Examples
    said: Values
    score: Values
    reference: Values
    """The base rate that the model had learned from."""
    models: tuple[FallModel, ...]

    def take(self, wanted: NDArray[np.bool_]) -> Predictions:
        """The wanted lines."""
        return Predictions(
            self.lines.take(wanted), self.said[wanted], self.score[wanted], self.reference[wanted], self.models
        )


def days_to_predict(first_day: date, last_day: date, from_day: date | None, to_day: date | None) -> tuple[date, date]:
    """The days to predict: those asked for, else from half a year of training on to the last whose outcome is known."""
    first = from_day or first_day + timedelta(days=FIRST_TEST_AFTER + EMBARGO_DAYS)
    last = to_day or last_day - timedelta(days=HORIZON_DAYS)
    if first > last:
        raise TooShort(
            f"prices of {first_day} to {last_day} leave no day to predict: the first is {first}, the last with a known "
            f"outcome {last}"
        )
    return first, last


def known_before(examples: Examples, before: int) -> Examples:
    """The card-days that can be learned from on a row: those whose outcome was known 31 days before it."""
    return examples.take(np.isfinite(examples.change) & (examples.row + EMBARGO_DAYS < before))


def learn(examples: Examples, before: int, first_day: date, fit: Fit) -> FallModel:
    """The model that was possible on a row: learned from the days whose outcome was known 31 days before it."""
    training = known_before(examples, before)
    days = int(training.row.max() - training.row.min()) + 1 if len(training) else 0
    if days < LEAST_DAYS:
        raise TooShort(
            f"{days} days of prices whose outcome was known by {first_day + timedelta(days=before)}, "
            f"at least {LEAST_DAYS} are needed to learn from"
        )
    return fit(
        training,
        first_day + timedelta(days=int(training.row.min())),
        first_day + timedelta(days=int(training.row.max())),
    )


def predict(
    examples: Examples, rows: tuple[int, int], first_day: date, fit: Fit, shipped: FallModel | None, tell: Tell
) -> Predictions:
    """Predict every card-day of the rows with a known outcome; ``tell`` hears the first day of each stretch.

    Where the history before a stretch is too short, the ``shipped`` model predicts it, if that had learned from days
    31 and more before it alone.

    Raises:
        TooShort: nothing can predict a stretch, or no outcome is known.
    """
    parts: list[Predictions] = []
    models: list[FallModel] = []
    for start in range(rows[0], rows[1] + 1, REFIT_DAYS):
        end = min(start + REFIT_DAYS - 1, rows[1])
        inside = (examples.row >= start) & (examples.row <= end) & np.isfinite(examples.change)
        if not inside.any():
            continue
        day = first_day + timedelta(days=start)
        tell(day)
        models.append(_model_of(examples, start, day, first_day, fit, shipped))
        lines = examples.take(inside)
        said = models[-1].probability(lines.features)
        parts.append(
            Predictions(lines, said, models[-1].score(said), np.full(len(said), models[-1].base_rate), (models[-1],))
        )
    if not parts:
        raise TooShort("no card-day of these days has a price both then and 28 days later")
    lines = Examples(*(np.concatenate([getattr(part.lines, name) for part in parts]) for name in Examples.__slots__))
    said, score, reference = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("said", "score", "reference")
    )
    return Predictions(lines, said, score, reference, tuple(models))


def _model_of(
    examples: Examples, start: int, day: date, first_day: date, fit: Fit, shipped: FallModel | None
) -> FallModel:
    try:
        return learn(examples, start, first_day, fit)
    except TooShort:
        if shipped is None or shipped.trained_to + timedelta(days=EMBARGO_DAYS) >= day:
            raise
        return shipped


def report(predictions: Predictions, prepared: Prepared) -> dict[str, Any]:
    """All figures of a backtest, for people and machines; shares and probabilities are 0 to 1."""
    first_day = prepared.panel.first_day
    lines = predictions.lines
    cards = _of_cards(predictions, prepared)
    return {
        "from_day": (first_day + timedelta(days=int(lines.row.min()))).isoformat(),
        "to_day": (first_day + timedelta(days=int(lines.row.max()))).isoformat(),
        **_figures(predictions),
        "unit": "a listing on a day with a price then and 28 days later",
        "model_kind": KIND,
        "embargo_days": EMBARGO_DAYS,
        "refit_days": REFIT_DAYS,
        "trained_from": min(model.trained_from for model in predictions.models).isoformat(),
        "trained_to": max(model.trained_to for model in predictions.models).isoformat(),
        "models": len(predictions.models),
        "by_score_band": evaluation.by_score_band(predictions.score, predictions.said, lines.change, lines.fell),
        "calibration": evaluation.calibration(lines.fell, predictions.said),
        "by_advice": advice.how_often_right(predictions.said, lines.change),
        "by_card": {"unit": "a card by its cheapest listing, and the card's own lowest price", **_figures(cards)},
        "folds": [*_folds(predictions, first_day)],
    }


def _figures(predictions: Predictions) -> dict[str, Any]:
    fell, said = predictions.lines.fell, predictions.said
    if not len(fell):
        return {"n": 0}
    return {
        "n": len(fell),
        "base_rate": round(float(fell.mean()), 4),
        "said": round(float(said.mean()), 4),
        "training_base_rate": round(float(predictions.reference.mean()), 4),
        "auc": _rounded(evaluation.auc(fell, said)),
        "within_day_auc": _rounded(evaluation.within_day_auc(fell, said, predictions.lines.row)),
        "brier_skill": _rounded(evaluation.brier_skill(fell, said, predictions.reference)),
        "ece": _rounded(evaluation.ece(fell, said)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _folds(predictions: Predictions, first_day: date) -> Iterator[dict[str, Any]]:
    rows = predictions.lines.row
    for start in range(int(rows.min()), int(rows.max()) + 1, FOLD_DAYS):
        fold = predictions.take((rows >= start) & (rows < start + FOLD_DAYS))
        if len(fold.said):
            yield {
                "from_day": (first_day + timedelta(days=start)).isoformat(),
                "to_day": (first_day + timedelta(days=int(fold.lines.row.max()))).isoformat(),
                **_figures(fold),
            }


def _of_cards(predictions: Predictions, prepared: Prepared) -> Predictions:
    """The same for cards: what is published of a card is said of its cheapest listing."""
    names = sorted({listing.sku_id for listing in prepared.panel.listings})
    number = {name: at for at, name in enumerate(names)}
    card_of = np.array([number[listing.sku_id] for listing in prepared.panel.listings])
    lowest = np.full((prepared.panel.days, len(names)), np.nan)
    for column, card in enumerate(card_of):
        lowest[:, card] = np.fmin(lowest[:, card], prepared.believed[:, column])
    change = later_change(lowest)
    row, card = predictions.lines.row, card_of[predictions.lines.column]
    price = prepared.believed[row, predictions.lines.column]
    cheapest = price == lowest[row, card]
    _, first = np.unique(np.where(cheapest, row * len(names) + card, -1), return_index=True)
    wanted = np.zeros(len(row), dtype=bool)
    wanted[first] = True
    wanted &= cheapest & np.isfinite(change[row, card])
    lines = Examples(predictions.lines.features, row, predictions.lines.column, change[row, card])
    return Predictions(lines, predictions.said, predictions.score, predictions.reference, predictions.models).take(
        wanted
    )
