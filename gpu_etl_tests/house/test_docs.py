"""The docs say what the code does: each page that is made from code is made anew here and compared."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from gpu_etl.database import dictionary, tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("table", tables.metadata.tables.values(), ids=str)
def test_a_table_and_each_of_its_columns_says_what_it_is(table: sa.Table) -> None:
    assert table.comment, "the table has no comment"
    silent = [column.name for column in table.columns if not column.comment]
    assert not silent


def test_the_data_dictionary_is_the_one_of_the_tables() -> None:
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary.markdown(), "run `make docs`"
