from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import requests

from gpu_etl.demo.market import Market
from gpu_etl.demo.server import serve

TODAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)  # 18:30 in Seoul


@pytest.fixture(scope="session")
def market() -> Market:
    return Market(seed=7, today=TODAY, days=60)


@pytest.fixture(scope="session")
def base_url(market: Market) -> Iterator[str]:
    with serve(market, clock=lambda: NOW) as address:
        yield address


@pytest.fixture
def web() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session
