"""The docs say what the code does: each page that is made from code is made anew here and compared."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from gpu_etl.assets.metadata import COLUMNS
from gpu_etl.database import tables
from gpu_etl_tests.house import columns, make_docs, public


@pytest.mark.parametrize("table", tables.metadata.tables.values(), ids=str)
def test_a_table_and_each_of_its_columns_says_what_it_is(table: sa.Table) -> None:
    assert table.comment, "the table has no comment"
    silent = [column.name for column in table.columns if not column.comment]
    assert not silent


@pytest.mark.parametrize("page", make_docs.PAGES)
def test_a_page_that_is_made_from_code_is_up_to_date(page: str) -> None:
    written = (make_docs.DOCS / page).read_text(encoding="utf-8")
    assert written == make_docs.PAGES[page](), (
        "if the change is wanted, run `make docs`, and tell of it in CHANGELOG.md"
    )


def test_the_columns_that_dagster_shows_are_those_of_the_tables() -> None:
    written = COLUMNS.read_text(encoding="utf-8")
    assert written == columns.told(), "run `make docs`: Dagster shows an asset's columns from that file"


def test_every_command_and_option_says_what_it_is_for() -> None:
    page = public.command_line()
    assert re.findall(r"^## .*\n\n\n", page, re.MULTILINE) == []
    assert re.findall(r"^\| `-.*\|  \|$", page, re.MULTILINE) == []
