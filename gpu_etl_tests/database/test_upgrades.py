"""Databases of earlier releases, with rows in every table, become this program's without losing a value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command

from gpu_etl.database import migrate, open_database
from gpu_etl.settings import Settings
from gpu_etl_tests.database.filled import contents, fill

RELEASED = migrate.known_revisions()
RENAMED = {"risk_alerts": {"sku_id": "subject", "risk_index": "value"}}
"""Columns that have another name today."""


def test_there_is_something_to_upgrade_from() -> None:
    assert RELEASED[0] == "0001"


@pytest.mark.parametrize("revision", RELEASED)
def test_every_value_survives_the_way_to_the_present(
    revision: str, empty_database_url: str, make_settings: Callable[..., Settings]
) -> None:
    engine = sa.create_engine(empty_database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        _upgrade(connection, revision)
        fill(connection)
    with engine.begin() as connection:
        before = contents(connection)

    database = open_database(make_settings(database_url=empty_database_url))  # as any command does
    database.close()

    with engine.begin() as connection:
        after = contents(connection)
    assert len(before) >= 20
    for table, rows in before.items():
        names = {name: RENAMED.get(table, {}).get(name, name) for name in rows[0]}
        names = {name: new if new in after[table][0] else name for name, new in names.items()}
        assert [{name: row[new] for name, new in names.items()} for row in after[table]] == rows, table


def test_what_posts_name_takes_over_their_tone(empty_database_url: str, make_settings: Callable[..., Settings]) -> None:
    engine = sa.create_engine(empty_database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        _upgrade(connection, "0002")
        connection.exec_driver_sql(
            """insert into searched_posts (post_id, market_day, polarity, polarity_sign, digest)
               values ('ill', '2026-03-05', -0.5, -1, 'd'), ('well', '2026-03-05', 0.25, 1, 'd');
               insert into chipset_mentions (post_id, chipset, market_day)
               values ('ill', 'GeForce RTX 5070', '2026-03-05'), ('lost', 'GeForce RTX 5070', '2026-03-05');
               insert into market_signals (post_id, keyword, market_day, matched_text, matched_in, span_start, span_end,
                                           rules_version)
               values ('well', 'Leak', '2026-03-05', 'leak', 'title', 0, 4, 'r')"""
        )

    open_database(make_settings(database_url=empty_database_url)).close()

    with engine.begin() as connection:
        [*named] = connection.exec_driver_sql(
            "select post_id, polarity::float, polarity_sign from chipset_mentions order by 1"
        )
        [found] = connection.exec_driver_sql("select polarity::float, polarity_sign from market_signals")
    assert named == [("ill", -0.5, -1), ("lost", None, None)]
    assert found == (0.25, 1)


def _upgrade(connection: sa.Connection, revision: str) -> None:
    settings = migrate.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
