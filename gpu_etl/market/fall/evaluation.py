"""How good probabilities of an event were, once it is known what happened.

Belongs here: the measures. Does not belong here: where predictions come from (``walk_forward``).

- ``auc``: how often a card-day that fell was ranked above one that did not; .5 is chance. Over many days much of it is
  knowing when, not which.
- ``within_day_auc``: the same among the cards of one day, averaged over the days by their card-days: which, not when.
- ``brier_skill``: by how much of it the mean squared error is below that of always saying the base rate of the
  training days; 0 is no better, negative is worse (Murphy 1973).
- ``ece``: expected calibration error, the mean distance of what was said from what happened over ten equally wide
  bands of probability (Naeini et al. 2015).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

SCORE_BANDS = (0, 20, 40, 60, 70, 80, 90, 100)
CALIBRATION_BANDS = 10


def auc(happened: Values, said: Values) -> float | None:
    """The area under the ROC curve, ties counted half; ``None`` where all or none happened."""
    positive = int(happened.sum())
    negative = len(happened) - positive
    if not positive or not negative:
        return None
    _, inverse, counts = np.unique(said, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    above = ranks[happened == 1].sum() - positive * (positive + 1) / 2
    return float(above / (positive * negative))


def within_day_auc(happened: Values, said: Values, day: NDArray[np.int64]) -> float | None:
    """The mean of the days' AUC, each day weighted by its lines; days on which all or none happened tell nothing."""
    found = [(auc(happened[lines], said[lines]), len(lines)) for lines in _by_day(day)]
    known = [(value, weight) for value, weight in found if value is not None]
    if not known:
        return None
    return float(np.average([value for value, _ in known], weights=[weight for _, weight in known]))


def _by_day(day: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    order = np.argsort(day, kind="stable")
    yield from (part for part in np.split(order, np.flatnonzero(np.diff(day[order])) + 1) if len(part))


def brier_skill(happened: Values, said: Values, reference: Values | float) -> float | None:
    """1 - error / error of the reference, a probability known beforehand; ``None`` where that makes no error."""
    of_reference = float(np.mean((reference - happened) ** 2))
    return 1 - float(np.mean((said - happened) ** 2)) / of_reference if of_reference else None


def calibration(happened: Values, said: Values) -> list[dict[str, Any]]:
    """Per band of probability that holds any line: n, mean of what was said, share that happened."""
    band = np.minimum((said * CALIBRATION_BANDS).astype(int), CALIBRATION_BANDS - 1)
    return [
        {
            "from": at / CALIBRATION_BANDS,
            "to": (at + 1) / CALIBRATION_BANDS,
            "n": int((band == at).sum()),
            "said": _rounded(said[band == at].mean()),
            "happened": _rounded(happened[band == at].mean()),
        }
        for at in range(CALIBRATION_BANDS)
        if (band == at).any()
    ]


def ece(happened: Values, said: Values) -> float:
    """The expected calibration error."""
    bands = calibration(happened, said)
    return float(sum(band["n"] * abs(band["said"] - band["happened"]) for band in bands) / len(happened))


def by_score_band(score: Values, said: Values, change: Values, fell: Values) -> list[dict[str, Any]]:
    """What became of the card-days of each band of scores: of 80 to 90, so many fell by 5 % or more."""
    bands: Sequence[tuple[int, int]] = list(pairwise(SCORE_BANDS))
    result = []
    for low, high in bands:
        inside = (score >= low) & ((score < high) | (high == SCORE_BANDS[-1]))
        known = {"probability": said, "fell": fell, "cheaper": change < 0, "mean_change": change}
        means = {name: _rounded(values[inside].mean()) if inside.any() else None for name, values in known.items()}
        result.append({"from": low, "to": high, "n": int(inside.sum()), **means})
    return result


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)
