"""A day put together from readings: whole, cut, blocked, never a silent zero."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gpu_etl.market.coverage import Reading, Verdict, judge
from gpu_etl.sources.records import CoverageStatus

SEOUL = ZoneInfo("Asia/Seoul")
START = datetime(2026, 3, 5, tzinfo=SEOUL)
END = START + timedelta(days=1)


def held(first: float, last: float, refused: int = 0) -> Reading:
    """A reading in hour ``last`` of the day that reaches back to hour ``first``."""
    status = CoverageStatus.COMPLETE
    return Reading("nvidia", "rss", at(last), at(first), status, 10, refused)


def failed(hour: float, status: CoverageStatus, reason: str) -> Reading:
    return Reading("nvidia", "rss", at(hour), None, status, 0, 0, reason)


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def verdict(*readings: Reading, now: float = 36) -> Verdict | None:
    return judge(START, END, readings, SEOUL, at(now))


def test_one_reading_that_spans_the_day_makes_it_whole() -> None:
    assert verdict(held(-30, 34)) == Verdict(CoverageStatus.COMPLETE)


def test_hourly_pieces_that_overlap_make_it_whole() -> None:
    assert verdict(*[held(hour - 1.5, hour) for hour in range(0, 26)]) == Verdict(CoverageStatus.COMPLETE)


def test_the_running_day_is_judged_up_to_the_last_attempt() -> None:
    assert verdict(held(-3, 10), now=10) == Verdict(CoverageStatus.COMPLETE)
    assert verdict(held(-3, 10), failed(14, CoverageStatus.BLOCKED, "429"), now=14) == Verdict(
        CoverageStatus.PARTIAL, "not read: 10:00 to 14:00"
    )
    assert verdict(held(-3, 10)) == Verdict(CoverageStatus.PARTIAL, "not read: 10:00 to 24:00")


def test_gaps_are_named_by_their_hours() -> None:
    found = verdict(held(2, 4), held(5.5, 9), held(30, 31))
    assert found == Verdict(CoverageStatus.PARTIAL, "not read: 00:00 to 02:00, 04:00 to 05:30, 09:00 to 24:00")


def test_many_gaps_are_counted() -> None:
    found = verdict(*[held(hour, hour + 1) for hour in range(0, 24, 2)], held(24, 25))
    assert found is not None
    assert found.reason == "not read: 01:00 to 02:00, 03:00 to 04:00, 05:00 to 06:00 and 9 more gaps"


@pytest.mark.parametrize("status", [CoverageStatus.BLOCKED, CoverageStatus.UNAVAILABLE, CoverageStatus.FAILED])
def test_a_day_of_failed_attempts_says_why(status: CoverageStatus) -> None:
    assert verdict(failed(3, CoverageStatus.FAILED, "first"), failed(10, status, "last")) == Verdict(status, "last")


def test_an_attempt_on_another_day_says_nothing() -> None:
    assert verdict(failed(30, CoverageStatus.BLOCKED, "429")) is None
    assert verdict(held(26, 30)) is None
    assert verdict() is None


def test_posts_that_could_not_be_understood_make_a_lower_bound() -> None:
    assert verdict(held(-1, 10, refused=2), now=10) == Verdict(
        CoverageStatus.PARTIAL, "2 posts could not be understood"
    )


def test_a_reading_that_holds_no_stretch_is_no_zero() -> None:
    found = verdict(Reading("nvidia", "rss", at(3), None, CoverageStatus.PARTIAL, 0, 0, "no post of it in the feed"))
    assert found == Verdict(CoverageStatus.PARTIAL, "no post of it in the feed")
