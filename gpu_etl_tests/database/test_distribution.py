"""What Citus asks of a schema before it spreads a table: held by the keys, and tried with PostgreSQL's own hash parts.

Citus itself is on neither Debian nor PyPI. Parts by a hash of the same column ask the same of every unique key, and the
planner then shows which questions one node could answer.
"""

from __future__ import annotations

import logging
from contextlib import closing
from typing import Any

import pytest
from psycopg import sql

from gpu_etl.assets.analytics import load_day
from gpu_etl.assets.crawling import crawl_danawa
from gpu_etl.assets.rebuilding import rebuild_day
from gpu_etl.catalog import overrides
from gpu_etl.database import Database, tables
from gpu_etl.market.signals import load_rules
from gpu_etl.resources.http import HttpResource
from gpu_etl.settings import Settings, load_settings
from gpu_etl_tests.endtoend.simulated import NOW, simulated_market

DISTRIBUTED = {
    "raw_pages": "url",
    "listings": "listing_id",
    "price_offers": "listing_id",
    "price_logs": "listing_id",
    "price_histories": "listing_id",
    "price_changes": "sku_id",
    "risk_scores": "sku_id",
    "buying_advice": "subject",
    "reddit_posts": "post_id",
    "reddit_observations": "post_id",
    "searched_posts": "post_id",
    "market_signals": "post_id",
    "chipset_mentions": "post_id",
}
"""The tables that grow with the market, and the column by which Citus would spread them."""

COPIED = {
    *("skus", "crawls", "source_coverage", "quarantine", "accepted_days", "exchange_rates", "file_imports"),
    *("chipset_index", "keyword_trends", "launch_effects", "rumour_lags", "risk_models", "backtests"),
    *("risk_alerts", "alert_actions", "price_targets", "outbox", "stock_items", "reddit_readings"),
}
"""The tables of some rows a day or fewer: reference tables, whole on every node."""

PARTS = 4


def ask(database: Database, question: str) -> list[Any]:
    return database.run(lambda connection: connection.execute(question).fetchall())


def test_every_table_is_either_spread_or_copied() -> None:
    assert set(DISTRIBUTED) | COPIED == set(tables.metadata.tables)
    assert set(DISTRIBUTED).isdisjoint(COPIED)


@pytest.mark.parametrize(("table", "column"), DISTRIBUTED.items())
def test_every_key_of_a_table_that_grows_holds_the_column_that_citus_spreads_it_by(
    database: Database, table: str, column: str
) -> None:
    """Citus wants it in every unique constraint, and ON CONFLICT never to set it: merging sets no column of the key."""
    assert column in {key.name for key in tables.metadata.tables[table].primary_key}
    unique = ask(
        database,
        f"""select array_agg(a.attname) as columns from pg_index i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
            where i.indrelid = '{table}'::regclass and i.indisunique group by i.indexrelid""",
    )
    assert all(column in row["columns"] for row in unique)


def test_nothing_but_keys_binds_rows_that_may_lie_on_two_nodes(database: Database) -> None:
    """Citus restricts foreign keys of spread tables, and takes no exclusion and no trigger that looks elsewhere."""
    bound = (
        "select conname from pg_constraint where contype in ('f', 'x', 't') and connamespace = 'public'::regnamespace"
    )
    assert ask(database, bound) == []
    assert ask(database, "select tgname from pg_trigger where not tgisinternal") == []


def spread(database: Database) -> None:
    """Bring every table that grows into parts by a hash of its column."""

    def work(connection: Any) -> None:
        for table, column in DISTRIBUTED.items():
            name, old, by = sql.Identifier(table), sql.Identifier(f"{table}_whole"), sql.Identifier(column)
            connection.execute(sql.SQL("alter table {} rename to {}").format(name, old))
            connection.execute(
                sql.SQL("create table {} (like {} including all) partition by hash ({})").format(name, old, by)
            )
            for number in range(PARTS):
                connection.execute(
                    sql.SQL("create table {} partition of {} for values with (modulus {}, remainder {})").format(
                        sql.Identifier(f"{table}_{number}"), name, PARTS, number
                    )
                )
            connection.execute(sql.SQL("drop table {}").format(old))

    database.run(work)


def a_market_day(database: Database, settings: Settings) -> dict[str, list[Any]]:
    """Crawl, identify, load and analyse a day, twice; returns the rows of all tables that grow."""
    for _ in range(2):
        with closing(HttpResource.from_settings(settings).new_client()) as client:
            crawl_danawa(client, database, settings, logging.getLogger("tests"))
        database.run(lambda c: rebuild_day(c, settings.today(), NOW, overrides.read(""), dry_run=False))
        database.run(lambda c: load_day(c, settings.today(), settings, load_rules(None)))
    return {
        table: ask(database, f"select to_jsonb(t) - 'fetched_at' - 'observed_at' as row from {table} t order by 1")
        for table in DISTRIBUTED
    }


@pytest.mark.slow
def test_a_day_comes_to_the_same_rows_when_the_tables_are_spread(database: Database) -> None:
    with simulated_market() as market:
        given = {name.lower(): value for name, value in market.items() if not name.startswith("REDDIT_C")}
        settings = load_settings(_env_file=None, **given)
        expected = a_market_day(database, settings)
        database.run(lambda c: c.execute(f"truncate {', '.join(tables.metadata.tables)}"))
        spread(database)
        assert a_market_day(database, settings) == expected
    assert all(expected[table] for table in ("raw_pages", "listings", "price_offers", "price_logs", "risk_scores"))
    used = ask(database, "select count(distinct tableoid) as n from price_logs")
    assert used == [{"n": PARTS}]
    (one,) = ask(database, "select sku_id from risk_scores limit 1")
    for table in ("price_changes", "risk_scores"):
        plan = str(ask(database, f"explain select * from {table} where sku_id = '{one['sku_id']}'"))
        assert len({part for part in range(PARTS) if f"{table}_{part}" in plan}) == 1
