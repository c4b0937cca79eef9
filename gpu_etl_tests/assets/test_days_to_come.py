"""A day to come that somebody materializes by hand: nothing is stored of it, and no alert ends by its silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from gpu_etl.assets.alerts import risk_alerts
from gpu_etl.assets.community import keyword_trends
from gpu_etl.assets.report import market_report
from gpu_etl.database import Database
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings
from gpu_etl_tests.test_checks import DAY, OPEN, Opened

TO_COME = DAY + timedelta(days=40)


@pytest.mark.parametrize(
    "asset", [risk_alerts, keyword_trends, market_report], ids=lambda asset: str(asset.key.path[-1])
)
def test_a_day_to_come_is_refused(asset: Any, database: Database, make_settings: Callable[..., Settings]) -> None:
    OPEN["database"] = database
    loopback = dict.fromkeys(("danawa_base_url", "reddit_base_url", "reddit_oauth_url"), "http://127.0.0.1:9")
    settings = make_settings(gpu_etl_now=f"{DAY}T10:00:00+09:00", **loopback)
    with database.transaction() as connection:
        connection.execute(
            """insert into risk_alerts (subject, kind, opened_day, subject_kind, product, factors)
               values ('a1b2c3d4e5f6', 'drop', %s, 'sku', 'a card', '{}')""",
            (DAY,),
        )
    result = dg.materialize(
        [asset],
        partition_key=TO_COME.isoformat(),
        resources={"postgres": Opened(), "settings": settings, "keyword_rules": load_rules(None)},
        raise_on_error=False,
    )
    [failed] = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.error is not None
    assert f"{TO_COME} is still to come, today is {DAY}" in failed.step_failure_data.error.message
    with database.transaction() as connection:
        alert = connection.execute("select closed_day from risk_alerts").fetchone()
        assert alert == {"closed_day": None}
        assert connection.execute("select from keyword_trends").fetchall() == []
    assert not list(settings.home.rglob("*.html"))
