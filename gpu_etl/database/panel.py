"""The daily prices of all new cards as a panel, a row a day and a column a listing; and the talk of the same days.

Belongs here: those reads. Does not belong here: which of the prices are believed (``market.fall.price_panel``), what
the talk says (``market.fall.talk``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import numpy as np
from psycopg import Connection
from psycopg.rows import DictRow, tuple_row

from gpu_etl.database import packed
from gpu_etl.database.community import mentions_by_day
from gpu_etl.market.fall.price_panel import Listing, PricePanel
from gpu_etl.market.fall.talk import Talk

LISTINGS = """
select replace(l.source, 'crawler_csv', 'danawa') as source, l.listing_id, l.sku_id, s.chipset, s.brand,
       l.source as seen_by, hashtextextended(l.listing_id, 0) as key
from listings l join skus s on s.sku_id = l.sku_id
where l.condition = 'new' and s.chipset = any(%(chipsets)s)
order by 1, 2, l.source = 'crawler_csv'
"""

PRICES = """
select market_day - %(first)s::date as day, source,
       string_agg(int8send(hashtextextended(listing_id, 0)) || int8send(price)
                  || int4send(coalesce(seller_count, -1)), '') as packed
from price_logs
where source = any(%(sources)s) and market_day between %(first)s and %(last)s
  and currency = %(currency)s and price is not null and suspect_reason is null
  and availability in ('in_stock', 'unknown')
group by market_day, source
"""
"""All listings', the wanted and the others: leaving out costs less here than a join for each of a hundred thousand."""
PRICE = np.dtype([("key", ">i8"), ("price", ">i8"), ("sellers", ">i4")])
"""What is packed in :data:`PRICES`, a source's day in one value; ``key`` stands for the listing, as in
:data:`LISTINGS`, ``sellers`` is -1 where they are not told."""

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
    with connection.cursor(row_factory=tuple_row) as cursor:
        listings, columns = _columns(cursor.execute(LISTINGS, asked).fetchall())
    price = np.full(((last - first).days + 1, len(listings)), np.nan)
    sellers = np.full_like(price, np.nan)
    with connection.cursor(binary=True) as cursor:
        days = cursor.execute(PRICES, {**asked, "sources": list(columns)}).fetchall()
    # Imported files observe the same listings as the crawl; where both saw one on a day, the crawl comes last.
    for row in sorted(days, key=lambda row: row["source"] != "crawler_csv"):
        found = np.frombuffer(row["packed"], PRICE)
        is_wanted, at = columns[row["source"]].of(found["key"])
        price[row["day"], at] = found["price"][is_wanted]
        sellers[row["day"], at] = found["sellers"][is_wanted]
    sellers[sellers < 0] = np.nan
    seen = np.flatnonzero(np.isfinite(price).any(axis=0))
    return PricePanel(first, [Listing(*listings[at]) for at in seen], price[:, seen], sellers[:, seen])


def _columns(observed: Sequence[tuple[Any, ...]]) -> tuple[list[list[Any]], dict[str, packed.Columns]]:
    """The fields of the panel's listings, each once; and for each source the columns of those that it shows."""
    listings: dict[tuple[str, str], list[Any]] = {}
    columns: dict[str, dict[int, int]] = defaultdict(dict)
    for *listing, seen_by, key in observed:
        listings.setdefault((listing[0], listing[1]), listing)
        columns[seen_by][key] = len(listings) - 1  # the rows of one listing follow each other
    return list(listings.values()), {source: packed.Columns(column) for source, column in columns.items()}


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
