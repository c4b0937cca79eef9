"""The required risk index, in one direction: higher is worse for whoever holds stock.

The requirement reads ``risk_index = (price - last week's average) + 0.3 x new-release mentions`` and calls a product
high-risk above a threshold. Taken literally its two halves pull apart: a falling price lowers the number, a rumour of
a successor raises it, and both are bad for stock. We keep the name, the parts and the 0.3, and turn the price half
round, so that one direction holds:

    loss       = last week's average - price          won; positive when the card lost value
    risk_index = loss + 0.3 x new-release mentions     high-risk above RISK_THRESHOLD, a positive loss in won

``formula_as_written`` keeps the literal arithmetic beside it. Mind the units: 0.3 won a post is next to nothing
beside any price change.

Belongs here: that formula and what it says when a part is unknown. Does not belong here: the parts themselves
(``changes``, ``signals``), or what an alert does with the result (``alerts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

WON_PER_MENTION = Decimal("0.3")
MENTION_DAYS = 7
"""New-release mentions are counted over this many market days, the day itself included."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The index of one card and day with its parts, in won; ``None`` where unknown, with the reason."""

    loss: Decimal | None
    mention_part: Decimal | None
    risk_index: Decimal | None
    formula_as_written: Decimal | None
    is_high_risk: bool | None
    reason: str | None


def risk(
    price: int | None,
    last_week_avg: Decimal | None,
    new_release_mentions: int | None,
    threshold: int,
    why_unknown: str | None = None,
    unread_days: int = 0,
) -> Risk:
    """Compute the index.

    ``why_unknown`` says why ``price`` or ``last_week_avg`` is ``None``. Without mentions (the community was not read)
    the index is the loss alone: the least it can be, since mentions only add; ``reason`` says so, and also where
    ``unread_days`` of the days that mentions are counted over were not read.
    """
    part = None if new_release_mentions is None else WON_PER_MENTION * new_release_mentions
    if price is None or last_week_avg is None:
        return Risk(None, part, None, None, None, why_unknown or "price or last week's average is unknown")
    loss = last_week_avg - price
    if part is None:
        unread = f"Reddit was not read in the last {MENTION_DAYS} days: the loss alone"
        return Risk(loss, None, loss, None, loss > threshold, unread)
    missing = f"Reddit was not read on {unread_days} of the last {MENTION_DAYS} days: there may be more mentions"
    return Risk(loss, part, loss + part, -loss + part, loss + part > threshold, missing if unread_days else None)
