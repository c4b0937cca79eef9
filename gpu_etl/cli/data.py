"""Commands on the stored data: import files, accept a day, the market in a page.

Belongs here: reading arguments and printing. Does not belong here: SQL (``database``), parsing (``sources``).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from gpu_etl.cli import fail
from gpu_etl.cli.analyse import analyse_from
from gpu_etl.cli.database import opened
from gpu_etl.cli.reddit import reddit_dump
from gpu_etl.cli.run import MarketDay
from gpu_etl.settings import load_settings


@click.command()
@click.argument("day", type=MarketDay())
@click.option("--why", required=True, help="how you know that the day is real")
@click.option("--source", default="danawa", show_default=True, help="whose day")
def accept(day: date, why: str, source: str) -> None:
    """Vouch for a day that the blindness gate refuses; read its stored pages again afterwards."""
    from gpu_etl.database import pages, records

    if not why.strip():
        raise click.UsageError("--why is empty: say how you know that the day is real")
    settings = load_settings()
    with opened(settings) as database:
        # A day mistyped that is still to come would be published then, however blind its crawl was.
        if source not in database.run(lambda connection: pages.crawled_sources(connection, day)):
            fail(f"no stored crawl of {source} on {day}: there is nothing to vouch for")
        database.run(lambda connection: records.accept_day(connection, source, day, why, settings.now()))
    click.echo(f"{source} {day} is accepted; publish it from its stored pages: gpu-etl rebuild {day}")


@click.group(name="import")
def import_() -> None:
    """Bring in history from files."""


import_.add_command(reddit_dump)


@import_.command("crawler-csv")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def crawler_csv(paths: tuple[Path, ...], as_json: bool) -> None:
    """Import files of the public Danawa crawlers (.csv, .csv.gz, or folders of them)."""
    from gpu_etl.cli.importing import CsvImport, csv_files
    from gpu_etl.database.identities import Identities

    settings = load_settings()
    files = csv_files(paths)
    if not files:
        fail(f"no .csv or .csv.gz file in {', '.join(map(str, paths))}")
    with opened(settings, begins=True) as database:
        summary = CsvImport(database, Console(stderr=True), Identities(settings.corrections())).load(files)
    click.echo(json.dumps(summary.as_dict(), ensure_ascii=False) if as_json else summary.in_words())
    if not as_json and summary.first_day and (summary.inserted or summary.updated):
        click.echo(analyse_from(summary.first_day))
    if summary.failed_files:
        fail(f"{len(summary.failed_files)} of {len(files)} files could not be read")


@click.command()
@click.option("--day", type=MarketDay(), help="the market day; default: the latest with prices")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="write one HTML file instead")
def report(day: date | None, html: Path | None) -> None:
    """Print the market: cheapest card per chipset, weekly change, open alerts, top keywords."""
    from gpu_etl.cli.report import print_report, write_report

    settings = load_settings()
    with opened(settings) as database:
        if html is None:
            print_report(database, Console(), day)
        else:
            click.echo(write_report(database, settings, day, html))
