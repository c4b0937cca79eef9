"""The tables, and what every column means; the data dictionary and the migrations are read from here.

Belongs here: names, types, keys, comments, a module for each subject. Does not belong here: how rows get in (``bulk``),
what is asked of them (``queries``), how an older database becomes this one (``migrations``).

Every key holds the natural identity and the market day, so that loading a day twice gives the same rows. Money is an
integer in minor units with an ISO currency beside it. Unknown is NULL, and a reason stands next to it.

The tables are made once one of them is asked for: what only names them, as Dagster's definitions do, needs no
SQLAlchemy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gpu_etl.database.tables.acting import alert_actions, outbox, price_targets, risk_alerts, stock_items
    from gpu_etl.database.tables.analytics import (
        backtests,
        buying_advice,
        chipset_index,
        launch_effects,
        price_changes,
        risk_models,
        risk_scores,
        rumour_lags,
    )
    from gpu_etl.database.tables.columns import metadata
    from gpu_etl.database.tables.community import (
        chipset_mentions,
        file_imports,
        keyword_trends,
        market_signals,
        reddit_observations,
        reddit_posts,
        reddit_readings,
        searched_posts,
    )
    from gpu_etl.database.tables.prices import (
        crawls,
        exchange_rates,
        listings,
        price_histories,
        price_logs,
        price_offers,
        raw_pages,
        skus,
    )
    from gpu_etl.database.tables.trust import accepted_days, quarantine, source_coverage

__all__ = [
    "accepted_days",
    "alert_actions",
    "backtests",
    "buying_advice",
    "chipset_index",
    "chipset_mentions",
    "crawls",
    "exchange_rates",
    "file_imports",
    "keyword_trends",
    "launch_effects",
    "listings",
    "market_signals",
    "metadata",
    "outbox",
    "price_changes",
    "price_histories",
    "price_logs",
    "price_offers",
    "price_targets",
    "quarantine",
    "raw_pages",
    "reddit_observations",
    "reddit_posts",
    "reddit_readings",
    "risk_alerts",
    "risk_models",
    "risk_scores",
    "rumour_lags",
    "searched_posts",
    "skus",
    "source_coverage",
    "stock_items",
]

SUBJECTS = ("acting", "analytics", "columns", "community", "prices", "trust")


def __getattr__(name: str) -> Any:
    """A table, or the collection of all, https://peps.python.org/pep-0562/."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for subject in SUBJECTS:
        module = import_module(f"{__name__}.{subject}")
        globals().update((each, value) for each, value in vars(module).items() if each in __all__)
    return globals()[name]
