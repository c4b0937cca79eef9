"""The replay of the real market, for tests that compare with its truth; they skip where it is not.

Belongs here: starting, steering and stopping it. Does not belong here: what a test expects of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

SHARED = Path(__file__).resolve().parents[2] / "shared"
SCRIPT = SHARED / "tools" / "market_replay.py"

needs_replay = pytest.mark.skipif(not SCRIPT.exists(), reason="the replay of the real market is not beside the project")
needs_series = pytest.mark.skipif(
    not (SHARED / "data" / "danawa_daily").exists(), reason="the real price series is not beside the project"
)


class Replay:
    """A running replay."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def control(self, **changes: Any) -> None:
        """Change day, template, faults, ..."""
        requests.post(f"{self.base_url}/__control", json=changes, timeout=10).raise_for_status()

    def truth(self, day: str, subreddits: str = "") -> dict[str, Any]:
        """What a perfect client ends up with."""
        answer = requests.get(f"{self.base_url}/__truth", params={"day": day, "subreddits": subreddits}, timeout=30)
        found: dict[str, Any] = answer.json()
        return found

    def stats(self) -> dict[str, Any]:
        """How it was treated."""
        found: dict[str, Any] = requests.get(f"{self.base_url}/__stats", timeout=10).json()
        return found

    def environment(self, day: str, time: str = "10:00:00") -> dict[str, str]:
        """The environment of a process that takes this replay for the world."""
        return {
            "DANAWA_BASE_URL": self.base_url,
            "REDDIT_BASE_URL": self.base_url,
            "REDDIT_OAUTH_URL": self.base_url,
            "REDDIT_CLIENT_ID": "replay",
            "REDDIT_CLIENT_SECRET": "replay",
            "HTTP_REQUESTS_PER_SECOND": "500",
            "DANAWA_PRODUCT_PAGES_AT_MOST": "10",  # their own tests read more of them
            "RETRY_BACKOFF_SECONDS": "0.01",
            "GPU_ETL_NOW": f"{day}T{time}+09:00",
        }


@contextmanager
def replay(*arguments: str) -> Iterator[Replay]:
    """Start a replay on a free port; it is stopped at the end, also on failure."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), "--max-seconds", "7200", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Replay(json.loads(process.stdout.readline())["base_url"])
    finally:
        process.terminate()
        process.communicate(timeout=10)
