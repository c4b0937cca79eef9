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
from gpu_etl.database.planning import day_by_day
from gpu_etl.market.fall.price_panel import Listing, PricePanel
from gpu_etl.market.fall.talk import Talk

LISTINGS = """
select replace(l.source, 'crawler_csv', 'danawa') as source, l.listing_id, l.sku_id, s.chipset, s.brand,
       l.source as seen_by
from listings l join skus s on s.sku_id = l.sku_id
where l.condition = 'new' and s.chipset = any(%(chipsets)s)
order by 1, 2, l.source = 'crawler_csv'
"""

PRICES = f"""
with wanted as materialized (
    select seen_by as source, listing_id, row_number() over ()::int4 - 1 as number from ({LISTINGS}) as listing)
select p.market_day - %(first)s::date as day,
       string_agg(int4send(w.number) || int8send(p.price) || int4send(coalesce(p.seller_count, -1)), '') as packed
from price_logs p join wanted w using (source, listing_id)
where p.market_day between %(first)s and %(last)s and p.currency = %(currency)s and p.price is not null
  and p.suspect_reason is null and p.availability in ('in_stock', 'unknown')
group by p.market_day
"""  # noqa: S608 - a constant of ours
PRICE = np.dtype([("number", ">i4"), ("price", ">i8"), ("sellers", ">i4")])
"""What is packed in :data:`PRICES`: a hundred thousand of these come as one value a day, read as it lies in memory.
``number`` is the row's of :data:`LISTINGS`; ``sellers`` is -1 where they are not told."""


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
    rows = connection.execute(LISTINGS, asked).fetchall()
    is_imported = np.array([row.pop("seen_by") == "crawler_csv" for row in rows], dtype=bool)
    listings: dict[tuple[str, str], Listing] = {}
    for row in rows:
        listings.setdefault((row["source"], row["listing_id"]), Listing(**row))
    place = {key: at for at, key in enumerate(listings)}
    column = np.array([place[row["source"], row["listing_id"]] for row in rows], dtype=np.intp)
    price = np.full(((last - first).days + 1, len(listings)), np.nan)
    sellers = np.full_like(price, np.nan)
    with day_by_day(connection), connection.cursor(binary=True) as cursor:
        for row in cursor.execute(PRICES, asked):
            found = np.frombuffer(row["packed"], PRICE)
            # Imported files observe the same listings as the crawl; where both saw one on a day, the crawl comes last.
            for part in (found[is_imported[found["number"]]], found[~is_imported[found["number"]]]):
                price[row["day"], column[part["number"]]] = part["price"]
                sellers[row["day"], column[part["number"]]] = np.where(part["sellers"] < 0, np.nan, part["sellers"])
    seen = np.flatnonzero(np.isfinite(price).any(axis=0))
    every = list(listings.values())
    return PricePanel(first, [every[at] for at in seen], price[:, seen], sellers[:, seen])


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
