"""Alerts as events: opened once, closed when the danger has passed, armed again after that.

Belongs here: when an event of each kind begins and ends. Does not belong here: which numbers are watched
(``watching``), how an event is worded (``wording``) or delivered (``resources.delivery``), or who acknowledged it (that
stays with the stored row, whatever happens to the event).

Every kind has two thresholds, one that opens and a milder one that ends, so that a number swinging round the first is
one event, not ten: half of the threshold for risk, falls and rises, ten points for the score, two and three percent
for prices that stand at a target or at a low. An event whose subject is no longer measured is forgotten after a while;
until then silence changes nothing. A day is a function of the numbers of that day and of the events that were open
before it: computing it again gives the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What can be told, the most urgent first."""

    SOURCE_BLIND = "source_blind"
    """A source cannot be read, or its day looks blind; value: days without it."""
    TARGET_PRICE = "target_price"
    """A price that somebody waits for is reached; value: the price."""
    RISK = "risk"
    """The required risk index is above RISK_THRESHOLD; value: won."""
    RISK_SCORE = "risk_score"
    """The learned score is RISK_SCORE_THRESHOLD or more; value: 0 to 100."""
    DROP = "drop"
    """A price fell DROP_ALERT_PERCENT or more below a named baseline; value: that fall in percent, positive."""
    ALL_TIME_LOW = "all_time_low"
    """A price is below every one known before; value: the price."""
    RISE = "rise"
    """A price rose RISE_ALERT_PERCENT or more above last week's; value: percent."""
    BACK_IN_STOCK = "back_in_stock"
    """A card can be bought again; value: published days on which it could not."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When events of a kind open and end."""

    unit: str
    upward: bool = True
    """Opens above the threshold; else below."""
    at_threshold: bool = True
    """Opens at the threshold itself too."""
    rearm_share: Decimal = Decimal("0.5")
    rearm_offset: Decimal = Decimal(0)
    """An event ends at or beyond ``rearm_share`` x threshold + ``rearm_offset``."""
    forget_after: timedelta = timedelta(days=14)
    """An event ends when its subject was not measured for this long."""
    lasts: timedelta = timedelta(0)
    """An event stays for this long at least: news that a person should have a chance to see."""

    def opens(self, value: Decimal, threshold: Decimal) -> bool:
        """Whether ``value`` begins an event."""
        if value == threshold:
            return self.at_threshold
        return (value > threshold) is self.upward

    def ends(self, value: Decimal, threshold: Decimal) -> bool:
        """Whether ``value`` ends one."""
        rearm = self.rearm_share * threshold + self.rearm_offset
        return value <= rearm if self.upward else value > rearm


RULES: Mapping[Kind, Rule] = {
    Kind.SOURCE_BLIND: Rule("days", rearm_share=Decimal(0), forget_after=timedelta(days=3650)),
    Kind.TARGET_PRICE: Rule("won", upward=False, rearm_share=Decimal("1.02")),
    Kind.RISK: Rule("won", at_threshold=False),
    Kind.RISK_SCORE: Rule("score", rearm_share=Decimal(1), rearm_offset=Decimal(-10)),
    Kind.DROP: Rule("percent"),
    Kind.ALL_TIME_LOW: Rule("won", upward=False, at_threshold=False, rearm_share=Decimal("1.03")),
    Kind.RISE: Rule("percent"),
    Kind.BACK_IN_STOCK: Rule("days", rearm_share=Decimal(0), lasts=timedelta(days=7)),
}

Key = tuple[Kind, str]
"""Kind and subject: at most one event of each is open."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one kind measures of one subject on one day; ``value`` is ``None`` when unknown."""

    kind: Kind
    subject: str
    value: Decimal | None
    threshold: Decimal
    may_open: bool = True
    """Whether the number is believed enough to begin an event; one that is open ends all the same."""
    ends: str | None = None
    """Why an open event ends whatever the value."""
    subject_kind: str = "sku"
    product: str = ""
    chipset: str | None = None
    factors: Mapping[str, Any] = field(default_factory=dict)
    """What contributed, by name; values that JSON can hold."""

    @property
    def key(self) -> Key:
        """Kind and subject."""
        return self.kind, self.subject


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An event that has not ended."""

    kind: Kind
    subject: str
    opened_day: date
    last_reading_day: date
    """The last day before this one on which its subject was measured."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a day changes: which events begin, which end and why."""

    opened: list[Reading]
    closed: dict[Key, str]


def step(day: date, open_alerts: Mapping[Key, OpenAlert], readings: Iterable[Reading]) -> Step:
    """Move the events on by one day; ``open_alerts`` is their state before it."""
    by_key = {reading.key: reading for reading in readings}
    opened = [
        reading
        for key, reading in by_key.items()
        if key not in open_alerts
        and reading.value is not None
        and reading.may_open
        and reading.ends is None
        and RULES[reading.kind].opens(reading.value, reading.threshold)
    ]
    closed = {}
    for key, alert in open_alerts.items():
        reason = _end(day, alert, by_key.get(key))
        if reason is not None:
            closed[key] = reason
    return Step(opened, closed)


def _end(day: date, alert: OpenAlert, reading: Reading | None) -> str | None:
    """Why an open event ends on a day; ``None`` when it goes on."""
    rule = RULES[alert.kind]
    if reading is not None and reading.ends is not None:
        return reading.ends
    if reading is None or reading.value is None:
        if day - alert.last_reading_day > rule.forget_after:
            return f"nothing could be measured for {rule.forget_after.days} days"
        return None
    if day - alert.opened_day < rule.lasts or not rule.ends(reading.value, reading.threshold):
        return None
    return _RECOVERED[alert.kind].format(value=reading.value, days=rule.lasts.days)


_RECOVERED: Mapping[Kind, str] = {
    Kind.SOURCE_BLIND: "it can be read again",
    Kind.TARGET_PRICE: "the price is back at {value:,.0f} won",
    Kind.RISK: "risk index back at {value:,.0f} won",
    Kind.RISK_SCORE: "risk score back at {value:.0f}",
    Kind.DROP: "the fall is down to {value:.1f} %",
    Kind.ALL_TIME_LOW: "the price is back at {value:,.0f} won",
    Kind.RISE: "the rise is down to {value:.1f} %",
    Kind.BACK_IN_STOCK: "news for {days} days",
}
