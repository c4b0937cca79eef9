"""What a market day costs: on 772 days of history against ten, and against the same pages and rows by hand.

A day is the way from stored pages to risk: parse, gate, identify, load, changes, index, risk. It is done in a
transaction that is rolled back, so that every round does all of it anew. ``python -m benchmarks.market_day`` tells what
it costs against less than its rows by hand, and with advice and alerts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import sqlalchemy as sa
from psycopg import Connection
from psycopg.rows import DictRow

from benchmarks import by_hand
from benchmarks.crawled import LAST_DAY, crawl_last_day, import_days
from benchmarks.ratios import Ratio, in_turn, seconds
from benchmarks.workshop import Missing, Workshop, workshop
from gpu_etl.assets import publishing, reading
from gpu_etl.assets.analytics import load_day
from gpu_etl.assets.changes import load_price_changes
from gpu_etl.assets.index import load_chipset_index
from gpu_etl.assets.risk import load_risk_scores
from gpu_etl.catalog import overrides
from gpu_etl.cli.run import collecting_rarely
from gpu_etl.database import tables
from gpu_etl.database.recent_prices import recent_prices
from gpu_etl.market.signals import Rules, load_rules
from gpu_etl.settings import Settings

Analyse = Callable[[Connection[DictRow], date, Settings, Rules], None]
FIRST_DAY = date(2024, 7, 9)
ANALYSED = 10
"""Days before the measured one whose analyses are there too; 100 with ``large``, which takes the longest look back."""


def up_to_risk(connection: Connection[DictRow], day: date, settings: Settings, rules: Rules) -> None:
    """The analyses that the bars are set for."""
    load_price_changes(connection, day, settings)
    load_chipset_index(connection, day)
    load_risk_scores(connection, day, settings, rules)


def measure(*, large: bool) -> list[Ratio]:
    """The same day on both histories in turn, then against its pages and rows by hand."""
    with workshop() as long, workshop() as short:
        _prepare(long, FIRST_DAY, 100 if large else ANALYSED)
        _prepare(short, LAST_DAY - timedelta(days=10), ANALYSED)
        crawl_last_day(long)
        crawl_last_day(short)
        return [
            in_turn(
                "a market day on 772 days, time against that on 10",
                lambda: _day(long),
                lambda: _day(short),
                goal=1.25,
                speed=False,
                rounds=15,
            ),
            _against_by_hand("a market day", long, by_hand.UP_TO_RISK),
        ]


def _against_by_hand(
    name: str,
    place: Workshop,
    made: tuple[sa.Table, ...],
    load: by_hand.Load = by_hand.upsert,
    analyse: Analyse = up_to_risk,
) -> Ratio:
    with _in_vain(place) as connection:
        _store(connection, place, analyse, load_rules(None))
        rows = by_hand.stored_of(connection, LAST_DAY, made)

    def reference() -> float:
        with _in_vain(place) as connection:
            return seconds(lambda: by_hand.do(connection, LAST_DAY, rows, load))

    return in_turn(
        f"{name}, time against parsing its pages and loading its rows by hand",
        lambda: _day(place, analyse),
        reference,
        goal=3,
        speed=False,
        rounds=15,
    )


def _prepare(place: Workshop, first: date, analysed: int) -> None:
    import_days(place, first, LAST_DAY - timedelta(days=1))
    rules = load_rules(None)
    for back in range(min(analysed, (LAST_DAY - first).days), 0, -1):
        day = LAST_DAY - timedelta(days=back)
        place.database.run(lambda connection, day=day: load_day(connection, day, place.settings, rules))  # type: ignore[misc]
    place.execute("vacuum analyze")


def _day(place: Workshop, analyse: Analyse = up_to_risk) -> float:
    rules = load_rules(None)
    with _in_vain(place) as connection:
        return seconds(lambda: _store(connection, place, analyse, rules))


def _store(connection: Connection[DictRow], place: Workshop, analyse: Analyse, rules: Rules) -> None:
    """What is made of stored pages; recent prices are read once, as where a day is rebuilt."""
    read = reading.read_day(connection, "danawa", LAST_DAY)
    recent = recent_prices(connection, "danawa", LAST_DAY, list(read.offers))
    publishing.store_refusals(connection, read)
    assert publishing.judge(connection, read, place.settings.now(), recent).passes
    publishing.store_offers(connection, read)
    publishing.identify_listings(connection, LAST_DAY, overrides.read(""))
    publishing.store_prices(connection, "danawa", LAST_DAY, "benchmark", recent)
    analyse(connection, LAST_DAY, place.settings, rules)


@contextmanager
def _in_vain(place: Workshop) -> Iterator[Connection[DictRow]]:
    """A transaction that is rolled back, under the collector of a command."""
    with collecting_rarely(), place.database.transaction() as connection, connection.transaction(force_rollback=True):
        yield connection


def main() -> int:
    """Print the day against less than its rows by hand, and with all its analyses; exit code 2 without the series."""
    upsert, copy = by_hand.upsert, by_hand.copy
    try:
        with workshop() as place:
            _prepare(place, FIRST_DAY, ANALYSED)
            crawl_last_day(place)
            for name, made, load, analyse in (
                ("its rows up to risk, that may be there already", by_hand.UP_TO_RISK, upsert, up_to_risk),
                ("its rows up to risk, none of which is there", by_hand.UP_TO_RISK, copy, up_to_risk),
                ("its prices alone, none of which is there", (tables.price_logs,), copy, up_to_risk),
                ("with advice and alerts, rows that may be there", by_hand.WITH_ADVICE, upsert, load_day),
            ):
                print(f"{_against_by_hand(name, place, made, load, analyse).value:.2f}  {name}")
    except Missing as missing:
        print(missing)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
