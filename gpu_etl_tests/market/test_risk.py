from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.market.risk import risk

WON = st.integers(min_value=1_000, max_value=20_000_000)
MENTIONS = st.integers(min_value=0, max_value=10_000)


def test_the_parts_add_up_and_the_written_formula_stands_beside_them() -> None:
    scored = risk(price=900_000, last_week_avg=Decimal("960000"), new_release_mentions=20, threshold=50_000)
    assert scored.loss == 60_000
    assert scored.mention_part == 6
    assert scored.risk_index == 60_006
    assert scored.formula_as_written == -60_000 + 6
    assert scored.is_high_risk is True
    assert scored.reason is None


def test_a_rise_is_no_risk_however_large() -> None:
    scored = risk(price=1_500_000, last_week_avg=Decimal(900_000), new_release_mentions=0, threshold=50_000)
    assert scored.risk_index == -600_000
    assert scored.is_high_risk is False


def test_the_threshold_itself_is_not_exceeded() -> None:
    assert risk(950_000, Decimal(1_000_000), 0, 50_000).is_high_risk is False
    assert risk(949_999, Decimal(1_000_000), 0, 50_000).is_high_risk is True


def test_unknown_prices_give_no_index_and_say_why() -> None:
    scored = risk(None, Decimal(900_000), 5, 50_000, why_unknown="no new listing in stock")
    assert (scored.risk_index, scored.is_high_risk, scored.reason) == (None, None, "no new listing in stock")
    assert risk(900_000, None, 5, 50_000, why_unknown="no price 6 to 8 days back").risk_index is None


def test_unread_community_leaves_the_loss_alone_and_says_so() -> None:
    scored = risk(900_000, Decimal(960_000), None, 50_000)
    assert scored.mention_part is None
    assert scored.risk_index == 60_000
    assert scored.is_high_risk is True
    assert "Reddit was not read" in (scored.reason or "")


def test_a_week_that_was_read_in_part_says_that_mentions_may_be_missing() -> None:
    scored = risk(900_000, Decimal(960_000), 10, 50_000, unread_days=3)
    assert scored.risk_index == 60_003
    assert scored.reason == "Reddit was not read on 3 of the last 7 days: there may be more mentions"
    assert risk(900_000, Decimal(960_000), 10, 50_000).reason is None


@given(price=WON, fall=WON, average=WON, mentions=MENTIONS)
def test_a_price_that_falls_never_lowers_the_index(price: int, fall: int, average: int, mentions: int) -> None:
    before = risk(price + fall, Decimal(average), mentions, 50_000).risk_index
    after = risk(price, Decimal(average), mentions, 50_000).risk_index
    assert before is not None
    assert after is not None
    assert after > before


@given(price=WON, average=WON, mentions=MENTIONS, more=MENTIONS)
def test_more_rumours_never_lower_the_index(price: int, average: int, mentions: int, more: int) -> None:
    before = risk(price, Decimal(average), mentions, 50_000).risk_index
    after = risk(price, Decimal(average), mentions + more, 50_000).risk_index
    assert before is not None
    assert after is not None
    assert after >= before
