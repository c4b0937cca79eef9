"""The cards' daily prices of many days: a table of numbers, and what lies further back than it.

Belongs here: those reads of ``price_changes``. Does not belong here: what is computed from them (``market.history``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import packed

PRICES = """
select market_day - %(first)s::date as day,
       string_agg(int8send(hashtextextended(sku_id, 0)) || int8send(price), '') as packed
from price_changes where market_day between %(first)s and %(last)s and price is not null
group by market_day
"""
"""A day's cards as one value, each under its key of :data:`KEYS`: half of the time of a row each."""
KEYS = "select hashtextextended(sku_id, 0) as key from unnest(%s::text[]) as sku_id"
PRICE = np.dtype([("key", ">i8"), ("price", ">i8")])


def keys_of(connection: Connection[DictRow], cards: Sequence[str]) -> list[int]:
    """What stands for each of these cards in :func:`table`."""
    return [row["key"] for row in connection.execute(KEYS, (list(cards),)).fetchall()]


def table(connection: Connection[DictRow], keys: Sequence[int], first: date, last: date) -> NDArray[np.float64]:
    """Prices of the cards with these keys from one day to another: days x cards, NaN where there is none."""
    prices = np.full(((last - first).days + 1, len(keys)), np.nan)
    columns = packed.Columns({key: at for at, key in enumerate(keys)})
    with connection.cursor(binary=True) as cursor:
        for row in cursor.execute(PRICES, {"first": first, "last": last}).fetchall():
            found = np.frombuffer(row["packed"], PRICE)
            is_wanted, at = columns.of(found["key"])
            prices[row["day"], at] = found["price"][is_wanted]
    return prices


def standing_since(
    connection: Connection[DictRow], prices: Mapping[str, int], first: date, day: date
) -> dict[str, date]:
    """Since when each of these cards has its price of ``day``; those that never had another are absent.

    They had no other from ``first`` on.
    """
    rows = connection.execute(
        """select card.sku_id, coalesce(since.market_day, %(day)s) as since
           from unnest(%(cards)s::text[], %(prices)s::bigint[]) as card(sku_id, price)
           cross join lateral (
               select c.market_day from price_changes c
               where c.sku_id = card.sku_id and c.market_day < %(first)s and c.price <> card.price
               order by c.market_day desc limit 1) as another
           left join lateral (
               select c.market_day from price_changes c
               where c.sku_id = card.sku_id and c.market_day > another.market_day and c.market_day < %(day)s
                 and c.price is not null
               order by c.market_day limit 1) as since on true""",
        {"cards": list(prices), "prices": list(prices.values()), "first": first, "day": day},
    )
    return {row["sku_id"]: row["since"] for row in rows}
