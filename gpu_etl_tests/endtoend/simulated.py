"""The simulated market as the world of a test, at a fixed moment.

Belongs here: the environment that makes processes take it for the world. Does not belong here: the market (``demo``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone

from gpu_etl.demo.market import Market
from gpu_etl.demo.server import serve

DAY = "2026-03-08"
NOW = datetime(2026, 3, 8, 10, 30, tzinfo=timezone(timedelta(hours=9)))


@contextmanager
def simulated_market() -> Iterator[dict[str, str]]:
    """Serve the market of :data:`DAY`; yields the environment."""
    with serve(Market(7, date.fromisoformat(DAY), 40), clock=lambda: NOW) as url:
        yield {
            "DANAWA_BASE_URL": url,
            "REDDIT_BASE_URL": url,
            "REDDIT_OAUTH_URL": url,
            "REDDIT_CLIENT_ID": "simulated",
            "REDDIT_CLIENT_SECRET": "simulated",
            "HTTP_REQUESTS_PER_SECOND": "500",
            "RETRY_BACKOFF_SECONDS": "0.05",
            "GPU_ETL_NOW": NOW.isoformat(),
        }
