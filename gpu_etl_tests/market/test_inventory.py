"""What a stock is worth, what it may lose in a week, and what to sell first."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.market.inventory import BY_LAST_WEEK, BY_SCORE, Valued, value_stock


def row(**more: Any) -> dict[str, Any]:
    return {
        "item_id": "1", "title": "MSI 5070", "sku_id": "a", "identity_reason": None, "product": "MSI RTX 5070",
        "quantity": 10, "unit_cost": 900_000, "received_day": None, "price": 880_000, "payable_price": 890_000,
        "price_reason": None, "loss": Decimal(20_000), "won_at_risk": 40_000, "risk_score": Decimal(81),
        "score_words": "it rose by a fifth last month", **more,
    }  # fmt: skip


def valued(**more: Any) -> Valued:
    [line], _ = value_stock([row(**more)])
    return line


def test_a_line_is_worth_what_the_cheapest_shop_asks() -> None:
    line = valued()
    assert (line.value, line.payable, line.gain, line.gain_pct) == (8_800_000, 890_000, -200_000, -2.2)


def test_a_week_risks_a_quarter_of_what_the_score_expects() -> None:
    line = valued()
    assert (line.risk_week, line.risk_basis, line.sell_rank) == (100_000, BY_SCORE, 1)
    assert line.why == (
        "10,000 won a week at risk on each piece of 880,000 (1.1 %); score 81: it rose by a fifth last month; "
        "20,000 below cost already"
    )


def test_the_reason_of_a_single_card_names_the_won_that_stand_beside_it() -> None:
    line = valued(quantity=1, won_at_risk=10_002)
    assert line.risk_week == 2_501
    assert line.why.startswith("2,501 won a week at risk")


def test_without_a_score_last_weeks_loss_is_carried_on_and_said_so() -> None:
    line = valued(won_at_risk=None, risk_score=None)
    assert (line.risk_week, line.risk_basis) == (200_000, BY_LAST_WEEK)
    assert "what it lost against last week" in line.why
    rose = valued(won_at_risk=None, risk_score=None, loss=Decimal(-5_000))
    assert (rose.risk_week, rose.sell_rank, rose.why) == (0, None, "no hurry: it lost nothing against last week")


def test_unknown_is_none_with_its_reason() -> None:
    stranger = valued(sku_id=None, price=None, identity_reason="no chipset in the title")
    assert (stranger.value, stranger.gain, stranger.risk_week, stranger.sell_rank) == (None, None, None, None)
    assert stranger.value_reason == stranger.gain_reason == stranger.risk_reason == "no chipset in the title"
    unpriced = valued(price=None, price_reason="no new listing in stock")
    assert unpriced.value_reason == "no new listing in stock"
    assert valued(unit_cost=None).gain_reason == "the file tells no unit cost"
    assert valued(won_at_risk=None, loss=None).risk_reason == "neither a score nor last week's price is known"


def test_totals_say_what_they_leave_out() -> None:
    _, totals = value_stock([row(), row(item_id="2", price=None), row(item_id="3", unit_cost=None)])
    assert (totals.lines, totals.pieces) == (3, 30)
    assert (totals.value, totals.value_left_out) == (17_600_000, 1)
    assert (totals.gain, totals.gain_left_out) == (-200_000, 2)
    assert (totals.risk_week, totals.risk_left_out) == (200_000, 1)
    _, nothing = value_stock([row(price=None)])
    assert (nothing.value, nothing.sell_first) == (None, None), "unknown is not 0"


def test_the_line_that_loses_most_is_sold_first() -> None:
    few_dear = row(item_id="2", quantity=2, won_at_risk=160_000, product="ASUS 5090")
    lines, totals = value_stock([few_dear, row()])
    assert [(line.item_id, line.sell_rank) for line in lines] == [("1", 1), ("2", 2)]
    assert totals.sell_first is not None
    assert totals.sell_first.startswith("10 x MSI RTX 5070: 10,000 won a week at risk")


@given(st.integers(1, 5_000_000), st.integers(0, 1_000_000), st.integers(1, 1_000_000), st.integers(1, 1000))
def test_more_at_risk_is_never_sold_later(price: int, at_risk: int, more: int, quantity: int) -> None:
    rows = [
        row(item_id="less", price=price, won_at_risk=at_risk, quantity=quantity),
        row(item_id="more", price=price, won_at_risk=at_risk + 4 * more, quantity=quantity),
    ]
    lines, _ = value_stock(rows)
    assert lines[0].item_id == "more"
