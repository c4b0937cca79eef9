"""A market day by hand: its pages parsed and its rows loaded, with nothing in between. The reference of ``market_day``.

Belongs here: that least which anybody's code must do. Does not belong here: measuring it (``market_day``).

The pages are read from where they are stored, the rows are Python values that are ready. A table's rows are loaded by
the quickest statements that give the same rows where a day comes twice: copied beside the table, and inserted from
there or put in place of what is there. Nothing is counted, compared or taken away, which
:func:`gpu_etl.database.bulk.merge` does as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from psycopg import Connection, sql
from psycopg.rows import DictRow

from benchmarks.load import copy_rows
from gpu_etl.database import pages, tables
from gpu_etl.sources import danawa

UP_TO_RISK = (
    tables.price_offers,
    tables.listings,
    tables.price_logs,
    tables.price_changes,
    tables.chipset_index,
    tables.risk_scores,
)
WITH_ADVICE = (*UP_TO_RISK, tables.buying_advice, tables.risk_alerts)
DAY = {tables.listings: "last_seen", tables.risk_alerts: "opened_day"}
"""The column of a table's day where it has another name."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one table holds of a day."""

    table: sa.Table
    rows: list[tuple[object, ...]]

    @property
    def columns(self) -> list[str]:
        """In the order of the rows' values."""
        return [column.name for column in self.table.columns]


def stored_of(connection: Connection[DictRow], day: date, wanted: tuple[sa.Table, ...]) -> list[Loaded]:
    """A stored day's rows of some tables, ready to be loaded once more."""
    return [_stored_of(connection, day, table) for table in wanted]


def _stored_of(connection: Connection[DictRow], day: date, table: sa.Table) -> Loaded:
    of_day = sql.Identifier(DAY.get(table, "market_day"))
    statement = sql.SQL("select * from {} where {} = %s").format(sql.Identifier(table.name), of_day)
    found = connection.execute(statement, (day,)).fetchall()
    return Loaded(table, [tuple(map(_ready, (row[column.name] for column in table.columns))) for row in found])


def _ready(value: object) -> object:
    """``jsonb`` as the text that COPY takes."""
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def do(connection: Connection[DictRow], day: date, loaded: list[Loaded], load: Load) -> None:
    """Parse a day's pages and load the rows, by :func:`upsert` or :func:`copy`."""
    for page in pages.crawl_pages(connection, "danawa", day):
        danawa.parse_list(page.body)
    for one in loaded:
        load(connection, one)


def upsert(connection: Connection[DictRow], loaded: Loaded) -> None:
    """Load rows that may be there already."""
    name, keys = loaded.table.name, [column.name for column in loaded.table.primary_key]
    others = [column for column in loaded.columns if column not in keys]
    connection.execute(f"create temporary table fresh_{name} on commit drop as select * from {name} limit 0")  # noqa: S608
    copy_rows(connection, f"fresh_{name}", loaded.columns, loaded.rows)
    connection.execute(
        f"""insert into {name} select * from fresh_{name} on conflict ({", ".join(keys)})
            do update set {", ".join(f"{column} = excluded.{column}" for column in others)}"""  # noqa: S608
    )


def copy(connection: Connection[DictRow], loaded: Loaded) -> None:
    """Load rows that are not there yet."""
    copy_rows(connection, loaded.table.name, loaded.columns, loaded.rows)


Load = Callable[[Connection[DictRow], Loaded], None]
