"""Days to come that are stored all the same: a clock ran ahead, or a file bore a wrong date.

Belongs here: finding such days, and taking them out of everything that counts. Does not belong here: whether this
machine's clock is right (``assets.clock``).

The pages stay where they are: what was read was read. The crawls that they formed go, so that nothing is rebuilt from
them and the day's own crawl finds its place free.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from gpu_etl.database import tables

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

_FALSE_DAYS = """
select day, max(prices) as prices
from (select market_day as day, count(*) as prices from price_logs where market_day > %(today)s group by 1
      union all select market_day, 0 from chipset_index where market_day > %(today)s
      union all select market_day, 0 from source_coverage where market_day > %(today)s
      union all select market_day, 0 from keyword_trends where market_day > %(today)s
      union all select opened_day, 0 from risk_alerts where opened_day > %(today)s
      union all select closed_day, 0 from risk_alerts where closed_day > %(today)s
      union all select market_day, 0 from crawls where market_day > %(today)s) as stored
where not exists (select from crawls c where c.market_day = stored.day and c.finished_at <= %(now)s)
group by day order by day
"""
"""A crawl that has ended already was of another zone's day, in which it is tomorrow: another zone moves days, not
moments."""


def false_days(connection: Connection[DictRow], now: datetime, today: date) -> dict[date, int]:
    """The stored market days after ``today``, in order, and how many prices each has."""
    rows = connection.execute(_FALSE_DAYS, {"now": now, "today": today})
    return {row["day"]: row["prices"] for row in rows}


def retract(connection: Connection[DictRow], now: datetime, today: date) -> dict[date, int]:
    """Take the false days out of every table that has a row a day; returns them with their prices. Again: nothing.

    Listings and alerts are put back to what is known without them; what people were told stays noted as told.
    """
    found = false_days(connection, now, today)
    days = {"days": list(found), "now": now}
    if not found:
        return {}
    for table in tables.metadata.sorted_tables:
        if "market_day" in table.primary_key.columns and table is not tables.raw_pages:
            connection.execute(f"delete from {table.name} where market_day = any(%(days)s)", days)  # noqa: S608
    for statement in _PUT_BACK:
        connection.execute(statement, days)
    return found


_PUT_BACK = (
    "delete from alert_actions where opened_day = any(%(days)s)",
    "delete from risk_alerts where opened_day = any(%(days)s)",
    "update risk_alerts set closed_day = null, closed_reason = null where closed_day = any(%(days)s)",
    "delete from reddit_readings where up_to > %(now)s",
    "delete from listings where first_seen = any(%(days)s)",
    """update listings l set last_seen = coalesce(
           (select max(p.market_day) from price_logs p where p.source = l.source and p.listing_id = l.listing_id),
           l.first_seen)
       where l.last_seen = any(%(days)s)""",
    """delete from skus s where s.first_seen = any(%(days)s)
       and not exists (select from listings l where l.sku_id = s.sku_id)""",
)
"""A listing's first day is its earliest: one that began on a false day was never seen on another."""
