"""Tables of what is computed from prices and talk: changes, indexes, scores, advice."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gpu_etl.database.tables.columns import CURRENCY, DAY, TIMESTAMP, WON, column, key, metadata, must

price_changes = sa.Table(
    "price_changes",
    metadata,
    key("sku_id", sa.Text, "the card"),
    key("market_day", sa.Date, DAY),
    column("price", sa.BigInteger, f"lowest trusted price of its new listings, {WON}; NULL when none can be bought"),
    must("currency", sa.Text, CURRENCY),
    must("listings", sa.Integer, "new listings of the card that day"),
    column("sellers", sa.Integer, "sum of their seller counts; NULL when not told"),
    column("best_source", sa.Text, "source of the listing with that price"),
    column("best_listing_id", sa.Text, "listing with that price"),
    column("last_week_avg", sa.Numeric(14, 2), "mean of the card's prices 6, 7 and 8 days back"),
    must("baseline_days", sa.Integer, "how many of those three days have a price"),
    column("change_amount", sa.Numeric(14, 2), "price - last_week_avg"),
    column("change_pct", sa.Numeric(10, 2), "change against last_week_avg in %"),
    column("reason", sa.Text, "why price or change is NULL"),
    column("payable_price", sa.BigInteger, f"cheapest anybody can pay for it, shipping included, {WON}"),
    column("days_28", sa.Integer, "days with a price among the last 28, the day included"),
    column("low_28", sa.BigInteger, f"lowest price of the last 28 days, {WON}; NULL with history_reason"),
    column("high_28", sa.BigInteger, f"highest price of the last 28 days, {WON}"),
    column(
        "percentile_28", sa.Numeric(5, 2), "share of those days' prices below the day's, in %, equal ones counted half"
    ),
    column("days_90", sa.Integer, "days with a price among the last 90, the day included"),
    column("low_90", sa.BigInteger, f"lowest price of the last 90 days, {WON}; NULL with history_reason"),
    column("high_90", sa.BigInteger, f"highest price of the last 90 days, {WON}"),
    column(
        "percentile_90", sa.Numeric(5, 2), "share of those days' prices below the day's, in %, equal ones counted half"
    ),
    column("all_time_low", sa.BigInteger, f"lowest trusted price known up to the day, {WON}"),
    column("all_time_low_day", sa.Date, "the first day that had it"),
    column(
        "unchanged_days",
        sa.Integer,
        "days since the price last changed; 0: that day; NULL when no other was seen before",
    ),
    column(
        "volatility_28", sa.Numeric(10, 4), "standard deviation of the daily log changes of the last 28 days, x 100"
    ),
    column("history_reason", sa.Text, "why range, percentile or volatility is NULL"),
    sa.Index("price_changes_by_day", "market_day", "sku_id"),
    sa.Index("price_changes_by_price", "sku_id", "price", "market_day"),
    comment="Per card and day: price and change against last week",
)

chipset_index = sa.Table(
    "chipset_index",
    metadata,
    key("chipset", sa.Text, "canonical chipset name"),
    key("market_day", sa.Date, DAY),
    must("status", sa.Text, "published, thin, withheld or end_of_life"),
    column("reason", sa.Text, "why it is not published"),
    column(
        "index_value",
        sa.Numeric(12, 4),
        "like-for-like index (GEKS-Jevons over 28 days), 100 on base_day; NULL before it can start",
    ),
    column("base_day", sa.Date, "the day the index starts; anew where 28 days had no price"),
    column("previous_day", sa.Date, "the last day before with an index, which the matched changes compare with"),
    column("mean_change_pct", sa.Numeric(10, 4), "geometric mean of the matched changes in %"),
    must("matched_pairs", sa.Integer, "cards compared on both days"),
    column("median_price", sa.BigInteger, f"median card price, {WON}"),
    column("low_price", sa.BigInteger, f"cheapest card, {WON}"),
    column("spread_pct", sa.Numeric(10, 2), "interquartile range in % of the median"),
    must("cards", sa.Integer, "cards with a price"),
    column("sellers", sa.Integer, "sum of seller counts; NULL when not told"),
    must("currency", sa.Text, CURRENCY),
    column("change_7d_pct", sa.Numeric(10, 4), "change of the index against 7 days back in %"),
    column("median_change_pct", sa.Numeric(10, 4), "change of the plain median against previous_day in %"),
    column(
        "composition_pct",
        sa.Numeric(10, 4),
        "median_change_pct - mean_change_pct: what the range's make-up moved, not prices",
    ),
    column("low_sku_id", sa.Text, "the cheapest card"),
    column(
        "launch_price",
        sa.BigInteger,
        f"launch price in dollars converted at the launch month's rate plus tax, {WON}; NULL when not known",
    ),
    column("premium_pct", sa.Numeric(10, 2), "low_price over launch_price in %; NULL with premium_reason"),
    column("premium_reason", sa.Text, "why premium_pct is NULL, or how launch_price was converted"),
    column("price_per_point", sa.Numeric(12, 4), "won of low_price for one G3D mark; NULL without a mark"),
    column("gaps", JSONB, "siblings' low_price against its own: [{chipset, gap, gap_pct, status}, ...]"),
    sa.Index("chipset_index_by_day", "market_day"),
    comment="Per chipset and day: like-for-like index, median, spread, or why withheld",
)

risk_scores = sa.Table(
    "risk_scores",
    metadata,
    key("sku_id", sa.Text, "the card"),
    key("market_day", sa.Date, DAY),
    column("price", sa.BigInteger, f"the card's price, {WON}"),
    column("last_week_avg", sa.Numeric(14, 2), "from price_changes"),
    column("loss", sa.Numeric(14, 2), "last_week_avg - price: won lost against last week"),
    column(
        "new_release_mentions",
        sa.Integer,
        "new-release mentions of the last 7 days; NULL when the community was not read",
    ),
    column("mention_part", sa.Numeric(14, 2), "0.3 x new_release_mentions"),
    column("risk_index", sa.Numeric(14, 2), "loss + mention_part: higher is worse for who holds stock"),
    column(
        "formula_as_written",
        sa.Numeric(14, 2),
        "(price - last_week_avg) + 0.3 x mentions, the requirement's own arithmetic",
    ),
    must("threshold", sa.BigInteger, "RISK_THRESHOLD when it was computed"),
    column("is_high_risk", sa.Boolean, "risk_index above threshold; NULL when unknown"),
    column("reason", sa.Text, "why risk_index is NULL, or what is missing from it"),
    column("risk_score", sa.Numeric(5, 1), "0 to 100, higher is worse for who holds stock; NULL with score_reason"),
    column("probability", sa.Numeric(6, 4), "of a price at least 5 % lower in 28 days; NULL with score_reason"),
    column("won_at_risk", sa.BigInteger, f"expected loss of one card in the next 28 days, {WON}"),
    column("score_reason", sa.Text, "why there is no score, or what it stands on"),
    column("model_version", sa.Text, "the model that scored, see risk_models"),
    column("model_trained_from", sa.Date, "first day of its training window"),
    column("model_trained_to", sa.Date, "last day of its training window"),
    column("score_parts", JSONB, "what moved the score: [{part, value, points, words}, ...], the largest first"),
    sa.Index("risk_scores_by_day", "market_day"),
    comment="Per card and day: the required risk formula with its parts, and the learned score beside it",
)

risk_models = sa.Table(
    "risk_models",
    metadata,
    key("version", sa.Text, "digest of model and training window"),
    must("trained_at", TIMESTAMP, "when it was trained"),
    must("trained_from", sa.Date, "first day of the training window"),
    must("trained_to", sa.Date, "last day of the training window"),
    must("rows", sa.Integer, "card-days it was trained on"),
    must("base_rate", sa.Numeric(6, 4), "share of them that fell 5 % or more within 28 days"),
    must("is_active", sa.Boolean, "whether it scores: the latest that was good enough"),
    must("metrics", JSONB, "how good it was on days it had not seen"),
    must("model", JSONB, "the model itself, readable: coefficients, trees, scales"),
    comment="Models of the risk score that were trained on this database",
)

backtests = sa.Table(
    "backtests",
    metadata,
    key("from_day", sa.Date, "first day that was predicted"),
    key("to_day", sa.Date, "last day that was predicted"),
    must("run_at", TIMESTAMP, "when it was run"),
    must("model_kind", sa.Text, "which kind of model, with its code's version"),
    must("result", JSONB, "auc, within_day_auc, brier_skill, ece, n, base_rate, folds, by_score_band"),
    comment="How good the risk score was on days it had not seen",
)

buying_advice = sa.Table(
    "buying_advice",
    metadata,
    key("subject", sa.Text, "a sku_id or a chipset's name"),
    key("market_day", sa.Date, DAY),
    must("subject_kind", sa.Text, "sku or chipset"),
    must("advice", sa.Text, "buy, wait or not_enough_data"),
    must("reason", sa.Text, "why, in words"),
    column("probability", sa.Numeric(6, 4), "of a price at least 5 % lower in 28 days"),
    column("right_share", sa.Numeric(6, 4), "how often this advice was right in the backtest; NULL without one"),
    column("right_n", sa.Integer, "card-days that share stands on"),
    sa.Index("buying_advice_by_day", "market_day", "subject_kind"),
    comment="Per card and chipset and day: buy, wait or not enough data, and how often that was right",
)

launch_effects = sa.Table(
    "launch_effects",
    metadata,
    key("successor", sa.Text, "the chipset that was launched"),
    key("predecessor", sa.Text, "the chipset that it follows"),
    must("launch_day", sa.Date, "when the successor was launched"),
    must("status", sa.Text, "measured, or withheld with the reason"),
    column("reason", sa.Text, "why it is withheld"),
    must("window_days", sa.Integer, "days before and after that are compared"),
    column("before_index", sa.Numeric(12, 4), "mean of the predecessor's index before"),
    column("after_index", sa.Numeric(12, 4), "mean of the predecessor's index after"),
    column("change_pct", sa.Numeric(10, 4), "change of the predecessor in %"),
    column("control_pct", sa.Numeric(10, 4), "change of untouched chipsets in the same days in %"),
    column("effect_pct", sa.Numeric(10, 4), "change_pct - control_pct"),
    column("effect_low", sa.Numeric(10, 4), "lower end of the 95 % interval of effect_pct"),
    column("effect_high", sa.Numeric(10, 4), "upper end of the 95 % interval of effect_pct"),
    column("controls", JSONB, "the untouched chipsets"),
    comment="What the launch of a successor did to its predecessors' prices",
)

rumour_lags = sa.Table(
    "rumour_lags",
    metadata,
    key("keyword", sa.Text, "the keyword's label"),
    key("lag_days", sa.Integer, "days by which the price change follows the mentions"),
    must("from_day", sa.Date, "first day that was compared"),
    must("to_day", sa.Date, "last day that was compared"),
    must("days", sa.Integer, "days with both"),
    column("correlation", sa.Numeric(6, 4), "rank correlation of mentions and later index change"),
    column("p_value", sa.Numeric(6, 4), "share of permutations at least as far from zero"),
    must("is_significant", sa.Boolean, "whether it is shown: p_value below 0.05 over all lags together"),
    comment="Whether mentions lead prices, by how many days, with a permutation test",
)
