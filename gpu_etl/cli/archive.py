"""The file of a backup: a ZIP of compressed streams, with a manifest that says what each must hold.

Belongs here: its layout, writing it whole or not at all, checking it. Does not belong here: what goes into it
(``backup``), tables (``database.backup``).

    manifest.json             format, program, schema, made_at, log_file, tables, files
    tables/<name>.copy.zst    PostgreSQL's COPY text
    files/<name>.zst          other files of the installation
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import zstandard

from gpu_etl.database.backup import CHUNK, TableContents, Tally, Writer
from gpu_etl.files import written_whole

FORMAT = 1
MANIFEST = "manifest.json"


class ArchiveError(Exception):
    """The file is no backup, or not what its manifest says; the message is one line."""


@dataclass(slots=True)
class Manifest:
    """What a backup holds."""

    program: str
    schema: str
    made_at: str
    log_file: str
    """Where the log was: Dagster's settings name it."""
    tables: dict[str, TableContents] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 by name."""

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(contents.rows for contents in self.tables.values())

    def as_json(self) -> str:
        """As it is stored."""
        told = {"format": FORMAT, "program": self.program, "schema": self.schema, "made_at": self.made_at}
        tables = {name: contents.as_dict() for name, contents in self.tables.items()}
        return json.dumps(told | {"log_file": self.log_file, "tables": tables, "files": self.files}, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read it; raises ArchiveError when it is of another format."""
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise ArchiveError(f"it has format {told['format']}, and this program reads {FORMAT}: upgrade gpu-etl")
        tables = {
            name: TableContents(tuple(table["columns"]), table["rows"], table["bytes"], table["sha256"])
            for name, table in told["tables"].items()
        }
        return cls(told["program"], told["schema"], told["made_at"], told["log_file"], tables, dict(told["files"]))


@contextmanager
def writing(path: Path) -> Iterator[zipfile.ZipFile]:
    """A new archive that takes its place at ``path`` once it is whole."""
    with written_whole(path) as file, zipfile.ZipFile(file, "w") as archive:
        yield archive


def add_table(archive: zipfile.ZipFile, table: str, dump: Callable[[Writer], TableContents]) -> TableContents:
    """Store what ``dump`` writes."""
    with _compressed(archive, f"tables/{table}.copy.zst") as out:
        return dump(out)


def add_file(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Store a file; returns its SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file, _compressed(archive, f"files/{name}.zst") as out:
        while block := file.read(CHUNK):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


@contextmanager
def _compressed(archive: zipfile.ZipFile, name: str) -> Iterator[Writer]:
    compressor = zstandard.ZstdCompressor(level=6)
    with archive.open(name, "w", force_zip64=True) as entry, compressor.stream_writer(entry, closefd=False) as out:
        yield out


def table_stream(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    """A table's COPY text, block by block."""
    return _blocks(archive, f"tables/{table}.copy.zst")


def file_stream(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A file's bytes, block by block."""
    return _blocks(archive, f"files/{name}.zst")


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as entry, zstandard.ZstdDecompressor().stream_reader(entry) as reader:
        while block := reader.read(CHUNK):
            yield block


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and check every stream in it against the manifest, before anybody relies on it.

    Raises:
        ArchiveError: it is no backup, or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = Manifest.from_json(archive.read(MANIFEST))
            _check(archive, manifest)
            yield archive, manifest
    except (OSError, zipfile.BadZipFile, zstandard.ZstdError, KeyError, TypeError, ValueError, EOFError) as error:
        raise ArchiveError(f"it is no backup of gpu-etl, or damaged: {_plain(error)}") from None


def _plain(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _check(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    for table, expected in manifest.tables.items():
        if _tallied(table_stream(archive, table), expected.bytes).contents(expected.columns) != expected:
            raise ArchiveError(f"it is damaged: table {table} is not what the manifest says")
    for name, digest in manifest.files.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ArchiveError(f"it holds a file outside of its folder: {name}")
        if _tallied(file_stream(archive, name)).contents(()).sha256 != digest:
            raise ArchiveError(f"it is damaged: {name} is not what the manifest says")


def _tallied(stream: Iterator[bytes], at_most: int | None = None) -> Tally:
    tally = Tally()
    for block in stream:
        tally.add(block)
        if at_most is not None and tally.bytes > at_most:
            break  # already more than there should be: no need to unpack a bomb to its end
    return tally


def close_with(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Store the manifest, which is known last."""
    archive.writestr(MANIFEST, manifest.as_json())


def unpack(archive: zipfile.ZipFile, name: str, target: Path, change: Callable[[bytes], bytes] | None = None) -> None:
    """Put a file in its place, whole or not at all, for its owner only; ``change`` may edit a small one."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with written_whole(target) as file:
        blocks = file_stream(archive, name)
        for block in [change(b"".join(blocks))] if change else blocks:
            file.write(block)
