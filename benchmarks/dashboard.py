"""The questions behind the dashboard's pages on two years of real prices: how long, and which read a whole table.

The tables beside the prices are filled to match, 300 posts a day: an empty one is read as a whole, and costs nothing.

Every public function of ``gpu_etl/database/dashboard_*.py`` is called as its page calls it; each statement is explained
while it runs. Plans are kept: their shape in ``plans.txt`` and ``plans_large.txt``, the last ones in ``plans.json``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from psycopg import Connection, sql
from psycopg.rows import DictRow

import gpu_etl.database
from benchmarks import plentiful
from benchmarks.crawled import LAST_DAY, import_days
from benchmarks.market_day import FIRST_DAY
from benchmarks.ratios import Ratio
from benchmarks.workshop import Workshop, workshop
from gpu_etl.assets.analytics import load_day
from gpu_etl.market.signals import load_rules

MILLISECONDS = 150
ANALYSED = 10
COPIES = 7
"""Times that the real rows are stored with ``large``: 4.9 M."""
LARGE_TABLES = (
    *("price_logs", "price_changes", "raw_pages", "price_offers", "reddit_posts", "reddit_observations"),
    *("searched_posts", "market_signals", "chipset_mentions"),
)
A_WHOLE_TABLE = 0.2
"""Share of a large table's rows from which on reading them counts as reading it all."""
A_YEAR = 365
PERIODS = {"dashboard_community": 30, "dashboard_news": 91}
"""Days that a question is about where it is not a year: what its page opens with. A year of all posts is half a table
here, and is rightly read as one (``docs/scale.md`` tells what that takes)."""
PLANS = Path(__file__).with_name("plans.json")
SHAPES = PLANS.with_name("plans.txt"), PLANS.with_name("plans_large.txt")
"""Without times, so that they change where a plan does."""


class Explaining:
    """A connection that explains every question before it asks it."""

    def __init__(self, connection: Connection[DictRow]) -> None:
        self._connection = connection
        self.plans: list[dict[str, Any]] = []

    def explain(self, query: Any, parameters: Any) -> None:
        """Run one statement for its plan alone."""
        text = query if isinstance(query, sql.Composable) else sql.SQL(query)
        explained = sql.SQL("explain (analyze, format json) {}").format(text)
        row = self._connection.execute(explained, parameters).fetchone()
        assert row is not None
        self.plans.append(row["QUERY PLAN"][0])

    def execute(self, query: Any, parameters: Any = None) -> Any:
        """Explain and run one statement."""
        self.explain(query, parameters)
        return self._connection.execute(query, parameters)

    def cursor(self, **options: Any) -> Any:
        """A cursor that explains as well."""
        return ExplainingCursor(self, self._connection.cursor(**options))


class ExplainingCursor:
    """A cursor of an explaining connection."""

    def __init__(self, owner: Explaining, cursor: Any) -> None:
        self._owner, self._cursor = owner, cursor

    def __enter__(self) -> ExplainingCursor:
        return self

    def __exit__(self, *_error: object) -> None:
        self._cursor.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def execute(self, query: Any, parameters: Any = None) -> Any:
        """Explain and run one statement."""
        self._owner.explain(query, parameters)
        self._cursor.execute(query, parameters)
        return self._cursor


def measure(*, large: bool) -> list[Ratio]:
    """700,000 price rows, 4.9 M with ``large``."""
    with workshop() as place:
        _fill(place, COPIES if large else 1)
        found = dict(_explained(place))
        sizes = _sizes(place)
    PLANS.write_text(json.dumps(found, indent=1, default=str) + "\n", encoding="utf-8")
    SHAPES[large].write_text("\n".join(_shapes(found, sizes["price_logs"])) + "\n", encoding="utf-8")
    slowest = max(found, key=lambda name: _milliseconds(found[name]))
    whole = sorted({node for plans in found.values() for plan in plans for node in _whole_reads(plan["Plan"], sizes)})
    name, times = (
        f"{len(found)} dashboard questions at {sizes['price_logs'] / 1e6:.1f} M price rows",
        _milliseconds(found[slowest]),
    )
    return [
        Ratio(f"{name}, slowest ({slowest}) against {MILLISECONDS} ms", times / MILLISECONDS, 1, False),
        Ratio(f"{name}, large tables read as a whole ({', '.join(whole) or 'none'})", len(whole), 0, False),
    ]


def _shapes(found: dict[str, list[dict[str, Any]]], price_rows: int) -> Iterator[str]:
    yield f"Plans at {price_rows:,} price rows; large tables: {', '.join(LARGE_TABLES)}"
    for name, plans in found.items():
        yield f"\n{name}"
        for plan in plans:
            yield from _shape(plan["Plan"], 1)


def _shape(node: dict[str, Any], depth: int) -> Iterator[str]:
    by = f" by {node['Index Name']}" if "Index Name" in node else ""
    of = f" of {node['Relation Name']}" if "Relation Name" in node else ""
    yield f"{'  ' * depth}{node['Node Type']}{of}{by}"
    for child in node.get("Plans", []):
        yield from _shape(child, depth + 1)


def _milliseconds(plans: list[dict[str, Any]]) -> float:
    return float(sum(plan["Planning Time"] + plan["Execution Time"] for plan in plans))


def _whole_reads(node: dict[str, Any], sizes: dict[str, int]) -> Iterator[str]:
    """The large tables of which a plan reads more than a little without a condition that an index answers."""
    table = node.get("Relation Name", "")
    read = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * node.get("Actual Loops", 1)
    unled = node["Node Type"] == "Seq Scan" or (node["Node Type"].startswith("Index") and "Index Cond" not in node)
    if unled and read > A_WHOLE_TABLE * sizes.get(table, 10**12):
        yield table
    for child in node.get("Plans", []):
        yield from _whole_reads(child, sizes)


def _fill(place: Workshop, copies: int) -> None:
    """Real prices; changes of every day in one statement, the other analyses of the last days by our own code."""
    import_days(place, FIRST_DAY, LAST_DAY)
    columns = "market_day, sku_id, price, currency, availability, seller_count, recorded_at, source_url"
    listed = "title, url, sku_id, identity_status, identity_reason, condition, first_seen, last_seen"
    if copies > 1:
        place.execute(
            f"""insert into price_logs (source, listing_id, {columns}) select source, n || '-' || listing_id, {columns}
                from price_logs, generate_series(1, {copies - 1}) n"""  # noqa: S608
        )
        place.execute(
            f"""insert into listings (source, listing_id, {listed}) select source, n || '-' || listing_id, {listed}
                from listings, generate_series(1, {copies - 1}) n"""  # noqa: S608
        )
    plentiful.fill(place, FIRST_DAY, LAST_DAY, copies)
    place.execute(
        """insert into price_changes (sku_id, market_day, price, currency, listings, baseline_days)
           select sku_id, market_day, min(price), 'KRW', count(*), 0 from price_logs
           where sku_id is not null group by 1, 2"""
    )
    rules = load_rules(None)
    for back in range(ANALYSED - 1, -1, -1):
        day = LAST_DAY - timedelta(days=back)
        place.database.run(lambda connection, day=day: load_day(connection, day, place.settings, rules))  # type: ignore[misc]
    place.execute("vacuum analyze")


def _sizes(place: Workshop) -> dict[str, int]:
    question = "select relname, reltuples::bigint as n from pg_class where relname = any(%s)"
    rows = place.database.run(lambda connection: connection.execute(question, (list(LARGE_TABLES),)).fetchall())
    return {row["relname"]: max(row["n"], 1) for row in rows}


def _explained(place: Workshop) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    known = _arguments(place)
    for module in _modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            wanted = list(inspect.signature(function).parameters.values())
            if name.startswith("_") or function.__module__ != module.__name__ or wanted[0].name != "connection":
                continue
            known |= {"first": LAST_DAY - timedelta(days=PERIODS.get(module.__name__.rpartition(".")[2], A_YEAR))}
            given = {p.name: known[p.name] for p in wanted[1:] if p.name in known}
            with place.database.transaction() as connection:
                for _ in range(2):  # the second time finds its pages in memory
                    asked = Explaining(connection)
                    function(cast(Connection[DictRow], asked), **given)
            yield f"{module.__name__.rpartition('.')[2]}.{name}", asked.plans


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(gpu_etl.database.__path__):
        if found.name.startswith("dashboard_"):
            yield importlib.import_module(f"gpu_etl.database.{found.name}")


def _arguments(place: Workshop) -> dict[str, Any]:
    """What the pages ask about: the best known card, its chipset, the last year."""
    row = place.database.run(
        lambda connection: connection.execute(
            """select sku_id, chipset from price_changes join skus using (sku_id)
               group by 1, 2 order by count(*) desc, 1 limit 1"""
        ).fetchone()
    )
    assert row is not None
    return {
        "day": LAST_DAY,
        "previous": LAST_DAY - timedelta(days=1),
        "last": LAST_DAY,
        "since": LAST_DAY - timedelta(days=30),
        "now": datetime(2026, 4, 30, 3, tzinfo=UTC),
        "sku_id": row["sku_id"],
        "sku_ids": [row["sku_id"]],
        "subject": row["sku_id"],
        "chipset": row["chipset"],
        "chipsets": [row["chipset"]],
        "names": [row["chipset"]],
        "keyword": "Price Drop",
        "kind": None,
        "most": 20,
    }
