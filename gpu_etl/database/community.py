"""What posts speak of: the results of searching them, and the counts over these.

Belongs here: which posts to search, ``market_signals`` and the tables beside it, and what is asked of them. Does not
belong here: what matches (``market.signals``), the posts themselves (``post_store``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge

if TYPE_CHECKING:
    import sqlalchemy as sa
    from psycopg import Connection
    from psycopg.rows import DictRow

PROVISIONAL = timedelta(hours=36)
"""Age until which a score still grows: on real posts it is at 56 % in the first 12 hours and at 97 % after 36."""


# --- searching ------------------------------------------------------------------------------------------------------
REPEATS = """(p.crosspost_parent is not null and exists (
    select from reddit_posts o where (o.post_id = p.crosspost_parent)
       or (o.crosspost_parent = p.crosspost_parent and (o.created_utc, o.post_id) < (p.created_utc, p.post_id))))"""
"""Whether a post repeats one that is stored: of a post and its crossposts one is counted."""


def posts_to_search(connection: Connection[DictRow], days: Sequence[date], version: str) -> list[DictRow]:
    """The posts of some market days whose text is there and was not searched as it is by a version of the rules.

    Columns: post_id, market_day, title, body, is_stickied, is_repeat, digest.
    """
    return connection.execute(
        f"""with post as (
               select p.post_id, p.market_day, p.title, p.body, p.is_stickied, {REPEATS} as is_repeat
               from reddit_posts p where p.market_day = any(%s) and p.has_text),
             digested as (
               select *, md5(concat_ws(E'\n', %s::text, is_stickied, is_repeat, title, body)) as digest from post)
            select d.* from digested d left join searched_posts s using (post_id)
            where s.digest is distinct from d.digest order by d.post_id""",  # noqa: S608 - a constant of ours
        (list(days), version),
    ).fetchall()


def repeats(connection: Connection[DictRow], post_ids: Sequence[str]) -> set[str]:
    """Those of the posts that repeat one that is stored."""
    rows = connection.execute(
        f"select p.post_id from reddit_posts p where p.post_id = any(%s) and {REPEATS}",  # noqa: S608
        (list(post_ids),),
    )
    return {row["post_id"] for row in rows}


def unsearched_days(connection: Connection[DictRow]) -> list[date]:
    """The market days that hold posts whose text is there and was never searched."""
    rows = connection.execute(
        """select distinct p.market_day from reddit_posts p left join searched_posts s using (post_id)
           where p.has_text and s.post_id is null order by 1"""
    )
    return [row["market_day"] for row in rows]


def found_in() -> Sequence[sa.Table]:
    """The tables that a search of posts fills."""
    return tables.market_signals, tables.chipset_mentions, tables.searched_posts


def store_found(
    connection: Connection[DictRow], found: Mapping[sa.Table, Sequence[Mapping[str, object]]], days: Sequence[date]
) -> LoadCounts:
    """Make the tables of :func:`found_in` hold what a search of posts of some days found; counts of the signals.

    What was found earlier in posts that were not searched now stays: their text is the same, or is gone.
    """
    from psycopg import sql

    counts = LoadCounts()
    searched = [row["post_id"] for row in found[tables.searched_posts]]
    for table in found_in():
        kept = connection.execute(
            sql.SQL("select * from {} where market_day = any(%s) and not (post_id = any(%s))").format(
                sql.Identifier(table.name)
            ),
            (list(days), searched),
        ).fetchall()
        done = merge(connection, table, [*found[table], *kept], scope={"market_day": list(days)})
        counts = done if table is tables.market_signals else counts
    return counts


# --- counting -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DayMentions:
    """The posts of one market day that were searched and count, and those with each keyword."""

    posts: int
    by_keyword: dict[str, int]


def mentions_by_day(connection: Connection[DictRow], first: date, last: date) -> dict[date, DayMentions]:
    """Mentions of every day from ``first`` to ``last`` that was read at least in part; a day not read is absent."""
    days = {
        row["market_day"]: DayMentions(row["posts"], {})
        for row in connection.execute(
            """with read as (
                   select distinct market_day from source_coverage
                   where source = 'reddit' and status in ('complete', 'partial')
                     and market_day between %(first)s and %(last)s)
               select read.market_day, count(s.post_id) filter (where s.excluded is null) as posts
               from read left join searched_posts s using (market_day) group by 1""",
            {"first": first, "last": last},
        )
    }
    for row in connection.execute(
        """select market_day, keyword, count(*) as n from market_signals
           where market_day between %s and %s group by 1, 2""",
        (first, last),
    ):
        if row["market_day"] in days:
            days[row["market_day"]].by_keyword[row["keyword"]] = row["n"]
    return days


def found_on(connection: Connection[DictRow], day: date) -> dict[str, int]:
    """What a market day's posts came to: signals, chipsets, posts that count, excluded ones that do not."""
    row = connection.execute(
        """select (select count(*) from market_signals where market_day = %(day)s) as signals,
                  (select count(*) from chipset_mentions where market_day = %(day)s) as chipsets,
                  count(*) filter (where excluded is null) as posts,
                  count(*) filter (where excluded is not null) as excluded
           from searched_posts where market_day = %(day)s""",
        {"day": day},
    ).fetchone()
    return dict(row or {})


def days_without_trends(connection: Connection[DictRow], last: date) -> list[date]:
    """The days up to ``last`` that were read and have no trends, or trends from before they were read."""
    rows = connection.execute(
        """select distinct c.market_day from source_coverage c
           where c.source = 'reddit' and c.status in ('complete', 'partial') and c.market_day <= %s
             and not exists (select from keyword_trends t where t.market_day = c.market_day and t.mentions is not null)
           order by 1""",
        (last,),
    )
    return [row["market_day"] for row in rows]


def top_posts(connection: Connection[DictRow], keyword: str, first: date, last: date, limit: int = 5) -> list[DictRow]:
    """The posts with a keyword that scored best, then were talked about most, with their latest score and comments.

    Columns: post_id, title and url (empty once let go of), subreddit, created_utc, score, comments (NULL where only
    the feed was read), is_provisional (the score still grows), polarity, polarity_sign.
    """
    return connection.execute(
        """with scored as (  -- the posts themselves, with their texts, are read for these few only
               select s.post_id, o.score, o.comments, o.observed_at
               from market_signals s
               left join lateral (select score, comments, observed_at from reddit_observations
                                  where post_id = s.post_id order by observed_at desc limit 1) o on true
               where s.keyword = %(keyword)s and s.market_day between %(first)s and %(last)s
               order by o.score desc nulls last, o.comments desc nulls last fetch first %(limit)s rows with ties),
             best as (
               select p.post_id, p.title, p.url, p.subreddit, p.created_utc, s.score, s.comments, s.observed_at
               from scored s join reddit_posts p using (post_id)
               order by s.score desc nulls last, s.comments desc nulls last, p.created_utc desc, p.post_id
               limit %(limit)s)
           select b.post_id, b.title, b.url, b.subreddit, b.created_utc, b.score, b.comments,
                  b.observed_at < b.created_utc + %(provisional)s as is_provisional, f.polarity, f.polarity_sign
           from best b left join searched_posts f using (post_id)
           order by b.score desc nulls last, b.comments desc nulls last, b.created_utc desc, b.post_id""",
        {"keyword": keyword, "first": first, "last": last, "limit": limit, "provisional": PROVISIONAL},
    ).fetchall()


def polarity_by_chipset(connection: Connection[DictRow], first: date, last: date) -> list[DictRow]:
    """How posts speak of each chipset that they name: chipset, posts, good, neutral, bad, mean polarity."""
    return connection.execute(
        """select chipset, count(*) as posts, count(*) filter (where polarity_sign > 0) as good,
                  count(*) filter (where polarity_sign = 0) as neutral,
                  count(*) filter (where polarity_sign < 0) as bad, round(avg(polarity), 3) as polarity
           from chipset_mentions where market_day between %s and %s group by 1 order by 2 desc, 1""",
        (first, last),
    ).fetchall()


def polarity_by_keyword(connection: Connection[DictRow], day: date) -> dict[str, DictRow]:
    """How the day's posts with each keyword speak: good, bad, mean polarity."""
    rows = connection.execute(
        """select keyword, count(*) filter (where polarity_sign > 0) as good,
                  count(*) filter (where polarity_sign < 0) as bad, round(avg(polarity), 3) as polarity
           from market_signals where market_day = %s group by 1""",
        (day,),
    )
    return {row["keyword"]: row for row in rows}


def posts_with_any(connection: Connection[DictRow], keywords: Sequence[str], first: date, last: date) -> int:
    """How many posts of these days have at least one of the keywords."""
    row = connection.execute(
        """select count(distinct post_id) as n from market_signals
           where keyword = any(%s) and market_day between %s and %s""",
        (list(keywords), first, last),
    ).fetchone()
    return int(row["n"]) if row else 0
