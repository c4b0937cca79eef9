"""risk, advice, alerts of every kind, stock."""
# ruff: noqa: E501 - what a column means is written on one line

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column(
        "raw_pages",
        sa.Column(
            "stored_at", sa.Text(), nullable=True, comment="where the body lies outside of the database; else NULL"
        ),
    )
    op.alter_column(
        "raw_pages",
        "body",
        existing_type=sa.LargeBinary(),
        nullable=True,
        existing_comment="the decoded body, zstd-compressed",
        comment="the decoded body, zstd-compressed; NULL where it lies at stored_at",
    )
    op.create_table(
        "alert_actions",
        sa.Column("subject", sa.Text(), nullable=False, comment="the alert's subject"),
        sa.Column("kind", sa.Text(), nullable=False, comment="the alert's kind"),
        sa.Column("opened_day", sa.Date(), nullable=False, comment="the alert's first day"),
        sa.Column("acted_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when a person did it"),
        sa.Column("action", sa.Text(), nullable=False, comment="acknowledged, snoozed or reopened"),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=True, comment="end of a snooze"),
        sa.Column("note", sa.Text(), nullable=True, comment="what the person said"),
        sa.PrimaryKeyConstraint("subject", "kind", "opened_day", "acted_at"),
        comment="What people did with alerts; nothing is overwritten",
    )
    op.create_table(
        "backtests",
        sa.Column("from_day", sa.Date(), nullable=False, comment="first day that was predicted"),
        sa.Column("to_day", sa.Date(), nullable=False, comment="last day that was predicted"),
        sa.Column("run_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was run"),
        sa.Column("model_kind", sa.Text(), nullable=False, comment="which kind of model, with its code's version"),
        sa.Column(
            "result",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="auc, within_day_auc, brier_skill, ece, n, base_rate, folds, by_score_band",
        ),
        sa.PrimaryKeyConstraint("from_day", "to_day"),
        comment="How good the risk score was on days it had not seen",
    )
    op.create_table(
        "buying_advice",
        sa.Column("subject", sa.Text(), nullable=False, comment="a sku_id or a chipset's name"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="sku or chipset"),
        sa.Column("advice", sa.Text(), nullable=False, comment="buy, wait or not_enough_data"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, in words"),
        sa.Column(
            "probability",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="of a price at least 5 % lower in 28 days",
        ),
        sa.Column(
            "right_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="how often this advice was right in the backtest; NULL without one",
        ),
        sa.Column("right_n", sa.Integer(), nullable=True, comment="card-days that share stands on"),
        sa.PrimaryKeyConstraint("subject", "market_day"),
        comment="Per card and chipset and day: buy, wait or not enough data, and how often that was right",
    )
    op.create_index("buying_advice_by_day", "buying_advice", ["market_day", "subject_kind"], unique=False)
    op.create_table(
        "launch_effects",
        sa.Column("successor", sa.Text(), nullable=False, comment="the chipset that was launched"),
        sa.Column("predecessor", sa.Text(), nullable=False, comment="the chipset that it follows"),
        sa.Column("launch_day", sa.Date(), nullable=False, comment="when the successor was launched"),
        sa.Column("status", sa.Text(), nullable=False, comment="measured, or withheld with the reason"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is withheld"),
        sa.Column("window_days", sa.Integer(), nullable=False, comment="days before and after that are compared"),
        sa.Column(
            "before_index",
            sa.Numeric(precision=12, scale=4),
            nullable=True,
            comment="mean of the predecessor's index before",
        ),
        sa.Column(
            "after_index",
            sa.Numeric(precision=12, scale=4),
            nullable=True,
            comment="mean of the predecessor's index after",
        ),
        sa.Column(
            "change_pct", sa.Numeric(precision=10, scale=4), nullable=True, comment="change of the predecessor in %"
        ),
        sa.Column(
            "control_pct",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="change of untouched chipsets in the same days in %",
        ),
        sa.Column("effect_pct", sa.Numeric(precision=10, scale=4), nullable=True, comment="change_pct - control_pct"),
        sa.Column(
            "effect_low",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="lower end of the 95 % interval of effect_pct",
        ),
        sa.Column(
            "effect_high",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="upper end of the 95 % interval of effect_pct",
        ),
        sa.Column("controls", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="the untouched chipsets"),
        sa.PrimaryKeyConstraint("successor", "predecessor"),
        comment="What the launch of a successor did to its predecessors' prices",
    )
    op.create_table(
        "outbox",
        sa.Column(
            "message_id", sa.Text(), nullable=False, comment="digest of what it tells: the same event is one message"
        ),
        sa.Column(
            "receiver",
            sa.Text(),
            nullable=False,
            comment="digest of the receiver's address; the address itself is a secret",
        ),
        sa.Column(
            "receiver_name",
            sa.Text(),
            nullable=False,
            comment="the address's scheme and place in NOTIFY_URLS, without its secrets",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="the message's title"),
        sa.Column("body", sa.Text(), nullable=False, comment="the message's text"),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was written"),
        sa.Column(
            "not_before",
            sa.TIMESTAMP(timezone=True),
            nullable=False,
            comment="when it is to be sent: at once, with the digest, or at the next try",
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="tries so far"),
        sa.Column("last_error", sa.Text(), nullable=True, comment="why the last try failed, without secrets"),
        sa.Column(
            "delivered_at",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="when the receiver confirmed it; NULL until then",
        ),
        sa.Column(
            "given_up_at",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="when no more tries are made; it stays visible",
        ),
        sa.PrimaryKeyConstraint("message_id", "receiver"),
        comment="Messages to people: written with the event, sent until confirmed, never twice",
    )
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("delivered_at is null and given_up_at is null"),
    )
    op.create_table(
        "price_targets",
        sa.Column("subject", sa.Text(), nullable=False, comment="a sku_id or a chipset's name"),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="sku or chipset"),
        sa.Column(
            "target_price",
            sa.BigInteger(),
            nullable=False,
            comment="tell when it costs this or less, integer in minor units of the currency",
        ),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was asked for"),
        sa.Column("note", sa.Text(), nullable=True, comment="what for"),
        sa.PrimaryKeyConstraint("subject"),
        comment="Prices that somebody waits for",
    )
    op.create_table(
        "risk_models",
        sa.Column("version", sa.Text(), nullable=False, comment="digest of model and training window"),
        sa.Column("trained_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was trained"),
        sa.Column("trained_from", sa.Date(), nullable=False, comment="first day of the training window"),
        sa.Column("trained_to", sa.Date(), nullable=False, comment="last day of the training window"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="card-days it was trained on"),
        sa.Column(
            "base_rate",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="share of them that fell 5 % or more within 28 days",
        ),
        sa.Column(
            "is_active", sa.Boolean(), nullable=False, comment="whether it scores: the latest that was good enough"
        ),
        sa.Column(
            "metrics",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="how good it was on days it had not seen",
        ),
        sa.Column(
            "model",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the model itself, readable: coefficients, trees, scales",
        ),
        sa.PrimaryKeyConstraint("version"),
        comment="Models of the risk score that were trained on this database",
    )
    op.create_table(
        "rumour_lags",
        sa.Column("keyword", sa.Text(), nullable=False, comment="the keyword's label"),
        sa.Column(
            "lag_days", sa.Integer(), nullable=False, comment="days by which the price change follows the mentions"
        ),
        sa.Column("from_day", sa.Date(), nullable=False, comment="first day that was compared"),
        sa.Column("to_day", sa.Date(), nullable=False, comment="last day that was compared"),
        sa.Column("days", sa.Integer(), nullable=False, comment="days with both"),
        sa.Column(
            "correlation",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="rank correlation of mentions and later index change",
        ),
        sa.Column(
            "p_value",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="share of permutations at least as far from zero",
        ),
        sa.Column(
            "is_significant",
            sa.Boolean(),
            nullable=False,
            comment="whether it is shown: p_value below 0.05 over all lags together",
        ),
        sa.PrimaryKeyConstraint("keyword", "lag_days"),
        comment="Whether mentions lead prices, by how many days, with a permutation test",
    )
    op.create_table(
        "stock_items",
        sa.Column(
            "item_id",
            sa.Text(),
            nullable=False,
            comment="digest of the line: sku or title, received day, unit cost, place among equals",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="as the file has it"),
        sa.Column("sku_id", sa.Text(), nullable=True, comment="the card it is; NULL with the reason"),
        sa.Column("identity_reason", sa.Text(), nullable=True, comment="why it is no known card"),
        sa.Column("quantity", sa.Integer(), nullable=False, comment="pieces in stock"),
        sa.Column(
            "unit_cost",
            sa.BigInteger(),
            nullable=True,
            comment="paid for one, integer in minor units of the currency; NULL when not told",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code of the amounts in this row"),
        sa.Column("received_day", sa.Date(), nullable=True, comment="when it came in"),
        sa.Column("imported_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when the file was read"),
        sa.Column("file", sa.Text(), nullable=False, comment="the file's name"),
        sa.PrimaryKeyConstraint("item_id"),
        comment="What the inventory manager holds, as last imported",
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "change_7d_pct",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="change of the index against 7 days back in %",
        ),
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "median_change_pct",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="change of the plain median against previous_day in %",
        ),
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "composition_pct",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="median_change_pct - mean_change_pct: what the range's make-up moved, not prices",
        ),
    )
    op.add_column("chipset_index", sa.Column("low_sku_id", sa.Text(), nullable=True, comment="the cheapest card"))
    op.add_column(
        "chipset_index",
        sa.Column(
            "launch_price",
            sa.BigInteger(),
            nullable=True,
            comment="launch price in dollars converted at the launch month's rate plus tax, integer in minor units of the currency; NULL when not known",
        ),
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "premium_pct",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="low_price over launch_price in %; NULL with premium_reason",
        ),
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "premium_reason",
            sa.Text(),
            nullable=True,
            comment="why premium_pct is NULL, or how launch_price was converted",
        ),
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "price_per_point",
            sa.Numeric(precision=12, scale=4),
            nullable=True,
            comment="won of low_price for one G3D mark; NULL without a mark",
        ),
    )
    op.add_column(
        "chipset_index",
        sa.Column(
            "gaps",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="siblings' low_price against its own: [{chipset, gap, gap_pct, status}, ...]",
        ),
    )
    op.alter_column(
        "chipset_index",
        "index_value",
        existing_type=sa.Numeric(precision=12, scale=4),
        comment="like-for-like index (GEKS-Jevons over 28 days), 100 on base_day; NULL before it can start",
        existing_comment="like-for-like index, 100 on base_day; NULL before it can start",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "base_day",
        existing_type=sa.Date(),
        comment="the day the index starts; anew where 28 days had no price",
        existing_comment="the day the chain starts",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "previous_day",
        existing_type=sa.Date(),
        comment="the last day before with an index, which the matched changes compare with",
        existing_comment="the day the matched changes compare with",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "mean_change_pct",
        existing_type=sa.Numeric(precision=10, scale=4),
        comment="geometric mean of the matched changes in %",
        existing_comment="mean of the clipped matched changes in %",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "matched_pairs",
        existing_type=sa.Integer(),
        comment="cards compared on both days",
        existing_comment="cards priced on both days",
        existing_nullable=False,
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "payable_price",
            sa.BigInteger(),
            nullable=True,
            comment="cheapest anybody can pay for it, shipping included, integer in minor units of the currency",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "days_28", sa.Integer(), nullable=True, comment="days with a price among the last 28, the day included"
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "low_28",
            sa.BigInteger(),
            nullable=True,
            comment="lowest price of the last 28 days, integer in minor units of the currency; NULL with history_reason",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "high_28",
            sa.BigInteger(),
            nullable=True,
            comment="highest price of the last 28 days, integer in minor units of the currency",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "percentile_28",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="share of those days' prices below the day's, in %, equal ones counted half",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "days_90", sa.Integer(), nullable=True, comment="days with a price among the last 90, the day included"
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "low_90",
            sa.BigInteger(),
            nullable=True,
            comment="lowest price of the last 90 days, integer in minor units of the currency; NULL with history_reason",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "high_90",
            sa.BigInteger(),
            nullable=True,
            comment="highest price of the last 90 days, integer in minor units of the currency",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "percentile_90",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="share of those days' prices below the day's, in %, equal ones counted half",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "all_time_low",
            sa.BigInteger(),
            nullable=True,
            comment="lowest trusted price known up to the day, integer in minor units of the currency",
        ),
    )
    op.add_column(
        "price_changes", sa.Column("all_time_low_day", sa.Date(), nullable=True, comment="the first day that had it")
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "unchanged_days",
            sa.Integer(),
            nullable=True,
            comment="days since the price last changed; 0: that day; NULL when no other was seen before",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column(
            "volatility_28",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="standard deviation of the daily log changes of the last 28 days, x 100",
        ),
    )
    op.add_column(
        "price_changes",
        sa.Column("history_reason", sa.Text(), nullable=True, comment="why range, percentile or volatility is NULL"),
    )
    op.create_index("price_changes_by_price", "price_changes", ["sku_id", "price", "market_day"], unique=False)
    op.alter_column(
        "risk_alerts",
        "sku_id",
        new_column_name="subject",
        comment="what it is about: a sku_id, a chipset's name or a source",
        existing_comment="the card",
        existing_type=sa.TEXT(),
        existing_nullable=False,
    )
    # every alert so far is about a card; later ones say themselves what they are about
    op.add_column(
        "risk_alerts",
        sa.Column("subject_kind", sa.Text(), server_default="sku", nullable=False, comment="sku, chipset or source"),
    )
    op.alter_column("risk_alerts", "subject_kind", server_default=None)
    op.alter_column(
        "risk_alerts",
        "risk_index",
        new_column_name="value",
        nullable=True,
        comment="what crossed the threshold, on the day it was opened",
        existing_comment="the index on the day it was opened",
        existing_type=sa.Numeric(precision=14, scale=2),
    )
    op.add_column(
        "risk_alerts",
        sa.Column("unit", sa.Text(), nullable=True, comment="of value and threshold: won, percent, score or days"),
    )
    op.execute("update risk_alerts set unit = 'won'")
    op.add_column(
        "risk_alerts",
        sa.Column(
            "snoozed_until",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="not shown as active before; NULL when not snoozed",
        ),
    )
    op.alter_column(
        "risk_alerts",
        "kind",
        existing_type=sa.TEXT(),
        comment="risk, risk_score, target_price, drop, rise, all_time_low, back_in_stock or source_blind",
        existing_comment="what kind of event: risk",
        existing_nullable=False,
    )
    op.alter_column(
        "risk_alerts",
        "product",
        existing_type=sa.TEXT(),
        comment="the subject in words",
        existing_comment="the card in words",
        existing_nullable=False,
    )
    op.alter_column(
        "risk_alerts",
        "chipset",
        existing_type=sa.TEXT(),
        nullable=True,
        comment="its chipset; NULL for a source",
        existing_comment="its chipset",
    )
    op.alter_column(
        "risk_alerts",
        "threshold",
        existing_type=sa.BIGINT(),
        type_=sa.Numeric(precision=14, scale=2),
        nullable=True,
        comment="what it crossed",
        existing_comment="the threshold it crossed",
    )
    op.alter_column(
        "risk_alerts",
        "factors",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        comment="what contributed, by name: price, baseline, loss, mentions, ...",
        existing_comment="what contributed: price, last_week_avg, loss, mentions",
        existing_nullable=False,
    )
    op.add_column(
        "risk_scores",
        sa.Column(
            "risk_score",
            sa.Numeric(precision=5, scale=1),
            nullable=True,
            comment="0 to 100, higher is worse for who holds stock; NULL with score_reason",
        ),
    )
    op.add_column(
        "risk_scores",
        sa.Column(
            "probability",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="of a price at least 5 % lower in 28 days; NULL with score_reason",
        ),
    )
    op.add_column(
        "risk_scores",
        sa.Column(
            "won_at_risk",
            sa.BigInteger(),
            nullable=True,
            comment="expected loss of one card in the next 28 days, integer in minor units of the currency",
        ),
    )
    op.add_column(
        "risk_scores",
        sa.Column("score_reason", sa.Text(), nullable=True, comment="why there is no score, or what it stands on"),
    )
    op.add_column(
        "risk_scores",
        sa.Column("model_version", sa.Text(), nullable=True, comment="the model that scored, see risk_models"),
    )
    op.add_column(
        "risk_scores",
        sa.Column("model_trained_from", sa.Date(), nullable=True, comment="first day of its training window"),
    )
    op.add_column(
        "risk_scores",
        sa.Column("model_trained_to", sa.Date(), nullable=True, comment="last day of its training window"),
    )
    op.add_column(
        "risk_scores",
        sa.Column(
            "score_parts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="what moved the score: [{part, value, points, words}, ...], the largest first",
        ),
    )
    op.create_table_comment(
        "risk_scores",
        "Per card and day: the required risk formula with its parts, and the learned score beside it",
        existing_comment="Per card and day: the required risk formula with its parts",
        schema=None,
    )


def downgrade() -> None:
    """Take the change back; what it stored is lost."""
    op.execute("delete from raw_pages where body is null")
    op.alter_column(
        "raw_pages",
        "body",
        existing_type=sa.LargeBinary(),
        nullable=False,
        existing_comment="the decoded body, zstd-compressed; NULL where it lies at stored_at",
        comment="the decoded body, zstd-compressed",
    )
    op.drop_column("raw_pages", "stored_at")
    op.create_table_comment(
        "risk_scores",
        "Per card and day: the required risk formula with its parts",
        existing_comment="Per card and day: the required risk formula with its parts, and the learned score beside it",
        schema=None,
    )
    op.drop_column("risk_scores", "score_parts")
    op.drop_column("risk_scores", "model_trained_to")
    op.drop_column("risk_scores", "model_trained_from")
    op.drop_column("risk_scores", "model_version")
    op.drop_column("risk_scores", "score_reason")
    op.drop_column("risk_scores", "won_at_risk")
    op.drop_column("risk_scores", "probability")
    op.drop_column("risk_scores", "risk_score")
    op.execute("delete from risk_alerts where kind <> 'risk'")
    op.alter_column(
        "risk_alerts",
        "subject",
        new_column_name="sku_id",
        comment="the card",
        existing_comment="what it is about: a sku_id, a chipset's name or a source",
        existing_type=sa.TEXT(),
        existing_nullable=False,
    )
    op.alter_column(
        "risk_alerts",
        "value",
        new_column_name="risk_index",
        nullable=False,
        comment="the index on the day it was opened",
        existing_comment="what crossed the threshold, on the day it was opened",
        existing_type=sa.Numeric(precision=14, scale=2),
    )
    op.alter_column(
        "risk_alerts",
        "factors",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        comment="what contributed: price, last_week_avg, loss, mentions",
        existing_comment="what contributed, by name: price, baseline, loss, mentions, ...",
        existing_nullable=False,
    )
    op.alter_column(
        "risk_alerts",
        "threshold",
        existing_type=sa.Numeric(precision=14, scale=2),
        type_=sa.BIGINT(),
        nullable=False,
        comment="the threshold it crossed",
        existing_comment="what it crossed",
    )
    op.alter_column(
        "risk_alerts",
        "chipset",
        existing_type=sa.TEXT(),
        nullable=False,
        comment="its chipset",
        existing_comment="its chipset; NULL for a source",
    )
    op.alter_column(
        "risk_alerts",
        "product",
        existing_type=sa.TEXT(),
        comment="the card in words",
        existing_comment="the subject in words",
        existing_nullable=False,
    )
    op.alter_column(
        "risk_alerts",
        "kind",
        existing_type=sa.TEXT(),
        comment="what kind of event: risk",
        existing_comment="risk, risk_score, target_price, drop, rise, all_time_low, back_in_stock or source_blind",
        existing_nullable=False,
    )
    op.drop_column("risk_alerts", "snoozed_until")
    op.drop_column("risk_alerts", "unit")
    op.drop_column("risk_alerts", "subject_kind")
    op.drop_index("price_changes_by_price", table_name="price_changes")
    op.drop_column("price_changes", "history_reason")
    op.drop_column("price_changes", "volatility_28")
    op.drop_column("price_changes", "unchanged_days")
    op.drop_column("price_changes", "all_time_low_day")
    op.drop_column("price_changes", "all_time_low")
    op.drop_column("price_changes", "percentile_90")
    op.drop_column("price_changes", "high_90")
    op.drop_column("price_changes", "low_90")
    op.drop_column("price_changes", "days_90")
    op.drop_column("price_changes", "percentile_28")
    op.drop_column("price_changes", "high_28")
    op.drop_column("price_changes", "low_28")
    op.drop_column("price_changes", "days_28")
    op.drop_column("price_changes", "payable_price")
    op.alter_column(
        "chipset_index",
        "index_value",
        existing_type=sa.Numeric(precision=12, scale=4),
        comment="like-for-like index, 100 on base_day; NULL before it can start",
        existing_comment="like-for-like index (GEKS-Jevons over 28 days), 100 on base_day; NULL before it can start",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "base_day",
        existing_type=sa.Date(),
        comment="the day the chain starts",
        existing_comment="the day the index starts; anew where 28 days had no price",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "previous_day",
        existing_type=sa.Date(),
        comment="the day the matched changes compare with",
        existing_comment="the last day before with an index, which the matched changes compare with",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "mean_change_pct",
        existing_type=sa.Numeric(precision=10, scale=4),
        comment="mean of the clipped matched changes in %",
        existing_comment="geometric mean of the matched changes in %",
        existing_nullable=True,
    )
    op.alter_column(
        "chipset_index",
        "matched_pairs",
        existing_type=sa.Integer(),
        comment="cards priced on both days",
        existing_comment="cards compared on both days",
        existing_nullable=False,
    )
    op.drop_column("chipset_index", "gaps")
    op.drop_column("chipset_index", "price_per_point")
    op.drop_column("chipset_index", "premium_reason")
    op.drop_column("chipset_index", "premium_pct")
    op.drop_column("chipset_index", "launch_price")
    op.drop_column("chipset_index", "low_sku_id")
    op.drop_column("chipset_index", "composition_pct")
    op.drop_column("chipset_index", "median_change_pct")
    op.drop_column("chipset_index", "change_7d_pct")
    op.drop_table("stock_items")
    op.drop_table("rumour_lags")
    op.drop_table("risk_models")
    op.drop_table("price_targets")
    op.drop_index(
        "outbox_waiting", table_name="outbox", postgresql_where=sa.text("delivered_at is null and given_up_at is null")
    )
    op.drop_table("outbox")
    op.drop_table("launch_effects")
    op.drop_index("buying_advice_by_day", table_name="buying_advice")
    op.drop_table("buying_advice")
    op.drop_table("backtests")
    op.drop_table("alert_actions")
