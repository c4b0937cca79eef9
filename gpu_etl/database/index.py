"""What the chipset index is computed from, and the state that it continues from.

Belongs here: queries over ``price_changes`` and ``chipset_index``. Does not belong here: formulas (``market.index``).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.market.index import COHORT_DAYS, CardPrice, Link

COHORT_TOLERANCE = timedelta(days=3)


def cards_of(connection: Connection[DictRow], day: date) -> dict[str, list[CardPrice]]:
    """The priced cards of a day, by chipset."""
    cards: dict[str, list[CardPrice]] = defaultdict(list)
    for row in connection.execute(
        """select s.chipset, c.sku_id, c.price, c.sellers from price_changes c join skus s using (sku_id)
           where c.market_day = %s and c.price is not null order by 1, 2""",
        (day,),
    ):
        cards[row["chipset"]].append(CardPrice(row["sku_id"], row["price"], row["sellers"]))
    return dict(cards)


def prices_of_day(connection: Connection[DictRow], day: date) -> dict[str, int]:
    """The card prices of a day, by card."""
    return {card.sku_id: card.price for cards in cards_of(connection, day).values() for card in cards}


def index_links(connection: Connection[DictRow], day: date) -> dict[str, Link]:
    """Where each chipset's chain stood last before a day."""
    return {
        row["chipset"]: Link(row["market_day"], float(row["index_value"]), row["base_day"])
        for row in connection.execute(
            """select distinct on (chipset) chipset, market_day, index_value, base_day from chipset_index
               where market_day < %s and index_value is not null order by chipset, market_day desc""",
            (day,),
        )
    }


def cohorts(connection: Connection[DictRow], day: date) -> dict[str, frozenset[str]]:
    """The cards priced about 90 days before a day, by chipset; empty when there is no such day."""
    target = day - timedelta(days=COHORT_DAYS)
    row = connection.execute(
        "select max(market_day) as day from price_changes where market_day between %s and %s",
        (target - COHORT_TOLERANCE, target),
    ).fetchone()
    if row is None or row["day"] is None:
        return {}
    return {chipset: frozenset(c.sku_id for c in cards) for chipset, cards in cards_of(connection, row["day"]).items()}
