"""What is watched: from a day's numbers to the readings that alerts are made of.

Belongs here: which number each kind measures, against what, and whether it is believed. Does not belong here: when an
event begins and ends (``alerts``), the numbers themselves (``changes``, ``index``, ``risk``).

Whether a number is believed depends on its chipset (the gates of ``index``):

- Falls, rises, lows, the score and cards that are back need a chipset that is ``published``. Where few cards are left,
  prices are those of the last shop that still lists one, and they jump.
- The required risk index opens events everywhere but at the ``end_of_life`` of a chipset: it was asked for per card,
  and compares a card with nothing but itself.
- A target is told whatever the status: somebody asked for that very price, and a trusted offer is one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from gpu_etl.market.alerts import Kind, Reading
from gpu_etl.market.gates import GATE

BACK_AFTER_DAYS = 7
"""A card that could not be bought on this many published days in a row is news when it is back."""
BACK_AT_ONCE = 20
BACK_AT_ONCE_SHARE = 0.05
"""Cards, and share of a day's cards, that can be back on one day and be believed."""
LOW_NEEDS_DAYS = 60
"""Days with a price, of the last 90, below which a lowest price says little."""
BLIND_AFTER_DAYS = 2
"""A source without a reading for this long is blind even where no attempt failed: yesterday passed without one."""
UNREAD = ("blocked", "unavailable", "failed")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a fall is measured against."""

    column: str
    """Of ``price_changes``."""
    words: str


BASELINES: Mapping[str, Baseline] = {
    "last_week": Baseline("last_week_avg", "last week's average"),
    "high_28": Baseline("high_28", "the highest price of 28 days"),
    "high_90": Baseline("high_90", "the highest price of 90 days"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds that a person sets."""

    risk_score: int = 90
    drop_percent: Decimal = Decimal(10)
    drop_baseline: str = "last_week"
    rise_percent: Decimal = Decimal(10)


def day_readings(rows: Sequence[Row], limits: Limits, published_days: Sequence[date]) -> Iterator[Reading]:
    """All kinds that watch cards, over all cards of a day; ``rows`` and ``published_days`` as in :func:`card_readings`.

    Where many cards are back on the same day, it is the source that is back: imported files hold spells in which half
    of the market is missing (140 cards came "back" on one day of 2026, where 2 do on most).
    """
    readings = [reading for row in rows for reading in card_readings(row, limits, published_days)]
    back = sum(reading.kind is Kind.BACK_IN_STOCK and (reading.value or 0) >= BACK_AFTER_DAYS for reading in readings)
    believed = back <= max(BACK_AT_ONCE, BACK_AT_ONCE_SHARE * len(rows))
    for reading in readings:
        yield reading if believed or reading.kind is not Kind.BACK_IN_STOCK else replace(reading, may_open=False)


def card_readings(row: Row, limits: Limits, published_days: Sequence[date]) -> Iterator[Reading]:
    """All kinds that watch a card.

    ``row`` is the card's row of ``price_changes`` with that of ``risk_scores`` beside it, and: product, chipset,
    chipset_status, risk_threshold, low_before and low_before_day (its lowest price before the day and since when),
    last_sold (the last day before with a price). ``published_days`` are the days with prices before it, in order.
    """
    solid = row["chipset_status"] == "published"

    def reading(kind: Kind, value: Any, threshold: Any, believed: bool, **factors: Any) -> Reading:
        return Reading(
            kind,
            row["sku_id"],
            _decimal(value),
            Decimal(threshold),
            believed,
            product=row["product"],
            chipset=row["chipset"],
            factors={"price": row["price"], **{name: plain(value) for name, value in factors.items()}},
        )

    if row["risk_threshold"] is not None:
        yield reading(
            Kind.RISK,
            row["risk_index"],
            row["risk_threshold"],
            row["chipset_status"] != "end_of_life",
            **_taken(row, "last_week_avg", "loss", "new_release_mentions", "mention_part"),
        )
    yield reading(
        Kind.RISK_SCORE,
        row["risk_score"],
        limits.risk_score,
        solid,
        **_taken(row, "probability", "won_at_risk", "score_parts", "model_version"),
    )
    baseline = BASELINES[limits.drop_baseline]
    against = {"baseline": baseline.words, "baseline_price": row[baseline.column]}
    yield reading(Kind.DROP, _fall(row["price"], row[baseline.column]), limits.drop_percent, solid, **against)
    against = {"baseline": BASELINES["last_week"].words, "baseline_price": row["last_week_avg"]}
    yield reading(Kind.RISE, row["change_pct"], limits.rise_percent, solid, **against)
    if row["low_before"] is not None:
        enough = solid and (row["days_90"] or 0) >= LOW_NEEDS_DAYS
        low = {"low_before": row["low_before"], "low_before_day": row["low_before_day"]}
        yield reading(Kind.ALL_TIME_LOW, row["price"], row["low_before"], enough, **low)
    absent = _absent_days(row, published_days)
    yield reading(Kind.BACK_IN_STOCK, absent, BACK_AFTER_DAYS, solid, last_sold=row["last_sold"])


def chipset_readings(row: Row, limits: Limits) -> Iterator[Reading]:
    """The kinds that watch a chipset as a whole, by its like-for-like index; ``row`` is of ``chipset_index``."""
    change = row["change_7d_pct"]
    for kind, value, threshold in (
        (Kind.DROP, None if change is None else -change, limits.drop_percent),
        (Kind.RISE, change, limits.rise_percent),
    ):
        yield Reading(
            kind,
            row["chipset"],
            _decimal(value),
            Decimal(threshold),
            row["status"] == "published",
            subject_kind="chipset",
            product=row["chipset"],
            chipset=row["chipset"],
            factors={
                "baseline": "its like-for-like index 7 days back",
                **{name: plain(row[name]) for name in ("index_value", "low_price", "cards")},
            },
        )


def target_readings(targets: Iterable[Row]) -> Iterator[Reading]:
    """Prices that somebody waits for.

    ``targets`` are rows of ``price_targets`` with price (the subject's lowest trusted price, ``None`` when it cannot be
    bought), product, chipset, best_sku_id and note beside them; ``target_price`` is ``None`` where the wish was
    withdrawn while its event is open.
    """
    for row in targets:
        withdrawn = row["target_price"] is None
        yield Reading(
            Kind.TARGET_PRICE,
            row["subject"],
            None if withdrawn else _decimal(row["price"]),
            Decimal(row["target_price"] or 0),
            ends="nobody waits for it any more" if withdrawn else None,
            subject_kind=row["subject_kind"],
            product=row["product"] or row["subject"],
            chipset=row["chipset"],
            factors={name: plain(row[name]) for name in ("price", "best_sku_id", "note") if row[name] is not None},
        )


@dataclass(frozen=True, slots=True)
class SourceDay:
    """What coverage tells of a source on a day."""

    source: str
    parts: Mapping[str, tuple[str, str | None]]
    """Status and reason by part; empty when it was not asked that day."""
    last_read: date | None
    """The last day before on which it could be read; ``None`` when there was none."""
    is_asked: bool = True
    """Whether the settings want it read at all."""


def source_reading(day: date, seen: SourceDay, *, is_due: bool = True) -> Reading:
    """Whether a source is blind on a day: its gate refused the day, or nothing of it could be read, or nobody asked it
    for :data:`BLIND_AFTER_DAYS` days. A source that was read in part is not blind. Until the day's reading is due, a
    try that failed says nothing.
    """
    since = (day - seen.last_read).days if seen.last_read else 1
    value, reason = _blindness(seen, since, is_due)
    return Reading(
        Kind.SOURCE_BLIND,
        seen.source,
        None if value is None else Decimal(value),
        Decimal(1),
        ends=None if seen.is_asked else "it is not asked any more",
        subject_kind="source",
        product=seen.source,
        factors={"reason": reason, "last_read": plain(seen.last_read)},
    )


def _blindness(seen: SourceDay, since: int, is_due: bool) -> tuple[int | None, str | None]:
    """Days without the source, and why; 0 when it can be read, ``None`` when that is not known."""
    gate = seen.parts.get(GATE)
    if gate is not None:
        return (since, gate[1]) if gate[0] in UNREAD else (0, None)
    parts = seen.parts.values()
    if any(status not in UNREAD for status, _ in parts):
        return 0, None
    if parts and is_due:
        return since, next((reason for _, reason in parts if reason), None)
    if seen.last_read is not None and since >= BLIND_AFTER_DAYS:
        return since, f"nothing was read since {seen.last_read}"
    return None, None


def _fall(price: int | None, baseline: Any) -> Decimal | None:
    """How far a price is below a baseline in percent; negative above it."""
    if price is None or not baseline:
        return None
    return 100 * (Decimal(baseline) - price) / Decimal(baseline)


def _absent_days(row: Row, published_days: Sequence[date]) -> int | None:
    """Published days on which a card that costs something today could not be bought; ``None`` when it cannot today."""
    if row["price"] is None:
        return None
    if row["last_sold"] is None:
        return 0  # it is new, not back
    first = bisect_right(published_days, row["last_sold"])
    return bisect_left(published_days, row["market_day"]) - first


def _taken(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
