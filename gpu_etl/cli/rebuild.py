"""``gpu-etl rebuild``: days built anew from their stored pages.

Belongs here: reading arguments, printing the difference. Does not belong here: building (``assets.rebuilding``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import click

from gpu_etl.cli import fail
from gpu_etl.cli.analyse import analyse_from
from gpu_etl.cli.database import opened
from gpu_etl.cli.run import MarketDay
from gpu_etl.settings import load_settings

if TYPE_CHECKING:
    from gpu_etl.assets.rebuilding import Rebuilt

SHOWN = 20
"""Changes that are spelled out in words; ``--json`` has them all."""


@click.command()
@click.argument("days", nargs=-1, required=True, type=MarketDay())
@click.option("--dry-run", is_flag=True, help="only tell what would change")
@click.option("--json", "as_json", is_flag=True, help="a JSON list on standard output instead of words")
def rebuild(days: tuple[date, ...], dry_run: bool, as_json: bool) -> None:
    """Build days anew from their stored pages, and tell what that changes: rows added, removed, prices changed.

    Each day is one transaction. Afterwards the numbers of these days and of those after them are computed anew by
    gpu-etl analyse: ranges look 90 days back, the index goes on from day to day.
    """
    from gpu_etl.assets.failures import Refused
    from gpu_etl.assets.rebuilding import rebuild_day

    settings = load_settings()
    done: list[Rebuilt] = []
    work = partial(rebuild_day, now=settings.now(), corrections=settings.corrections(), dry_run=dry_run)
    with opened(settings) as database:
        for day in sorted(set(days)):
            try:
                done += database.run(partial(work, day=day))
            except Refused as refusal:
                fail(str(refusal))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in done], default=str, ensure_ascii=False))
    else:
        for line in _in_words(done, dry_run):
            click.echo(line)
        changed = [each.day for each in done if not each.refused and (each.added or each.removed or each.changes)]
        if changed and not dry_run:
            click.echo(analyse_from(min(changed)))
    if any(each.refused for each in done):
        sys.exit(1)


def _in_words(done: Sequence[Rebuilt], dry_run: bool) -> Iterator[str]:
    for each in done:
        head = f"{each.source} {each.day}"
        if each.refused:
            yield f"{head}: left as it was: {each.refused}"
            continue
        verb = "would be" if dry_run else "were"
        columns = ", ".join(
            f"{each.count(column)} {column}" for column in dict.fromkeys(change.column for change in each.changes)
        )
        yield (
            f"{head}: {each.rows:,} rows; {len(each.added)} {verb} added, {len(each.removed)} removed, "
            f"changed: {columns or 'nothing'}"
        )
        for change in each.changes[:SHOWN]:
            yield f"  {change.listing_id} {change.column}: {change.before} -> {change.after}"
        if len(each.changes) > SHOWN:
            yield f"  ... and {len(each.changes) - SHOWN} more (--json has them all)"
