"""Posts as they are stored: taking them in, letting go of their text, which of them to ask Reddit for again.

Belongs here: ``reddit_posts``, its observations, and refused posts. Does not belong here: what the posts speak of
(``community``), how they are read (``resources.reddit``), how well (``readings``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.readings import SOURCE
from gpu_etl.database.records import quarantine_row
from gpu_etl.sources.records import Post, Refusal

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

SCORED_AT_AGES = (timedelta(hours=6), timedelta(hours=24), timedelta(hours=48))
CHECK_EVERY = timedelta(hours=20)
"""Between two looks at whether a post is still there; a daily run that starts early still counts as a day later."""


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
        (refusal.subject, refusal.reason): quarantine_row(SOURCE, day, refusal)
        for refusal in refusals
        if (refusal.subject, refusal.reason) not in known
    }
    merge(connection, tables.quarantine, rows.values())
    return len(rows)


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
