"""``gpu-etl stock``: what the inventory is worth, what it may lose, what to sell first.

Belongs here: reading arguments and printing. Does not belong here: the valuation (``market.inventory``), SQL
(``database.stock``), reading a file (``sources.stock_csv``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.cli.run import MarketDay
from gpu_etl.settings import load_settings

if TYPE_CHECKING:
    from gpu_etl.market.inventory import Totals, Valued

SHOWN = 20
"""Bad lines that are spelled out; the rest is counted."""


@click.group(invoke_without_command=True)
@click.pass_context
def stock(context: click.Context) -> None:
    """What the inventory is worth today, what it may lose, what to sell first."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@stock.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--add", is_flag=True, help="keep what came from other files; without it the file is the whole stock")
def import_(path: Path, add: bool) -> None:
    """Read the stock from a CSV file: sku or title, quantity, unit cost, received date, named in English or Korean.

    All or nothing: a line that cannot be read is named, and the stock stays as it was.
    """
    from gpu_etl.catalog import Card, NotACard, identify, overrides
    from gpu_etl.database import stock as stored
    from gpu_etl.sources import stock_csv

    settings = load_settings()
    try:
        found = stock_csv.read(path.read_bytes())
    except stock_csv.NoStockFile as error:
        fail(f"{path}: {error}")
    complaints = found.complaints + [
        f"line {line.number}: received date {line.received} is after today, {settings.today()}"
        for line in found.lines
        if line.received and line.received > settings.today()
    ]
    if complaints:
        _tell(path, complaints)
        fail(f"{path}: {len(complaints)} lines cannot be read; the stock stays as it was")
    corrections = settings.corrections()

    def card_of(title: str) -> Card | NotACard:
        return overrides.apply(corrections, identify(title), source="stock", listing_id="", title=title)

    with opened(settings, begins=True) as database:
        counts, unknown = database.run(
            lambda c: stored.store(c, found.lines, card_of, file=path.name, at=settings.now(), add=add)
        )
    _tell(path, unknown)
    pieces = sum(line.quantity for line in found.lines)
    click.echo(
        f"{len(found.lines)} lines, {pieces:,} pieces: {counts.inserted} new, {counts.updated} changed, "
        f"{counts.deleted} gone, {counts.unchanged} as before; {len(unknown)} are no known card and have no value"
    )


@stock.command("list")
@click.option("--day", type=MarketDay(), help="the market day whose prices count; default: the latest with prices")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def list_(day: date | None = None, as_json: bool = False) -> None:
    """Show each line's value, gain and won at risk per week, what to sell first at the top."""
    from gpu_etl.database import stock as stored

    with opened(load_settings()) as database:
        day, lines, totals = database.run(lambda c: stored.valued(c, day))
    if as_json:
        told = {"day": day, "lines": [asdict(line) for line in lines], "totals": asdict(totals)}
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    if not lines:
        click.echo("no stock: gpu-etl stock import FILE.csv")
        return
    _print(day, lines, totals)


def _tell(path: Path, complaints: list[str]) -> None:
    for complaint in complaints[:SHOWN]:
        click.echo(f"gpu-etl: {path}: {complaint}", err=True)
    if len(complaints) > SHOWN:
        click.echo(f"gpu-etl: {path}: ... and {len(complaints) - SHOWN} more", err=True)


def _print(day: date | None, lines: list[Valued], totals: Totals) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    title = f"Stock at the lowest trusted prices of {day or 'no day'} (won; payable: shipping included)"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("sell")
    table.add_column("card")
    for name in ("pieces", "price", "payable", "value", "gain", "at risk a week"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why")
    for line in lines:
        table.add_row(
            str(line.sell_rank or ""),
            Text(line.product or line.title),
            f"{line.quantity:,}",
            *(_won(number) for number in (line.price, line.payable, line.value, line.gain, line.risk_week)),
            Text(line.why),
        )
    console = Console()
    console.print(table)
    for name, value, left_out in (
        ("Value", totals.value, totals.value_left_out),
        ("Gain, not realised", totals.gain, totals.gain_left_out),
        ("At risk in a week", totals.risk_week, totals.risk_left_out),
    ):
        without = f" ({left_out} of {totals.lines} lines left out: unknown)" if left_out else ""
        console.print(f"{name}: {_won(value) or 'unknown'}{' won' if value is not None else ''}{without}")
    if totals.sell_first:
        console.print(Text(f"Sell first: {totals.sell_first}"), soft_wrap=True)


def _won(value: Any) -> str:
    return "" if value is None else f"{value:,}"
