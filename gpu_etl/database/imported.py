"""What an import of price files goes on from.

Belongs here: queries that it asks before it stores anything. Does not belong here: reading files (``sources``), storing
(``bulk``), which prices are believed (``market.suspects``).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database.prices import OBSERVED_BY_IMPORTS
from gpu_etl.market.suspects import HISTORY, Judged

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

A_MONTH = timedelta(days=31)
"""The longest of the public files hold one, listing by listing: the first row need not be of the first day."""


def judged_before(connection: Connection[DictRow], source: str, day: date) -> dict[str, list[Judged]]:
    """Each listing's stored prices of the weeks before a day, in order; where ``source`` and a crawl saw one, the
    crawl counts.
    """
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in connection.execute(
        """select distinct on (listing_id, market_day) listing_id, market_day, price,
                  suspect_reason is null as is_trusted
           from price_logs
           where source in (%(source)s, %(crawl)s) and price is not null
             and market_day >= %(first)s and market_day < %(day)s
           order by listing_id, market_day, source = %(source)s""",
        {"source": source, "crawl": OBSERVED_BY_IMPORTS[source], "first": day - HISTORY - A_MONTH, "day": day},
    ):
        found[row["listing_id"]].append((row["market_day"].toordinal(), row["price"], row["is_trusted"]))
    return dict(found)
