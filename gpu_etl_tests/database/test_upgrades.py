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
    settings = migrate.config()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
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
