"""The community group: from posts to keyword trends.

Belongs here: collect, match, count, in the order of the graph. Does not belong here: a collection's steps
(``collecting``), what matches (``market.signals``), what growth means (``market.trends``).

A collection at ten in the morning sees the end of yesterday for the first time, so each step works on the day and the
two before it: the days that the collection's 48 hours of overlap can still change.

Titles and texts stay out of metadata: Dagster keeps metadata for ever, and what is deleted on Reddit must go.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from gpu_etl.assets import collecting, searching, showing
from gpu_etl.assets.clock import refuse_to_come
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import Refused, reported
from gpu_etl.assets.metadata import loaded, table
from gpu_etl.database import community, readings, records, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.market import trends
from gpu_etl.market.signals import Rules
from gpu_etl.market.trends import Counted
from gpu_etl.partitions import market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.resources.reddit import RedditResource, SubredditCoverage
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

GROUP = "community"
SOURCE = collecting.SOURCE


def changeable_days(day: date) -> list[date]:
    """The market days whose posts a collection on ``day`` can still bring."""
    return [day - timedelta(days=back) for back in range(readings.OVERLAP.days, -1, -1)]


@table_asset("reddit_posts", GROUP, read_from="reddit", pool="reddit")  # a pool as of raw_pages
def reddit_posts(
    context: dg.AssetExecutionContext,
    reddit: RedditResource,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """Posts of the subreddits with what they score now, and how well each subreddit could be read.

    Only today can be read from Reddit itself. A past day is read from Arctic Shift where that is allowed.
    """
    day, today = market_day(context), settings.today()
    with reported():
        if day == today:
            outcome = collecting.collect(reddit, postgres, settings)
        elif day < today and settings.reddit_use_arctic_shift:
            outcome = collecting.collect_archived(reddit, postgres, settings, keyword_rules, day)
        else:
            raise Refused(
                f"{day} is not today ({today}): what is new on Reddit can only be read today; "
                "past days come from `gpu-etl import reddit-dump`, or with REDDIT_USE_ARCTIC_SHIFT=true"
            )
        coverage = postgres.run(lambda connection: records.coverage_of(connection, SOURCE, day))
    for gap in outcome.gaps:
        context.log.warning(gap)
    return dg.MaterializeResult(
        metadata=loaded(
            sum(row["got"] for row in coverage),
            outcome.posts,
            read=len(outcome.read.posts),
            new_observations=outcome.observations.inserted,
            quarantined=outcome.quarantined,
            asked_again=outcome.asked_again,
            not_asked_because=outcome.unread,
            texts_of_removed_posts=outcome.removed,
            texts_expired=outcome.expired,
            mode=outcome.mode,
            reading=table([_shown(row) for row in outcome.read.coverage]),
            coverage=table([{name: row[name] for name in ("part", "status", "got", "reason")} for row in coverage]),
            dashboard=showing.dashboard_page(settings, f"/health?to={day}"),
        )
    )


def _shown(row: SubredditCoverage) -> dict[str, object]:
    return {"subreddit": row.subreddit, "status": row.status.value, "got": row.got, "reason": row.reason or ""}


@table_asset("market_signals", GROUP, deps=[reddit_posts])
def market_signals(
    context: dg.AssetExecutionContext, postgres: PostgresResource, keyword_rules: dg.ResourceParam[Rules]
) -> dg.MaterializeResult[None]:
    """Keywords, chipsets and polarity of the posts of the day and of the two before it, and of any not searched yet."""
    day = market_day(context)
    with reported():
        counts, searched = postgres.run(
            lambda connection: load_market_signals(connection, _days_to_search(connection, day), keyword_rules)
        )
        found = postgres.run(lambda connection: community.found_on(connection, day))
        chipsets = postgres.run(
            lambda connection: community.polarity_by_chipset(connection, day - timedelta(days=6), day)
        )
    return dg.MaterializeResult(
        metadata=loaded(
            found["signals"],
            counts,
            searched=searched,
            chipset_mentions=found["chipsets"],
            posts_counted=found["posts"],
            posts_not_counted=found["excluded"],
            rules_version=keyword_rules.version,
            chipsets_7d=table(chipsets[:20]),
        )
    )


def _days_to_search(connection: "Connection[DictRow]", day: date) -> list[date]:
    return sorted({*changeable_days(day), *community.unsearched_days(connection)})


def load_market_signals(
    connection: "Connection[DictRow]", days: Sequence[date], rules: Rules
) -> "tuple[LoadCounts, int]":
    """Search the posts of some market days; returns what changed in the signals, and how many posts were searched."""
    return searching.search_days(connection, days, rules)


@table_asset("keyword_trends", GROUP, deps=[market_signals])
def keyword_trends(
    context: dg.AssetExecutionContext,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """Per keyword: mentions, share, growth against the week before, weighted score; a day not read stays empty."""
    day = market_day(context)
    with reported():
        refuse_to_come(day, settings)
        rows, counts = postgres.run(
            lambda connection: load_keyword_trends(
                connection, _days_to_count(connection, day, settings.today()), settings, keyword_rules
            )
        )
        polarity = postgres.run(lambda connection: community.polarity_by_keyword(connection, day))
        top = postgres.run(lambda connection: _top_posts(connection, day, keyword_rules))
        chart = postgres.run(lambda connection: showing.keyword_picture(connection, day))
    today = [row for row in rows if row["market_day"] == day]
    score = sum(row["weighted_score"] or 0 for row in today)  # type: ignore[misc]
    shown = [{**row, **_polarity_columns(polarity.get(str(row["keyword"])))} for row in today]
    return dg.MaterializeResult(
        metadata=loaded(
            len(today),
            counts,
            weighted_score=float(score),
            rising=sum(bool(row["is_rising"]) for row in today),
            chart=chart,
            trends=table(shown),
            top_posts_7d=table(top),
            dashboard=showing.dashboard_page(settings, f"/community?to={day}"),
        )
    )


def _days_to_count(connection: "Connection[DictRow]", day: date, today: date) -> list[date]:
    """The days that may have changed, those whose two weeks hold such a day, and those that were never counted."""
    last = min(day + timedelta(days=2 * trends.WINDOW_DAYS), max(day, today))
    first = changeable_days(day)[0]
    affected = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    return sorted(affected | set(community.days_without_trends(connection, day)))


def _polarity_columns(row: "DictRow | None") -> dict[str, object]:
    return {name: row[name] if row else None for name in ("good", "bad", "polarity")}


def _top_posts(connection: "Connection[DictRow]", day: date, rules: Rules) -> list[dict[str, object]]:
    """The best posts of a week for each keyword, by score and then comments; by id, for titles may have to go."""
    columns = ("post_id", "subreddit", "score", "comments", "is_provisional", "polarity")
    return [
        {"keyword": keyword.label, **{name: post[name] for name in columns}}
        for keyword in rules.keywords
        for post in community.top_posts(connection, keyword.label, day - timedelta(days=6), day, limit=3)
    ]


def load_keyword_trends(
    connection: "Connection[DictRow]", days: Sequence[date], settings: Settings, rules: Rules
) -> "tuple[list[dict[str, object]], LoadCounts]":
    """Compute and store the trends of some market days; returns their rows."""
    weights = {
        "new_release": settings.sentiment_weight_new_release,
        "price_drop": settings.sentiment_weight_price_drop,
        "default": settings.sentiment_weight_default,
    }
    first = min(days) - timedelta(days=2 * trends.WINDOW_DAYS)
    found = community.mentions_by_day(connection, first, max(days))
    read = readings.days_read(connection, first, max(days), settings.zone)
    rows: list[dict[str, object]] = []
    for keyword in rules.keywords:
        counted = {
            day: Counted(
                mentions=found[day].by_keyword.get(keyword.label, 0),
                posts=found[day].posts,
                parts=how.parts,
                is_whole=how.is_whole,
                is_over=how.is_over,
            )
            for day, how in read.items()
        }
        weight = weights[keyword.weight_group] if keyword.weight is None else keyword.weight
        for day in days:
            computed = asdict(trends.trend(day, counted, weight))
            rows.append({"keyword": keyword.label, "market_day": day, "weight": weight, **computed})
    return rows, merge(connection, tables.keyword_trends, rows, scope={"market_day": list(days)})
