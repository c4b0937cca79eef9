"""Days that the gate refuses: what is said, who is asked, and that a person's word lets them through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from gpu_etl.database import Database, records
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive, needs_replay]

GOOD, *REFUSED = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]


@pytest.fixture
def market() -> Iterator[Replay]:
    with replay("--limit", "90", "--day", GOOD) as running:
        yield running


def test_the_third_refused_day_in_a_row_asks_a_person_whose_word_counts(
    market: Replay, database: Database, database_url: str, make_settings: Callable[..., Settings]
) -> None:
    prices = Prices(database, database_url, make_settings, market.base_url, danawa_product_pages="none")
    assert prices.run(GOOD) == []
    market.control(faults=["price-x10"])
    said = []
    for day in REFUSED:
        market.control(day=day)
        said += prices.run(day)
        assert prices.coverage(day)["112753"]["status"] == "complete"
        gate = prices.coverage(day)["gate"]
        assert gate["status"] == "failed"
        assert "is not credible" in gate["reason"]
    assert [f"danawa {day} is not published" in line for day, line in zip(REFUSED, said, strict=True)] == [True] * 3
    assert ["gpu-etl accept" in line for line in said] == [False, False, True]
    assert (
        f"refused 3 days in a row: if this is the market, say so with: gpu-etl accept {REFUSED[-1]} --why" in said[-1]
    )
    last, now = date.fromisoformat(REFUSED[-1]), datetime(2026, 3, 4, 2, tzinfo=UTC)
    database.run(lambda connection: records.accept_day(connection, "danawa", last, "I looked", now))
    assert prices.run(REFUSED[-1]) == []
    assert len(prices.published(REFUSED[-1])) > 80
    gate = prices.coverage(REFUSED[-1])["gate"]
    assert gate["status"] == "complete"
    assert gate["reason"].startswith("accepted: I looked (")
    assert [prices.published(day) for day in REFUSED[:2]] == [{}, {}]
