"""``gpu-etl import reddit-dump``: which files, the progress bar, the summary.

Belongs here: reading arguments and printing. Does not belong here: the import itself (``assets.dumps``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.settings import load_settings

ENDINGS = (".zst", ".ndjson", ".jsonl")


def dump_files(paths: Iterable[Path]) -> list[Path]:
    """The dumps among paths and, for folders, anywhere inside them, each once, by name."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.name.endswith(ENDINGS)) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


@click.command("reddit-dump")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def reddit_dump(paths: tuple[Path, ...], as_json: bool) -> None:
    """Import dumps of Reddit posts (RS_*.zst, .ndjson, or folders of them) for REDDIT_SUBREDDITS.

    One pass a file. An import that was stopped goes on where it was; a repeated one changes nothing.
    """
    from gpu_etl.assets.dumps import DumpImport

    settings = load_settings()
    files = dump_files(paths)
    if not files:
        fail(f"no {', '.join(ENDINGS)} file in {', '.join(map(str, paths))}")
    rules = settings.keyword_rules()
    with opened(settings, begins=True) as database:
        work = DumpImport(database, settings, rules)
        try:
            _load_all(work.load, files, work.summary.failed_files)
        except KeyboardInterrupt:
            fail(f"stopped; {work.summary.posts:,} posts are stored, and the same command goes on from there")
    if not (work.summary.posts or work.summary.failed_files):
        names = " ".join(f"r/{name}" for name in settings.reddit_subreddits)
        click.echo(f"gpu-etl: no post of {names}; REDDIT_SUBREDDITS says which are taken", err=True)
    click.echo(json.dumps(work.summary.as_dict(), ensure_ascii=False) if as_json else work.summary.in_words())
    if work.summary.failed_files:
        fail(f"{len(work.summary.failed_files)} of {len(files)} files could not be read to their end")


def _load_all(
    load: Callable[[Path, Callable[[int], object]], None], files: Sequence[Path], failed: dict[str, str]
) -> None:
    """Load files one after the other; one that cannot be read is named and the others go on."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        for path in files:
            task = progress.add_task(path.name, total=path.stat().st_size)
            try:
                load(path, partial(_advance, progress, task))
            except (ValueError, OSError) as error:
                failed[str(path)] = str(error)


def _advance(progress: Progress, task: TaskID, position: int) -> None:
    progress.update(task, completed=position)
