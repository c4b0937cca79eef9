"""A simulated market for each module, and the prices group run against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.world import GOOD, World, simulated_world


@pytest.fixture(scope="module")
def _world_of_module() -> Iterator[World]:
    with simulated_world() as world:
        yield world


@pytest.fixture
def world(_world_of_module: World) -> World:
    """The simulated market, on the day before the fault."""
    _world_of_module.day = GOOD
    return _world_of_module


@pytest.fixture
def prices(world: World, database: Database, database_url: str, make_settings: Callable[..., Settings]) -> Prices:
    """The prices group on a database of its own."""
    return Prices(database, database_url, make_settings, world.base_url, danawa_product_pages_at_most=5)


@pytest.fixture
def true_rows(world: World, prices: Prices) -> Callable[[str], bool]:
    """Whether what is published of a day is exactly what the market shows."""

    def compare(day: str) -> bool:
        return {key: row["price"] for key, row in prices.published(day).items()} == world.truth(day)

    return compare
