"""The prices group in this process: real assets, real database, real HTTP to a replay, no Dagster home.

Belongs here: running it and reading what it stored. Does not belong here: what a test expects of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg
import psycopg
import pytest
import requests
from psycopg.rows import dict_row

from gpu_etl.assets import PRICES
from gpu_etl.database import Database, urls
from gpu_etl.market import signals
from gpu_etl.resources.http import HttpResource
from gpu_etl.settings import Settings
from gpu_etl_tests.replay import Replay


class Prices:
    """Runs days of the prices group."""

    def __init__(
        self,
        database: Database,
        database_url: str,
        make_settings: Callable[..., Settings],
        base_url: str,
        *,
        assets: Sequence[dg.AssetsDefinition] = tuple(PRICES),
        **overrides: Any,
    ) -> None:
        self.database_url = database_url
        self._database = database
        self._url = urls.for_libpq(database_url)
        self._make_settings = make_settings
        self._base_url = base_url
        self._assets = assets
        self._overrides = overrides

    def settings(self, day: str, **overrides: Any) -> Settings:
        defaults = {
            "danawa_base_url": self._base_url,
            "reddit_base_url": self._base_url,
            "reddit_oauth_url": self._base_url,
            "gpu_etl_now": f"{day}T10:00:00+09:00",
            "http_requests_per_second": 1000,
            "http_deadline_seconds": 10,
            "max_retries": 1,
            "ecb_rates_url": "",
        }
        return self._make_settings(**{**defaults, **self._overrides, **overrides})

    def run(self, day: str, **overrides: Any) -> list[str]:
        """Materialize the group for a day; returns a line for each failed step."""
        settings = self.settings(day, **overrides)
        http = HttpResource.from_settings(settings)
        impatient = {name: getattr(http, name) for name in HttpResource.model_fields} | {"max_retry_after_seconds": 1.5}
        resources = {
            "http": HttpResource(**impatient),
            "postgres": self._database,
            "settings": settings,
            "keyword_rules": signals.load_rules(),
        }
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("MAX_RETRIES", "0")  # a step that is tried again looks there; here one try tells all
            done = dg.materialize(
                self._assets,
                partition_key=day,
                resources=resources,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        return [
            f"{event.step_key}: {event.event_specific_data.user_failure_data.description}"  # type: ignore[union-attr]
            for event in done.all_events
            if event.is_step_failure
        ]

    def of(self, assets: Sequence[dg.AssetsDefinition]) -> Prices:
        """The same with a part of the group."""
        return Prices(
            self._database, self.database_url, self._make_settings, self._base_url, assets=assets, **self._overrides
        )

    def rows(self, question: str, *parameters: Any) -> list[dict[str, Any]]:
        """Ask the database."""
        with psycopg.connect(self._url, row_factory=dict_row) as connection:
            return connection.execute(question, parameters).fetchall()

    def published(self, day: str) -> dict[str, dict[str, Any]]:
        """The headline prices of a day, by listing."""
        stored = self.rows("select * from price_logs where market_day = %s and source = 'danawa'", day)
        return {row["listing_id"]: row for row in stored}

    def coverage(self, day: str) -> dict[str, dict[str, Any]]:
        """The coverage rows of a day, by part."""
        return {row["part"]: row for row in self.rows("select * from source_coverage where market_day = %s", day)}


def truth_of(market: Replay, day: str, *, sellers: bool = False) -> dict[str, dict[str, Any]]:
    """What a perfect client ends up with, by listing; with the shops of each where asked for."""
    query = {"day": day, "subreddits": "none", **({"sellers": "1"} if sellers else {})}
    answer = requests.get(f"{market.base_url}/__truth", params=query, timeout=30)
    return {row["listing_id"]: row for row in answer.json()["listings"]}


def differences(published: Mapping[str, Mapping[str, Any]], truth: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Where what is published and trusted is not the truth; a row that is marked suspect claims nothing."""
    found = [f"{key} is missing" for key in truth.keys() - published.keys()]
    found += [f"{key} is made up" for key in published.keys() - truth.keys()]
    for key in truth.keys() & published.keys():
        shown, true = published[key], truth[key]
        if shown["suspect_reason"] is None and shown["price"] != true["price"]:
            found.append(f"{key} is {shown['price']}, truly {true['price']}")
    return found
