"""The docs say what the code does: each page that is made from code is made anew here and compared."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from gpu_etl.assets.metadata import COLUMNS
from gpu_etl.database import tables
from gpu_etl.market.fall.shipped import shipped_model
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


def test_what_is_told_of_the_packaged_model_is_its_record() -> None:
    page = (make_docs.DOCS / "risk.md").read_text(encoding="utf-8")
    model = shipped_model()
    record = model.metrics
    told = re.search(rf"^\| {record['from_day']}\.\.{record['to_day']} together \|(.*)\|$", page, re.MULTILINE)
    assert told, "the line of all predicted days together"
    n, fell, _, auc, within, skill, error = (float(cell.replace(",", "")) for cell in told[1].split("|"))
    names = ("base_rate", "auc", "within_day_auc", "brier_skill", "ece")
    assert n == record["n"]
    assert (fell, auc, within, skill, error) == pytest.approx([record[name] for name in names], abs=0.0006)
    for band in record["by_score_band"]:
        shown = f"| {band['from']} to {band['to']} | {band['n']:,} |"
        row = next(line for line in page.splitlines() if line.startswith(shown))
        percents = [float(cell) for cell in re.findall(r"([-+\d.]+) %", row)]
        assert percents == pytest.approx([100 * band[name] for name in ("fell", "cheaper", "mean_change")], abs=0.06)
    for said in ("buy", "wait"):
        advice = record["by_advice"][said]
        assert re.search(
            rf"`{said}` (?:was right )?\([^)]*\) on {advice['right']:.0%} of {advice['n']:,}".replace("%", " %"), page
        )
    assert f"{model.rows:,} card-days" in page


def test_every_command_and_option_says_what_it_is_for() -> None:
    page = public.command_line()
    assert re.findall(r"^## .*\n\n\n", page, re.MULTILINE) == []
    assert re.findall(r"^\| `-.*\|  \|$", page, re.MULTILINE) == []
