"""What the UI is told of where columns come from is true of the tables and of the graph."""

from __future__ import annotations

import dagster as dg
import pytest

from gpu_etl.assets.lineage import LINEAGE, column_lineage
from gpu_etl.database.tables import metadata
from gpu_etl.definitions import defs


@pytest.mark.parametrize("table", LINEAGE)
def test_every_column_exists_and_comes_from_an_asset_upstream(table: str) -> None:
    upstream = defs.resolve_asset_graph().get_ancestor_asset_keys(dg.AssetKey(table))
    lineage = column_lineage(table)
    assert lineage is not None
    for column, made_from in lineage.deps_by_column.items():
        assert column in metadata.tables[table].columns
        for dep in made_from:
            assert dep.column_name in metadata.tables[dep.asset_key.to_user_string()].columns
            assert dep.asset_key in upstream


def test_what_comes_from_outside_has_no_lineage() -> None:
    assert column_lineage("raw_pages") is None
