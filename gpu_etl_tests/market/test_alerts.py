from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.market.alerts import RULES, Kind, OpenAlert, Reading, step

DAY = date(2026, 3, 8)
A = (Kind.RISK, "a")


def reading(index: int | None, sku: str = "a") -> Reading:
    return Reading(Kind.RISK, sku, None if index is None else Decimal(index), threshold=Decimal(50_000))


def opened_before(days_silent: int = 1, kind: Kind = Kind.RISK, days: int = 10) -> dict[tuple[Kind, str], OpenAlert]:
    return {(kind, "a"): OpenAlert(kind, "a", DAY - timedelta(days=days), DAY - timedelta(days=days_silent))}


def test_an_event_opens_above_the_threshold_only() -> None:
    assert [r.subject for r in step(DAY, {}, [reading(50_001), reading(50_000, "b")]).opened] == ["a"]


def test_an_open_event_is_not_opened_again() -> None:
    assert step(DAY, opened_before(), [reading(90_000)]).opened == []


def test_swinging_round_the_threshold_is_one_event() -> None:
    for index in (49_000, 51_000, 26_000):
        moved = step(DAY, opened_before(), [reading(index)])
        assert (moved.opened, moved.closed) == ([], {})


def test_half_the_threshold_ends_it() -> None:
    assert step(DAY, opened_before(), [reading(25_000)]).closed == {A: "risk index back at 25,000 won"}


def test_it_arms_again_after_it_ended() -> None:
    assert [r.subject for r in step(DAY, {}, [reading(60_000)]).opened] == ["a"]


def test_an_unknown_index_changes_nothing_for_a_while() -> None:
    assert step(DAY, opened_before(), [reading(None)]).closed == {}
    assert step(DAY, opened_before(days_silent=14), []).closed == {}


def test_a_card_that_is_gone_is_forgotten() -> None:
    assert "14 days" in step(DAY, opened_before(days_silent=15), []).closed[A]


@pytest.mark.parametrize(
    ("kind", "threshold", "opens", "stays_armed", "goes_on", "ends"),
    [
        (Kind.RISK, 50_000, 50_001, 50_000, 25_001, 25_000),
        (Kind.RISK_SCORE, 70, 70, 69.9, 60.1, 60),
        (Kind.TARGET_PRICE, 800_000, 800_000, 800_001, 816_000, 816_001),
        (Kind.DROP, 10, 10, 9.9, 5.1, 5),
        (Kind.RISE, 10, 10, 9.9, 5.1, 5),
        (Kind.ALL_TIME_LOW, 800_000, 799_999, 800_000, 824_000, 824_001),
        (Kind.BACK_IN_STOCK, 7, 7, 6, 1, 0),
        (Kind.SOURCE_BLIND, 1, 1, 0, 1, 0),
    ],
)
def test_each_kind_has_a_threshold_that_opens_and_a_milder_one_that_ends(
    kind: Kind, threshold: float, opens: float, stays_armed: float, goes_on: float, ends: float
) -> None:
    def at(value: float) -> Reading:
        return Reading(kind, "a", Decimal(str(value)), Decimal(threshold))

    assert step(DAY, {}, [at(opens)]).opened
    assert not step(DAY, {}, [at(stays_armed)]).opened
    assert not step(DAY, opened_before(kind=kind), [at(goes_on)]).closed
    assert step(DAY, opened_before(kind=kind), [at(ends)]).closed


@given(kind=st.sampled_from(list(Kind)), value=st.decimals(-100, 2_000_000, places=2), threshold=st.integers(11, 10**6))
def test_no_number_both_opens_and_ends_an_event(kind: Kind, value: Decimal, threshold: int) -> None:
    rule = RULES[kind]
    assert not (rule.opens(value, Decimal(threshold)) and rule.ends(value, Decimal(threshold)))


@given(st.lists(st.one_of(st.none(), st.integers(-50_000, 150_000)), max_size=60))
def test_events_of_a_subject_follow_one_another_and_never_overlap(series: list[int | None]) -> None:
    is_open: dict[tuple[Kind, str], OpenAlert] = {}
    last = DAY
    for number, index in enumerate(series):
        day = DAY + timedelta(days=number)
        moved = step(day, is_open, [reading(index)])
        assert step(day, is_open, [reading(index)]) == moved, "the same day again is the same"
        assert not (moved.opened and moved.closed)
        assert bool(moved.opened) <= (not is_open and index is not None and index > 50_000)
        last = day if index is not None else last
        is_open = {key: alert for key, alert in is_open.items() if key not in moved.closed}
        is_open |= {each.key: OpenAlert(each.kind, each.subject, day, day) for each in moved.opened}
        is_open = {key: OpenAlert(*key, alert.opened_day, last) for key, alert in is_open.items()}
        assert len(is_open) <= 1


def test_news_stays_a_week() -> None:
    gone = Reading(Kind.BACK_IN_STOCK, "a", Decimal(0), Decimal(7))
    assert not step(DAY, opened_before(kind=Kind.BACK_IN_STOCK, days=6), [gone]).closed
    assert step(DAY, opened_before(kind=Kind.BACK_IN_STOCK, days=7), [gone]).closed


def test_a_number_that_is_not_believed_opens_nothing_and_still_ends() -> None:
    doubtful = Reading(Kind.DROP, "a", Decimal(40), Decimal(10), may_open=False)
    assert step(DAY, {}, [doubtful]).opened == []
    recovered = Reading(Kind.DROP, "a", Decimal(1), Decimal(10), may_open=False)
    assert step(DAY, opened_before(kind=Kind.DROP), [recovered]).closed


def test_what_nobody_asks_for_any_more_ends_and_does_not_open() -> None:
    withdrawn = Reading(Kind.TARGET_PRICE, "a", None, Decimal(0), ends="nobody waits for it any more")
    assert step(DAY, {}, [withdrawn]).opened == []
    assert step(DAY, opened_before(kind=Kind.TARGET_PRICE), [withdrawn]).closed == {
        (Kind.TARGET_PRICE, "a"): "nobody waits for it any more"
    }


def test_kinds_of_one_card_are_events_of_their_own() -> None:
    moved = step(DAY, opened_before(), [reading(90_000), Reading(Kind.DROP, "a", Decimal(12), Decimal(10))])
    assert [r.kind for r in moved.opened] == [Kind.DROP]
