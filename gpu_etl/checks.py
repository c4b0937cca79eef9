"""Asset checks: what a person wants to be told about a day that was published.

Belongs here: reading counts and saying whether they are usual. Does not belong here: the gate that keeps a blind day
from being published; that stands before the load (``assets.prices``), because a check runs after it. The row check
repeats the gate's rule on what is stored, and blocks what follows when a day got in some other way.

https://docs.dagster.io/guides/test/asset-checks
"""

from statistics import median

import dagster as dg

from gpu_etl.assets.community import SOURCE as REDDIT
from gpu_etl.assets.community import reddit_posts
from gpu_etl.assets.crawling import SOURCE
from gpu_etl.assets.prices import price_logs, skus
from gpu_etl.database import identities, prices, records
from gpu_etl.market.gates import MAX_PRICELESS_SHARE, MIN_ROWS_SHARE
from gpu_etl.partitions import market_day
from gpu_etl.resources.postgres import PostgresResource

MAX_UNIDENTIFIED_SHARE = 0.05
"""Names that look like cards and that no rule knows; on two years of the real list it is below 1 %."""


def _result(passed: bool, description: str, **numbers: float) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(passed=passed, severity=severity, description=description, metadata=dict(numbers))


@dg.asset_check(asset=price_logs, blocking=True)
def rows_against_recent_days(context: dg.AssetCheckExecutionContext, postgres: PostgresResource) -> dg.AssetCheckResult:
    """The day's rows against the median of the last 28 published days."""
    day = market_day(context)
    counts = postgres.run(lambda connection: prices.published_counts(connection, SOURCE, day))
    accepted = postgres.run(lambda connection: records.accepted_because(connection, SOURCE, day))
    usual = median(counts.earlier_rows) if counts.earlier_rows else 0
    passed = counts.rows > 0 and (counts.rows >= MIN_ROWS_SHARE * usual or accepted is not None)
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_rows_in_words(counts.rows, len(counts.earlier_rows), usual, accepted),
        metadata={"rows": counts.rows, "median_rows": float(usual)},
    )


def _rows_in_words(rows: int, days: int, usual: float, accepted: str | None) -> str:
    if not days:
        return f"{rows:,} rows were published; there is no earlier day to compare with."
    told = f"{rows:,} rows were published; the median of the last {days} days is {usual:,.0f}."
    return f"{told} A person vouched for the day: {accepted}" if accepted else told


@dg.asset_check(asset=price_logs)
def share_without_price(context: dg.AssetCheckExecutionContext, postgres: PostgresResource) -> dg.AssetCheckResult:
    """Rows without a price: status words, or prices that could not be read."""
    counts = postgres.run(lambda connection: prices.published_counts(connection, SOURCE, market_day(context)))
    share = counts.priceless / counts.rows if counts.rows else 1.0
    told = f"{share:.1%} of the rows have no price; up to {MAX_PRICELESS_SHARE:.0%} is usual."
    return _result(share <= MAX_PRICELESS_SHARE, told, share=share)


@dg.asset_check(asset=skus)
def share_unidentified(context: dg.AssetCheckExecutionContext, postgres: PostgresResource) -> dg.AssetCheckResult:
    """Listings that look like cards but could not be identified."""
    summary = postgres.run(lambda connection: identities.identity_summary(connection, market_day(context)))
    total = sum(row["listings"] for row in summary)
    unknown = sum(row["listings"] for row in summary if row["identity_status"] == "unidentified")
    share = unknown / total if total else 0.0
    told = f"{unknown:,} of {total:,} listings are unidentified; up to {MAX_UNIDENTIFIED_SHARE:.0%} is usual."
    return _result(share <= MAX_UNIDENTIFIED_SHARE, told, share=share)


@dg.asset_check(asset=reddit_posts)
def reddit_coverage(context: dg.AssetCheckExecutionContext, postgres: PostgresResource) -> dg.AssetCheckResult:
    """Whether every subreddit could be read."""
    day = market_day(context)
    rows = postgres.run(lambda connection: records.coverage_of(connection, REDDIT, day))
    gaps = [f"r/{row['part']} {row['status']}: {row['reason']}" for row in rows if row["status"] != "complete"]
    if not rows:
        description = "Nothing is recorded of a reading of Reddit on this day."
    elif gaps:
        description = f"{len(gaps)} of {len(rows)} subreddits were not read in full: {'; '.join(gaps)}."
    else:
        description = f"All {len(rows)} subreddits were read in full."
    return _result(bool(rows) and not gaps, description, subreddits=len(rows), not_complete=len(gaps))


ALL = [rows_against_recent_days, share_without_price, share_unidentified, reddit_coverage]
