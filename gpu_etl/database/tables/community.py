"""Tables of what was read and found in the talk."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gpu_etl.database.tables.columns import DAY, SOURCE, TIMESTAMP, column, key, metadata, must


def _tone(note: str) -> tuple[sa.Column[Any], sa.Column[Any]]:
    """How a post speaks. It stands beside all that the post names too: two years of talk need no join to be counted."""
    return (
        column("polarity", sa.Numeric(4, 3), f"from -1 (speaks ill of cards) to 1 (well); {note}"),
        column("polarity_sign", sa.SmallInteger, "-1, 0 or 1: bad, neutral, good"),
    )


reddit_posts = sa.Table(
    "reddit_posts",
    metadata,
    key("post_id", sa.Text, "Reddit's base-36 id, without t3_"),
    must("subreddit", sa.Text, "without r/"),
    must("created_utc", TIMESTAMP, "when it was posted"),
    must("market_day", sa.Date, "the market day of its creation"),
    must("title", sa.Text, "unescaped; empty once removed"),
    must("body", sa.Text, "unescaped self text; empty for links and once removed"),
    must("url", sa.Text, "permalink; empty once removed"),
    must("read_from", sa.Text, "praw, rss, arctic_shift or dump"),
    must("is_stickied", sa.Boolean, "pinned by the moderators: not counted"),
    column("crosspost_parent", sa.Text, "id of the post it repeats"),
    must("is_removed", sa.Boolean, "deleted or removed at the source: its text is gone here too"),
    must("has_text", sa.Boolean, "title, body and url are kept; false once removed or older than texts are kept"),
    column("checked_at", TIMESTAMP, "the hour in which Reddit last showed it; NULL when only an archive did"),
    sa.Index("reddit_posts_by_day", "market_day"),
    sa.Index("reddit_posts_with_text", "created_utc", postgresql_where=sa.text("has_text")),
    sa.Index("reddit_posts_by_parent", "crosspost_parent", postgresql_where=sa.text("crosspost_parent is not null")),
    comment="Posts, without authors",
)

reddit_observations = sa.Table(
    "reddit_observations",
    metadata,
    key("post_id", sa.Text, "the post"),
    key("observed_at", TIMESTAMP, "the hour of the reading"),
    column("score", sa.Integer, "NULL where the source has none (RSS)"),
    column("comments", sa.Integer, "NULL where the source has none (RSS)"),
    comment="Scores change with age: one row a post and hour of reading",
)

reddit_readings = sa.Table(
    "reddit_readings",
    metadata,
    key("subreddit", sa.Text, "lower case, without r/"),
    key("read_from", sa.Text, "praw, rss, arctic_shift or dump"),
    key("up_to", TIMESTAMP, "the moment of the reading; for an archive the end of what it holds"),
    column("back_to", TIMESTAMP, "from here to up_to no post is missing; NULL when that is true of no moment"),
    must("status", sa.Text, "complete, partial, blocked, unavailable or failed"),
    must("got", sa.Integer, "posts read"),
    must("refused", sa.Integer, "posts that could not be understood"),
    column("reason", sa.Text, "why it is not complete"),
    comment="Every attempt to read a subreddit and which stretch of time it holds; coverage is computed from these",
)

searched_posts = sa.Table(
    "searched_posts",
    metadata,
    key("post_id", sa.Text, "the post"),
    must("market_day", sa.Date, "the market day of the post"),
    column("excluded", sa.Text, "why it is not counted: stickied, megathread, bot, crosspost; NULL when it is"),
    *_tone("NULL when not counted"),
    must("digest", sa.Text, "of rules and text as they were searched: the same are not searched again"),
    sa.Index("searched_posts_by_day", "market_day"),
    comment="Posts whose text was searched, counted also after the text is gone; what all shares are shares of",
)

file_imports = sa.Table(
    "file_imports",
    metadata,
    key("source", sa.Text, SOURCE),
    key("file", sa.Text, "the file's name"),
    key("size", sa.BigInteger, "bytes of the file"),
    key("parts", sa.Text, "what was asked of it"),
    must("position", sa.BigInteger, "where to go on"),
    must("state", JSONB, "what the import knows so far"),
    comment="Imports of large files that are not finished: where to go on after an interruption",
)

market_signals = sa.Table(
    "market_signals",
    metadata,
    key("post_id", sa.Text, "the post"),
    key("keyword", sa.Text, "the keyword's label"),
    must("market_day", sa.Date, "the market day of the post"),
    must("matched_text", sa.Text, "what matched"),
    must("matched_in", sa.Text, "title or body"),
    must("span_start", sa.Integer, "offset of the match"),
    must("span_end", sa.Integer, "offset behind the match"),
    must("rules_version", sa.Text, "digest of the keyword rules that matched"),
    *_tone("of the post"),
    sa.Index("market_signals_by_day", "market_day", "keyword"),
    comment="Keywords found in posts, each once a post",
)

chipset_mentions = sa.Table(
    "chipset_mentions",
    metadata,
    key("post_id", sa.Text, "the post"),
    key("chipset", sa.Text, "canonical chipset name"),
    must("market_day", sa.Date, "the market day of the post"),
    *_tone("of the post"),
    sa.Index("chipset_mentions_by_day", "market_day", "chipset"),
    comment="Chipsets named in posts, each once a post",
)

keyword_trends = sa.Table(
    "keyword_trends",
    metadata,
    key("keyword", sa.Text, "the keyword's label"),
    key("market_day", sa.Date, DAY),
    column("mentions", sa.Integer, "posts of the day with the keyword; NULL when the day was not read"),
    column("posts", sa.Integer, "posts of the day that were searched; NULL when the day was not read"),
    column("mentions_per_1000", sa.Numeric(8, 2), "mentions per 1,000 posts searched"),
    column("mentions_7d", sa.Integer, "mentions of the last 7 days that are over; NULL when a day is missing"),
    column("mentions_previous_7d", sa.Integer, "mentions of the 7 days before those; NULL when a day is missing"),
    column("growth_pct", sa.Numeric(10, 2), "change from the previous 7 days in %; NULL with a reason"),
    column("growth_reason", sa.Text, "why growth_pct is NULL"),
    column(
        "share_growth_pct",
        sa.Numeric(10, 2),
        "change of the mentions per 1,000 posts in %: known also where days were read in part",
    ),
    must("is_rising", sa.Boolean, "growth above 50 %; of the share where days were read in part"),
    must("weight", sa.Numeric(6, 2), "the keyword's weight"),
    column("weighted_score", sa.Numeric(12, 2), "mentions x weight"),
    comment="Per keyword and day: mentions, share, growth, weighted score",
)
