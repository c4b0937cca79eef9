"""The folder on disk that one installation lives in: logs, Dagster's home, the demo's and the database's data.

Belongs here: which folders there are, making them, pointing Dagster and the log at them. Does not belong here: what is
stored in them.

    GPU_ETL_HOME/            default ./.gpu_etl
      logs/gpu-etl.log       what the command line and every run say, rotated
      dagster/               DAGSTER_HOME, unless the environment names another
      postgres/              the embedded server's data
      demo/                  a home of its own for the demo
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values, load_dotenv

from gpu_etl.errors import SettingsError
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

LOG_BYTES = 5_000_000
ROOM_BYTES = 100_000
"""Below, a disk counts as full: SQLite cannot make the files beside its own that it works with."""

WORKSPACE = """\
# Written by `gpu-etl init`: the same module and location name as the project's workspace.yaml.
load_from:
  - python_module:
      module_name: gpu_etl.definitions
      location_name: gpu_etl
"""


def log_file(settings: Settings) -> Path:
    """Where the log is written."""
    return settings.home / "logs" / "gpu-etl.log"


def dagster_folder(settings: Settings) -> Path:
    """Dagster's home, there or not. A home that the environment names in place of ``.env``'s has its own."""
    named, in_file = os.environ.get("GPU_ETL_HOME"), dotenv_values(".env").get("GPU_ETL_HOME")
    if named and in_file and Path(named).absolute() != Path(in_file).absolute():
        os.environ.setdefault("DAGSTER_HOME", str(settings.home / "dagster"))
    load_dotenv(".env")  # DAGSTER_HOME may stand there; Dagster's own commands read it the same way
    return Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").absolute()


def missing(settings: Settings) -> str | None:
    """What to say where no home is named and this folder holds none; ``None`` where one is: what is named is meant."""
    if settings.home.is_dir() or "gpu_etl_home" in settings.model_fields_set:
        return None
    return f"there is no {settings.home}: name the home by GPU_ETL_HOME, or make a new one with gpu-etl init"


def find(settings: Settings) -> Path:
    """:func:`prepare` for commands that begin nothing: typed in another folder, they must not leave a home there.

    Raises:
        SettingsError: there is none and none was named, or it cannot be written.
    """
    if told := missing(settings):
        raise SettingsError(told)
    return prepare(settings)


def prepare(settings: Settings) -> Path:
    """Make the folders and Dagster's home if they are not there, and set ``DAGSTER_HOME``; returns Dagster's home.

    Raises:
        SettingsError: the folder cannot be made or written.
    """
    dagster_home = dagster_folder(settings)
    try:
        for folder in (settings.home, log_file(settings).parent, dagster_home):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(folder, os.W_OK):
                raise OSError(errno.EACCES, "it cannot be written to", str(folder))
        _write_once(dagster_home / "workspace.yaml", WORKSPACE)
        template = resources.files("gpu_etl").joinpath("dagster.yaml").read_text(encoding="utf-8")
        _write_once(dagster_home / "dagster.yaml", template.replace("{log_file}", str(log_file(settings))))
        # The UI's first-visit box swallows clicks even where nux is off; this file says that it was seen.
        (dagster_home / ".nux").mkdir(exist_ok=True)
        _write_once(dagster_home / ".nux" / "nux.yaml", "seen: 1\n")
    except OSError as error:
        raise SettingsError(
            f"GPU_ETL_HOME={str(settings.gpu_etl_home)!r}: {error.strerror} ({error.filename})"
        ) from None
    os.environ["DAGSTER_HOME"] = str(dagster_home)
    return dagster_home


@contextmanager
def dagster_instance() -> Iterator[dg.DagsterInstance]:
    """Open Dagster's records.

    Raises:
        SettingsError: ``dagster.yaml`` is none, what it names cannot be opened, or the disk is full or fills up.
    """
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef
    from sqlalchemy.exc import DBAPIError

    from gpu_etl.sqlite_records import kept_open

    try:
        instance = dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(os.environ["DAGSTER_HOME"])))
    except Exception as error:  # YAML's, Dagster's own, or those of whatever storage is configured
        _tell_of_a_full_disk()
        told = " ".join(str(error).split())[:200]
        raise SettingsError(f"{os.environ.get('DAGSTER_HOME')}/dagster.yaml: {told}") from None
    with instance:
        try:
            yield instance
        except DBAPIError:
            _tell_of_a_full_disk()
            raise


def _tell_of_a_full_disk() -> None:
    """Where Dagster's records have no room left, which SQLite calls "disk I/O error" too."""
    if shutil.disk_usage(os.environ["DAGSTER_HOME"]).free < ROOM_BYTES:
        raise SettingsError(f"{os.environ['DAGSTER_HOME']}: {os.strerror(errno.ENOSPC)}") from None


def workspace_file() -> Path:
    """The workspace that our own commands give to Dagster's."""
    return Path(os.environ["DAGSTER_HOME"]) / "workspace.yaml"


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")


def log_to_console_and_file(settings: Settings) -> None:
    """Send this process's log to the rotating file, and what a person should know of it to standard error.

    That is warnings; all of it with ``LOG_LEVEL=DEBUG``. Called again, it replaces what it set up before.
    """
    _log_to(settings, _file(settings), _console(settings))


def log_to_console(settings: Settings) -> None:
    """Send to standard error what :func:`log_to_console_and_file` does: of a command that needs no home."""
    _log_to(settings, _console(settings))


def log_to_file(settings: Settings) -> None:
    """Send this process's log to the rotating file alone: of a command that tells all there is to know by itself."""
    _log_to(settings, _file(settings))


def _file(settings: Settings) -> logging.Handler:
    file = RotatingFileHandler(log_file(settings), maxBytes=LOG_BYTES, backupCount=5, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return file


def _console(settings: Settings) -> logging.Handler:
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    console.setLevel(settings.log_level if settings.log_level in ("DEBUG", "ERROR") else "WARNING")
    return console


def _log_to(settings: Settings, *handlers: logging.Handler) -> None:
    logger = logging.getLogger("gpu_etl")
    logger.setLevel(settings.log_level)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    for handler in handlers:
        logger.addHandler(handler)


def cut_when_long(path: Path, longest: int = LOG_BYTES) -> None:
    """Move what others write to a log into ``<name>.1`` once it is long; they go on where they are.

    Only for files that are opened for appending. A line written at that very moment may be lost.
    """
    if path.exists() and path.stat().st_size > longest:
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)


@contextmanager
def log_left_to_dagster() -> Iterator[None]:
    """Take our handlers off for the length of a run: ``dagster.yaml`` sends the same lines to the same file."""
    logger = logging.getLogger("gpu_etl")
    ours, level = list(logger.handlers), logger.level
    for handler in ours:
        logger.removeHandler(handler)
    try:
        yield
    finally:
        for handler in ours:
            logger.addHandler(handler)
        logger.setLevel(level)  # Dagster sets its own
