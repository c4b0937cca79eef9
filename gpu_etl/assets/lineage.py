"""Which columns each table's columns are made from, as the Dagster UI shows it.

Belongs here: that list, for the columns that hold what was read or computed; keys and bookkeeping explain themselves.
Does not belong here: how they are computed (``market``), or what they mean (the columns' comments).
"""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

LINEAGE: Mapping[str, Mapping[str, str]] = {
    "price_offers": {
        "title": "raw_pages.body",
        "price": "raw_pages.body",
        "shipping": "raw_pages.body",
        "payable_price": "raw_pages.body",
        "availability": "raw_pages.body",
        "seller_count": "raw_pages.body",
        "page_sha256": "raw_pages.sha256",
    },
    "skus": {
        "brand": "price_offers.title",
        "chipset": "price_offers.title",
        "model_name": "price_offers.title",
        "vram_gb": "price_offers.title",
        "is_oc": "price_offers.title",
    },
    "price_logs": {
        "sku_id": "skus.sku_id",
        "price": "price_offers.price",
        "payable_price": "price_offers.payable_price",
        "availability": "price_offers.availability",
        "seller_count": "price_offers.seller_count",
        "suspect_reason": "price_offers.price price_offers.suspect_reason",
        "price_in_won": "price_offers.price price_offers.currency",
    },
    "price_changes": {
        "price": "price_logs.price price_logs.suspect_reason price_logs.availability",
        "payable_price": "price_logs.payable_price",
        "sellers": "price_logs.seller_count",
        "last_week_avg": "price_logs.price",
        "change_amount": "price_logs.price",
        "change_pct": "price_logs.price",
        "percentile_90": "price_logs.price",
        "all_time_low": "price_logs.price",
        "volatility_28": "price_logs.price",
    },
    "chipset_index": {
        "index_value": "price_changes.price",
        "mean_change_pct": "price_changes.price",
        "median_price": "price_changes.price",
        "low_price": "price_changes.price",
        "spread_pct": "price_changes.price",
        "change_7d_pct": "price_changes.price",
        "composition_pct": "price_changes.price",
        "premium_pct": "price_changes.price",
        "gaps": "price_changes.price",
        "sellers": "price_changes.sellers",
    },
    "launch_effects": {
        "effect_pct": "chipset_index.index_value chipset_index.status",
        "effect_low": "chipset_index.index_value chipset_index.status",
        "effect_high": "chipset_index.index_value chipset_index.status",
    },
    "rumour_lags": {
        "correlation": "chipset_index.index_value keyword_trends.mentions_per_1000",
        "p_value": "chipset_index.index_value keyword_trends.mentions_per_1000",
    },
    "market_signals": {
        "keyword": "reddit_posts.title reddit_posts.body",
        "matched_text": "reddit_posts.title reddit_posts.body",
        "polarity": "reddit_posts.title reddit_posts.body",
        "market_day": "reddit_posts.market_day",
    },
    "keyword_trends": {
        "mentions": "market_signals.keyword market_signals.market_day",
        "mentions_7d": "market_signals.keyword market_signals.market_day",
        "growth_pct": "market_signals.keyword market_signals.market_day",
        "weighted_score": "market_signals.keyword",
    },
    "risk_scores": {
        "loss": "price_changes.price price_changes.last_week_avg",
        "new_release_mentions": "market_signals.keyword market_signals.market_day",
        "risk_index": "price_changes.price price_changes.last_week_avg market_signals.keyword",
        "formula_as_written": "price_changes.price price_changes.last_week_avg market_signals.keyword",
        "risk_score": "price_logs.price price_logs.seller_count",
        "probability": "price_logs.price price_logs.seller_count",
        "score_parts": "price_logs.price price_logs.seller_count",
    },
    "buying_advice": {
        "advice": "risk_scores.probability chipset_index.status",
        "reason": "risk_scores.score_parts",
        "probability": "risk_scores.probability",
    },
    "risk_alerts": {
        "value": "risk_scores.risk_index",
        "threshold": "risk_scores.threshold",
        "factors": "risk_scores.price risk_scores.last_week_avg risk_scores.new_release_mentions",
    },
}
"""Table, its column, and the columns it is made from, each as ``table.column``."""


def column_lineage(table: str) -> dg.TableColumnLineage | None:
    """The lineage of a table's columns; ``None`` where there is none to tell."""
    columns = LINEAGE.get(table)
    if columns is None:
        return None
    return dg.TableColumnLineage({column: [_dep(name) for name in made.split()] for column, made in columns.items()})


def _dep(name: str) -> dg.TableColumnDep:
    table, _, column = name.partition(".")
    return dg.TableColumnDep(asset_key=dg.AssetKey(table), column_name=column)
