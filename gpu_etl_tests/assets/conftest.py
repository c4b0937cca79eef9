"""What several tests of the community group start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpu_etl.assets import collecting
from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.assets.community import FakeReddit, Run, search_and_count, settings_at


@pytest.fixture
def run(database: Database, make_settings: Callable[..., Settings]) -> Run:
    """``run(reddit, hours=..., **settings)``: collect, search and count, as the job does."""

    def once(reddit: FakeReddit, hours: float = 0, search: bool = True, **changes: Any) -> collecting.Outcome:
        settings = settings_at(make_settings, hours, **changes)
        outcome = collecting.collect(reddit, database, settings, sleep=lambda seconds: None)
        if search:
            search_and_count(database, settings)
        return outcome

    return once
