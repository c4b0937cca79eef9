"""The docs say what the code does: each page that is made from code is made anew here and compared."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

<<<<<<< HEAD
from gpu_etl.database import tables
from gpu_etl_tests.house import make_docs
=======
from gpu_etl.database import dictionary, tables
from gpu_etl_tests.faults import matrix

ROOT = Path(__file__).resolve().parents[2]
>>>>>>> c1fc28f (Tell every fault in one table whose tests are checked to be there; refuse bottomless pages, bound titles, and say in one line what is wrong with .env, dagster.yaml or a disk)


@pytest.mark.parametrize("table", tables.metadata.tables.values(), ids=str)
def test_a_table_and_each_of_its_columns_says_what_it_is(table: sa.Table) -> None:
    assert table.comment, "the table has no comment"
    silent = [column.name for column in table.columns if not column.comment]
    assert not silent


<<<<<<< HEAD
@pytest.mark.parametrize("page", make_docs.PAGES)
def test_a_page_that_is_made_from_code_is_up_to_date(page: str) -> None:
    written = (make_docs.DOCS / page).read_text(encoding="utf-8")
    assert written == make_docs.PAGES[page](), "run `make docs`"
=======
def test_the_data_dictionary_is_the_one_of_the_tables() -> None:
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary.markdown(), "run `make docs`"


def test_the_page_of_faults_is_the_one_of_the_matrix() -> None:
    written = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert written == matrix.markdown(), "run `make docs`"
>>>>>>> c1fc28f (Tell every fault in one table whose tests are checked to be there; refuse bottomless pages, bound titles, and say in one line what is wrong with .env, dagster.yaml or a disk)
