"""What the checks say of published days, and that the blocking one blocks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import dagster as dg
import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import checks
from gpu_etl.assets.changes import price_changes
from gpu_etl.assets.index import chipset_index
from gpu_etl.assets.prices import price_logs, skus
from gpu_etl.database import Database, records, tables
from gpu_etl.database.bulk import merge
from gpu_etl.partitions import MARKET_DAYS
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus

T = TypeVar("T")
DAY = date(2026, 3, 8)
MORNING = datetime(2026, 3, 8, 1, tzinfo=UTC)
OPEN: dict[str, Database] = {}


class Opened(PostgresResource):
    """The test's database in place of the environment's."""

    def setup_for_execution(self, context: dg.InitResourceContext) -> None: ...

    def run(self, work: Callable[[Connection[DictRow]], T]) -> T:
        return OPEN["database"].run(work)


@pytest.fixture(autouse=True)
def _database(database: Database) -> None:
    OPEN["database"] = database


def publish(day: date, rows: int, priceless: int = 0, titles: str = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB") -> None:
    """Offers of a day, and for past days the prices made of them."""
    offers: list[dict[str, Any]] = [
        {
            "source": "danawa",
            "listing_id": str(number),
            "market_day": day,
            "position": 0,
            "title": titles,
            "price": None if number < priceless else 900_000,
            "currency": "KRW",
            "availability": "out_of_stock" if number < priceless else "in_stock",
            "observed_at": MORNING - timedelta(days=(DAY - day).days),
        }
        for number in range(rows)
    ]
    prices = [
        {name: offer[name] for name in ("source", "listing_id", "market_day", "price", "currency", "availability")}
        | {"recorded_at": offer["observed_at"]}
        for offer in offers
    ]
    OPEN["database"].run(lambda connection: merge(connection, tables.price_offers, offers))
    if day < DAY:
        OPEN["database"].run(lambda connection: merge(connection, tables.price_logs, prices))


def materialized(settings: Settings, *definitions: Any) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        list(definitions),
        partition_key=DAY.isoformat(),
        resources={"postgres": Opened(), "settings": settings},
        raise_on_error=False,
    )


def said(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str | None]]:
    """Whether each check passed, and its words."""
    return {found.check_name: (found.passed, found.description) for found in result.get_asset_check_evaluations()}


PRICE_CHECKS = (price_logs, checks.rows_against_recent_days, checks.share_without_price)


def test_a_usual_day_passes(make_settings: Callable[..., Settings]) -> None:
    for back in range(1, 6):
        publish(DAY - timedelta(days=back), 20)
    publish(DAY, 19, priceless=1)
    result = materialized(make_settings(), *PRICE_CHECKS)
    assert result.success
    assert said(result) == {
        "rows_against_recent_days": (True, "19 rows were published; the median of the last 5 days is 20."),
        "share_without_price": (True, "5.3% of the rows have no price; up to 12% is usual."),
    }


def test_a_day_of_few_rows_stops_what_follows(make_settings: Callable[..., Settings]) -> None:
    for back in range(1, 6):
        publish(DAY - timedelta(days=back), 20)
    publish(DAY, 12)
    result = materialized(make_settings(), *PRICE_CHECKS, price_changes, chipset_index)
    assert not result.success
    told = "12 rows were published; the median of the last 5 days is 20."
    assert said(result)["rows_against_recent_days"] == (False, told)
    reached = {event.step_key for event in result.all_events if event.is_step_materialization}
    assert reached == {"price_logs"}


def test_a_persons_word_lets_it_through(make_settings: Callable[..., Settings], database: Database) -> None:
    for back in range(1, 6):
        publish(DAY - timedelta(days=back), 20)
    publish(DAY, 12)
    database.run(lambda connection: records.accept_day(connection, "danawa", DAY, "the shop closed a wing", MORNING))
    result = materialized(make_settings(), *PRICE_CHECKS, price_changes)
    assert result.success
    assert said(result)["rows_against_recent_days"][0]


def test_a_first_day_has_nothing_to_be_compared_with_but_may_not_be_empty(
    make_settings: Callable[..., Settings],
) -> None:
    empty = materialized(make_settings(), *PRICE_CHECKS)
    told = "0 rows were published; there is no earlier day to compare with."
    assert said(empty)["rows_against_recent_days"] == (False, told)
    publish(DAY, 3)
    assert said(materialized(make_settings(), *PRICE_CHECKS))["rows_against_recent_days"][0]


def test_many_rows_without_a_price_are_a_warning_and_no_more(make_settings: Callable[..., Settings]) -> None:
    publish(DAY, 10, priceless=4)
    result = materialized(make_settings(), *PRICE_CHECKS)
    assert result.success
    assert said(result)["share_without_price"] == (False, "40.0% of the rows have no price; up to 12% is usual.")


@pytest.mark.parametrize(
    ("title", "passed", "words"),
    [
        ("MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB", True, "0 of 4 listings are unidentified; up to 5% is usual."),
        ("ACME 지포스 RTX 9999 D9 64GB", False, "4 of 4 listings are unidentified; up to 5% is usual."),
    ],
)
def test_names_that_no_rule_knows_are_a_warning(
    make_settings: Callable[..., Settings], title: str, passed: bool, words: str
) -> None:
    publish(DAY, 4, titles=title)
    result = materialized(make_settings(), skus, checks.share_unidentified)
    assert result.success
    assert said(result) == {"share_unidentified": (passed, words)}


def test_a_subreddit_that_was_not_read_is_named(make_settings: Callable[..., Settings], database: Database) -> None:
    def record(*rows: tuple[str, CoverageStatus, str | None]) -> None:
        covered = [records.Coverage("reddit", part, DAY, status, 5, None, reason) for part, status, reason in rows]
        database.run(lambda connection: records.record_coverage(connection, covered, MORNING))

    @dg.asset(name="reddit_posts", partitions_def=MARKET_DAYS)
    def collected() -> None: ...

    def check() -> tuple[bool, str | None]:
        return said(materialized(make_settings(), collected, checks.reddit_coverage))["reddit_coverage"]

    assert not check()[0], "a day of which nothing is known was not read"
    record(("nvidia", CoverageStatus.COMPLETE, None), ("Amd", CoverageStatus.BLOCKED, "403 on /r/Amd"))
    assert check() == (False, "1 of 2 subreddits were not read in full: r/Amd blocked: 403 on /r/Amd.")
    record(("Amd", CoverageStatus.COMPLETE, None))
    assert check() == (True, "All 2 subreddits were read in full.")
