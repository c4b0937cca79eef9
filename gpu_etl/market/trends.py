"""How much a keyword is talked about, and whether that grows.

Belongs here: mentions, share, growth and weighted score of one keyword on one day. Does not belong here: what counts
as a mention (``signals``), or the counting (``database.community``).

Growth compares the seven days that end with the day against the seven before: single days are too few posts to
compare, and the running day is never whole when it is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW_DAYS = 7
RISING_ABOVE_PCT = 50.0


@dataclass(frozen=True, slots=True)
class Trend:
    """One keyword on one day; ``None`` where a day was not read, with the reason."""

    mentions: int | None
    posts: int | None
    mentions_per_1000: float | None
    mentions_7d: int | None
    mentions_previous_7d: int | None
    growth_pct: float | None
    growth_reason: str | None
    is_rising: bool
    weighted_score: float | None


def window_sum(mentions: Mapping[date, int], last: date, days: int = WINDOW_DAYS) -> int | None:
    """Mentions of the ``days`` that end with ``last``; ``None`` when one of them was not read (is absent)."""
    window = [mentions.get(last - timedelta(days=back)) for back in range(days)]
    return None if None in window else sum(n or 0 for n in window)


def trend(day: date, mentions: Mapping[date, int], posts: int | None, weight: float) -> Trend:
    """Compute one keyword's row; ``mentions`` holds every day that was read, with 0 where nothing was found."""
    today = mentions.get(day)
    recent = window_sum(mentions, day)
    before = window_sum(mentions, day - timedelta(days=WINDOW_DAYS))
    growth, reason = _growth(recent, before)
    return Trend(
        mentions=today,
        posts=posts,
        mentions_per_1000=1000 * today / posts if today is not None and posts else None,
        mentions_7d=recent,
        mentions_previous_7d=before,
        growth_pct=growth,
        growth_reason=reason,
        is_rising=growth is not None and growth > RISING_ABOVE_PCT,
        weighted_score=None if today is None else today * weight,
    )


def _growth(recent: int | None, before: int | None) -> tuple[float | None, str | None]:
    if recent is None or before is None:
        return None, f"Reddit was not read on every one of the last {2 * WINDOW_DAYS} days"
    if before == 0:
        return None, "no mention in the week before"
    return 100 * (recent / before - 1), None
