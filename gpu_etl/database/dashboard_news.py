"""What people said on the days that a chart shows: the days on which news of a chipset was in the air.

Belongs here: that query. Does not belong here: what counts as news (``market.keywords.yaml``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow, class_row

NEWS_KEYWORDS = ("New Release", "Leak")
FEWEST_POSTS = 3
"""One post is an opinion; from so many a day on it is news."""
MOST_DAYS = 12


@dataclass(frozen=True, slots=True)
class News:
    """One day on which several posts told of a new release or a leak."""

    market_day: date
    posts: int
    title: str | None
    """Of the post with the highest score whose text is still kept."""
    url: str | None


def news(connection: Connection[DictRow], chipsets: Sequence[str], first: date, last: date) -> list[News]:
    """The days with most news posts that name one of the chipsets, in order."""
    with connection.cursor(row_factory=class_row(News)) as cursor:
        return cursor.execute(
            """with posts as (
                   select distinct m.market_day, m.post_id from chipset_mentions m
                   join market_signals s on s.post_id = m.post_id and s.keyword = any(%(keywords)s)
                        and s.market_day between %(first)s and %(last)s  -- the same days, and an index for them
                   where m.chipset = any(%(chipsets)s) and m.market_day between %(first)s and %(last)s
               ),
               days as (
                   select market_day, count(*) as posts from posts group by 1 having count(*) >= %(fewest)s
                   order by 2 desc, 1 desc limit %(most)s
               )
               select d.market_day, d.posts, top.title, top.url
               from days d
               left join lateral (
                   select r.title, r.url from posts p join reddit_posts r using (post_id)
                   where p.market_day = d.market_day and r.has_text
                   order by (select max(score) from reddit_observations where post_id = r.post_id) desc nulls last,
                            r.post_id limit 1) as top on true
               order by 1""",
            {
                "keywords": list(NEWS_KEYWORDS),
                "chipsets": list(chipsets),
                "first": first,
                "last": last,
                "fewest": FEWEST_POSTS,
                "most": MOST_DAYS,
            },
        ).fetchall()
