"""Tables as CSV and Parquet: every value comes back, and no text runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from arro3.io import read_parquet

from gpu_etl.database import Database, export, tables
from gpu_etl_tests.cli.test_backup import Say, filled
from gpu_etl_tests.cli.test_backup import say as say
from gpu_etl_tests.cli.test_usage import _in_a_place_of_its_own as _in_a_place_of_its_own
from gpu_etl_tests.database.filled import AWKWARD


def parquet() -> dict[str, list[Any]]:
    """The columns of the file that was written."""
    read = read_parquet("out.parquet").read_all()
    return {name: list(read.column(name).to_pylist()) for name in read.schema.names}


def told(value: object) -> object:
    """A value of the database as Parquet holds it."""
    if isinstance(value, Decimal):
        return float(value)
    return value if not isinstance(value, dict) else json.loads(json.dumps(value))


def test_parquet_holds_every_value_of_every_table_in_its_own_type(say: Say, database_url: str) -> None:
    stored = filled(database_url)
    for table in export.exportable():
        code, output, errors = say("export", table, "--format", "parquet", "--out", "out.parquet", "--force")
        assert (code, output) == (0, ""), errors
        read = parquet()
        assert list(read) == [column.name for column in tables.metadata.tables[table].columns]
        for column in tables.metadata.tables[table].columns:
            found = read[column.name]
            if isinstance(column.type, sa.JSON):
                found = [value if value is None else json.loads(value) for value in found]
            assert found == [told(row[column.name]) for row in stored[table]], f"{table}.{column.name}"


def test_csv_holds_every_row_and_disarms_formulas(say: Say, database_url: str) -> None:
    filled(database_url)
    code, output, _ = say("export", "listings")
    assert code == 0
    read = list(csv.DictReader(io.StringIO(output, newline="")))
    titles = [row["title"] for row in read]
    harmless = ["'" + text if text[:1] in ("=", "-") else text for text in AWKWARD]
    assert titles == harmless
    code, output, _ = say("export", "listings", "--raw")
    assert [row["title"] for row in csv.DictReader(io.StringIO(output, newline=""))] == AWKWARD


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_text_to_it(database: Database, text: str) -> None:
    with database.transaction() as connection:
        connection.execute("insert into exchange_rates values (%s, '2026-03-08', -1, '2026-03-08T16:00Z')", (text,))
        block = b"".join(export.csv(connection, "exchange_rates", None, None, raw=False))
    (row,) = csv.DictReader(io.StringIO(block.decode(), newline=""))
    assert row["currency"] == "'" + text
    assert row["per_euro"] == "-1.00000000", "a number is a number"


def test_days_narrow_what_is_written_and_the_file_is_ones_own(say: Say, database_url: str) -> None:
    filled(database_url)
    code, _, errors = say(
        "export", "price_logs", "--out", "out.csv", "--from-day", "2026-03-02", "--to-day", "2026-03-04"
    )
    assert code == 0, errors
    days = [row["market_day"] for row in csv.DictReader(io.StringIO(Path("out.csv").read_text(), newline=""))]
    assert days == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert stat.S_IMODE(Path("out.csv").stat().st_mode) == 0o600
    assert say("export", "price_logs", "--out", "out.csv") == (
        1,
        "",
        "gpu-etl: out.csv is there already: choose another name, or --force to replace it\n",
    )


def test_a_table_without_rows_is_a_file_all_the_same(say: Say) -> None:
    assert say("export", "price_logs", "--format", "parquet", "--out", "out.parquet")[0] == 0
    assert parquet()["price"] == []
    assert say("export", "price_logs")[1].startswith("source,listing_id,market_day,")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("nonsense", "'nonsense' is not one of"),
        ("raw_pages", "'raw_pages' is not one of"),
        ("gpu_etl_version", "is not one of"),
        ("price_logs;drop", "is not one of"),
        ("price_logs --format xlsx", "'xlsx' is not one of"),
        ("price_logs --format parquet", "a Parquet file needs --out FILE"),
        ("skus --from-day 2026-03-01", "skus has no market days"),
    ],
)
def test_wrong_usage(say: Say, arguments: str, says: str) -> None:
    code, output, errors = say("export", *arguments.split())
    assert (code, output) == (2, "")
    assert says in errors


def test_portions_are_one_table(say: Say, database: Database) -> None:
    rows = export.ROWS_AT_ONCE * 2 + 1
    with database.transaction() as connection:
        connection.execute(
            "insert into exchange_rates select 'C' || n, '2026-03-08', n, now() from generate_series(1, %s) as n",
            (rows,),
        )
    assert say("export", "exchange_rates", "--format", "parquet", "--out", "out.parquet")[0] == 0
    read = parquet()
    assert len(read["currency"]) == len(set(read["currency"])) == rows
    assert sum(read["per_euro"]) == rows * (rows + 1) / 2
