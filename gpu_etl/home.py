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

import logging
import os
import sys
from importlib import resources
from logging.handlers import RotatingFileHandler
from pathlib import Path

from dotenv import load_dotenv

from gpu_etl.settings import Settings, SettingsError

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


def prepare(settings: Settings) -> Path:
    """Make the folders and Dagster's home if they are not there, and set ``DAGSTER_HOME``; returns Dagster's home.

    Raises:
        SettingsError: the folder cannot be made or written.
    """
    load_dotenv(".env")  # DAGSTER_HOME may stand there; Dagster's own commands read it the same way
    dagster_home = Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").absolute()
    try:
        for folder in (settings.home, log_file(settings).parent, dagster_home):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def workspace_file() -> Path:
    """The workspace that our own commands give to Dagster's."""
    return Path(os.environ["DAGSTER_HOME"]) / "workspace.yaml"


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")


def log_to_console_and_file(settings: Settings) -> None:
    """Send this process's log to standard error and to the rotating file."""
    line = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    console = logging.StreamHandler(sys.stderr)
    file = RotatingFileHandler(log_file(settings), maxBytes=5_000_000, backupCount=5, encoding="utf-8", delay=True)
    logger = logging.getLogger("gpu_etl")
    logger.setLevel(settings.log_level)
    for handler in (console, file):
        handler.setFormatter(line)
        logger.addHandler(handler)
