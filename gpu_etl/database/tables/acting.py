"""Tables of what somebody acts on: alerts, what was done with them, messages, stock."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gpu_etl.database.tables.columns import CURRENCY, TIMESTAMP, WON, column, key, metadata, must

risk_alerts = sa.Table(
    "risk_alerts",
    metadata,
    key("subject", sa.Text, "what it is about: a sku_id, a chipset's name or a source"),
    key("kind", sa.Text, "risk, risk_score, target_price, drop, rise, all_time_low, back_in_stock or source_blind"),
    key("opened_day", sa.Date, "the market day it began"),
    must("subject_kind", sa.Text, "sku, chipset or source"),
    must("product", sa.Text, "the subject in words"),
    column("chipset", sa.Text, "its chipset; NULL for a source"),
    column("value", sa.Numeric(14, 2), "what crossed the threshold, on the day it was opened"),
    column("threshold", sa.Numeric(14, 2), "what it crossed"),
    column("unit", sa.Text, "of value and threshold: won, percent, score or days"),
    must("factors", JSONB, "what contributed, by name: price, baseline, loss, mentions, ..."),
    column("closed_day", sa.Date, "the market day it ended; NULL while open"),
    column("closed_reason", sa.Text, "why it ended"),
    column("acknowledged_at", TIMESTAMP, "when a person dismissed it; it stays in history"),
    column("acknowledged_note", sa.Text, "what the person said"),
    column("snoozed_until", TIMESTAMP, "not shown as active before; NULL when not snoozed"),
    sa.Index("risk_alerts_open", "closed_day"),
    comment="Alerts as events: opened once, acknowledged, closed, armed again",
)

alert_actions = sa.Table(
    "alert_actions",
    metadata,
    key("subject", sa.Text, "the alert's subject"),
    key("kind", sa.Text, "the alert's kind"),
    key("opened_day", sa.Date, "the alert's first day"),
    key("acted_at", TIMESTAMP, "when a person did it"),
    must("action", sa.Text, "acknowledged, snoozed or reopened"),
    column("until", TIMESTAMP, "end of a snooze"),
    column("note", sa.Text, "what the person said"),
    comment="What people did with alerts; nothing is overwritten",
)

price_targets = sa.Table(
    "price_targets",
    metadata,
    key("subject", sa.Text, "a sku_id or a chipset's name"),
    must("subject_kind", sa.Text, "sku or chipset"),
    must("target_price", sa.BigInteger, f"tell when it costs this or less, {WON}"),
    must("created_at", TIMESTAMP, "when it was asked for"),
    column("note", sa.Text, "what for"),
    comment="Prices that somebody waits for",
)

outbox = sa.Table(
    "outbox",
    metadata,
    key("message_id", sa.Text, "digest of what it tells: the same event is one message"),
    key("receiver", sa.Text, "digest of the receiver's address; the address itself is a secret"),
    must("receiver_name", sa.Text, "the address's scheme and place in NOTIFY_URLS, without its secrets"),
    must("title", sa.Text, "the message's title"),
    must("body", sa.Text, "the message's text"),
    must("created_at", TIMESTAMP, "when it was written"),
    must("not_before", TIMESTAMP, "when it is to be sent: at once, with the digest, or at the next try"),
    must("attempts", sa.Integer, "tries so far"),
    column("last_error", sa.Text, "why the last try failed, without secrets"),
    column("delivered_at", TIMESTAMP, "when the receiver confirmed it; NULL until then"),
    column("given_up_at", TIMESTAMP, "when no more tries are made; it stays visible"),
    sa.Index("outbox_waiting", "not_before", postgresql_where=sa.text("delivered_at is null and given_up_at is null")),
    comment="Messages to people: written with the event, sent until confirmed, never twice",
)

stock_items = sa.Table(
    "stock_items",
    metadata,
    key(
        "item_id",
        sa.Text,
        "digest of the line: sku or title, received day, unit cost, place among equals",
    ),
    must("title", sa.Text, "as the file has it"),
    column("sku_id", sa.Text, "the card it is; NULL with the reason"),
    column("identity_reason", sa.Text, "why it is no known card"),
    must("quantity", sa.Integer, "pieces in stock"),
    column("unit_cost", sa.BigInteger, f"paid for one, {WON}; NULL when not told"),
    must("currency", sa.Text, CURRENCY),
    column("received_day", sa.Date, "when it came in"),
    must("imported_at", TIMESTAMP, "when the file was read"),
    must("file", sa.Text, "the file's name"),
    comment="What the inventory manager holds, as last imported",
)
