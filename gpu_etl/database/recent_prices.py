"""Listings' own prices of the last fortnight, against which those of a day are judged.

Belongs here: reading and summing them up. Does not belong here: judging (``market.suspects``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isnan

import numpy as np
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import packed
from gpu_etl.database.prices import observers
from gpu_etl.market.past_prices import Prices, last_before
from gpu_etl.market.suspects import HISTORY, RecentPrices

KEYS = "select hashtextextended(listing_id, 0) as key from unnest(%s::text[]) as listing_id"
PRICES = """
select market_day - %(first)s::date as day, source,
       string_agg(int8send(hashtextextended(listing_id, 0)) || int8send(price)
                  || int4send((suspect_reason is null)::int), '') as packed
from price_logs
where source = any(%(sources)s) and market_day >= %(first)s and market_day < %(day)s and price is not null
group by market_day, source
"""
PRICE = np.dtype([("key", ">i8"), ("price", ">i8"), ("is_trusted", ">i4")])
"""What is packed in :data:`PRICES`; ``key`` stands for the listing, as in :data:`KEYS`."""


def recent_prices(
    connection: Connection[DictRow], source: str, day: date, listings: Sequence[str]
) -> dict[str, RecentPrices]:
    """The prices of a source's listings (by id) in the 14 days before ``day``; those that had none are absent."""
    keys = [row["key"] for row in connection.execute(KEYS, (list(listings),)).fetchall()]
    columns = packed.Columns({key: at for at, key in enumerate(keys)})
    price = np.full((HISTORY.days, len(keys)), np.nan)
    trusted = price.copy()
    with connection.cursor(binary=True) as cursor:
        asked = {"sources": observers(source), "first": day - HISTORY, "day": day}
        days = cursor.execute(PRICES, asked).fetchall()
    for row in sorted(days, key=lambda row: row["source"] == source):  # the source's own sight of a day counts
        found = np.frombuffer(row["packed"], PRICE)
        is_wanted, at = columns.of(found["key"])
        price[row["day"], at] = found["price"][is_wanted]
        trusted[row["day"], at] = np.where(found["is_trusted"], found["price"], np.nan)[is_wanted]
    return _summed_up(listings, price, trusted)


def _summed_up(listings: Sequence[str], price: Prices, trusted: Prices) -> dict[str, RecentPrices]:
    """Of tables of days x listings, the trusted prices once more by themselves."""
    observations = np.isfinite(trusted).sum(axis=0)
    in_order, each = np.sort(trusted, axis=0), np.arange(len(listings))  # what is unknown comes last
    median = (in_order[(observations - 1) // 2, each] + in_order[observations // 2, each]) / 2
    last = last_before(np.vstack([price, np.full((1, len(listings)), np.nan)]))[-1]
    told = zip(listings, median.tolist(), last.tolist(), observations.tolist(), strict=True)
    return {key: RecentPrices(usual if n else 0, int(latest), n) for key, usual, latest, n in told if not isnan(latest)}
