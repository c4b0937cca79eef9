"""How much of a day was read, from the stretches of time that single readings hold.

Belongs here: joining readings to a verdict on one day. Does not belong here: reading (``resources.reddit``), storing
(``database.readings``).

A feed without a key holds a few hours, so a day is read in many pieces. It is whole when they leave no gap; whatever
was not read is named by its hours, because a count over it is a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gpu_etl.sources.records import CoverageStatus

READ = (CoverageStatus.COMPLETE, CoverageStatus.PARTIAL)
MOST_GAPS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One attempt to read one subreddit."""

    subreddit: str
    """In lower case."""
    read_from: str
    up_to: datetime
    """The moment of the reading; for an archive the end of what it holds."""
    back_to: datetime | None
    """From here to ``up_to`` nothing is missing; ``None`` when that is true of no moment."""
    status: CoverageStatus
    got: int
    refused: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well one subreddit was read on one day."""

    status: CoverageStatus
    reason: str | None = None


def judge(start: datetime, end: datetime, readings: Iterable[Reading], zone: ZoneInfo, now: datetime) -> Verdict | None:
    """Judge the day from ``start`` to ``end`` by all attempts on one subreddit; ``None`` when there was none.

    A day that is not over is judged up to ``now``, the moment of the last attempt. Reasons give hours in ``zone``.
    """
    readings = list(readings)
    held = _joined([(r.back_to, r.up_to) for r in readings if r.back_to is not None], start, end)
    asked = [reading for reading in readings if start <= reading.up_to < end]
    if not held:
        return _unread(asked)
    refused = max((reading.refused for reading in asked), default=0)
    gaps = _gaps(held, start, min(end, now))
    if gaps:
        named = ", ".join(_span(a, b, zone) for a, b in gaps[:MOST_GAPS_NAMED])
        more = f" and {len(gaps) - MOST_GAPS_NAMED} more gaps" if len(gaps) > MOST_GAPS_NAMED else ""
        return Verdict(CoverageStatus.PARTIAL, f"not read: {named}{more}")
    if refused:
        return Verdict(CoverageStatus.PARTIAL, f"{refused} posts could not be understood")
    return Verdict(CoverageStatus.COMPLETE)


def _joined(
    stretches: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches within the day, in order, those that touch as one."""
    joined: list[tuple[datetime, datetime]] = []
    for first, last in sorted((max(first, start), min(last, end)) for first, last in stretches):
        if first >= last:
            continue
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _gaps(held: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    edges = [start, *(moment for stretch in held for moment in stretch), end]
    return [(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True) if first < last]


def _span(first: datetime, last: datetime, zone: ZoneInfo) -> str:
    first, last = first.astimezone(zone), last.astimezone(zone)
    ends = "24:00" if last.date() > first.date() else f"{last:%H:%M}"
    return f"{first:%H:%M} to {ends}"


def _unread(asked: Sequence[Reading]) -> Verdict | None:
    """What to say of a day of which no stretch is held: the best that an attempt on it came to."""
    if not asked:
        return None
    seen = [reading for reading in asked if reading.status in READ]
    if seen:
        return Verdict(CoverageStatus.PARTIAL, seen[-1].reason or "read, but not from when on")
    last = max(asked, key=lambda reading: reading.up_to)
    return Verdict(last.status, last.reason)
