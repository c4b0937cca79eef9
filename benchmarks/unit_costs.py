"""What one unit of work costs, and a hundred shops by arithmetic on that: ``python -m benchmarks.unit_costs``.

Belongs here: the figures of the first two tables of ``docs/scale.md``. Does not belong here: ratios and goals (the
benchmarks of ``make bench``), what Dagster costs (``dagster_cost``, ``celery_workers``).

Time is that of the processor, of this program and of its connections' processes, so that others on the machine count
little. The day is a real one, replayed; its pages stand for each of the days before it.
"""

from __future__ import annotations

import gzip
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import zstandard
from psycopg import Connection
from psycopg.rows import DictRow

from benchmarks.crawled import crawl_last_day, repeat_crawl
from benchmarks.workshop import Missing, Workshop, shared, workshop
from gpu_etl.assets.analytics import load_day
from gpu_etl.assets.reading import read_day
from gpu_etl.assets.rebuilding import rebuild_day
from gpu_etl.catalog import overrides
from gpu_etl.market.signals import load_rules
from gpu_etl.sources import danawa

DAYS, EARLY = 40, 10
"""Days that are built, and the first of them that are not counted: they have little past to look back on."""
TABLES = ("price_logs", "price_offers", "price_changes", "risk_scores")
REAL_PAGES = ("search_buds3pro", "offers_1151074", "offers_17171645")
ROUNDS = 5

SHOPS, LISTINGS = 100, 1_000_000
ROWS_A_PAGE, REAL_ROWS_A_PAGE = 30, 62
PAUSE_SECONDS = 2
WON_A_CORE, WON_A_DISK_GB, WON_AN_OBJECT_GB = 25_000, 150, 30
"""A month, assumed."""
OFFERS_KEPT_DAYS = PAGES_KEPT_DAYS = 30
A_YEAR = 365
GB = 1e9


@dataclass(frozen=True, slots=True)
class PageCost:
    """A page: seconds of processor to read it, and its bytes."""

    seconds: float
    bytes: float
    gzip: float
    zstd: float


@dataclass(frozen=True, slots=True)
class Split:
    """Seconds of processor: of this program, and of PostgreSQL for it."""

    here: float
    server: float

    def __truediv__(self, units: int) -> Split:
        """The cost of one of so many."""
        return Split(self.here / units, self.server / units)

    def __str__(self) -> str:
        """In milliseconds."""
        return f"{1000 * self.here:.2f} ms in the worker, {1000 * self.server:.2f} ms in PostgreSQL"


@dataclass(frozen=True, slots=True)
class Units:
    """What one unit costs."""

    page: PageCost
    real_page: PageCost
    product_page: PageCost
    listings: int
    listing: Split
    cards: int
    card: Split
    memory: float
    row_bytes: dict[str, float]


def main() -> int:
    """Measure, and print both tables; exit code 2 where the real material is missing."""
    try:
        with workshop() as place:
            units = _measured(place)
    except Missing as missing:
        print(missing)
        return 2
    for rows in (_told(units), _hundred_shops(units)):
        print(*(f"| {what} | {cost} |" for what, cost in rows), sep="\n", end="\n\n")
    return 0


# --- measuring ------------------------------------------------------------------------------------------------------
def _measured(place: Workshop) -> Units:
    bodies = crawl_last_day(place)
    real, *products = (shared("data", "pages", f"danawa_{name}.html").read_bytes() for name in REAL_PAGES)
    days = repeat_crawl(place, DAYS)
    tracemalloc.start()
    place.database.run(lambda connection: read_day(connection, "danawa", days[-1]))
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    built, analysed = _days(place, days)
    place.execute("vacuum analyze")
    rows = {table: _number(place, f"select count(*) from {table}") for table in TABLES}  # noqa: S608
    listings, cards = rows["price_logs"] // DAYS, rows["risk_scores"] // DAYS
    sizes = {table: _number(place, f"select pg_total_relation_size('{table}')") for table in TABLES}
    return Units(
        page=_page(bodies, danawa.parse_list),
        real_page=_page([real] * 10, danawa.parse_list),
        product_page=_page(products * 10, danawa.parse_product),
        listings=listings,
        listing=built / listings,
        cards=cards,
        card=analysed / cards,
        memory=memory / listings,
        row_bytes={table: sizes[table] / rows[table] for table in TABLES},
    )


def _page(bodies: list[bytes], parse: Callable[[bytes], object]) -> PageCost:
    started = time.process_time()
    for _ in range(ROUNDS):
        for body in bodies:
            parse(body)
    return PageCost(
        (time.process_time() - started) / ROUNDS / len(bodies),
        sum(map(len, bodies)) / len(bodies),
        sum(len(gzip.compress(body, 6)) for body in bodies) / len(bodies),
        sum(len(zstandard.compress(body)) for body in bodies) / len(bodies),
    )


def _days(place: Workshop, days: list[date]) -> tuple[Split, Split]:
    """What a day costs on average from its stored pages to its prices, and from there through all analyses."""
    rules, corrections, now = load_rules(None), overrides.read(""), place.settings.now()
    costs = []
    for day in days:
        built = _cost(place, lambda connection, day=day: rebuild_day(connection, day, now, corrections, dry_run=False))  # type: ignore[misc]
        analysed = _cost(place, lambda connection, day=day: load_day(connection, day, place.settings, rules))  # type: ignore[misc]
        costs.append((built, analysed))
    built_days, analysed_days = zip(*costs[EARLY:], strict=True)
    return _mean(built_days), _mean(analysed_days)


def _mean(costs: Sequence[Split]) -> Split:
    return Split(sum(cost.here for cost in costs), sum(cost.server for cost in costs)) / len(costs)


def _cost(place: Workshop, work: Callable[[Connection[DictRow]], object]) -> Split:
    server, here = place.server_seconds(), time.process_time()
    place.database.run(work)
    here = time.process_time() - here
    return Split(here, place.server_seconds() - server)


def _number(place: Workshop, question: str) -> int:
    row = place.database.run(lambda connection: connection.execute(question).fetchone())
    assert row is not None
    return int(next(iter(row.values())))


# --- telling --------------------------------------------------------------------------------------------------------
def _told(units: Units) -> list[tuple[str, str]]:
    def page(cost: PageCost) -> str:
        return (
            f"{1000 * cost.seconds:.1f} ms of processor; {cost.bytes / 1000:.0f} KB, "
            f"{cost.gzip / 1000:.1f} KB on the wire (gzip), {cost.zstd / 1000:.1f} KB stored (zstd)"
        )

    return [
        (f"read a list page of {ROWS_A_PAGE} rows", page(units.page)),
        (f"read a real search page ({REAL_ROWS_A_PAGE} listings)", page(units.real_page)),
        ("read a real product page", page(units.product_page)),
        (f"a listing and day from stored page to price ({units.listings} in one transaction)", str(units.listing)),
        (f"a card and day through all analyses ({units.cards} of them)", str(units.card)),
        ("a listing while its day is read", f"{units.memory / 1000:.1f} KB of memory"),
        *((f"a row of `{table}` with its indexes", f"{size:.0f} bytes") for table, size in units.row_bytes.items()),
    ]


def _hundred_shops(units: Units) -> list[tuple[str, str]]:
    listings = SHOPS * LISTINGS
    pages, heavy = listings / ROWS_A_PAGE, listings / REAL_ROWS_A_PAGE
    cards = listings * units.cards / units.listings
    size = units.row_bytes
    tables = (listings * (size["price_logs"] + size["price_offers"])) + cards * (
        size["price_changes"] + size["risk_scores"]
    )
    kept = tables - listings * size["price_offers"]
    disk = (kept * A_YEAR + listings * size["price_offers"] * OFFERS_KEPT_DAYS) / GB
    stored = [pages * units.page.zstd * PAGES_KEPT_DAYS / GB, heavy * units.real_page.zstd * PAGES_KEPT_DAYS / GB]
    workers = (listings * units.listing.here + cards * units.card.here) / 3600
    server = (listings * units.listing.server + cards * units.card.server) / 3600
    cores = (workers + server) / 24 * 2  # twice as many, so that a day is done in half a day
    every = units.product_page
    won = [cores * WON_A_CORE, disk * WON_A_DISK_GB, stored[0] * WON_AN_OBJECT_GB, stored[1] * WON_AN_OBJECT_GB]
    return [
        ("requests", f"{pages / 1e6:.1f} M a day, {pages / 86400:.0f} a second; {pages / SHOPS:,.0f} a shop"),
        (f"at one in {PAUSE_SECONDS} seconds to a shop", f"{pages / SHOPS * PAUSE_SECONDS / 3600:.1f} hours a day"),
        ("bandwidth", f"{pages * units.page.gzip / GB:.0f} GB a day, {heavy * units.real_page.gzip / GB:.0f} if heavy"),
        ("processor, workers", f"{workers:.0f} hours of one core a day"),
        ("processor, PostgreSQL", f"{server:.0f} hours of one core a day"),
        ("memory of a shop's day", f"{units.memory * LISTINGS / GB:.1f} GB"),
        ("storage, tables", f"{tables / GB:.0f} GB a day, {kept / GB:.0f} of them for good"),
        ("storage, tables after a year", f"{disk / 1000:.1f} TB, offers of {OFFERS_KEPT_DAYS} days"),
        (f"storage, pages of {PAGES_KEPT_DAYS} days", f"{stored[0] / 1000:.1f} TB, {stored[1] / 1000:.1f} if heavy"),
        ("with every product page: requests", f"{listings / 86400:,.0f} a second"),
        ("  at a request in that time", f"{LISTINGS * PAUSE_SECONDS / 86400:.0f} days"),
        (
            "  bandwidth",
            f"{listings * every.gzip / GB / 1000:.0f} TB a day, {listings * every.gzip * 8 / 86400 / GB:.1f} Gbit/s",
        ),
        ("  processor, reading alone", f"{listings * every.seconds / 86400:.0f} cores"),
        ("  storage, pages", f"{listings * every.zstd / GB / 1000:.0f} TB a day"),
        (f"won a month, {cores:.1f} cores", f"{won[0] / 1e6:.2f} M"),
        ("won a month, tables after a year", f"{won[1] / 1e6:.2f} M"),
        ("won a month, pages", f"{won[2] / 1e6:.2f} M, {won[3] / 1e6:.2f} M if heavy"),
    ]


if __name__ == "__main__":
    sys.exit(main())
