"""``gpu-etl analyse``: past days' numbers from what is stored, one day after the other.

Belongs here: reading arguments, which days, progress. Does not belong here: the analyses (``assets.analytics``).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.cli.run import MarketDay
from gpu_etl.settings import load_settings


def analyse_from(day: date) -> str:
    """What is to be done once prices of a past day are others than before."""
    return f"the numbers from that day on are still the old ones: gpu-etl analyse --from-day {day}"


@click.command()
@click.option("--from-day", type=MarketDay(), help="the first market day; default: the first with prices")
@click.option("--to-day", type=MarketDay(), help="the last market day; default: the last with prices")
def analyse(from_day: date | None, to_day: date | None) -> None:
    """Compute price changes, index, risk and alerts of past days anew, in order, from the prices that are stored.

    For imported history, and after past days were rebuilt or identities corrected. Nothing is fetched and no message is
    sent; each day is one transaction, so that an interrupted run is gone on with by --from-day.
    """
    from gpu_etl.assets.analytics import load_day
    from gpu_etl.database import prices

    settings = load_settings()
    rules = settings.keyword_rules()
    with opened(settings) as database:
        span = database.run(prices.priced_span)
        if span is None:
            fail("no prices to analyse: run `gpu-etl run price-crawl` or `gpu-etl import crawler-csv`")
        first, last = max(span[0], from_day or span[0]), min(span[1], to_day or span[1])
        days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
        if not days:
            fail(f"no prices between {from_day or span[0]} and {to_day or span[1]}: they are of {span[0]} to {span[1]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
            task = progress.add_task("analysing, days", total=len(days))
            for day in days:
                database.run(partial(load_day, day=day, settings=settings, rules=rules))
                progress.advance(task)
    click.echo(f"analysed {len(days)} days, {first} to {last}")
