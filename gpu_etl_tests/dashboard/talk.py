"""What Reddit says in the market of the tests: two keywords, one of them rising, unread days, hostile and gone posts.

Belongs here: the rows. Does not belong here: what a test expects of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl_tests.dashboard.serving import DAY, EVIL_ADDRESS, HOSTILE, NOW, back

RISING, STEADY = "New <b>Release</b>", "Issues"
UNREAD = (9, 10)
"""How many days back Reddit was not read."""
POSTS = (
    # id, days back, keyword, title, url, score, comments, polarity
    ("best", 1, RISING, "5070 SUPER <i>soon</i>", "https://www.reddit.com/r/nvidia/comments/best/", 900, 10, 0.5),
    ("tied", 2, RISING, "Tied, and talked about more", "https://www.reddit.com/r/nvidia/comments/tied/", 500, 80, 0.0),
    ("tie2", 2, RISING, "Tied, and talked about less", "https://www.reddit.com/r/nvidia/comments/tie2/", 500, 20, 0.0),
    ("evil", 3, RISING, HOSTILE, EVIL_ADDRESS, 400, 5, -0.6),
    ("gone", 4, RISING, "", "", 300, 3, None),
    ("feed", 5, RISING, "Sixth and never shown", "https://www.reddit.com/r/nvidia/comments/feed/", None, None, 0.0),
    ("burn", 6, STEADY, "Connector melted", "https://www.reddit.com/r/Amd/comments/burn/", 70, 7, -0.9),
)


def fill_talk(connection: Connection[DictRow]) -> None:
    """Store it."""
    for post in POSTS:
        _post(connection, *post)
    trends, coverage = [], []
    for days_back in range(30):
        for keyword, mentions in ((RISING, 6 if days_back < 7 else 1), (STEADY, 2)):
            unread = days_back in UNREAD
            trends.append(_trend(keyword, days_back, None if unread else mentions))
        for part, status in (("Amd", "complete"), ("nvidia", "blocked" if days_back in UNREAD else "complete")):
            if not (part == "Amd" and days_back in UNREAD):
                coverage.append(_coverage("reddit", part, days_back, status))
        coverage.append(_coverage("danawa", "list", days_back, "partial" if days_back == 3 else "complete"))
    merge(connection, tables.keyword_trends, trends)
    merge(connection, tables.source_coverage, coverage)


def _post(
    connection: Connection[DictRow],
    post_id: str,
    days_back: int,
    keyword: str,
    title: str,
    url: str,
    score: int | None,
    comments: int | None,
    polarity: float | None,
) -> None:
    day = back(days_back)
    created = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    post = {"post_id": post_id, "subreddit": "nvidia", "created_utc": created, "market_day": day, "title": title}
    more = {"body": "", "url": url, "read_from": "praw", "is_stickied": False, "is_removed": not title}
    merge(connection, tables.reddit_posts, [{**post, **more, "has_text": bool(title)}])
    seen = {"post_id": post_id, "observed_at": created + timedelta(days=3), "score": score, "comments": comments}
    merge(connection, tables.reddit_observations, [seen])
    sign = None if polarity is None else (polarity > 0.2) - (polarity < -0.2)
    spoken: dict[str, Any] = {"post_id": post_id, "market_day": day, "polarity": polarity, "polarity_sign": sign}
    merge(connection, tables.searched_posts, [{**spoken, "digest": "x"}])
    signal = {**spoken, "keyword": keyword, "matched_text": "x"}
    signal |= {"matched_in": "title", "span_start": 0, "span_end": 1, "rules_version": "v"}
    merge(connection, tables.market_signals, [signal])
    merge(connection, tables.chipset_mentions, [{**spoken, "chipset": "GeForce RTX 5070"}])


def _trend(keyword: str, days_back: int, mentions: int | None) -> dict[str, Any]:
    rising = keyword == RISING and days_back == 0
    return {
        "keyword": keyword,
        "market_day": back(days_back),
        "mentions": mentions,
        "posts": None if mentions is None else 300,
        "mentions_7d": 42 if rising else 14,
        "mentions_previous_7d": 7,
        "growth_pct": 500 if rising else None,
        "growth_reason": None if rising else "Reddit was not read on 2 of the 14 days",
        "share_growth_pct": 480 if rising else 12,
        "is_rising": rising,
        "weight": 3,
        "weighted_score": None if mentions is None else 3 * mentions,
    }


def _coverage(source: str, part: str, days_back: int, status: str) -> dict[str, Any]:
    reason = None if status == "complete" else "403 <b>on</b> /r/nvidia"
    row = {"source": source, "part": part, "market_day": back(days_back), "status": status, "got": 5, "reason": reason}
    return {**row, "checked_at": NOW - (DAY - back(days_back))}
