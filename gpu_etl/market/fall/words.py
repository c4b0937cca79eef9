"""The parts of a risk score in words: what was seen, and what it did to the probability.

Belongs here: a sentence a part, and won beside its points. Does not belong here: the parts' arithmetic
(``model``), the alert's or the page's own wording.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import exp, isnan
from typing import Any

from gpu_etl.market.fall.features import MAX_SUCCESSOR_DAYS, NAMES, WINDOW_DAYS
from gpu_etl.market.fall.model import PARTS
from gpu_etl.market.fall.trees import Values

UNWEIGHED = " (no weight in this model)"
Known = Mapping[str, float]
"""A card-day's features that are known, by name."""


def parts_in_words(
    features: Values, points: Values, price: int, mean_fall: float, learned: Collection[str] = PARTS
) -> list[dict[str, Any]]:
    """One card-day's parts for people, the largest first.

    Each has ``part``; ``words`` and ``value``, the number in them; ``points``, what it adds to the probability in
    percentage points; ``won``, the same in won at risk. A part that the model has not ``learned`` is told all the same.
    """
    known = {name: value for name, value in zip(NAMES, features.tolist(), strict=True) if not isnan(value)}
    told: list[dict[str, Any]] = []
    for part, share in zip(PARTS, points.tolist(), strict=True):
        value, words = SAID[part](known)
        if part not in learned:
            words += UNWEIGHED
        told.append(
            {
                "part": part,
                "value": value,
                "points": round(100 * share, 1),
                "won": round(share * mean_fall * price),
                "words": words,
            }
        )
    return sorted(told, key=lambda part: -abs(part["points"]))


def because(parts: list[dict[str, Any]], probability: float, base: float) -> str:
    """What speaks most for the side on which a probability lies: the words of its largest parts."""
    sign = 1 if probability >= base else -1
    speaking = [part["words"] for part in parts if sign * part["points"] > 0]
    return "; ".join(speaking[:2])


def _trend(known: Known) -> tuple[float | None, str]:
    for days in (28, 14, 7):
        if f"change_{days}d" in known:
            change = _percent(known[f"change_{days}d"])
            return change, f"its price {_moved(change)} in {days} days"
    return None, "its price of a week ago is not known"


def _range(known: Known) -> tuple[float | None, str]:
    above, below = _percent(known["above_low_90d"]), _percent(known["below_high_90d"])
    return above, f"it costs {above:.1f} % more than its 90-day low, its high is {below:.1f} % above"


def _restlessness(known: Known) -> tuple[float | None, str]:
    days, ago = known["changes_28d"], known["days_unchanged"]
    words = f"its price changed on {days:.0f} of 28 days"
    # Where no change is known the feature is as long as its window, however short the listing's history.
    return days, words if ago >= WINDOW_DAYS - 1 else f"{words}, last {ago:.0f} days ago"


def _sellers(known: Known) -> tuple[float | None, str]:
    if "sellers" not in known:
        return None, "how many shops sell it is not told"
    now = exp(known["sellers"]) - 1
    if "sellers_change_28d" not in known:
        return round(now), f"{now:.0f} shops sell it"
    before = exp(known["sellers"] - known["sellers_change_28d"]) - 1
    return round(now), f"{now:.0f} shops sell it, {before:.0f} did 28 days ago"


def _stock(known: Known) -> tuple[float | None, str]:
    days = round(28 * known["days_listed_28d"])
    return days, f"it had a price on {days} of 28 days"


def _siblings(known: Known) -> tuple[float | None, str]:
    above = _percent(known["above_siblings"])
    side = "above" if above >= 0 else "below"
    return above, f"it costs {abs(above):.1f} % {side} the median of its chipset"


def _brand(known: Known) -> tuple[float | None, str]:
    return _group(known, "brand", "its maker's cards")


def _chipset(known: Known) -> tuple[float | None, str]:
    return _group(known, "chipset", "cards of its chipset")


def _market(known: Known) -> tuple[float | None, str]:
    return _group(known, "market", "all cards")


def _group(known: Known, prefix: str, who: str) -> tuple[float | None, str]:
    for days in (28, 7):
        if f"{prefix}_change_{days}d" in known:
            change = _percent(known[f"{prefix}_change_{days}d"])
            return change, f"{who} {_moved(change)} in {days} days"
    return None, f"what {who} cost a week ago is not known"


def _launches(known: Known) -> tuple[float | None, str]:
    after = known.get("successor_age")
    if after is not None:
        longer = " or more" if after >= MAX_SUCCESSOR_DAYS else ""
        return after, f"its successor came out {after:.0f}{longer} days ago"
    age = known.get("chipset_age")
    if age is None:
        return None, "its chipset's launch is not known or to come"
    return age, f"its chipset came out {age:.0f} days ago and has no successor yet"


def _premium(known: Known) -> tuple[float | None, str]:
    if "premium" not in known:
        return None, "its chipset's launch price is not known"
    won = exp(known["premium"])
    typical = exp(known["chipset_premium"])
    return round(won), f"it costs {won:,.0f} won for a dollar of the launch price, its chipset {typical:,.0f}"


def _talk(known: Known) -> tuple[float | None, str]:
    if "talk_share_28d" not in known:
        return None, "what Reddit says of its chipset is not known"
    share = round(100 * known["talk_share_28d"], 1)
    words = f"its chipset has {share:.1f} % of the talk of 28 days"
    if "successor_news_28d" not in known:
        return share, words
    return share, f"{words}, its successor {known['successor_news_28d']:.1f} new-release posts in 1,000"


def _percent(log_change: float) -> float:
    return round(100 * (exp(log_change) - 1), 1)


def _moved(percent: float) -> str:
    if percent == 0:
        return "stood still"
    return f"{'rose' if percent > 0 else 'fell'} {abs(percent):.1f} %"


SAID: Mapping[str, Callable[[Known], tuple[float | None, str]]] = {
    "trend": _trend,
    "range": _range,
    "restlessness": _restlessness,
    "sellers": _sellers,
    "stock": _stock,
    "siblings": _siblings,
    "brand": _brand,
    "chipset": _chipset,
    "launches": _launches,
    "premium": _premium,
    "market": _market,
    "talk": _talk,
}
