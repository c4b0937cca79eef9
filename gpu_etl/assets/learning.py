"""Learning the risk score from the history in the database, and judging it on days it had not seen.

Belongs here: read everything, learn or predict, store. Does not belong here: the model (``market.fall.model``), who may
learn from what (``market.fall.walk_forward``), scoring a day (``scoring``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.assets.failures import Refused
from gpu_etl.database import scoring
from gpu_etl.database.panel import first_and_last_day, read_panel, read_talk
from gpu_etl.database.transactions import Transactions
from gpu_etl.market.fall import walk_forward
from gpu_etl.market.fall.features import Prepared, prepare
from gpu_etl.market.fall.labels import HORIZON_DAYS
from gpu_etl.market.fall.model import Examples, FallModel, fit, talk_left_out
from gpu_etl.market.fall.shipped import shipped_model
from gpu_etl.market.fall.walk_forward import FOLD_DAYS, TooShort
from gpu_etl.market.signals import Rules
from gpu_etl.settings import Settings

Tell = Callable[[str], None]
"""Hears in words what is being done."""
LEAST_WITHIN_DAY_AUC = 0.6
LEAST_SKILL = 0.0
"""What a model must have shown on 60 days it had not seen, to take over from the one before."""
SHOWN = (
    "from_day", "to_day", "n", "base_rate", "training_base_rate", "auc", "within_day_auc", "brier_skill", "ece",
    "by_score_band", "by_advice",
)  # fmt: skip
"""What of a backtest is kept with a model."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was learned and stored."""

    version: str
    model: FallModel
    is_active: bool
    why: str
    left_out: str | None
    """What it could not learn from, and why; ``None`` when it learned from everything."""


def _read(database: Transactions, settings: Settings, rules: Rules) -> Prepared:
    def work(connection: Connection[DictRow]) -> Prepared:
        days = first_and_last_day(connection)
        if days is None:
            raise Refused("there are no prices yet: run price_crawl, or import history")
        said = read_talk(connection, *days, rules.new_release_labels)
        return prepare(read_panel(connection, *days, catalog.recent() | catalog.scope(settings.chipsets)), said)

    return database.run(work)


def backtest(
    database: Transactions,
    settings: Settings,
    rules: Rules,
    from_day: date | None,
    to_day: date | None,
    at: datetime,
    tell: Tell,
) -> dict[str, Any]:
    """Predict past days as if they were today and store how good that was; see :mod:`gpu_etl.market.fall.walk_forward`.

    Raises:
        Refused: one line that says what history is missing.
    """
    tell("reading prices and talk")
    prepared = _read(database, settings, rules)
    panel = prepared.panel
    try:
        first, last = walk_forward.days_to_predict(panel.first_day, panel.day_of(panel.days - 1), from_day, to_day)
        tell("computing features")
        examples = walk_forward.examples_of(prepared, 0, panel.days - 1)
        result = _predicted(prepared, examples, first, last, tell)
    except TooShort as error:
        raise Refused(str(error)) from None
    database.run(lambda connection: scoring.store_backtest(connection, result, at))
    return result


def _predicted(prepared: Prepared, examples: Examples, first: date, last: date, tell: Tell) -> dict[str, Any]:
    panel = prepared.panel
    rows = max(0, panel.row_of(first)), min(panel.days - 1, panel.row_of(last))
    if rows[0] > rows[1]:
        raise TooShort(f"there are no prices between {first} and {last}")
    predictions = walk_forward.predict(
        examples, rows, panel.first_day, fit, shipped_model(), lambda day: tell(f"predicting from {day}")
    )
    return walk_forward.report(predictions, prepared)


def train(database: Transactions, settings: Settings, rules: Rules, at: datetime, tell: Tell) -> Trained:
    """Learn a model from all of the history and store it; it scores from now on, if it has shown that it can.

    What it must have shown: a model of its kind that was kept from the last 60 days with a known outcome predicts them
    better than their base rate does, and ranks the cards of a day.

    Raises:
        Refused: one line; the history is too short.
    """
    tell("reading prices and talk")
    prepared = _read(database, settings, rules)
    panel = prepared.panel
    tell("computing features")
    examples = walk_forward.examples_of(prepared, 0, panel.days - 1)
    try:
        tell("learning from all days")
        model = walk_forward.learn(examples, panel.days, panel.first_day, _here)
    except (TooShort, ValueError) as error:
        raise Refused(str(error)) from None
    left_out = talk_left_out(walk_forward.known_before(examples, panel.days))
    try:
        tell(f"judging it on the last {FOLD_DAYS} days with a known outcome")
        shown = _last_days(prepared, examples)
    except TooShort as error:
        is_active, why = False, f"too short a history to judge it by: {error}"
    else:
        model = replace(model, metrics=kept(shown))
        is_active, why = _verdict(shown)
    version = database.run(lambda connection: scoring.store_model(connection, model, at, is_active=is_active))
    return Trained(version, model, is_active, why, left_out)


def _last_days(prepared: Prepared, examples: Examples) -> dict[str, Any]:
    panel = prepared.panel
    first, last = (panel.day_of(panel.days - HORIZON_DAYS - back) for back in (FOLD_DAYS, 1))
    return _predicted(prepared, examples, first, last, lambda _: None)


def kept(result: Mapping[str, Any]) -> dict[str, Any]:
    """What of a backtest stands with a model."""
    return {name: result[name] for name in SHOWN if name in result}


def _here(examples: Examples, first: date, last: date) -> FallModel:
    return fit(examples, first, last, "the prices in this database")


def _verdict(shown: dict[str, Any]) -> tuple[bool, str]:
    skill, ranks = shown["brier_skill"] or 0.0, shown["within_day_auc"] or 0.0
    is_good = skill >= LEAST_SKILL and ranks >= LEAST_WITHIN_DAY_AUC
    told = f"on {shown['from_day']} to {shown['to_day']}: Brier skill {skill:.3f}, within-day AUC {ranks:.3f}"
    return is_good, told if is_good else f"{told}; at least {LEAST_SKILL} and {LEAST_WITHIN_DAY_AUC} are needed"
