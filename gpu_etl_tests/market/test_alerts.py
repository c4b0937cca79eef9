from datetime import date, timedelta
from decimal import Decimal

from gpu_etl.market.alerts import OpenAlert, Reading, step

DAY = date(2026, 3, 8)


def reading(index: int | None, sku: str = "a") -> Reading:
    return Reading(sku, None if index is None else Decimal(index), threshold=50_000)


def opened_before(days_silent: int = 1) -> dict[str, OpenAlert]:
    return {"a": OpenAlert("a", DAY - timedelta(days=10), DAY - timedelta(days=days_silent))}


def test_an_event_opens_above_the_threshold_only() -> None:
    assert [r.sku_id for r in step(DAY, {}, [reading(50_001), reading(50_000, "b")]).opened] == ["a"]


def test_an_open_event_is_not_opened_again() -> None:
    assert step(DAY, opened_before(), [reading(90_000)]).opened == []


def test_swinging_round_the_threshold_is_one_event() -> None:
    for index in (49_000, 51_000, 26_000):
        moved = step(DAY, opened_before(), [reading(index)])
        assert (moved.opened, moved.closed) == ([], {})


def test_half_the_threshold_ends_it() -> None:
    assert step(DAY, opened_before(), [reading(25_000)]).closed == {"a": "risk index back at 25,000 won"}


def test_it_arms_again_after_it_ended() -> None:
    assert [r.sku_id for r in step(DAY, {}, [reading(60_000)]).opened] == ["a"]


def test_an_unknown_index_changes_nothing_for_a_while() -> None:
    assert step(DAY, opened_before(), [reading(None)]).closed == {}
    assert step(DAY, opened_before(days_silent=14), []).closed == {}


def test_a_card_that_is_gone_is_forgotten() -> None:
    assert "14 days" in step(DAY, opened_before(days_silent=15), []).closed["a"]
