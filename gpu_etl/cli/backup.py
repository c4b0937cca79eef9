"""``gpu-etl backup`` and ``restore``: the whole state of an installation in one file, and back.

Belongs here: what the state is, and when it may be replaced. Does not belong here: the file's layout (``archive``),
tables (``database.backup``).

The state is the product database, the corrections in ``sku_overrides.csv``, and Dagster's home (its settings, runs,
events, schedules) unless Dagster keeps its records in a server of its own. Not in it: ``.env``, which holds secrets,
and logs.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click

from gpu_etl import home
from gpu_etl.cli import alive, archive, fail
from gpu_etl.cli.archive import ArchiveError, Manifest
from gpu_etl.cli.database import opened
from gpu_etl.database import backup as tables
from gpu_etl.database.migrations import HEAD
from gpu_etl.settings import Settings, load_settings

CORRECTIONS = "sku_overrides.csv"
RECORDS = ("history", "schedules")
"""Folders of Dagster's home that hold SQLite files."""
DAGSTER = "dagster/"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="replace FILE if it is there")
def backup(file: Path, force: bool) -> None:
    """Write the whole state to FILE: database, corrections, Dagster's records. Runs may go on meanwhile.

    Not in it: .env, which holds your secrets, and logs.
    """
    settings = load_settings()
    if file.exists() and not force:
        fail(f"{file} is there already: choose another name, or --force to replace it")
    home.find(settings)
    with opened(settings) as database, _plainly(file), archive.writing(file) as into:
        manifest = Manifest(
            program=version("gpu-etl"),
            schema=HEAD,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            log_file=str(home.log_file(settings)),
        )
        with tables.snapshot(database) as connection:
            for table, columns in tables.tables(connection).items():
                dump = partial(tables.dump_table, connection, table, columns)
                manifest.tables[table] = archive.add_table(into, table, dump)
        _add_files(into, manifest, settings)
        archive.close_with(into, manifest)
    click.echo(f"{file}: {_in_words(manifest)}, {file.stat().st_size / 1e6:,.1f} MB")


def _in_words(manifest: Manifest) -> str:
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables and {len(manifest.files)} files "
        f"of {manifest.made_at} (schema {manifest.schema}, gpu-etl {manifest.program})"
    )


@contextmanager
def _plainly(file: Path) -> Iterator[None]:
    """End the command with one line when the file cannot be used."""
    try:
        yield
    except ArchiveError as error:
        fail(f"{file}: {error}")
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror or error}")


def _dagster_home() -> Path:
    return Path(os.environ["DAGSTER_HOME"])


def _corrections(settings: Settings) -> Path:
    return settings.sku_overrides_file or settings.home / CORRECTIONS


def _add_files(into: zipfile.ZipFile, manifest: Manifest, settings: Settings) -> None:
    if _corrections(settings).exists():
        manifest.files[CORRECTIONS] = archive.add_file(into, CORRECTIONS, _corrections(settings))
    folder = _dagster_home()
    for name in ("dagster.yaml", "workspace.yaml"):
        manifest.files[DAGSTER + name] = archive.add_file(into, DAGSTER + name, folder / name)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy.db"
        for path in sorted(path for records in RECORDS for path in (folder / records).rglob("*.db")):
            name = DAGSTER + path.relative_to(folder).as_posix()
            # SQLite's own copy: whole although Dagster may be writing
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            manifest.files[name] = archive.add_file(into, name, copy)
            copy.unlink()


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="replace what this installation holds")
def restore(file: Path, force: bool) -> None:
    """Make this installation what FILE holds, after checking it; an older schema is brought up to date.

    Refuses to replace anything without --force. Services must be stopped.
    """
    settings = load_settings()
    with _plainly(file), archive.reading(file) as (source, manifest):
        home.prepare(settings)
        with _nothing_running(settings), opened(settings) as database:
            if not force:
                with database.transaction() as connection:
                    _refuse_to_replace(settings, tables.rows_there(connection))
            streams = {name: archive.table_stream(source, name) for name in manifest.tables}
            tables.restore(database, manifest.schema, manifest.tables, streams)
        _put_files(source, manifest, settings)
    click.echo(f"restored {_in_words(manifest)}; every row and file is checked")


@contextmanager
def _nothing_running(settings: Settings) -> Iterator[None]:
    if alive.supervisor_pid(settings) is not None:
        fail(f"services run on {settings.home}: stop them first with `gpu-etl scheduler stop` or `gpu-etl down`")
    with alive.no_command_runs_a_job() as nobody:
        if not nobody:
            fail(f"a job runs on {settings.home}: wait for it to end, or stop it with Ctrl-C")
        yield


def _refuse_to_replace(settings: Settings, table: str | None) -> None:
    if table is not None:
        fail(f"the database holds data already (table {table}): --force replaces all of it")
    for there in (_corrections(settings), *(_dagster_home() / "history" / "runs").glob("*-*.db")):
        if there.exists():
            fail(f"{there} is there already: --force replaces all that this installation holds")


def _put_files(source: zipfile.ZipFile, manifest: Manifest, settings: Settings) -> None:
    folder = _dagster_home()
    if any(name.startswith(DAGSTER + "history/") for name in manifest.files):
        for records in RECORDS:
            shutil.rmtree(folder / records, ignore_errors=True)

    def with_log_here(text: bytes) -> bytes:
        return text.replace(manifest.log_file.encode(), str(home.log_file(settings)).encode())

    for name in manifest.files:
        if name == CORRECTIONS:
            archive.unpack(source, name, _corrections(settings))
        elif name.startswith(DAGSTER):
            change = with_log_here if name == f"{DAGSTER}dagster.yaml" else None
            archive.unpack(source, name, folder / name.removeprefix(DAGSTER), change)
