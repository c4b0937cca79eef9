"""What the chipset index is computed from, and the state that it continues from.

Belongs here: queries over ``price_changes`` and ``chipset_index``. Does not belong here: formulas (``market.index``).

Nothing here reads further back than the index's window and the cohort's day: a day costs the same after 800 days.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import card_prices
from gpu_etl.market.index import COHORT_DAYS, WINDOW_DAYS, CardPrice, Level, Past

COHORT_TOLERANCE = timedelta(days=3)


def cards_of(connection: Connection[DictRow], day: date) -> dict[str, list[CardPrice]]:
    """The priced cards of a day, by chipset."""
    cards: dict[str, list[CardPrice]] = defaultdict(list)
    for row in connection.execute(
        """select s.chipset, c.sku_id, c.price, c.sellers from price_changes c join skus s using (sku_id)
           where c.market_day = %s and c.price is not null order by 1, 2""",
        (day,),
    ).fetchall():
        cards[row["chipset"]].append(CardPrice(row["sku_id"], row["price"], row["sellers"]))
    return dict(cards)


def pasts(connection: Connection[DictRow], day: date) -> dict[str, Past]:
    """Each chipset's levels and prices of the days before one that its index is compared with."""
    first = day - timedelta(days=WINDOW_DAYS - 1)
    levels: dict[str, dict[date, Level]] = defaultdict(dict)
    for row in connection.execute(
        """select chipset, market_day, index_value, base_day, median_price from chipset_index
           where market_day >= %s and market_day < %s and index_value is not null""",
        (first, day),
    ).fetchall():
        level = Level(float(row["index_value"]), row["base_day"], row["median_price"])
        levels[row["chipset"]][row["market_day"]] = level
    cards = connection.execute(
        "select sku_id, chipset, hashtextextended(sku_id, 0) as key from skus order by sku_id"
    ).fetchall()
    prices = card_prices.table(connection, [card["key"] for card in cards], first, day - timedelta(days=1))
    days = [first + timedelta(days=after) for after in range(len(prices))]
    columns: dict[str, list[int]] = defaultdict(list)
    for at in np.flatnonzero(np.isfinite(prices).any(axis=0)).tolist():
        columns[cards[at]["chipset"]].append(at)
    return {
        chipset: Past(
            levels[chipset], days, [cards[at]["sku_id"] for at in columns[chipset]], prices[:, columns[chipset]]
        )
        for chipset in levels.keys() | columns.keys()
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
