"""What launches and rumours are measured on.

Belongs here: queries over ``chipset_index`` and ``keyword_trends``, all days of them. Does not belong here: formulas
(``market.launches``, ``market.lags``).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


def published_levels(connection: Connection[DictRow]) -> dict[str, dict[date, float]]:
    """Each chipset's published index by day, of its latest series only: levels of two series are not compared."""
    levels: dict[str, dict[date, float]] = defaultdict(dict)
    for row in connection.execute(
        """select chipset, market_day, index_value::float8 as level
           from (select i.*, max(base_day) over (partition by chipset) as latest from chipset_index i
                 where status = 'published' and index_value > 0) as published
           where base_day = latest order by 1, 2"""
    ):
        levels[row["chipset"]][row["market_day"]] = row["level"]
    return dict(levels)


def analysed_days(connection: Connection[DictRow]) -> tuple[date, date] | None:
    """The first and last day with an index, shown or withheld; ``None`` where there is none."""
    row = connection.execute("select min(market_day) as first, max(market_day) as last from chipset_index").fetchone()
    return (row["first"], row["last"]) if row and row["first"] else None


def mention_shares(connection: Connection[DictRow]) -> dict[str, dict[date, float]]:
    """Each keyword's mentions per 1,000 posts by day, of the days that were read."""
    shares: dict[str, dict[date, float]] = defaultdict(dict)
    for row in connection.execute(
        """select keyword, market_day, mentions_per_1000::float8 as share from keyword_trends
           where mentions_per_1000 is not null order by 1, 2"""
    ):
        shares[row["keyword"]][row["market_day"]] = row["share"]
    return dict(shares)
