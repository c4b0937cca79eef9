"""The learned score of a day's cards, and the advice that follows from it.

Belongs here: read, score, put into rows. Does not belong here: the model (``market.fall.model``), learning it
(``learning``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.database import scoring
from gpu_etl.database.bulk import as_row
from gpu_etl.database.panel import read_panel, read_talk
from gpu_etl.database.prices import OBSERVED_BY_IMPORTS
from gpu_etl.market.fall import advice
from gpu_etl.market.fall.features import NAMES, READ_DAYS, Features, day_features, prepare
from gpu_etl.market.fall.words import because, parts_in_words
from gpu_etl.market.signals import Rules
from gpu_etl.settings import Settings

LEAST_DAYS_LISTED = 7
"""Days of the last 28 on which a listing must have had a price, to be scored."""
NO_LINE = -1
NOTHING_KNOWN = dict.fromkeys(
    ("risk_score", "probability", "won_at_risk", "model_version", "model_trained_from", "model_trained_to",
     "score_parts")
)  # fmt: skip


def scores(
    connection: Connection[DictRow],
    day: date,
    cards: Sequence[Mapping[str, Any]],
    settings: Settings,
    rules: Rules,
) -> list[dict[str, Any]]:
    """The score columns of ``risk_scores`` for cards (rows of ``price_changes``), in their order.

    A card has the score of the listing that makes its price. What is read does not grow with the history.
    """
    chipsets = catalog.recent() | catalog.scope(settings.chipsets)
    first = day - timedelta(days=READ_DAYS - 1)
    said = read_talk(connection, first, day, rules.new_release_labels)
    prepared = prepare(read_panel(connection, first, day, chipsets), said)
    columns, features = day_features(prepared, prepared.panel.days - 1)
    listings = [prepared.panel.listings[column] for column in columns]
    place = {(listing.source, listing.listing_id): at for at, listing in enumerate(listings)}
    days_listed = np.rint(28 * features[:, NAMES.index("days_listed_28d")]).astype(int)
    lines = [place.get((_crawled(card["best_source"]), card["best_listing_id"]), NO_LINE) for card in cards]
    unknown = [
        _why_unknown(card, None if line == NO_LINE else int(days_listed[line]))
        for card, line in zip(cards, lines, strict=True)
    ]
    # The others are read for what they say of their chipset and maker; following the trees is half of scoring.
    known = [(line, card["price"]) for line, card, why in zip(lines, cards, unknown, strict=True) if why is None]
    told = _told(scoring.scorer(connection), features[[line for line, _ in known]], [price for _, price in known])
    return [next(told) if reason is None else {**NOTHING_KNOWN, "score_reason": reason} for reason in unknown]


def _crawled(source: str | None) -> str | None:
    """The source whose listing it is: imported files observe those of the crawl."""
    return OBSERVED_BY_IMPORTS.get(source, source) if source else None


def _why_unknown(card: Mapping[str, Any], days_listed: int | None) -> str | None:
    """Why a card has no score; ``days_listed`` is ``None`` where its price of the day is not believed."""
    if card["price"] is None:
        return card["reason"] or "no price today"
    if days_listed is None:
        return "today's price is not believed before it is seen again"
    if days_listed < LEAST_DAYS_LISTED:
        return f"not enough data: {days_listed} days of prices in 28, {LEAST_DAYS_LISTED} are needed"
    return None


def _told(by: scoring.Scorer, features: Features, prices: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The score columns of a line of features each, at its price."""
    probability, _, parts = by.model.parts(features)
    score = by.model.score(probability)
    learned = by.model.learned_parts
    for at, price in enumerate(prices):
        yield {
            "risk_score": round(float(score[at]), 1),
            "probability": round(float(probability[at]), 4),
            "won_at_risk": round(float(probability[at]) * by.model.mean_fall * price),
            "score_reason": by.stands_on,
            "model_version": by.version,
            "model_trained_from": by.model.trained_from,
            "model_trained_to": by.model.trained_to,
            "score_parts": parts_in_words(features[at], parts[at], price, by.model.mean_fall, learned),
        }


def advice_rows(
    day: date,
    cards: Sequence[Mapping[str, Any]],
    statuses: Mapping[str, tuple[str, str | None]],
    record: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The day's rows of ``buying_advice``: each card by its score, each chipset by the mean of its cards.

    ``cards`` have sku_id, chipset, probability, score_parts and score_reason; ``statuses`` are the chipsets' index
    statuses with their reasons; ``record`` is how often either advice was right.
    """
    rows = []
    by_chipset: dict[str, list[float]] = defaultdict(list)
    for card in cards:
        rows.append(_row(day, card["sku_id"], "sku", _of_card(card, record)))
        if card["probability"] is not None:
            by_chipset[card["chipset"]].append(card["probability"])
    for chipset, (status, reason) in sorted(statuses.items()):
        said = _of_chipset(by_chipset.get(chipset, []), status, reason, record)
        rows.append(_row(day, chipset, "chipset", said))
    return rows


def _of_card(card: Mapping[str, Any], record: Mapping[str, Any]) -> advice.Advice:
    probability, parts = card["probability"], card["score_parts"] or []
    if probability is None:
        return advice.advise(None, card["score_reason"], "", record)
    base = probability - sum(part["points"] for part in parts) / 100
    return advice.advise(probability, None, because(parts, probability, base), record)


def _of_chipset(
    probabilities: Sequence[float], status: str, reason: str | None, record: Mapping[str, Any]
) -> advice.Advice:
    if status not in ("published", "thin"):
        return advice.Advice(advice.NOT_ENOUGH_DATA, reason or status)
    if not probabilities:
        return advice.Advice(advice.NOT_ENOUGH_DATA, "none of its cards has a risk score")
    mean = sum(probabilities) / len(probabilities)
    many = f"the mean of {len(probabilities)} cards" if len(probabilities) > 1 else "of its one card"
    return advice.advise(round(mean, 4), None, many, record)


def _row(day: date, subject: str, kind: str, said: advice.Advice) -> dict[str, Any]:
    return {"subject": subject, "market_day": day, "subject_kind": kind, **as_row(said)}
