"""The ``gpu-etl`` command as a user types it: a process of its own, with nothing of the caller's environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "COVERAGE_PROCESS_CONFIG")


class Command:
    """Runs commands in one home, against one database."""

    def __init__(self, home: Path, database_url: str, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "GPU_ETL_HOME": str(home),
            "DAGSTER_HOME": str(home / "dagster"),
            "DATABASE_URL": database_url,
            "COLUMNS": "200",
            **(environment or {}),
        }

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``gpu-etl`` with these arguments."""
        return subprocess.run(
            [sys.executable, "-m", "gpu_etl", *arguments],
            env={**self.environment, **environment},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def begin(self, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start ``gpu-etl`` with these arguments; whoever does ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "gpu_etl", *arguments],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def json(self, *arguments: str, **environment: str) -> Any:
        """Run a command with ``--json`` and read its answer, whatever its exit code."""
        done = self(*arguments, "--json", **environment)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(
                f"no JSON, exit {done.returncode}: {done.stdout[-500:]}{done.stderr[-2000:]}"
            ) from None
