"""Tables of whether the readings themselves can be trusted: coverage, refusals, a person's word."""

from __future__ import annotations

import sqlalchemy as sa

from gpu_etl.database.tables.columns import DAY, SOURCE, TIMESTAMP, column, key, metadata, must

source_coverage = sa.Table(
    "source_coverage",
    metadata,
    key("source", sa.Text, SOURCE),
    key("part", sa.Text, "what was asked: a subreddit, category or shop"),
    key("market_day", sa.Date, DAY),
    must("status", sa.Text, "complete, partial, blocked, unavailable or failed"),
    column("expected", sa.Integer, "rows that should be there, as far as is known"),
    must("got", sa.Integer, "rows read"),
    column("reason", sa.Text, "why it is not complete"),
    must("checked_at", TIMESTAMP, "when it was asked"),
    comment="Whether a source could be read on a day: nothing there is not the same as could not read",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    key("source", sa.Text, SOURCE),
    key("market_day", sa.Date, DAY),
    key("subject", sa.Text, "what could not be understood: a listing id, a column, a post id"),
    key("reason", sa.Text, "why"),
    must("excerpt", sa.Text, "the beginning of the input"),
    column("page_sha256", sa.Text, "the stored page it stands on"),
    comment="Input that was refused, with the reason; nothing is dropped",
)

accepted_days = sa.Table(
    "accepted_days",
    metadata,
    key("source", sa.Text, SOURCE),
    key("market_day", sa.Date, DAY),
    must("why", sa.Text, "the person's reason"),
    must("accepted_at", TIMESTAMP, "when it was said"),
    comment="Days that the blindness gate refused and a person vouched for",
)
