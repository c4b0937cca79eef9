"""The learned risk score's tables: models, backtests, advice.

Belongs here: storing and finding them. Does not belong here: what they say (``market.fall.model``,
``market.fall.walk_forward``, ``market.fall.advice``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl.market.fall.model import KIND, FallModel, from_json
from gpu_etl.market.fall.shipped import VERSION, shipped_model


@dataclass(frozen=True, slots=True)
class Scorer:
    """The model that scores, with its name."""

    version: str
    model: FallModel

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the package."""
        return self.version.startswith(VERSION)

    @property
    def stands_on(self) -> str:
        """What its scores stand on, in one line."""
        window = f"{self.model.trained_from} to {self.model.trained_to}"
        if self.is_shipped:
            return f"by the model that came with the package, trained on {self.model.about}, {window}"
        return f"by the model trained here on {self.model.rows:,} card-days, {window}"


def scorer(connection: Connection[DictRow]) -> Scorer:
    """The active model of this database, else the one that came with the package."""
    row = connection.execute(
        "select version, model from risk_models where is_active and model ->> 'kind' = %s", (KIND,)
    ).fetchone()
    return Scorer(row["version"], from_json(row["model"])) if row else shipped_scorer()


def shipped_scorer() -> Scorer:
    """The model that came with the package."""
    model = shipped_model()
    return Scorer(f"{VERSION}-{model.trained_to:%Y%m%d}", model)


def store_model(connection: Connection[DictRow], model: FallModel, at: datetime, *, is_active: bool) -> str:
    """Store a model; an active one takes the place of the one before. Returns its version."""
    plain = model.as_json()
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:8]
    version = f"{model.trained_to:%Y%m%d}-{digest}"
    if is_active:
        connection.execute("update risk_models set is_active = false where is_active and version <> %s", (version,))
    row = {
        "version": version,
        "trained_at": at,
        "trained_from": model.trained_from,
        "trained_to": model.trained_to,
        "rows": model.rows,
        "base_rate": round(model.base_rate, 4),
        "is_active": is_active,
        "metrics": dict(model.metrics),
        "model": plain,
    }
    merge(connection, tables.risk_models, [row], quiet=("trained_at",))
    return version


def store_backtest(connection: Connection[DictRow], result: Mapping[str, Any], at: datetime) -> None:
    """Store a backtest in place of an earlier one of the same days."""
    row = {
        "from_day": date.fromisoformat(result["from_day"]),
        "to_day": date.fromisoformat(result["to_day"]),
        "run_at": at,
        "model_kind": result["model_kind"],
        "result": dict(result),
    }
    merge(connection, tables.backtests, [row], quiet=("run_at",))


def backtest_until(connection: Connection[DictRow], day: date) -> dict[str, Any]:
    """The stored backtest of this kind of model over the most card-days; else what the packaged model says of itself.

    Only one whose outcomes were known by ``day`` counts, where there is one.
    """
    row = connection.execute(
        """select result from backtests where model_kind = %s
           order by to_day <= %s::date - 28 desc, (result ->> 'n')::int desc limit 1""",
        (KIND, day),
    ).fetchone()
    found: Mapping[str, Any] = row["result"] if row else shipped_model().metrics
    return dict(found)
