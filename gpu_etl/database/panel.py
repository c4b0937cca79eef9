"""The daily prices of all new cards as a panel, a row a day and a column a listing; and the talk of the same days.

Belongs here: those reads. Does not belong here: which of the prices are believed (``market.fall.price_panel``), what
the talk says (``market.fall.talk``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database.community import mentions_by_day
from gpu_etl.market.fall.price_panel import Listing, PricePanel
from gpu_etl.market.fall.talk import Talk

LISTINGS = """
select distinct on (1, 2) replace(l.source, 'crawler_csv', 'danawa') as source, l.listing_id, l.sku_id, s.chipset,
       s.brand
from listings l join skus s on s.sku_id = l.sku_id
where l.condition = 'new' and s.chipset = any(%(chipsets)s)
order by 1, 2, l.source = 'crawler_csv'
"""

# Imported files observe the same listings as the crawl; where both saw a listing on a day, the crawl comes last.
PRICES = """
select replace(p.source, 'crawler_csv', 'danawa') as source, p.listing_id,
       array_agg(p.market_day - %(first)s::date) as days, array_agg(p.price::float8) as prices,
       array_agg(p.seller_count::float8) as sellers
from price_logs p
join listings l using (source, listing_id)
join skus s on s.sku_id = l.sku_id
where p.market_day between %(first)s and %(last)s and p.currency = %(currency)s and p.price is not null
  and p.suspect_reason is null and p.availability in ('in_stock', 'unknown')
  and l.condition = 'new' and s.chipset = any(%(chipsets)s)
group by p.source, p.listing_id
order by p.source <> 'crawler_csv'
"""


CHIPSET_MENTIONS = """
select m.market_day - %(first)s::date as day, m.chipset, count(*) as mentions,
       count(*) filter (where exists (
           select from market_signals g where g.post_id = m.post_id and g.keyword = any(%(news)s))) as news
from chipset_mentions m where m.market_day between %(first)s and %(last)s
group by 1, 2
"""


def read_panel(
    connection: Connection[DictRow], first: date, last: date, chipsets: Collection[str], currency: str = "KRW"
) -> PricePanel:
    """Prices and seller counts of the new listings of some chipsets, from one day to another.

    A price that was doubted when it came is left out, as everywhere.
    """
    asked = {"first": first, "last": last, "chipsets": sorted(chipsets), "currency": currency}
    listings = [Listing(**row) for row in connection.execute(LISTINGS, asked)]
    column = {(listing.source, listing.listing_id): at for at, listing in enumerate(listings)}
    price = np.full(((last - first).days + 1, len(listings)), np.nan)
    sellers = np.full_like(price, np.nan)
    with connection.cursor(binary=True) as cursor:
        for row in cursor.execute(PRICES, asked):
            at = column[row["source"], row["listing_id"]]
            price[row["days"], at] = row["prices"]
            sellers[row["days"], at] = np.array(row["sellers"], dtype=np.float64)
    seen = np.flatnonzero(np.isfinite(price).any(axis=0))
    return PricePanel(first, [listings[at] for at in seen], price[:, seen], sellers[:, seen])


def read_talk(connection: Connection[DictRow], first: date, last: date, news: Sequence[str]) -> Talk:
    """What was said from one day to another; ``news`` are the keywords that tell of new cards."""
    days = (last - first).days + 1
    read = mentions_by_day(connection, first, last)
    posts = np.full(days, np.nan)
    for day, counted in read.items():
        posts[(day - first).days] = counted.posts
    rows = connection.execute(CHIPSET_MENTIONS, {"first": first, "last": last, "news": list(news)}).fetchall()
    chipsets = sorted({row["chipset"] for row in rows})
    column = {name: at for at, name in enumerate(chipsets)}
    mentions = np.zeros((days, len(chipsets)))
    mentions[np.isnan(posts)] = np.nan
    naming = mentions.copy()
    for row in rows:
        # A post of a day that was never read as a day, found by its crosspost or an import, makes no day known.
        if np.isfinite(posts[row["day"]]):
            mentions[row["day"], column[row["chipset"]]] = row["mentions"]
            naming[row["day"], column[row["chipset"]]] = row["news"]
    return Talk(chipsets, posts, mentions, naming)


def first_and_last_day(connection: Connection[DictRow]) -> tuple[date, date] | None:
    """The first and the last market day with any price; ``None`` where there is none."""
    row = connection.execute("select min(market_day) as first, max(market_day) as last from price_logs").fetchone()
    return (row["first"], row["last"]) if row and row["first"] else None
