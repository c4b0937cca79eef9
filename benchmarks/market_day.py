"""What a market day costs: on 772 days of history against ten, and against the least that anybody's code must do.

A day is the way from stored pages to risk: parse, gate, identify, load, changes, index, risk; and once more with what
``load_day`` makes of it, advice and alerts. It is done in a transaction that is rolled back, so that every round does
all of it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from psycopg import Connection
from psycopg.rows import DictRow

from benchmarks.crawled import LAST_DAY, crawl_last_day, import_days
from benchmarks.load import COLUMNS, copy_rows
from benchmarks.ratios import Ratio, in_turn, seconds
from benchmarks.workshop import Workshop, workshop
from gpu_etl.assets.analytics import load_day
from gpu_etl.assets.changes import load_price_changes
from gpu_etl.assets.index import load_chipset_index
from gpu_etl.assets.rebuilding import rebuild_day
from gpu_etl.assets.risk import load_risk_scores
from gpu_etl.catalog import overrides
from gpu_etl.market.signals import Rules, load_rules
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa

Analyse = Callable[[Connection[DictRow], date, Settings, Rules], None]
FIRST_DAY = date(2024, 7, 9)
ANALYSED = 10
"""Days before the measured one whose analyses are there too; 100 with ``large``, which takes the longest look back."""


def measure(*, large: bool) -> list[Ratio]:
    """The same day on both histories in turn, then against bare parsing and loading."""
    with workshop() as long, workshop() as short:
        _prepare(long, FIRST_DAY, 100 if large else ANALYSED)
        _prepare(short, LAST_DAY - timedelta(days=10), ANALYSED)
        bodies = crawl_last_day(long)
        crawl_last_day(short)
        rows = _rows_of(long)
        against_ten = f"a market day of {len(rows)} listings on 772 days, time against that on 10"
        against_least = "time against bare parsing and loading"
        return [
            in_turn(against_ten, lambda: _day(long), lambda: _day(short), goal=1.25, speed=False, rounds=9),
            *(
                in_turn(
                    f"{name}, {against_least}",
                    partial(_day, long, analyse),
                    lambda: _by_hand(long, bodies, rows),
                    goal=3,
                    speed=False,
                    rounds=9,
                )
                for name, analyse in (("a market day", up_to_risk), ("  with advice and alerts", load_day))
            ),
        ]


def up_to_risk(connection: Connection[DictRow], day: date, settings: Settings, rules: Rules) -> None:
    """The analyses that the bars are set for."""
    load_price_changes(connection, day, settings)
    load_chipset_index(connection, day)
    load_risk_scores(connection, day, settings, rules)


def _prepare(place: Workshop, first: date, analysed: int) -> None:
    import_days(place, first, LAST_DAY - timedelta(days=1))
    rules = load_rules(None)
    for back in range(min(analysed, (LAST_DAY - first).days), 0, -1):
        day = LAST_DAY - timedelta(days=back)
        place.database.run(lambda connection, day=day: load_day(connection, day, place.settings, rules))  # type: ignore[misc]
    place.execute("vacuum analyze")


def _day(place: Workshop, analyse: Analyse = up_to_risk) -> float:
    rules = load_rules(None)

    def work() -> None:
        with place.database.transaction() as connection, connection.transaction(force_rollback=True):
            done = rebuild_day(connection, LAST_DAY, place.settings.now(), overrides.read(""), dry_run=False)
            assert [each.refused for each in done] == [None]
            analyse(connection, LAST_DAY, place.settings, rules)

    return seconds(work)


def _rows_of(place: Workshop) -> list[tuple[object, ...]]:
    """The day's rows of ``price_logs``, ready to be copied."""
    with place.database.transaction() as connection, connection.transaction(force_rollback=True):
        rebuild_day(connection, LAST_DAY, place.settings.now(), overrides.read(""), dry_run=False)
        rows = connection.execute("select * from price_logs where market_day = %s and source = 'danawa'", (LAST_DAY,))
        return [tuple(row[name] for name in COLUMNS) for row in rows]


def _by_hand(place: Workshop, bodies: list[bytes], rows: list[tuple[object, ...]]) -> float:
    def work() -> None:
        with place.database.transaction() as connection, connection.transaction(force_rollback=True):
            for body in bodies:
                danawa.parse_list(body)
            copy_rows(connection, "price_logs", COLUMNS, rows)

    return seconds(work)
