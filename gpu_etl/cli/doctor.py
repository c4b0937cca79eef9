"""``gpu-etl doctor``: what state this installation is in, a line each, with what to do about it.

Belongs here: the order of the checks, and printing. Does not belong here: the checks (``doctor_installation``,
``doctor_data``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click
from rich.console import Console
from rich.text import Text

from gpu_etl import home
from gpu_etl.cli import doctor_data, doctor_installation
from gpu_etl.cli.database import leaving_nothing_running
from gpu_etl.cli.findings import Finding, failed
from gpu_etl.errors import SettingsError
from gpu_etl.settings import Settings, load_settings

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
SUBJECT_WIDTH = len("reddit_collection") + 1


@click.command()
@click.option("--offline", is_flag=True, help="do not ask the sources whether they answer")
@click.option("--json", "as_json", is_flag=True, help="a JSON list on standard output instead of words")
def doctor(offline: bool, as_json: bool) -> None:
    """Check settings, database, sources, schedules and data; exit code 1 when something fails. Changes nothing."""
    console = Console()
    found = []
    for finding in _findings(offline):
        found.append(finding)
        if not as_json:
            _show(console, finding)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))
    sys.exit(1 if any(finding.level == "fail" for finding in found) else 0)


def _show(console: Console, finding: Finding) -> None:
    line = Text.assemble(
        (f"{finding.level:<5}", STYLES[finding.level]), f"{finding.subject:<{SUBJECT_WIDTH}} {finding.says}"
    )
    console.print(line, soft_wrap=True)
    if finding.fix:
        console.print(f"{'':<{6 + SUBJECT_WIDTH}}-> {finding.fix}", soft_wrap=True, highlight=False, markup=False)


def _findings(offline: bool) -> Iterator[Finding]:
    try:
        settings = load_settings()
        if told := home.missing(settings):
            says, _, fix = told.partition(": ")
            yield failed("home", says, fix)
            return
        home.prepare(settings)
        home.log_to_file(settings)
    except SettingsError as error:
        yield failed("settings", str(error), "mend the variable in .env or the environment; .env.example explains each")
        return
    with leaving_nothing_running(settings):
        yield from _of_installation(settings, offline)
        yield from doctor_data.findings(settings)


def _of_installation(settings: Settings, offline: bool) -> Iterator[Finding]:
    yield from doctor_installation.on_this_machine(settings)
    if not offline:
        yield from doctor_installation.sources(settings)
    try:
        yield from doctor_installation.dagster(settings)
    except SettingsError as error:
        yield failed("dagster", str(error), "make room, or mend the file")
