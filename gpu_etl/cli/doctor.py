"""``gpu-etl doctor``: what state this installation is in, a line each, with what to do about it.

Belongs here: the checks and their wording. Does not belong here: the numbers behind them (``database.queries``).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import click
from rich.console import Console
from rich.text import Text

from gpu_etl import home
from gpu_etl.cli.database import leaving_nothing_running
from gpu_etl.database import Database, DatabaseError, open_database, outbox, queries
from gpu_etl.errors import SettingsError
from gpu_etl.settings import Settings, load_settings

ENOUGH_DISK_GB = 2.0
STALE_AFTER = timedelta(days=1)
QUARANTINE_DAYS = timedelta(days=7)
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``fix`` is what a person can do."""

    level: str
    subject: str
    says: str
    fix: str = ""


@click.command()
@click.option("--offline", is_flag=True, help="do not ask the sources whether they answer")
def doctor(offline: bool) -> None:
    """Check settings, database, sources, schedules and data; exit code 1 when something fails."""
    settings = load_settings()
    home.prepare(settings)
    console = Console()
    levels = set()
    with leaving_nothing_running(settings):
        for finding in _findings(settings, offline):
            levels.add(finding.level)
            line = Text.assemble((f"{finding.level:<5}", STYLES[finding.level]), f"{finding.subject:<14}{finding.says}")
            console.print(line, soft_wrap=True)
            if finding.fix:
                console.print(f"{'':<19}-> {finding.fix}", soft_wrap=True, highlight=False)
    sys.exit(1 if "fail" in levels else 0)


def _findings(settings: Settings, offline: bool) -> Iterator[Finding]:
    yield Finding("ok", "settings", f"market day {settings.today()} in {settings.market_timezone}")
    yield _disk(settings)
    yield _corrections(settings)
    yield _reddit_mode(settings)
    if not offline:
        yield from _sources(settings)
    yield _scheduler()
    try:
        database = open_database(settings)
    except DatabaseError as error:
        yield Finding("fail", "database", str(error), "check DATABASE_URL, or leave it empty for the embedded server")
        return
    try:
        yield Finding("ok", "database", f"{database.where}, schema up to date")
        for check in (_prices, _coverage, _unidentified, _quarantine, _messages):
            yield from check(database, settings.today())
    finally:
        database.close()


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free / 1e9
    if free < ENOUGH_DISK_GB:
        return Finding("fail", "disk", f"{free:.1f} GB free at {settings.home}", "make room, or move GPU_ETL_HOME")
    return Finding("ok", "disk", f"{free:.0f} GB free at {settings.home}")


def _corrections(settings: Settings) -> Finding:
    try:
        corrections = settings.corrections()
    except SettingsError as error:
        return Finding("fail", "corrections", str(error), "mend the line; until then no listing can be identified")
    count = len(corrections.by_listing) + len(corrections.by_title)
    return Finding("ok", "corrections", f"{count} by hand" if count else "none by hand")


def _reddit_mode(settings: Settings) -> Finding:
    if settings.reddit_has_key:
        return Finding("ok", "reddit", f"API key, {len(settings.reddit_subreddits)} subreddits")
    fix = "set REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET to see whole days"
    return Finding("warn", "reddit", "no API key: RSS, the newest 100 posts a request, counts are lower bounds", fix)


def _sources(settings: Settings) -> Iterator[Finding]:
    from gpu_etl.resources.http import HttpError, HttpResource

    with HttpResource.from_settings(settings.model_copy(update={"max_retries": 0})).new_client() as client:
        for name, url in (("danawa", settings.danawa_base_url), ("reddit", settings.reddit_base_url)):
            try:
                status = client.get(f"{url}/robots.txt").status
            except HttpError as error:
                yield Finding("fail", name, str(error), "check the network, a proxy, and the address in the settings")
                continue
            yield Finding("ok" if status < 400 else "warn", name, f"{url} answers ({status})")


def _scheduler() -> Finding:
    from gpu_etl.cli.scheduler import is_alive

    if is_alive():
        return Finding("ok", "scheduler", "alive")
    return Finding("warn", "scheduler", "not running", "gpu-etl up, or gpu-etl scheduler start --detach")


def _prices(database: Database, today: date) -> Iterator[Finding]:
    latest = database.run(queries.latest_day)
    if latest is None:
        yield Finding("warn", "prices", "none yet", "gpu-etl run price-crawl")
    elif today - latest > STALE_AFTER:
        yield Finding(
            "warn", "prices", f"latest day {latest}, {(today - latest).days} days old", "gpu-etl scheduler history"
        )
    else:
        yield Finding("ok", "prices", f"latest day {latest}")


def _coverage(database: Database, today: date) -> Iterator[Finding]:
    for row in database.run(lambda connection: queries.coverage_of(connection, today)):
        if row["status"] != "complete":
            level = "warn" if row["status"] == "partial" else "fail"
            yield Finding(level, "coverage", f"{row['source']} {row['part']} {row['status']}: {row['reason']}")


def _unidentified(database: Database, today: date) -> Iterator[Finding]:
    groups = database.run(queries.unidentified)
    if not groups:
        yield Finding("ok", "identity", "every listing is identified or known to be no card")
    for group in groups:
        examples = "; ".join(group["examples"])
        fix = "a new chipset is one line in gpu_etl/catalog/chipsets.csv; a single listing one in sku_overrides.csv"
        says = f"{group['listings']:,} listings unidentified ({group['reason']}), e.g. {examples}"
        yield Finding("warn", "identity", says, fix if group is groups[-1] else "")


def _quarantine(database: Database, today: date) -> Iterator[Finding]:
    since = today - QUARANTINE_DAYS
    for row in database.run(lambda connection: queries.quarantined(connection, since)):
        says = f"{row['n']:,} x {row['source']}: {row['reason']} (last {row['last_day']}), e.g. {row['example'][:60]!r}"
        yield Finding("warn", "quarantine", says)


def _messages(database: Database, today: date) -> Iterator[Finding]:
    troubles = database.run(outbox.troubles)
    for row in troubles:
        says = f"{row['waiting']} wait for {row['receiver_name']}, {row['given_up']} given up: {row['last_error']}"
        yield Finding("warn", "messages", says, "mend the address in NOTIFY_URLS, then gpu-etl alerts deliver --all")
    if not troubles:
        count = len(load_settings().notify_urls)
        yield Finding(
            "ok", "messages", f"everything delivered to {count} receivers" if count else "NOTIFY_URLS is empty"
        )
