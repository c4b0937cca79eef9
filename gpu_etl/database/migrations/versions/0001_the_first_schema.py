"""the first schema."""
# ruff: noqa: E501 - what a column means is written on one line

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "accepted_days",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("why", sa.Text(), nullable=False, comment="the person's reason"),
        sa.Column("accepted_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was said"),
        sa.PrimaryKeyConstraint("source", "market_day"),
        comment="Days that the blindness gate refused and a person vouched for",
    )
    op.create_table(
        "chipset_index",
        sa.Column("chipset", sa.Text(), nullable=False, comment="canonical chipset name"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("status", sa.Text(), nullable=False, comment="published, thin, withheld or end_of_life"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is not published"),
        sa.Column(
            "index_value",
            sa.Numeric(precision=12, scale=4),
            nullable=True,
            comment="like-for-like index, 100 on base_day; NULL before it can start",
        ),
        sa.Column("base_day", sa.Date(), nullable=True, comment="the day the chain starts"),
        sa.Column("previous_day", sa.Date(), nullable=True, comment="the day the matched changes compare with"),
        sa.Column(
            "mean_change_pct",
            sa.Numeric(precision=10, scale=4),
            nullable=True,
            comment="mean of the clipped matched changes in %",
        ),
        sa.Column("matched_pairs", sa.Integer(), nullable=False, comment="cards priced on both days"),
        sa.Column(
            "median_price",
            sa.BigInteger(),
            nullable=True,
            comment="median card price, integer in minor units of the currency",
        ),
        sa.Column(
            "low_price", sa.BigInteger(), nullable=True, comment="cheapest card, integer in minor units of the currency"
        ),
        sa.Column(
            "spread_pct",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="interquartile range in % of the median",
        ),
        sa.Column("cards", sa.Integer(), nullable=False, comment="cards with a price"),
        sa.Column("sellers", sa.Integer(), nullable=True, comment="sum of seller counts; NULL when not told"),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code of the amounts in this row"),
        sa.PrimaryKeyConstraint("chipset", "market_day"),
        comment="Per chipset and day: like-for-like index, median, spread, or why withheld",
    )
    op.create_index("chipset_index_by_day", "chipset_index", ["market_day"], unique=False)
    op.create_table(
        "chipset_mentions",
        sa.Column("post_id", sa.Text(), nullable=False, comment="the post"),
        sa.Column("chipset", sa.Text(), nullable=False, comment="canonical chipset name"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day of the post"),
        sa.PrimaryKeyConstraint("post_id", "chipset"),
        comment="Chipsets named in posts, each once a post",
    )
    op.create_index("chipset_mentions_by_day", "chipset_mentions", ["market_day", "chipset"], unique=False)
    op.create_table(
        "crawls",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("part", sa.Text(), nullable=False, comment="what of the source it reads: list, products, or shop"),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when the crawl began"),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when its last page was stored"),
        sa.Column(
            "pages",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="its pages in order: [[url, sha256], ...]",
        ),
        sa.Column("rows_expected", sa.Integer(), nullable=True, comment="rows that the site said it has"),
        sa.Column("rows_read", sa.Integer(), nullable=False, comment="distinct rows on the pages"),
        sa.PrimaryKeyConstraint("source", "market_day", "part"),
        comment="The crawl of a part that counts for a day: written once it is whole, replaced by a later whole one",
    )
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code"),
        sa.Column("rate_day", sa.Date(), nullable=False, comment="the day the rate was set"),
        sa.Column(
            "per_euro", sa.Numeric(precision=18, scale=8), nullable=False, comment="units of the currency for one euro"
        ),
        sa.Column("fetched_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was read"),
        sa.PrimaryKeyConstraint("currency", "rate_day"),
        comment="The ECB's reference rates, for converting beside the price, never in its place",
    )
    op.create_table(
        "file_imports",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column("file", sa.Text(), nullable=False, comment="the file's name"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes of the file"),
        sa.Column("parts", sa.Text(), nullable=False, comment="what was asked of it"),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="where to go on"),
        sa.Column(
            "state", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="what the import knows so far"
        ),
        sa.PrimaryKeyConstraint("source", "file", "size", "parts"),
        comment="Imports of large files that are not finished: where to go on after an interruption",
    )
    op.create_table(
        "keyword_trends",
        sa.Column("keyword", sa.Text(), nullable=False, comment="the keyword's label"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column(
            "mentions",
            sa.Integer(),
            nullable=True,
            comment="posts of the day with the keyword; NULL when the day was not read",
        ),
        sa.Column(
            "posts",
            sa.Integer(),
            nullable=True,
            comment="posts of the day that were searched; NULL when the day was not read",
        ),
        sa.Column(
            "mentions_per_1000",
            sa.Numeric(precision=8, scale=2),
            nullable=True,
            comment="mentions per 1,000 posts searched",
        ),
        sa.Column(
            "mentions_7d",
            sa.Integer(),
            nullable=True,
            comment="mentions of the last 7 days that are over; NULL when a day is missing",
        ),
        sa.Column(
            "mentions_previous_7d",
            sa.Integer(),
            nullable=True,
            comment="mentions of the 7 days before those; NULL when a day is missing",
        ),
        sa.Column(
            "growth_pct",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="change from the previous 7 days in %; NULL with a reason",
        ),
        sa.Column("growth_reason", sa.Text(), nullable=True, comment="why growth_pct is NULL"),
        sa.Column(
            "share_growth_pct",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="change of the mentions per 1,000 posts in %: known also where days were read in part",
        ),
        sa.Column(
            "is_rising",
            sa.Boolean(),
            nullable=False,
            comment="growth above 50 %; of the share where days were read in part",
        ),
        sa.Column("weight", sa.Numeric(precision=6, scale=2), nullable=False, comment="the keyword's weight"),
        sa.Column("weighted_score", sa.Numeric(precision=12, scale=2), nullable=True, comment="mentions x weight"),
        sa.PrimaryKeyConstraint("keyword", "market_day"),
        comment="Per keyword and day: mentions, share, growth, weighted score",
    )
    op.create_table(
        "listings",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column(
            "listing_id", sa.Text(), nullable=False, comment="the source's own id of the listing; Danawa: the pcode"
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="the latest title seen"),
        sa.Column("url", sa.Text(), nullable=True, comment="where a person can look at it"),
        sa.Column("sku_id", sa.Text(), nullable=True, comment="the card it is; NULL when it is none or unknown"),
        sa.Column(
            "identity_status", sa.Text(), nullable=False, comment="identified, not_a_card, unidentified or overridden"
        ),
        sa.Column("identity_reason", sa.Text(), nullable=True, comment="why it is not identified, or who corrected it"),
        sa.Column(
            "condition",
            sa.Text(),
            nullable=True,
            comment="new, used, refurbished, import, bulk; NULL when not identified",
        ),
        sa.Column("first_seen", sa.Date(), nullable=False, comment="first market day with an observation"),
        sa.Column("last_seen", sa.Date(), nullable=False, comment="last market day with an observation"),
        sa.PrimaryKeyConstraint("source", "listing_id"),
        comment="One product row of one source, and which card it is",
    )
    op.create_table(
        "market_signals",
        sa.Column("post_id", sa.Text(), nullable=False, comment="the post"),
        sa.Column("keyword", sa.Text(), nullable=False, comment="the keyword's label"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day of the post"),
        sa.Column("matched_text", sa.Text(), nullable=False, comment="what matched"),
        sa.Column("matched_in", sa.Text(), nullable=False, comment="title or body"),
        sa.Column("span_start", sa.Integer(), nullable=False, comment="offset of the match"),
        sa.Column("span_end", sa.Integer(), nullable=False, comment="offset behind the match"),
        sa.Column("rules_version", sa.Text(), nullable=False, comment="digest of the keyword rules that matched"),
        sa.PrimaryKeyConstraint("post_id", "keyword"),
        comment="Keywords found in posts, each once a post",
    )
    op.create_index("market_signals_by_day", "market_signals", ["market_day", "keyword"], unique=False)
    op.create_table(
        "price_changes",
        sa.Column("sku_id", sa.Text(), nullable=False, comment="the card"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column(
            "price",
            sa.BigInteger(),
            nullable=True,
            comment="lowest trusted price of its new listings, integer in minor units of the currency; NULL when none can be bought",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code of the amounts in this row"),
        sa.Column("listings", sa.Integer(), nullable=False, comment="new listings of the card that day"),
        sa.Column("sellers", sa.Integer(), nullable=True, comment="sum of their seller counts; NULL when not told"),
        sa.Column("best_source", sa.Text(), nullable=True, comment="source of the listing with that price"),
        sa.Column("best_listing_id", sa.Text(), nullable=True, comment="listing with that price"),
        sa.Column(
            "last_week_avg",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="mean of the card's prices 6, 7 and 8 days back",
        ),
        sa.Column("baseline_days", sa.Integer(), nullable=False, comment="how many of those three days have a price"),
        sa.Column("change_amount", sa.Numeric(precision=14, scale=2), nullable=True, comment="price - last_week_avg"),
        sa.Column(
            "change_pct", sa.Numeric(precision=10, scale=2), nullable=True, comment="change against last_week_avg in %"
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="why price or change is NULL"),
        sa.PrimaryKeyConstraint("sku_id", "market_day"),
        comment="Per card and day: price and change against last week",
    )
    op.create_index("price_changes_by_day", "price_changes", ["market_day", "sku_id"], unique=False)
    op.create_table(
        "price_histories",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column(
            "listing_id", sa.Text(), nullable=False, comment="the source's own id of the listing; Danawa: the pcode"
        ),
        sa.Column(
            "window_months",
            sa.Integer(),
            nullable=False,
            comment="the window the point came in; points of different windows are never mixed",
        ),
        sa.Column(
            "period", sa.Text(), nullable=False, comment="YYYY-MM-DD of a weekly point, YYYY-MM of a monthly one"
        ),
        sa.Column(
            "price",
            sa.BigInteger(),
            nullable=True,
            comment="lowest price of the period, integer in minor units of the currency; NULL when there was no offer",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code of the amounts in this row"),
        sa.Column("fetched_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was read"),
        sa.PrimaryKeyConstraint("source", "listing_id", "window_months", "period"),
        comment="What a source itself tells of a listing's past: coarser than, and kept apart from, our own daily prices",
    )
    op.create_table(
        "price_logs",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column(
            "listing_id", sa.Text(), nullable=False, comment="the source's own id of the listing; Danawa: the pcode"
        ),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("sku_id", sa.Text(), nullable=True, comment="the card it is; NULL when it is none or unknown"),
        sa.Column(
            "price",
            sa.BigInteger(),
            nullable=True,
            comment="the lowest price the source lists, integer in minor units of the currency; NULL when there is none",
        ),
        sa.Column(
            "payable_price",
            sa.BigInteger(),
            nullable=True,
            comment="the cheapest anybody can pay, shipping included, integer in minor units of the currency; NULL when not read",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code of the amounts in this row"),
        sa.Column(
            "availability",
            sa.Text(),
            nullable=False,
            comment="in_stock, out_of_stock, coming_soon, suspended, discontinued, unknown",
        ),
        sa.Column(
            "seller_count", sa.Integer(), nullable=True, comment="shops that the source counts; NULL when not told"
        ),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when this value was first read"),
        sa.Column("source_url", sa.Text(), nullable=True, comment="where it can be looked at"),
        sa.Column(
            "suspect_reason", sa.Text(), nullable=True, comment="why the price is not believed yet; NULL when trusted"
        ),
        sa.Column(
            "price_in_won",
            sa.BigInteger(),
            nullable=True,
            comment="the price at conversion_rate; NULL for prices in won, or without a rate",
        ),
        sa.Column(
            "conversion_rate",
            sa.Numeric(precision=18, scale=8),
            nullable=True,
            comment="won for one unit of the currency, by the ECB's reference rates",
        ),
        sa.Column("conversion_day", sa.Date(), nullable=True, comment="the day of that rate"),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the run that last changed the row"),
        sa.PrimaryKeyConstraint("source", "listing_id", "market_day"),
        comment="One headline price a listing and market day",
    )
    op.create_index("price_logs_by_day", "price_logs", ["market_day", "listing_id"], unique=False)
    op.create_index("price_logs_by_sku", "price_logs", ["sku_id", "market_day"], unique=False)
    op.create_table(
        "price_offers",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column(
            "listing_id", sa.Text(), nullable=False, comment="the source's own id of the listing; Danawa: the pcode"
        ),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=False,
            comment="0: the source's own headline; 1, 2, ...: its sellers in the page's order",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="the listing's title on that page"),
        sa.Column("seller", sa.Text(), nullable=True, comment="the shop; NULL for the headline"),
        sa.Column(
            "price",
            sa.BigInteger(),
            nullable=True,
            comment="integer in minor units of the currency; NULL when there is none, see availability",
        ),
        sa.Column(
            "shipping",
            sa.BigInteger(),
            nullable=True,
            comment="integer in minor units of the currency; NULL when not told",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO 4217 code of the amounts in this row"),
        sa.Column("payment_condition", sa.Text(), nullable=True, comment="card, cash or coupon; NULL for the headline"),
        sa.Column(
            "availability",
            sa.Text(),
            nullable=False,
            comment="in_stock, out_of_stock, coming_soon, suspended, discontinued, unknown",
        ),
        sa.Column(
            "seller_count", sa.Integer(), nullable=True, comment="shops that the source counts; NULL when not told"
        ),
        sa.Column("url", sa.Text(), nullable=True, comment="where a person can look at it"),
        sa.Column("observed_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when the page was read"),
        sa.Column("page_sha256", sa.Text(), nullable=True, comment="the stored page it was read from"),
        sa.Column(
            "payable_price",
            sa.BigInteger(),
            nullable=True,
            comment="headline: cheapest by card, shipping included, integer in minor units of the currency; NULL when not read",
        ),
        sa.Column(
            "suspect_reason",
            sa.Text(),
            nullable=True,
            comment="headline: what the product page contradicts itself in; NULL when nothing",
        ),
        sa.Column(
            "detail_sha256",
            sa.Text(),
            nullable=True,
            comment="headline: the stored product page; NULL when it was not read",
        ),
        sa.PrimaryKeyConstraint("source", "listing_id", "market_day", "position"),
        comment="What the day's pages say, offer by offer",
    )
    op.create_table(
        "quarantine",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="what could not be understood: a listing id, a column, a post id",
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="why"),
        sa.Column("excerpt", sa.Text(), nullable=False, comment="the beginning of the input"),
        sa.Column("page_sha256", sa.Text(), nullable=True, comment="the stored page it stands on"),
        sa.PrimaryKeyConstraint("source", "market_day", "subject", "reason"),
        comment="Input that was refused, with the reason; nothing is dropped",
    )
    op.create_table(
        "raw_pages",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("url", sa.Text(), nullable=False, comment="the address that was asked for"),
        sa.Column(
            "sha256",
            sa.Text(),
            nullable=False,
            comment="hex digest of the decoded body; the same page read twice is one row",
        ),
        sa.Column("fetched_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when this body was first read"),
        sa.Column("status", sa.Integer(), nullable=False, comment="HTTP status"),
        sa.Column("content_type", sa.Text(), nullable=True, comment="the response's Content-Type"),
        sa.Column("kind", sa.Text(), nullable=False, comment="what the page is: ok, empty, blocked, gone, error"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes of the decoded body"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the decoded body, zstd-compressed"),
        sa.PrimaryKeyConstraint("source", "market_day", "url", "sha256"),
        comment="Every response as it came, stored before anything is parsed from it",
    )
    op.create_table(
        "reddit_observations",
        sa.Column("post_id", sa.Text(), nullable=False, comment="the post"),
        sa.Column("observed_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="the hour of the reading"),
        sa.Column("score", sa.Integer(), nullable=True, comment="NULL where the source has none (RSS)"),
        sa.Column("comments", sa.Integer(), nullable=True, comment="NULL where the source has none (RSS)"),
        sa.PrimaryKeyConstraint("post_id", "observed_at"),
        comment="Scores change with age: one row a post and hour of reading",
    )
    op.create_table(
        "reddit_posts",
        sa.Column("post_id", sa.Text(), nullable=False, comment="Reddit's base-36 id, without t3_"),
        sa.Column("subreddit", sa.Text(), nullable=False, comment="without r/"),
        sa.Column("created_utc", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was posted"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day of its creation"),
        sa.Column("title", sa.Text(), nullable=False, comment="unescaped; empty once removed"),
        sa.Column("body", sa.Text(), nullable=False, comment="unescaped self text; empty for links and once removed"),
        sa.Column("url", sa.Text(), nullable=False, comment="permalink; empty once removed"),
        sa.Column("read_from", sa.Text(), nullable=False, comment="praw, rss, arctic_shift or dump"),
        sa.Column("is_stickied", sa.Boolean(), nullable=False, comment="pinned by the moderators: not counted"),
        sa.Column("crosspost_parent", sa.Text(), nullable=True, comment="id of the post it repeats"),
        sa.Column(
            "is_removed",
            sa.Boolean(),
            nullable=False,
            comment="deleted or removed at the source: its text is gone here too",
        ),
        sa.Column(
            "has_text",
            sa.Boolean(),
            nullable=False,
            comment="title, body and url are kept; false once removed or older than texts are kept",
        ),
        sa.Column(
            "checked_at",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="the hour in which Reddit last showed it; NULL when only an archive did",
        ),
        sa.PrimaryKeyConstraint("post_id"),
        comment="Posts, without authors",
    )
    op.create_index("reddit_posts_by_day", "reddit_posts", ["market_day"], unique=False)
    op.create_index(
        "reddit_posts_by_parent",
        "reddit_posts",
        ["crosspost_parent"],
        unique=False,
        postgresql_where=sa.text("crosspost_parent is not null"),
    )
    op.create_index(
        "reddit_posts_with_text", "reddit_posts", ["created_utc"], unique=False, postgresql_where=sa.text("has_text")
    )
    op.create_table(
        "reddit_readings",
        sa.Column("subreddit", sa.Text(), nullable=False, comment="lower case, without r/"),
        sa.Column("read_from", sa.Text(), nullable=False, comment="praw, rss, arctic_shift or dump"),
        sa.Column(
            "up_to",
            sa.TIMESTAMP(timezone=True),
            nullable=False,
            comment="the moment of the reading; for an archive the end of what it holds",
        ),
        sa.Column(
            "back_to",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="from here to up_to no post is missing; NULL when that is true of no moment",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="complete, partial, blocked, unavailable or failed"),
        sa.Column("got", sa.Integer(), nullable=False, comment="posts read"),
        sa.Column("refused", sa.Integer(), nullable=False, comment="posts that could not be understood"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is not complete"),
        sa.PrimaryKeyConstraint("subreddit", "read_from", "up_to"),
        comment="Every attempt to read a subreddit and which stretch of time it holds; coverage is computed from these",
    )
    op.create_table(
        "risk_alerts",
        sa.Column("sku_id", sa.Text(), nullable=False, comment="the card"),
        sa.Column("kind", sa.Text(), nullable=False, comment="what kind of event: risk"),
        sa.Column("opened_day", sa.Date(), nullable=False, comment="the market day it began"),
        sa.Column("product", sa.Text(), nullable=False, comment="the card in words"),
        sa.Column("chipset", sa.Text(), nullable=False, comment="its chipset"),
        sa.Column(
            "risk_index",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="the index on the day it was opened",
        ),
        sa.Column("threshold", sa.BigInteger(), nullable=False, comment="the threshold it crossed"),
        sa.Column(
            "factors",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what contributed: price, last_week_avg, loss, mentions",
        ),
        sa.Column("closed_day", sa.Date(), nullable=True, comment="the market day it ended; NULL while open"),
        sa.Column("closed_reason", sa.Text(), nullable=True, comment="why it ended"),
        sa.Column(
            "acknowledged_at",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="when a person dismissed it; it stays in history",
        ),
        sa.Column("acknowledged_note", sa.Text(), nullable=True, comment="what the person said"),
        sa.PrimaryKeyConstraint("sku_id", "kind", "opened_day"),
        comment="Alerts as events: opened once, acknowledged, closed, armed again",
    )
    op.create_index("risk_alerts_open", "risk_alerts", ["closed_day"], unique=False)
    op.create_table(
        "risk_scores",
        sa.Column("sku_id", sa.Text(), nullable=False, comment="the card"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column(
            "price", sa.BigInteger(), nullable=True, comment="the card's price, integer in minor units of the currency"
        ),
        sa.Column("last_week_avg", sa.Numeric(precision=14, scale=2), nullable=True, comment="from price_changes"),
        sa.Column(
            "loss",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="last_week_avg - price: won lost against last week",
        ),
        sa.Column(
            "new_release_mentions",
            sa.Integer(),
            nullable=True,
            comment="new-release mentions of the last 7 days; NULL when the community was not read",
        ),
        sa.Column(
            "mention_part", sa.Numeric(precision=14, scale=2), nullable=True, comment="0.3 x new_release_mentions"
        ),
        sa.Column(
            "risk_index",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="loss + mention_part: higher is worse for who holds stock",
        ),
        sa.Column(
            "formula_as_written",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="(price - last_week_avg) + 0.3 x mentions, the requirement's own arithmetic",
        ),
        sa.Column("threshold", sa.BigInteger(), nullable=False, comment="RISK_THRESHOLD when it was computed"),
        sa.Column("is_high_risk", sa.Boolean(), nullable=True, comment="risk_index above threshold; NULL when unknown"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why risk_index is NULL, or what is missing from it"),
        sa.PrimaryKeyConstraint("sku_id", "market_day"),
        comment="Per card and day: the required risk formula with its parts",
    )
    op.create_index("risk_scores_by_day", "risk_scores", ["market_day"], unique=False)
    op.create_table(
        "searched_posts",
        sa.Column("post_id", sa.Text(), nullable=False, comment="the post"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day of the post"),
        sa.Column(
            "excluded",
            sa.Text(),
            nullable=True,
            comment="why it is not counted: stickied, megathread, bot, crosspost; NULL when it is",
        ),
        sa.Column(
            "polarity",
            sa.Numeric(precision=4, scale=3),
            nullable=True,
            comment="from -1 (speaks ill of cards) to 1 (well); NULL when not counted",
        ),
        sa.Column("polarity_sign", sa.SmallInteger(), nullable=True, comment="-1, 0 or 1: bad, neutral, good"),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="of rules and text as they were searched: the same are not searched again",
        ),
        sa.PrimaryKeyConstraint("post_id"),
        comment="Posts whose text was searched, counted also after the text is gone; what all shares are shares of",
    )
    op.create_index("searched_posts_by_day", "searched_posts", ["market_day"], unique=False)
    op.create_table(
        "skus",
        sa.Column("sku_id", sa.Text(), nullable=False, comment="twelve hex digits, a digest of the identity"),
        sa.Column("brand", sa.Text(), nullable=True, comment="the maker, upper case; NULL when the title names none"),
        sa.Column("chipset", sa.Text(), nullable=False, comment="canonical chipset name"),
        sa.Column(
            "model_name",
            sa.Text(),
            nullable=False,
            comment="what tells this board from its siblings; empty for a plain one",
        ),
        sa.Column(
            "vram_gb",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="memory in GB; NULL when neither title nor chipset tells",
        ),
        sa.Column("is_oc", sa.Boolean(), nullable=False, comment="overclocked by the factory"),
        sa.Column("first_seen", sa.Date(), nullable=False, comment="first market day of any of its listings"),
        sa.PrimaryKeyConstraint("sku_id"),
        comment="The card itself: brand, chipset, model name, memory, overclock",
    )
    op.create_table(
        "source_coverage",
        sa.Column(
            "source", sa.Text(), nullable=False, comment="where the row comes from: danawa, crawler_csv, reddit, ..."
        ),
        sa.Column("part", sa.Text(), nullable=False, comment="what was asked: a subreddit, category or shop"),
        sa.Column("market_day", sa.Date(), nullable=False, comment="the market day, in MARKET_TIMEZONE"),
        sa.Column("status", sa.Text(), nullable=False, comment="complete, partial, blocked, unavailable or failed"),
        sa.Column("expected", sa.Integer(), nullable=True, comment="rows that should be there, as far as is known"),
        sa.Column("got", sa.Integer(), nullable=False, comment="rows read"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is not complete"),
        sa.Column("checked_at", sa.TIMESTAMP(timezone=True), nullable=False, comment="when it was asked"),
        sa.PrimaryKeyConstraint("source", "part", "market_day"),
        comment="Whether a source could be read on a day: nothing there is not the same as could not read",
    )


def downgrade() -> None:
    """Take the change back; what it stored is lost."""
    op.drop_table("source_coverage")
    op.drop_table("skus")
    op.drop_index("searched_posts_by_day", table_name="searched_posts")
    op.drop_table("searched_posts")
    op.drop_index("risk_scores_by_day", table_name="risk_scores")
    op.drop_table("risk_scores")
    op.drop_index("risk_alerts_open", table_name="risk_alerts")
    op.drop_table("risk_alerts")
    op.drop_table("reddit_readings")
    op.drop_index("reddit_posts_with_text", table_name="reddit_posts", postgresql_where=sa.text("has_text"))
    op.drop_index(
        "reddit_posts_by_parent", table_name="reddit_posts", postgresql_where=sa.text("crosspost_parent is not null")
    )
    op.drop_index("reddit_posts_by_day", table_name="reddit_posts")
    op.drop_table("reddit_posts")
    op.drop_table("reddit_observations")
    op.drop_table("raw_pages")
    op.drop_table("quarantine")
    op.drop_table("price_offers")
    op.drop_index("price_logs_by_sku", table_name="price_logs")
    op.drop_index("price_logs_by_day", table_name="price_logs")
    op.drop_table("price_logs")
    op.drop_table("price_histories")
    op.drop_index("price_changes_by_day", table_name="price_changes")
    op.drop_table("price_changes")
    op.drop_index("market_signals_by_day", table_name="market_signals")
    op.drop_table("market_signals")
    op.drop_table("listings")
    op.drop_table("keyword_trends")
    op.drop_table("file_imports")
    op.drop_table("exchange_rates")
    op.drop_table("crawls")
    op.drop_index("chipset_mentions_by_day", table_name="chipset_mentions")
    op.drop_table("chipset_mentions")
    op.drop_index("chipset_index_by_day", table_name="chipset_index")
    op.drop_table("chipset_index")
    op.drop_table("accepted_days")
