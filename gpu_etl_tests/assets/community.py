"""A Reddit of our own making: posts that are there, or not, at a pretended hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gpu_etl.assets import collecting, community
from gpu_etl.database import Database
from gpu_etl.market.signals import load_rules
from gpu_etl.resources.reddit_coverage import Collected, Refreshed, Since, SubredditCoverage, newest_first, since_of
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus, Post, Refusal

Run = Callable[..., collecting.Outcome]
FINAL = (
    "reddit_posts",
    "reddit_observations",
    "market_signals",
    "chipset_mentions",
    "searched_posts",
    "keyword_trends",
    "source_coverage",
    "quarantine",
)
LOOPBACK = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")
NAMES = ("nvidia", "Amd")
TEN = datetime(2026, 3, 5, 1, tzinfo=UTC)
"""Ten in the morning of 2026-03-05 in Seoul."""


def post(post_id: str, hours_ago: float, **changes: Any) -> Post:
    made = Post(
        post_id=post_id,
        subreddit="nvidia",
        created_utc=TEN - timedelta(hours=hours_ago),
        title=f"RTX 5070 price drop {post_id}",
        body="A body.",
        url=f"https://www.reddit.com/r/nvidia/comments/{post_id}/",
        read_from="praw",
        score=10,
        comments=2,
    )
    return replace(made, **changes)


@dataclass
class FakeReddit:
    """Holds posts; ``reach`` is how many hours a reading goes back, ``problems`` what befalls subreddits."""

    posts: list[Post] = field(default_factory=list)
    reach: float = 1000
    mode: str = "praw"
    problems: dict[str, tuple[CoverageStatus, str]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    flicker: set[str] = field(default_factory=set)
    """Missing when asked for the first time only."""
    asked: list[list[str]] = field(default_factory=list)
    since: list[Since] = field(default_factory=list)
    archived: list[Post] = field(default_factory=list)

    def read(self, subreddits: Sequence[str], *, since: Since, now: datetime) -> Collected:
        self.since.append(since)
        posts: list[Post] = []
        coverage = []
        for name in subreddits:
            if name in self.problems:
                status, reason = self.problems[name]
                coverage.append(SubredditCoverage(name, status, None, 0, reason))
                continue
            back_to = max(now - timedelta(hours=self.reach), since_of(since, name) or now - timedelta(days=60))
            held = [
                replace(p, read_from=self.mode, score=None if self.mode == "rss" else p.score)
                for p in self.posts
                if p.subreddit == name and back_to <= p.created_utc <= now and p.post_id not in self.gone
            ]
            posts += held
            complete = CoverageStatus.COMPLETE
            coverage.append(SubredditCoverage(name, complete, None, len(held), None, reaches_back_to=back_to))
        return Collected(self.mode, newest_first(posts), coverage, self.refusals)

    def refresh(self, post_ids: Sequence[str]) -> Refreshed:
        self.asked.append(list(post_ids))
        missing = [i for i in post_ids if i in self.gone | self.flicker]
        self.flicker = set()
        return Refreshed([p for p in self.posts if p.post_id in set(post_ids) - set(missing)], missing)

    def read_archive(self, subreddits: Sequence[str], *, start: datetime, end: datetime) -> Collected:
        posts = [replace(p, read_from="arctic_shift") for p in self.archived if start <= p.created_utc < end]
        coverage = []
        for name in subreddits:
            n = sum(p.subreddit == name for p in posts)
            status = CoverageStatus.COMPLETE if n else CoverageStatus.PARTIAL
            reason = None if n else "the archive holds no post of it on that day"
            coverage.append(SubredditCoverage(name, status, None, n, reason, reaches_back_to=start if n else None))
        return Collected("arctic_shift", posts, coverage, self.refusals)


def settings_at(make_settings: Callable[..., Settings], hours: float = 0, **changes: Any) -> Settings:
    """Settings with a key, so many hours after :data:`TEN`; ``reddit_client_id=""`` takes the key away."""
    chosen: Mapping[str, Any] = {
        "gpu_etl_now": TEN + timedelta(hours=hours),
        "reddit_subreddits": NAMES,
        "reddit_client_id": "id",
        "reddit_client_secret": "secret",
        "reddit_rss_interval_seconds": 0,
        **LOOPBACK,
        **changes,
    }
    return make_settings(**chosen)


def rows(database: Database, question: str, *parameters: object) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        return connection.execute(question, parameters).fetchall()


def coverage(database: Database, part: str = "nvidia") -> dict[str, tuple[str, int, str | None]]:
    """Status, count and reason by day."""
    found = rows(database, "select * from source_coverage where part = %s order by market_day", part)
    return {str(row["market_day"]): (row["status"], row["got"], row["reason"]) for row in found}


def search_and_count(database: Database, settings: Settings, day: date | None = None) -> None:
    day, rules = day or settings.today(), load_rules()
    with database.transaction() as connection:
        community.load_market_signals(connection, community._days_to_search(connection, day), rules)
        days = community._days_to_count(connection, day, settings.today())
        community.load_keyword_trends(connection, days, settings, rules)


def everything(database: Database) -> dict[str, list[Any]]:
    return {table: rows(database, f"select t::text as row from {table} t order by 1") for table in FINAL}


def mentions(database: Database, day: str, keyword: str = "Price Drop") -> dict[str, Any]:
    [row] = rows(database, "select * from keyword_trends where market_day = %s and keyword = %s", day, keyword)
    return row
