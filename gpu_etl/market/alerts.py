"""Alerts as events: opened once, closed when the danger has passed, armed again after that.

Belongs here: when an event begins and ends. Does not belong here: how it is told (``resources.notifier``), or who
acknowledged it (that stays with the stored row, whatever happens to the event).

An event opens above the threshold and closes only at half of it, so that an index swinging round the threshold is one
event, not ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

REARM_SHARE = Decimal("0.5")
"""An event ends when the index is at or below this share of the threshold."""
FORGET_AFTER = timedelta(days=14)
"""An event ends when its card has had no index for this long."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The risk index of one card on one day; ``None`` when unknown."""

    sku_id: str
    risk_index: Decimal | None
    threshold: int


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An event that has not ended."""

    sku_id: str
    opened_day: date
    last_reading_day: date
    """The last day before this one on which its card had an index."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a day changes: which cards open an event, which events end and why."""

    opened: list[Reading]
    closed: dict[str, str]


def step(day: date, open_alerts: Mapping[str, OpenAlert], readings: Iterable[Reading]) -> Step:
    """Move the events on by one day; ``open_alerts`` is their state before it, by card."""
    known = {reading.sku_id: reading for reading in readings if reading.risk_index is not None}
    opened = [
        r
        for r in known.values()
        if r.sku_id not in open_alerts and r.risk_index is not None and r.risk_index > r.threshold
    ]
    closed = {}
    for sku_id, alert in open_alerts.items():
        reading = known.get(sku_id)
        if reading is None:
            if day - alert.last_reading_day > FORGET_AFTER:
                closed[sku_id] = f"no price change could be computed for {FORGET_AFTER.days} days"
        elif reading.risk_index is not None and reading.risk_index <= REARM_SHARE * reading.threshold:
            closed[sku_id] = f"risk index back at {reading.risk_index:,.0f} won"
    return Step(opened, closed)
