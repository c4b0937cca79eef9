"""What the community page asks: mentions by keyword and day, the best posts, chipsets talked about, and what was read.

Belongs here: those queries. Does not belong here: growth and weights (``market.trends``), polarity
(``market.polarity``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database import community

LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """One keyword: its last day, its weeks, and the whole period."""

    keyword: str
    mentions_period: int | None
    """Posts of the period's days that were read; null when none was."""
    days_read: int
    mentions: int | None
    """Posts of the last day; null when it was not read."""
    mentions_7d: int | None
    mentions_previous_7d: int | None
    growth_pct: float | None
    """Last 7 days against the 7 before, in %; null with a reason."""
    growth_reason: str | None
    share_growth_pct: float | None
    """The same of the mentions per 1,000 posts, known also where days were read in part."""
    is_rising: bool
    """Growth above 50 %."""
    mentions_per_1000: float | None
    weight: float
    weighted_score: float | None
    good: int
    """Posts of the period that speak well of cards."""
    neutral: int
    bad: int
    polarity: float | None
    """Mean from -1 (ill) to 1 (well)."""


@dataclass(frozen=True, slots=True)
class MentionDay:
    """One keyword on one day."""

    keyword: str
    market_day: date
    mentions: int | None
    """Null when the day was not read."""
    posts: int | None
    """Posts that were searched."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post with the keyword; without title and link once it was removed, or its text is no longer kept."""

    post_id: str
    title: str | None
    url: str | None
    subreddit: str
    created_utc: datetime
    score: int | None
    """Null where only the feed was read."""
    comments: int | None
    is_provisional: bool | None
    """It was too young for its score to stand when it was last read."""
    polarity: float | None


@dataclass(frozen=True, slots=True)
class ChipsetTalk:
    """How posts of the period speak of a chipset."""

    chipset: str
    posts: int
    posts_7d: int
    good: int
    neutral: int
    bad: int
    polarity: float | None


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """How well one part of a source was read on a day."""

    source: str
    part: str
    market_day: date
    status: str
    got: int
    expected: int | None
    reason: str | None


def latest_day(connection: Connection[DictRow], first: date = date.min, last: date = date.max) -> date | None:
    """The latest day between two that has keyword trends; ``None`` when there is none."""
    row = connection.execute(
        "select max(market_day) as day from keyword_trends where market_day between %s and %s", (first, last)
    ).fetchone()
    return row["day"] if row else None


def keywords(connection: Connection[DictRow], first: date, last: date) -> list[KeywordRow]:
    """The keywords of the last day, those with most mentions in the period first."""
    with connection.cursor(row_factory=class_row(KeywordRow)) as cursor:
        return cursor.execute(_KEYWORDS, {"first": first, "last": last}).fetchall()


_KEYWORDS = """
with period as (
    select keyword, sum(mentions)::int as mentions_period, count(mentions)::int as days_read
    from keyword_trends where market_day between %(first)s and %(last)s group by 1),
spoken as (
    select keyword, count(*) filter (where polarity_sign > 0)::int as good,
           count(*) filter (where polarity_sign = 0)::int as neutral,
           count(*) filter (where polarity_sign < 0)::int as bad, avg(polarity)::float8 as polarity
    from market_signals where market_day between %(first)s and %(last)s group by 1)
select t.keyword, p.mentions_period, p.days_read, t.mentions, t.mentions_7d, t.mentions_previous_7d,
       t.growth_pct::float8 as growth_pct, t.growth_reason, t.share_growth_pct::float8 as share_growth_pct, t.is_rising,
       t.mentions_per_1000::float8 as mentions_per_1000, t.weight::float8 as weight,
       t.weighted_score::float8 as weighted_score, coalesce(s.good, 0) as good, coalesce(s.neutral, 0) as neutral,
       coalesce(s.bad, 0) as bad, s.polarity
from keyword_trends t join period p using (keyword) left join spoken s using (keyword)
where t.market_day = %(last)s
order by p.mentions_period desc nulls last, t.keyword
"""


def mention_days(connection: Connection[DictRow], first: date, last: date) -> list[MentionDay]:
    """Every keyword on every day that has trends, by keyword and day."""
    with connection.cursor(row_factory=class_row(MentionDay)) as cursor:
        return cursor.execute(
            """select keyword, market_day, mentions, posts from keyword_trends
               where market_day between %s and %s order by keyword, market_day""",
            (first, last),
        ).fetchall()


def top_posts(connection: Connection[DictRow], keyword: str, first: date, last: date) -> list[Post]:
    """The five posts with a keyword that scored best, then were talked about most."""
    return [
        Post(
            post_id=row["post_id"],
            title=(row["title"] or "")[:LONGEST_TITLE] or None,
            url=row["url"] or None,
            subreddit=row["subreddit"],
            created_utc=row["created_utc"],
            score=row["score"],
            comments=row["comments"],
            is_provisional=row["is_provisional"],
            polarity=None if row["polarity"] is None else float(row["polarity"]),
        )
        for row in community.top_posts(connection, keyword, first, last)
    ]


def chipsets(connection: Connection[DictRow], first: date, last: date, limit: int = 25) -> list[ChipsetTalk]:
    """The chipsets that the period's posts name, the most named first."""
    with connection.cursor(row_factory=class_row(ChipsetTalk)) as cursor:
        return cursor.execute(
            """select chipset, count(*)::int as posts,
                      count(*) filter (where market_day > %(last)s::date - 7)::int as posts_7d,
                      count(*) filter (where polarity_sign > 0)::int as good,
                      count(*) filter (where polarity_sign = 0)::int as neutral,
                      count(*) filter (where polarity_sign < 0)::int as bad, avg(polarity)::float8 as polarity
               from chipset_mentions where market_day between %(first)s and %(last)s
               group by 1 order by 2 desc, 1 limit %(limit)s""",
            {"first": first, "last": last, "limit": limit},
        ).fetchall()


def coverage(connection: Connection[DictRow], first: date, last: date, source: str | None = None) -> list[CoverageDay]:
    """How well each part was read on each day, by source, part and day; of one source where it is named."""
    with connection.cursor(row_factory=class_row(CoverageDay)) as cursor:
        return cursor.execute(
            """select source, part, market_day, status, got, expected, reason from source_coverage
               where market_day between %s and %s and (%s::text is null or source = %s)
               order by source, part, market_day""",
            (first, last, source, source),
        ).fetchall()
