"""The community group: from posts to keyword trends.

Belongs here: collect, match, count, in the order of the graph. Does not belong here: reading Reddit
(``resources.reddit``), what matches (``market.signals``), what growth means (``market.trends``).

A collection at ten in the morning sees the end of yesterday for the first time, so each step works on the day and the
two before it: the days that the collection's 48 hours of overlap can still change.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

import dagster as dg
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.assets.failures import Refused, TryAgain, reported
from gpu_etl.assets.metadata import loaded, table, table_metadata
from gpu_etl.database import community, records, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.market import signals, trends
from gpu_etl.market.signals import Rules, Signal
from gpu_etl.partitions import MARKET_DAYS, market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.resources.reddit import Collected, CredentialsError, RedditResource, SubredditCoverage
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus

GROUP = "community"
SOURCE = "reddit"
OVERLAP = timedelta(hours=48)


def changeable_days(day: date) -> list[date]:
    """The market days whose posts a collection on ``day`` can still bring."""
    return [day - timedelta(days=back) for back in range(OVERLAP.days, -1, -1)]


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    kinds={"reddit", "postgres"},
    metadata=table_metadata(tables.reddit_posts),
)
def reddit_posts(
    context: dg.AssetExecutionContext,
    reddit: RedditResource,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
) -> dg.MaterializeResult[None]:
    """Posts of the subreddits with what they score now, and how well each subreddit could be read."""
    day = market_day(context)
    with reported():
        if day != settings.today():
            raise Refused(f"{day} is not today ({settings.today()}): what is new on Reddit can only be read today")
        since = postgres.run(lambda connection: community.read_since(connection, settings.reddit_subreddits, OVERLAP))
        collected = _collect(reddit, settings, since)
        coverage = _coverage_rows(collected, settings, since)
        posts, observations = postgres.run(
            lambda connection: community.store_posts(connection, collected.posts, settings.now(), settings.zone)
        )
        postgres.run(lambda connection: records.record_coverage(connection, coverage, settings.now()))
        refusals = [(refusal, None) for refusal in collected.refusals]
        refused = postgres.run(lambda connection: records.store_refusals(connection, SOURCE, day, refusals))
        _fail_when_blind(collected)
    return dg.MaterializeResult(
        metadata=loaded(
            len(collected.posts),
            posts,
            new_observations=observations.inserted,
            quarantined=refused,
            mode=collected.mode,
            coverage=table([_shown(row) for row in collected.coverage]),
        )
    )


def _collect(reddit: RedditResource, settings: Settings, since: datetime | None) -> Collected:
    try:
        return reddit.read(settings.reddit_subreddits, since=since, now=settings.now())
    except CredentialsError as error:
        raise Refused(str(error)) from None


def _fail_when_blind(collected: Collected) -> None:
    """A collection in which no subreddit could be read is a failure, not a day without posts."""
    if any(row.status in (CoverageStatus.COMPLETE, CoverageStatus.PARTIAL) for row in collected.coverage):
        return
    reasons = "; ".join(f"r/{row.subreddit} {row.status}: {row.reason}" for row in collected.coverage)
    raise TryAgain(f"no subreddit could be read: {reasons}")


def _coverage_rows(collected: Collected, settings: Settings, since: datetime | None) -> list[records.Coverage]:
    """One row a subreddit and market day that the reading reached; the oldest day of a cut reading is partial."""
    rows = []
    for read in collected.coverage:
        today = settings.today()
        if read.status not in (CoverageStatus.COMPLETE, CoverageStatus.PARTIAL):
            rows.append(records.Coverage(SOURCE, read.subreddit, today, read.status, 0, read.expected, read.reason))
            continue
        counts = Counter(
            post.created_utc.astimezone(settings.zone).date()
            for post in collected.posts
            if post.subreddit.lower() == read.subreddit.lower()
        )
        reached = _reached(read.oldest, since)
        first = reached.astimezone(settings.zone).date() if reached else today
        for day in (first + timedelta(days=n) for n in range((today - first).days + 1)):
            is_cut = day == first and day != today
            status = CoverageStatus.PARTIAL if is_cut else read.status
            reason = f"read from {reached:%H:%M} UTC on" if is_cut and reached else read.reason
            rows.append(records.Coverage(SOURCE, read.subreddit, day, status, counts[day], None, reason))
    return rows


def _reached(oldest: datetime | None, since: datetime | None) -> datetime | None:
    """From when on the reading holds every post: where it was asked to begin, or its oldest post if it fell short."""
    if since is None or oldest is None:
        return oldest or since
    return max(oldest, since)


def _shown(row: SubredditCoverage) -> dict[str, object]:
    return {"subreddit": row.subreddit, "status": row.status.value, "got": row.got, "reason": row.reason or ""}


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[reddit_posts],
    kinds={"postgres"},
    metadata=table_metadata(tables.market_signals),
)
def market_signals(
    context: dg.AssetExecutionContext, postgres: PostgresResource, keyword_rules: dg.ResourceParam[Rules]
) -> dg.MaterializeResult[None]:
    """Keywords and chipsets named in the posts of the day and of the two before it, each once a post."""
    day = market_day(context)
    with reported():
        rows, counts, mentions = postgres.run(
            lambda connection: load_market_signals(connection, changeable_days(day), keyword_rules)
        )
    today = [row for row in rows if row["market_day"] == day]
    return dg.MaterializeResult(
        metadata=loaded(len(today), counts, chipset_mentions=mentions, rules_version=keyword_rules.version)
    )


def load_market_signals(
    connection: Connection[DictRow], days: Sequence[date], rules: Rules
) -> tuple[list[dict[str, object]], LoadCounts, int]:
    """Search the posts of some market days; returns the signals, what the load changed, and the chipset mentions."""
    found, named = [], []
    for post in community.posts_of_days(connection, days):
        shared = {"post_id": post["post_id"], "market_day": post["market_day"]}
        for chipset in catalog.mentions(f"{post['title']}\n{post['body']}"):
            named.append({**shared, "chipset": chipset})
        if post["is_stickied"]:
            continue
        for signal in signals.find(post["post_id"], post["title"], post["body"], rules):
            found.append({**shared, **_signal_columns(signal), "rules_version": rules.version})
    counts = LoadCounts()
    for day in days:
        scope = {"market_day": day}
        counts = counts + merge(
            connection, tables.market_signals, [r for r in found if r["market_day"] == day], scope=scope
        )
        merge(connection, tables.chipset_mentions, [r for r in named if r["market_day"] == day], scope=scope)
    return found, counts, len(named)


def _signal_columns(signal: Signal) -> dict[str, object]:
    return {
        "keyword": signal.keyword,
        "matched_text": signal.matched_text,
        "matched_in": signal.matched_in,
        "span_start": signal.start,
        "span_end": signal.end,
    }


@dg.asset(
    group_name=GROUP,
    partitions_def=MARKET_DAYS,
    deps=[market_signals],
    kinds={"postgres"},
    metadata=table_metadata(tables.keyword_trends),
)
def keyword_trends(
    context: dg.AssetExecutionContext,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """Per keyword: mentions, share, growth against the week before, weighted score; a day not read stays empty."""
    day = market_day(context)
    with reported():
        rows, counts = postgres.run(
            lambda connection: load_keyword_trends(connection, changeable_days(day), settings, keyword_rules)
        )
    today = [row for row in rows if row["market_day"] == day]
    score = sum(row["weighted_score"] or 0 for row in today)  # type: ignore[misc]
    return dg.MaterializeResult(metadata=loaded(len(today), counts, weighted_score=float(score), trends=table(today)))


def load_keyword_trends(
    connection: Connection[DictRow], days: Sequence[date], settings: Settings, rules: Rules
) -> tuple[list[dict[str, object]], LoadCounts]:
    """Compute and store the trends of some market days; returns their rows."""
    weights = {
        "new_release": settings.sentiment_weight_new_release,
        "price_drop": settings.sentiment_weight_price_drop,
        "default": settings.sentiment_weight_default,
    }
    first = min(days) - timedelta(days=2 * trends.WINDOW_DAYS)
    read = community.mentions_by_day(connection, first, max(days))
    rows: list[dict[str, object]] = []
    for day in days:
        posts = read[day].posts if day in read else None
        for keyword in rules.keywords:
            mentions = {past: counted.by_keyword.get(keyword.label, 0) for past, counted in read.items()}
            weight = weights[keyword.weight_group]
            computed = trends.trend(day, mentions, posts, weight)
            rows.append({"keyword": keyword.label, "market_day": day, "weight": weight, **asdict(computed)})
    counts = LoadCounts()
    for day in days:
        counts = counts + merge(
            connection, tables.keyword_trends, [r for r in rows if r["market_day"] == day], scope={"market_day": day}
        )
    return rows, counts
