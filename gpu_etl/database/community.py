"""Posts, signals and trends: how they are stored and counted.

Belongs here: loading ``reddit_posts`` and its observations, and the counts over signals. Does not belong here: what
matches (``market.signals``), or how posts are read (``resources.reddit``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.sources.records import Post


def store_posts(
    connection: Connection[DictRow], posts: Iterable[Post], observed_at: datetime, zone: ZoneInfo
) -> tuple[LoadCounts, LoadCounts]:
    """Store posts by id, and what they score now; returns the counts of both tables.

    A post that its source removed loses title, body and URL here too. Observations are kept by the hour, so that a
    collection run twice in a row adds nothing.
    """
    posts = list(posts)
    rows = [_post_row(post, zone) for post in posts]
    hour = observed_at.replace(minute=0, second=0, microsecond=0)
    observations = [
        {"post_id": post.post_id, "observed_at": hour, "score": post.score, "comments": post.comments} for post in posts
    ]
    return (
        merge(connection, tables.reddit_posts, rows, quiet=("read_from",)),
        merge(connection, tables.reddit_observations, observations),
    )


def _post_row(post: Post, zone: ZoneInfo) -> dict[str, object]:
    return {
        "post_id": post.post_id,
        "subreddit": post.subreddit,
        "created_utc": post.created_utc,
        "market_day": post.created_utc.astimezone(zone).date(),
        "title": "" if post.removed else post.title,
        "body": "" if post.removed else post.body,
        "url": "" if post.removed else post.url,
        "read_from": post.read_from,
        "is_stickied": post.is_stickied,
        "crosspost_parent": post.crosspost_parent,
        "is_removed": post.removed,
    }


def read_since(connection: Connection[DictRow], subreddits: Sequence[str], overlap: timedelta) -> datetime | None:
    """From when on to read again: ``overlap`` before the newest post of the subreddit that was read least recently.

    ``None`` when one of them has never been read: then the reading goes as far back as it can.
    """
    rows = connection.execute(
        """select lower(subreddit) as name, max(created_utc) as newest from reddit_posts
           where lower(subreddit) = any(%s) group by 1""",
        ([name.lower() for name in subreddits],),
    ).fetchall()
    newest: dict[str, datetime] = {row["name"]: row["newest"] for row in rows}
    if any(name.lower() not in newest for name in subreddits):
        return None
    return min(newest.values()) - overlap


def posts_of_days(connection: Connection[DictRow], days: Sequence[date]) -> list[DictRow]:
    """The posts of some market days that can be searched: post_id, market_day, title, body, is_stickied."""
    return connection.execute(
        """select post_id, market_day, title, body, is_stickied from reddit_posts
           where market_day = any(%s) and not is_removed and crosspost_parent is null order by post_id""",
        (list(days),),
    ).fetchall()


@dataclass(frozen=True, slots=True)
class DayMentions:
    """The posts of one market day, and those with each keyword."""

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
               select read.market_day,
                      count(p.post_id) filter (where not p.is_removed and p.crosspost_parent is null) as posts
               from read left join reddit_posts p using (market_day) group by 1""",
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


def top_posts(connection: Connection[DictRow], keyword: str, first: date, last: date, limit: int = 5) -> list[DictRow]:
    """The posts with a keyword that scored best, then were talked about most, with their latest score and comments."""
    return connection.execute(
        """select p.title, p.url, p.subreddit, p.created_utc, o.score, o.comments
           from market_signals s join reddit_posts p using (post_id)
           left join lateral (select score, comments from reddit_observations
                              where post_id = p.post_id order by observed_at desc limit 1) o on true
           where s.keyword = %s and s.market_day between %s and %s
           order by o.score desc nulls last, o.comments desc nulls last, p.created_utc desc limit %s""",
        (keyword, first, last, limit),
    ).fetchall()


def posts_with_any(connection: Connection[DictRow], keywords: Sequence[str], first: date, last: date) -> int:
    """How many posts of these days have at least one of the keywords."""
    row = connection.execute(
        """select count(distinct post_id) as n from market_signals
           where keyword = any(%s) and market_day between %s and %s""",
        (list(keywords), first, last),
    ).fetchone()
    return int(row["n"]) if row else 0
