"""``gpu-etl export``: a table as a file for other programs.

Belongs here: where it is written, and the Parquet file. Does not belong here: the query (``database.export``).

Parquet is written with arro3: 12 MB of wheels where pyarrow takes 55.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.cli.run import MarketDay
from gpu_etl.database import export as tables
from gpu_etl.files import written_whole
from gpu_etl.settings import load_settings

if TYPE_CHECKING:
    import sqlalchemy as sa
    from arro3.core import DataType
    from psycopg import Connection


@click.command()
@click.argument("table", type=click.Choice(tables.exportable()), metavar="TABLE")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="of the file"
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="file to write; CSV without it: to stdout")
@click.option("--from-day", type=MarketDay(), help="first market day")
@click.option("--to-day", type=MarketDay(), help="last market day")
@click.option("--raw", is_flag=True, help="leave text alone that a spreadsheet would run as a formula")
@click.option("--force", is_flag=True, help="replace the file if it is there")
def export(
    table: str, kind: str, out: Path | None, from_day: date | None, to_day: date | None, raw: bool, force: bool
) -> None:
    """Write a TABLE as CSV or Parquet: price_logs, price_changes, chipset_index, risk_scores, keyword_trends, ...

    In CSV, text that a spreadsheet would take for a formula begins with an apostrophe, unless --raw. The file is
    readable by you only.
    """
    if (from_day or to_day) and not tables.has_days(table):
        raise click.UsageError(f"{table} has no market days: leave --from-day and --to-day out")
    if from_day and to_day and from_day > to_day:
        raise click.UsageError(f"--from-day {from_day} is after --to-day {to_day}")
    if out is None and kind == "parquet":
        raise click.UsageError("a Parquet file needs --out FILE")
    if out is not None and out.exists() and not force:
        fail(f"{out} is there already: choose another name, or --force to replace it")
    with opened(load_settings()) as database, database.transaction() as connection:
        if out is None:
            for block in tables.csv(connection, table, from_day, to_day, raw=raw):
                sys.stdout.buffer.write(block)
            return
        try:
            with written_whole(out) as file:
                if kind == "csv":
                    for block in tables.csv(connection, table, from_day, to_day, raw=raw):
                        file.write(block)
                else:
                    _parquet(connection, table, from_day, to_day, file)
        except OSError as error:
            fail(f"{error.filename or out}: {error.strerror or error}")
    click.echo(f"{out}: {out.stat().st_size / 1e6:,.1f} MB", err=True)


def _parquet(connection: Connection[Any], table: str, first: date | None, last: date | None, file: BinaryIO) -> None:
    """Write a table with the types it has in the database; amounts with decimals become doubles."""
    from arro3.core import Array, Field, RecordBatch, RecordBatchReader, Schema
    from arro3.io import write_parquet

    kinds = {column.name: _kinds(column) for column in tables.columns(table)}
    schema = Schema([Field(name, kind) for name, (_, kind) in kinds.items()])
    portions = (
        RecordBatch.from_arrays(
            [Array([row[name] for row in rows], type=given).cast(kind) for name, (given, kind) in kinds.items()],
            schema=schema,
        )
        for rows in tables.rows(connection, table, first, last)
    )
    write_parquet(RecordBatchReader.from_batches(schema, portions), file, compression="zstd(3)")


def _kinds(column: sa.Column[Any]) -> tuple[DataType, DataType]:
    """The types of a column as ``database.export.rows`` gives its values, and as the file has them."""
    import sqlalchemy as sa
    from arro3.core import DataType

    kinds: list[tuple[type[Any], tuple[DataType, DataType]]] = [
        (sa.Boolean, (DataType.bool(), DataType.bool())),
        (sa.Integer, (DataType.int64(), DataType.int64())),  # and its kin, BigInteger and SmallInteger
        (sa.Numeric, (DataType.float64(), DataType.float64())),
        (sa.Date, (DataType.int32(), DataType.date32())),
        (sa.TIMESTAMP, (DataType.int64(), DataType.timestamp("us", tz="UTC"))),
    ]
    text = (DataType.utf8(), DataType.utf8())
    return next((pair for kind, pair in kinds if isinstance(column.type, kind)), text)
