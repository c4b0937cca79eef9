"""One served market for all tests that only look: a database, an application and a server a module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gpu_etl.database import open_database
from gpu_etl.settings import Settings
from gpu_etl_tests.conftest import new_database, plain_settings
from gpu_etl_tests.dashboard.serving import Site, fill, served
from gpu_etl_tests.dashboard.talk import fill_talk


@dataclass(frozen=True)
class Market:
    """A served market and what is in it."""

    site: Site
    settings: Settings
    cards: dict[str, str]
    """Ids of the cards by listing."""


@pytest.fixture(scope="session")
def market(postgres_server: str, database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Thirty days, four cards, one of them falling; read-only."""
    home: Path = tmp_path_factory.mktemp("home")
    with new_database(postgres_server, database_template) as url:
        settings = plain_settings(home, database_url=url)
        database = open_database(settings)
        try:
            cards = fill(database, settings)
            database.run(fill_talk)
            with served(settings, database) as site:
                yield Market(site, settings, cards)
        finally:
            database.close()


@pytest.fixture
def site(market: Market) -> Site:
    """The served market without cookies."""
    market.site.session.cookies.clear()
    return market.site
