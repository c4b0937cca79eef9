"""Assets ``risk_model`` and ``risk_backtest``: learned from the whole history, and judged on days not seen before.

Belongs here: run, tell. Does not belong here: learning and judging (``learning``).

They have no daily partition: a month more of history makes a better model, a day more does not. Each is computed in
minutes, by a job of its own (``schedules.model``).
"""

import dagster as dg

from gpu_etl import drawing
from gpu_etl.assets.changes import GROUP
from gpu_etl.assets.community import market_signals
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import Refused, reported
from gpu_etl.assets.metadata import table
from gpu_etl.assets.prices import price_logs
from gpu_etl.market.signals import Rules
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings


@table_asset("risk_models", GROUP, deps=[price_logs, market_signals], partitions=None)
def risk_model(
    context: dg.AssetExecutionContext,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """The learned risk score, fitted to all of the history; it scores if it has shown that it can."""
    from gpu_etl.assets import learning

    with reported():
        try:
            trained = learning.train(postgres, settings, keyword_rules, settings.now(), context.log.info)
        except Refused as refusal:
            return _nothing(context, refusal)
    model = trained.model
    return dg.MaterializeResult(
        metadata={
            "version": trained.version,
            "trained_from": model.trained_from.isoformat(),
            "trained_to": model.trained_to.isoformat(),
            "card_days": model.rows,
            "base_rate": model.base_rate,
            "scores_from_now_on": trained.is_active,
            "why": trained.why,
            **({"learned_without_the_talk": trained.left_out} if trained.left_out else {}),
        }
    )


@table_asset("backtests", GROUP, deps=[price_logs, market_signals], partitions=None)
def risk_backtest(
    context: dg.AssetExecutionContext,
    postgres: PostgresResource,
    settings: dg.ResourceParam[Settings],
    keyword_rules: dg.ResourceParam[Rules],
) -> dg.MaterializeResult[None]:
    """How good the risk score was on days it had not seen, walking forward through the history."""
    from gpu_etl.assets import learning

    with reported():
        try:
            result = learning.backtest(postgres, settings, keyword_rules, None, None, settings.now(), context.log.info)
        except Refused as refusal:
            return _nothing(context, refusal)
    bands = [drawing.Band(band["said"], band["happened"], band["n"]) for band in result["calibration"]]
    plot = drawing.picture(drawing.calibration("Said and happened", bands))
    figures = ("from_day", "to_day", "n", "base_rate", "auc", "within_day_auc", "brier_skill", "ece")
    return dg.MaterializeResult(
        metadata={
            **{name: result[name] for name in figures if result[name] is not None},
            "folds": table(result["folds"]),
            "by_score_band": table(result["by_score_band"]),
            "calibration": dg.MetadataValue.md(f"![calibration]({plot})"),
        }
    )


def _nothing(context: dg.AssetExecutionContext, refusal: Refused) -> dg.MaterializeResult[None]:
    """A young history is no failure: the model that came with the package scores until it is long enough."""
    context.log.warning(str(refusal))
    return dg.MaterializeResult(metadata={"why": str(refusal)})
