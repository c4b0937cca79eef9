"""``gpu-etl demo``: the whole daily job on a simulated market, keyless and offline.

Belongs here: the order of the show and its progress. Does not belong here: the market (``demo``), or anything that the
real job would do differently: history comes in by the ordinary import, today by the ordinary crawl over HTTP.

The demo has a home of its own, ``GPU_ETL_HOME/demo``, and begins by clearing it: it never touches real data.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gpu_etl import home
from gpu_etl.cli import fail
from gpu_etl.settings import Settings, load_settings

if TYPE_CHECKING:
    from gpu_etl.database import Database
    from gpu_etl.demo.market import Market

SEED = 4070


@click.command()
@click.option("--days", default=42, show_default=True, type=click.IntRange(35, 365), help="days of history")
@click.option("--serve", is_flag=True, help="stay up with the Dagster UI and the dashboard on its data")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=3000,
    show_default=True,
    help="port of that UI; 0 takes a free one",
)
@click.option("--dashboard-port", type=click.IntRange(0, 65535), help="port of that dashboard  [DASHBOARD_PORT]")
def demo(days: int, serve: bool, port: int, dashboard_port: int | None) -> None:
    """Run everything on a simulated market: import history, crawl today over HTTP, analyse, report."""
    from gpu_etl.demo.market import Market
    from gpu_etl.demo.server import serve as serve_market

    started = time.monotonic()
    console = Console()
    today = load_settings().today()
    market = Market(SEED, today, days)
    with serve_market(market, clock=lambda: datetime.now(UTC)) as base_url:
        settings = _enter_demo_home(base_url)
        console.print(f"A simulated market of {len(market.listings(today))} listings and {days} days, on {base_url}")
        with _server_stopped_afterwards(settings):
            _show(settings, market, today, days, console)
            console.print(f"\nDone in {time.monotonic() - started:.0f} s.")
            _where_next(console, settings, serve)
            if serve:
                _serve(settings, port, dashboard_port)


def _enter_demo_home(base_url: str) -> Settings:
    """Point this process, and every one it starts, at the simulated market and at an empty home of the demo's own."""
    place = load_settings().home / "demo"
    _clear(place)
    os.environ.update(
        GPU_ETL_HOME=str(place),
        DAGSTER_HOME=str(place / "dagster"),
        DATABASE_URL="",
        GPU_ETL_NOW="",
        CHIPSETS="",
        DANAWA_BASE_URL=base_url,
        REDDIT_BASE_URL=base_url,
        REDDIT_OAUTH_URL=base_url,
        REDDIT_CLIENT_ID="demo",
        REDDIT_CLIENT_SECRET="demo",  # noqa: S106 - the simulated Reddit takes any
        HTTP_REQUESTS_PER_SECOND="200",
        NOTIFY_URLS="",
    )
    os.environ.pop("REDDIT_SUBREDDITS", None)
    settings = load_settings(_env_file=None)
    home.prepare(settings)
    home.log_to_console_and_file(settings)
    return settings


def _clear(place: Path) -> None:
    from gpu_etl.database.embedded import EmbeddedServer

    if place.exists():
        EmbeddedServer(place).remove()
        shutil.rmtree(place)


@contextmanager
def _server_stopped_afterwards(settings: Settings) -> Iterator[None]:
    from gpu_etl.database.embedded import EmbeddedServer

    try:
        yield
    finally:
        EmbeddedServer(settings.home).stop()


def _show(settings: Settings, market: Market, today: date, days: int, console: Console) -> None:
    from gpu_etl.cli.report import print_report
    from gpu_etl.database import open_database

    console.print("Starting the embedded PostgreSQL ...")
    database = open_database(settings)
    try:
        _import_history(database, market, today, console)
        _run(console, "reddit_collection", today)
        _analyse_history(database, settings, today, days, console)
        _run(console, "full", today)
        print_report(database, console, today)
    finally:
        database.close()


def _import_history(database: Database, market: Market, today: date, console: Console) -> None:
    from gpu_etl.catalog import overrides
    from gpu_etl.cli.importing import CsvImport
    from gpu_etl.database.identities import Identities
    from gpu_etl.demo.history import write_history

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.csv"
        write_history(market, file)
        summary = CsvImport(database, console, Identities(overrides.read(""))).load([file])
    console.print(f"History imported: {summary.in_words()}")


def _analyse_history(database: Database, settings: Settings, today: date, days: int, console: Console) -> None:
    """Compute the past days' numbers from what was imported and collected, as a backfill would."""
    from gpu_etl.assets import analytics, community

    rules = settings.keyword_rules()
    past = [today - timedelta(days=back) for back in range(days, 0, -1)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Analysing the past, days", total=len(past))
        for day in past:
            with database.transaction() as connection:
                community.load_market_signals(connection, [day], rules)
                community.load_keyword_trends(connection, [day], settings, rules)
                analytics.load_day(connection, day, settings, rules)
            progress.advance(task)


def _run(console: Console, job: str, day: date) -> None:
    from gpu_etl.cli.run import execute

    outcome = execute(job, day)
    for error in outcome["errors"]:
        fail(f"{job} failed at {error}")
    rows = ", ".join(f"{asset} {n:,}" for asset, n in outcome["assets"].items() if n is not None)
    console.print(f"Job {job} for {day}: {rows} ({outcome['seconds']} s)", highlight=False)


def _where_next(console: Console, settings: Settings, serving: bool) -> None:
    console.print(f"Its data: {settings.home}", highlight=False, soft_wrap=True)
    if not serving:
        ask = f"GPU_ETL_HOME={_from_here(settings.home)} {_from_here(Path(sys.argv[0]))} report"
        console.print(f"Ask it more: {ask}", highlight=False, soft_wrap=True)
        console.print("Look around in the dashboard and the Dagster UI: make demo ARGS=--serve")
        console.print("The real market: cp .env.example .env, then make up", highlight=False)


def _from_here(path: Path) -> Path:
    """A path as one would type it: relative where it lies below the current folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _serve(settings: Settings, port: int, dashboard_port: int | None) -> None:
    from gpu_etl.cli.services import serve_all

    serve_all(settings, "demo", port, dashboard_port)
