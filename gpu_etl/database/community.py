"""Posts, signals and trends: how they are stored and counted.

Belongs here: loading ``reddit_posts`` and its observations, letting go of their text, and the counts over signals. Does
not belong here: what matches (``market.signals``), how posts are read (``resources.reddit``), how well (``readings``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from psycopg import Connection, sql
from psycopg.rows import DictRow

from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.sources.records import Post, Refusal

SOURCE = "reddit"
EXCERPT_LENGTH = 300
PROVISIONAL = timedelta(hours=36)
"""Age until which a score still grows: on real posts it is at 56 % in the first 12 hours and at 97 % after 36."""
FOUND_IN = (tables.market_signals, tables.chipset_mentions, tables.searched_posts)
"""What a search of posts fills."""


def store_live(
    connection: Connection[DictRow], posts: Iterable[Post], seen_at: datetime, zone: ZoneInfo, keep_since: datetime
) -> tuple[LoadCounts, LoadCounts]:
    """Store posts as Reddit shows them now, by id, and what they score; returns the counts of both tables.

    A post that Reddit marks as removed loses title, body and URL here too; one created before ``keep_since`` comes
    without them. Times of observation are the hour, so that a collection run twice in a row adds nothing.
    """
    posts = list(posts)
    hour = seen_at.replace(minute=0, second=0, microsecond=0)
    known = _stored(connection, [post.post_id for post in posts])
    rows = []
    for post in posts:
        row = _post_row(post, zone, keep_since)
        if post.read_from == "rss" and post.post_id in known:  # a feed tells neither
            row |= {name: known[post.post_id][name] for name in ("is_stickied", "crosspost_parent")}
        rows.append({**row, "checked_at": hour})
    observed = [_observation(post, hour) for post in posts if post.score is not None]
    blank(connection, [row["post_id"] for row in rows if row["is_removed"]], removed=True)
    return (
        merge(connection, tables.reddit_posts, rows, quiet=("read_from",)),
        merge(connection, tables.reddit_observations, observed),
    )


def store_archived(
    connection: Connection[DictRow], posts: Iterable[Post], zone: ZoneInfo, keep_since: datetime
) -> tuple[LoadCounts, set[str]]:
    """Store posts of an archive that are not there yet; returns the counts, and the ids that may be searched.

    What Reddit itself showed stays as it is, and a text that was let go of does not come back. A post that the archive
    knows to be removed is blanked.
    """
    posts = list({post.post_id: post for post in posts}.values())
    known = _stored(connection, [post.post_id for post in posts])
    blank(connection, [post.post_id for post in posts if post.removed and post.post_id in known], removed=True)
    fresh = [_post_row(post, zone, keep_since) for post in posts if post.post_id not in known]
    observed = [_observation(post, post.observed_at) for post in posts if post.observed_at and post.score is not None]
    merge(connection, tables.reddit_observations, observed)
    counts = merge(connection, tables.reddit_posts, fresh)
    decided = {post_id for post_id, row in known.items() if row["is_removed"] or row["has_text"]}
    unchanged = LoadCounts(unchanged=len(posts) - len(fresh))
    return counts + unchanged, {post.post_id for post in posts if not post.removed} - decided


def _stored(connection: Connection[DictRow], post_ids: list[str]) -> dict[str, DictRow]:
    rows = connection.execute(
        "select post_id, is_stickied, crosspost_parent, is_removed, has_text from reddit_posts where post_id = any(%s)",
        (post_ids,),
    )
    return {row["post_id"]: row for row in rows}


def _observation(post: Post, at: datetime | None) -> dict[str, object]:
    return {"post_id": post.post_id, "observed_at": at, "score": post.score, "comments": post.comments}


def _post_row(post: Post, zone: ZoneInfo, keep_since: datetime) -> dict[str, object]:
    has_text = not post.removed and post.created_utc >= keep_since
    return {
        "post_id": post.post_id,
        "subreddit": post.subreddit,
        "created_utc": post.created_utc,
        "market_day": post.created_utc.astimezone(zone).date(),
        "title": post.title if has_text else "",
        "body": post.body if has_text else "",
        "url": post.url if has_text else "",
        "read_from": post.read_from,
        "is_stickied": post.is_stickied,
        "crosspost_parent": post.crosspost_parent,
        "is_removed": post.removed,
        "has_text": has_text,
    }


def blank(connection: Connection[DictRow], post_ids: Sequence[object], *, removed: bool) -> int:
    """Let go of everything that quotes these posts; what was counted stays counted. Returns how many had text."""
    ids = list(post_ids)
    blanked = connection.execute(
        """update reddit_posts set title = '', body = '', url = '', has_text = false, is_removed = is_removed or %s
           where post_id = any(%s) and (has_text or (%s and not is_removed))""",
        (removed, ids, removed),
    ).rowcount
    connection.execute(
        "update market_signals set matched_text = '' where post_id = any(%s) and matched_text <> ''", (ids,)
    )
    connection.execute(
        "update quarantine set excerpt = '' where source = %s and subject = any(%s) and excerpt <> ''", (SOURCE, ids)
    )
    return blanked


def expire(connection: Connection[DictRow], keep_since: datetime, excerpts_since: date) -> int:
    """Let go of the text of posts created before ``keep_since``, and of what was refused before ``excerpts_since``.

    Refused posts are never asked for again, so their excerpts go early. Returns how many posts lost their text.
    """
    rows = connection.execute(
        "select post_id from reddit_posts where has_text and created_utc < %s", (keep_since,)
    ).fetchall()
    connection.execute(
        "update quarantine set excerpt = '' where source = %s and market_day < %s and excerpt <> ''",
        (SOURCE, excerpts_since),
    )
    return blank(connection, [row["post_id"] for row in rows], removed=False) if rows else 0


def store_refusals(connection: Connection[DictRow], day: date, refusals: Iterable[Refusal]) -> int:
    """Put refused posts into quarantine, beside those of earlier readings; returns how many are new to it."""
    known = {
        (row["subject"], row["reason"])
        for row in connection.execute("select subject, reason from quarantine where source = %s", (SOURCE,))
    }
    rows = {
        (refusal.subject, refusal.reason): {
            "source": SOURCE,
            "market_day": day,
            "subject": refusal.subject,
            "reason": refusal.reason,
            "excerpt": refusal.excerpt[:EXCERPT_LENGTH].replace("\0", "\ufffd"),
        }
        for refusal in refusals
        if (refusal.subject, refusal.reason) not in known
    }
    merge(connection, tables.quarantine, rows.values())
    return len(rows)


# --- searching ------------------------------------------------------------------------------------------------------
REPEATS = """(p.crosspost_parent is not null and exists (
    select from reddit_posts o where (o.post_id = p.crosspost_parent)
       or (o.crosspost_parent = p.crosspost_parent and (o.created_utc, o.post_id) < (p.created_utc, p.post_id))))"""
"""Whether a post repeats one that is stored: of a post and its crossposts one is counted."""


def posts_to_search(connection: Connection[DictRow], days: Sequence[date], rules_version: str) -> list[DictRow]:
    """The posts of some market days whose text is there and was not searched as it is under these rules.

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
        (list(days), rules_version),
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


def store_found(
    connection: Connection[DictRow], found: Mapping[sa.Table, Sequence[Mapping[str, object]]], days: Sequence[date]
) -> LoadCounts:
    """Make the tables of :data:`FOUND_IN` hold what a search of posts of some days found; counts of the signals.

    What was found earlier in posts that were not searched now stays: their text is the same, or is gone.
    """
    counts = LoadCounts()
    searched = [row["post_id"] for row in found[tables.searched_posts]]
    for table in FOUND_IN:
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
        """with best as (
               select p.post_id, p.title, p.url, p.subreddit, p.created_utc, o.score, o.comments, o.observed_at
               from market_signals s join reddit_posts p using (post_id)
               left join lateral (select score, comments, observed_at from reddit_observations
                                  where post_id = p.post_id order by observed_at desc limit 1) o on true
               where s.keyword = %s and s.market_day between %s and %s
               order by o.score desc nulls last, o.comments desc nulls last, p.created_utc desc, p.post_id limit %s)
           select b.post_id, b.title, b.url, b.subreddit, b.created_utc, b.score, b.comments,
                  b.observed_at < b.created_utc + %s as is_provisional, f.polarity, f.polarity_sign
           from best b left join searched_posts f using (post_id)
           order by b.score desc nulls last, b.comments desc nulls last, b.created_utc desc, b.post_id""",
        (keyword, first, last, limit, PROVISIONAL),
    ).fetchall()


def polarity_by_chipset(connection: Connection[DictRow], first: date, last: date) -> list[DictRow]:
    """How posts speak of each chipset that they name: chipset, posts, good, neutral, bad, mean polarity."""
    return connection.execute(
        """select m.chipset, count(*) as posts, count(*) filter (where s.polarity_sign > 0) as good,
                  count(*) filter (where s.polarity_sign = 0) as neutral,
                  count(*) filter (where s.polarity_sign < 0) as bad, round(avg(s.polarity), 3) as polarity
           from chipset_mentions m join searched_posts s using (post_id)
           where m.market_day between %s and %s group by 1 order by 2 desc, 1""",
        (first, last),
    ).fetchall()


def polarity_by_keyword(connection: Connection[DictRow], day: date) -> dict[str, DictRow]:
    """How the day's posts with each keyword speak: good, bad, mean polarity."""
    rows = connection.execute(
        """select g.keyword, count(*) filter (where s.polarity_sign > 0) as good,
                  count(*) filter (where s.polarity_sign < 0) as bad, round(avg(s.polarity), 3) as polarity
           from market_signals g join searched_posts s using (post_id) where g.market_day = %s group by 1""",
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


# --- asking again ---------------------------------------------------------------------------------------------------
SCORED_AT_AGES = (timedelta(hours=6), timedelta(hours=24), timedelta(hours=48))
CHECK_EVERY = timedelta(hours=20)
"""Between two looks at whether a post is still there; a daily run that starts early still counts as a day later."""


def due_posts(connection: Connection[DictRow], now: datetime) -> list[str]:
    """The posts to ask for again: those that reached an age without a score at that age, and those whose text is kept
    and that were not looked at for :data:`CHECK_EVERY`."""
    rows = connection.execute(
        """with candidate as (
               select post_id, created_utc, checked_at, has_text from reddit_posts
               where not is_removed and (has_text or created_utc > %(now)s - %(scored)s))
           select post_id from candidate c
           where (has_text and (checked_at is null or checked_at < %(now)s - %(every)s))
              or exists (select from unnest(%(ages)s) as age
                         where c.created_utc + age <= %(now)s and c.created_utc + %(scored)s > %(now)s
                           and not exists (select from reddit_observations o
                                           where o.post_id = c.post_id and o.observed_at >= c.created_utc + age
                                                                                            - interval '1 hour'))
           order by post_id""",
        {
            "now": now,
            "ages": list(SCORED_AT_AGES),
            "every": CHECK_EVERY,
            "scored": SCORED_AT_AGES[-1] + timedelta(hours=48),
        },
    )
    return [row["post_id"] for row in rows]
