"""How much a keyword is talked about, and whether that grows.

Belongs here: mentions, share, growth and weighted score of one keyword on one day. Does not belong here: what counts
as a mention (``signals``), or the counting (``database.community``).

Growth compares the last seven days that are over against the seven before: single days are too few posts to compare,
and the running day has only its first hours when it is computed. Counts are compared only where both weeks were read
without a gap and in the same subreddits, since half a reading looks like half the talk. The share, mentions per 1,000
posts, bears a reading in part: what is missing is missing from both its sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW_DAYS = 7
RISING_ABOVE_PCT = 50.0


@dataclass(frozen=True, slots=True)
class Counted:
    """One keyword on one day that was read at least in part."""

    mentions: int
    posts: int
    """Posts that were searched."""
    parts: frozenset[str] = frozenset()
    """The subreddits that were read."""
    is_whole: bool = True
    """Whether each of them was read without a gap."""
    is_over: bool = True
    """Whether the day had ended when it was last read."""


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
    share_growth_pct: float | None
    is_rising: bool
    weighted_score: float | None


def trend(day: date, counted: Mapping[date, Counted], weight: float) -> Trend:
    """Compute one keyword's row; ``counted`` holds every day that was read, with 0 where nothing was found."""
    today = counted.get(day)
    last = day if today is not None and today.is_over else day - timedelta(days=1)
    recent, before = _window(counted, last), _window(counted, last - timedelta(days=WINDOW_DAYS))
    growth, reason = _growth(recent, before)
    share_growth = _share_growth(recent, before)
    decisive = share_growth if growth is None else growth
    return Trend(
        mentions=today.mentions if today else None,
        posts=today.posts if today else None,
        mentions_per_1000=1000 * today.mentions / today.posts if today and today.posts else None,
        mentions_7d=_sum(recent),
        mentions_previous_7d=_sum(before),
        growth_pct=growth,
        growth_reason=reason,
        share_growth_pct=share_growth,
        is_rising=decisive is not None and decisive > RISING_ABOVE_PCT,
        weighted_score=today.mentions * weight if today else None,
    )


def _window(counted: Mapping[date, Counted], last: date) -> list[Counted]:
    """The days that were read among the seven that end with ``last``."""
    days = (last - timedelta(days=back) for back in range(WINDOW_DAYS))
    return [counted[day] for day in days if day in counted]


def _sum(window: Sequence[Counted]) -> int | None:
    return sum(day.mentions for day in window) if len(window) == WINDOW_DAYS else None


def _growth(recent: Sequence[Counted], before: Sequence[Counted]) -> tuple[float | None, str | None]:
    days = [*recent, *before]
    if missing := 2 * WINDOW_DAYS - len(days):
        return None, f"Reddit was not read on {missing} of the {2 * WINDOW_DAYS} days"
    if cut := sum(not day.is_whole for day in days):
        return None, f"Reddit was read only in part on {cut} of the {2 * WINDOW_DAYS} days: compare shares"
    if len({day.parts for day in days}) > 1:
        return None, "not the same subreddits were read on all days: compare shares"
    was = sum(day.mentions for day in before)
    if was == 0:
        return None, "no mention in the week before"
    return 100 * (sum(day.mentions for day in recent) / was - 1), None


def _share_growth(recent: Sequence[Counted], before: Sequence[Counted]) -> float | None:
    if len(recent) + len(before) < 2 * WINDOW_DAYS:
        return None
    now, was = _share(recent), _share(before)
    return 100 * (now / was - 1) if now is not None and was else None


def _share(window: Sequence[Counted]) -> float | None:
    posts = sum(day.posts for day in window)
    return sum(day.mentions for day in window) / posts if posts else None
