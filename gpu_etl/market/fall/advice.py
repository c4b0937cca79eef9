"""Buy or wait: one word for who wants a card, and how often that word was right.

Belongs here: where the line is, the words, and what counts as right. Does not belong here: the probability
(``model``), the backtest that says how often (``walk_forward``).

- wait: a fall of 5 % or more within 28 days is at least 20 % probable, twice the usual. Right when the price was lower
  28 days later, by however little.
- buy: it is less probable. Right when the price was not 5 % lower 28 days later.

From there up prices were lower 28 days later on 70 % of the listing-days of 2025-02 to 2026-03, and 2.5 % lower in the
mean (docs/risk.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.fall.labels import FALL

WAIT_FROM = 0.20
LEAST_CARD_DAYS = 200
"""Card-days of a backtest that a share must stand on to be told."""

BUY, WAIT, NOT_ENOUGH_DATA = "buy", "wait", "not_enough_data"


@dataclass(frozen=True, slots=True)
class Advice:
    """One word, the reason, and how often the word was right; ``None`` where no backtest says so."""

    advice: str
    reason: str
    probability: float | None = None
    right_share: float | None = None
    right_n: int | None = None


def how_often_right(said: NDArray[np.float64], change: NDArray[np.float64]) -> dict[str, Any]:
    """Per advice: card-days, the share on which it was right, and the mean change 28 days later."""
    wait = said >= WAIT_FROM
    right = np.where(wait, change < 0, change > -FALL)
    return {
        name: {
            "n": int(chosen.sum()),
            "right": round(float(right[chosen].mean()), 4) if chosen.any() else None,
            "mean_change": round(float(change[chosen].mean()), 4) if chosen.any() else None,
        }
        for name, chosen in ((BUY, ~wait), (WAIT, wait))
    }


def advise(probability: float | None, why_unknown: str | None, because: str, record: Mapping[str, Any]) -> Advice:
    """The advice for a probability of a fall.

    ``because`` names what moved the probability most, ``record`` is what :func:`how_often_right` found, may be empty.
    """
    if probability is None:
        return Advice(NOT_ENOUGH_DATA, why_unknown or "there is no risk score")
    word = WAIT if probability >= WAIT_FROM else BUY
    chance = f"{whole_percent(probability)}% that it costs at least {FALL:.0%} less in 28 days"
    reason = f"{chance}: {because}" if because else chance
    found = record.get(word) or {}
    known = (found.get("n") or 0) >= LEAST_CARD_DAYS
    return Advice(word, reason, probability, found["right"] if known else None, found["n"] if known else None)


def whole_percent(probability: float) -> int:
    """Rounded, but on its side of the line: what is just below it is not told as what waiting begins with."""
    whole = round(100 * probability)
    return whole - 1 if probability < WAIT_FROM <= whole / 100 else whole
