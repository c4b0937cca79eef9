"""The tables, and what every column means; the data dictionary and the migrations are read from here.

Belongs here: names, types, keys, comments. Does not belong here: how rows get in (``bulk``), what is asked of them
(``queries``), how an older database becomes this one (``migrations``).

Every key holds the natural identity and the market day, so that loading a day twice gives the same rows. Money is an
integer in minor units with an ISO currency beside it. Unknown is NULL, and a reason stands next to it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()

TIMESTAMP = sa.TIMESTAMP(timezone=True)


def _column(
    name: str, kind: Any, comment: str, *, key: bool = False, null: bool = True, default: str | None = None
) -> sa.Column[Any]:
    server_default = sa.text(default) if default is not None else None
    return sa.Column(
        name, kind, primary_key=key, nullable=null and not key, comment=comment, server_default=server_default
    )


def _key(name: str, kind: Any, comment: str) -> sa.Column[Any]:
    return _column(name, kind, comment, key=True)


def _must(name: str, kind: Any, comment: str, default: str | None = None) -> sa.Column[Any]:
    return _column(name, kind, comment, null=False, default=default)


SOURCE = "where the row comes from: danawa, crawler_csv, reddit, ..."
LISTING = "the source's own id of the listing; Danawa: the pcode"
DAY = "the market day, in MARKET_TIMEZONE"
CURRENCY = "ISO 4217 code of the amounts in this row"
WON = "integer in minor units of the currency"

# --- prices ---------------------------------------------------------------------------------------------------------
raw_pages = sa.Table(
    "raw_pages",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("market_day", sa.Date, DAY),
    _key("url", sa.Text, "the address that was asked for"),
    _key("sha256", sa.Text, "hex digest of the decoded body; the same page read twice is one row"),
    _must("fetched_at", TIMESTAMP, "when this body was first read"),
    _must("status", sa.Integer, "HTTP status"),
    _column("content_type", sa.Text, "the response's Content-Type"),
    _must("kind", sa.Text, "what the page is: ok, empty, blocked, gone, error"),
    _must("size", sa.Integer, "bytes of the decoded body"),
    _must("body", sa.LargeBinary, "the decoded body, zstd-compressed"),
    comment="Every response as it came, stored before anything is parsed from it",
)

crawls = sa.Table(
    "crawls",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("market_day", sa.Date, DAY),
    _key("part", sa.Text, "what of the source it reads: list, products, or shop"),
    _must("started_at", TIMESTAMP, "when the crawl began"),
    _must("finished_at", TIMESTAMP, "when its last page was stored"),
    _must("pages", JSONB, "its pages in order: [[url, sha256], ...]"),
    _column("rows_expected", sa.Integer, "rows that the site said it has"),
    _must("rows_read", sa.Integer, "distinct rows on the pages"),
    comment="The crawl of a part that counts for a day: written once it is whole, replaced by a later whole one",
)

skus = sa.Table(
    "skus",
    metadata,
    _key("sku_id", sa.Text, "twelve hex digits, a digest of the identity"),
    _column("brand", sa.Text, "the maker, upper case; NULL when the title names none"),
    _must("chipset", sa.Text, "canonical chipset name"),
    _must("model_name", sa.Text, "what tells this board from its siblings; empty for a plain one"),
    _column("vram_gb", sa.Numeric(6, 2), "memory in GB; NULL when neither title nor chipset tells"),
    _must("is_oc", sa.Boolean, "overclocked by the factory"),
    _must("first_seen", sa.Date, "first market day of any of its listings"),
    comment="The card itself: brand, chipset, model name, memory, overclock",
)

listings = sa.Table(
    "listings",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("listing_id", sa.Text, LISTING),
    _must("title", sa.Text, "the latest title seen"),
    _column("url", sa.Text, "where a person can look at it"),
    _column("sku_id", sa.Text, "the card it is; NULL when it is none or unknown"),
    _must("identity_status", sa.Text, "identified, not_a_card, unidentified or overridden"),
    _column("identity_reason", sa.Text, "why it is not identified, or who corrected it"),
    _column("condition", sa.Text, "new, used, refurbished, import, bulk; NULL when not identified"),
    _must("first_seen", sa.Date, "first market day with an observation"),
    _must("last_seen", sa.Date, "last market day with an observation"),
    comment="One product row of one source, and which card it is",
)

price_offers = sa.Table(
    "price_offers",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("listing_id", sa.Text, LISTING),
    _key("market_day", sa.Date, DAY),
    _key("position", sa.Integer, "0: the source's own headline; 1, 2, ...: its sellers in the page's order"),
    _must("title", sa.Text, "the listing's title on that page"),
    _column("seller", sa.Text, "the shop; NULL for the headline"),
    _column("price", sa.BigInteger, f"{WON}; NULL when there is none, see availability"),
    _column("shipping", sa.BigInteger, f"{WON}; NULL when not told"),
    _must("currency", sa.Text, CURRENCY),
    _column("payment_condition", sa.Text, "card, cash or coupon; NULL for the headline"),
    _must("availability", sa.Text, "in_stock, out_of_stock, coming_soon, suspended, discontinued, unknown"),
    _column("seller_count", sa.Integer, "shops that the source counts; NULL when not told"),
    _column("url", sa.Text, "where a person can look at it"),
    _must("observed_at", TIMESTAMP, "when the page was read"),
    _column("page_sha256", sa.Text, "the stored page it was read from"),
    _column(
        "payable_price", sa.BigInteger, f"headline: cheapest by card, shipping included, {WON}; NULL when not read"
    ),
    _column("suspect_reason", sa.Text, "headline: what the product page contradicts itself in; NULL when nothing"),
    _column("detail_sha256", sa.Text, "headline: the stored product page; NULL when it was not read"),
    comment="What the day's pages say, offer by offer",
)

price_logs = sa.Table(
    "price_logs",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("listing_id", sa.Text, LISTING),
    _key("market_day", sa.Date, DAY),
    _column("sku_id", sa.Text, "the card it is; NULL when it is none or unknown"),
    _column("price", sa.BigInteger, f"the lowest price the source lists, {WON}; NULL when there is none"),
    _column(
        "payable_price", sa.BigInteger, f"the cheapest anybody can pay, shipping included, {WON}; NULL when not read"
    ),
    _must("currency", sa.Text, CURRENCY),
    _must("availability", sa.Text, "in_stock, out_of_stock, coming_soon, suspended, discontinued, unknown"),
    _column("seller_count", sa.Integer, "shops that the source counts; NULL when not told"),
    _must("recorded_at", TIMESTAMP, "when this value was first read"),
    _column("source_url", sa.Text, "where it can be looked at"),
    _column("suspect_reason", sa.Text, "why the price is not believed yet; NULL when trusted"),
    _column("price_in_won", sa.BigInteger, "the price at conversion_rate; NULL for prices in won, or without a rate"),
    _column("conversion_rate", sa.Numeric(18, 8), "won for one unit of the currency, by the ECB's reference rates"),
    _column("conversion_day", sa.Date, "the day of that rate"),
    _column("run_id", sa.Text, "the run that last changed the row"),
    sa.Index("price_logs_by_day", "market_day", "listing_id"),
    sa.Index("price_logs_by_sku", "sku_id", "market_day"),
    comment="One headline price a listing and market day",
)

exchange_rates = sa.Table(
    "exchange_rates",
    metadata,
    _key("currency", sa.Text, "ISO 4217 code"),
    _key("rate_day", sa.Date, "the day the rate was set"),
    _must("per_euro", sa.Numeric(18, 8), "units of the currency for one euro"),
    _must("fetched_at", TIMESTAMP, "when it was read"),
    comment="The ECB's reference rates, for converting beside the price, never in its place",
)

price_histories = sa.Table(
    "price_histories",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("listing_id", sa.Text, LISTING),
    _key("window_months", sa.Integer, "the window the point came in; points of different windows are never mixed"),
    _key("period", sa.Text, "YYYY-MM-DD of a weekly point, YYYY-MM of a monthly one"),
    _column("price", sa.BigInteger, f"lowest price of the period, {WON}; NULL when there was no offer"),
    _must("currency", sa.Text, CURRENCY),
    _must("fetched_at", TIMESTAMP, "when it was read"),
    comment="What a source itself tells of a listing's past: coarser than, and kept apart from, our own daily prices",
)

accepted_days = sa.Table(
    "accepted_days",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("market_day", sa.Date, DAY),
    _must("why", sa.Text, "the person's reason"),
    _must("accepted_at", TIMESTAMP, "when it was said"),
    comment="Days that the blindness gate refused and a person vouched for",
)

# --- community ------------------------------------------------------------------------------------------------------
reddit_posts = sa.Table(
    "reddit_posts",
    metadata,
    _key("post_id", sa.Text, "Reddit's base-36 id, without t3_"),
    _must("subreddit", sa.Text, "without r/"),
    _must("created_utc", TIMESTAMP, "when it was posted"),
    _must("market_day", sa.Date, "the market day of its creation"),
    _must("title", sa.Text, "unescaped; empty once removed"),
    _must("body", sa.Text, "unescaped self text; empty for links and once removed"),
    _must("url", sa.Text, "permalink; empty once removed"),
    _must("read_from", sa.Text, "praw, rss, arctic_shift or dump"),
    _must("is_stickied", sa.Boolean, "pinned by the moderators: not counted"),
    _column("crosspost_parent", sa.Text, "id of the post it repeats"),
    _must("is_removed", sa.Boolean, "deleted or removed at the source: its text is gone here too"),
    _must("has_text", sa.Boolean, "title, body and url are kept; false once removed or older than texts are kept"),
    _column("checked_at", TIMESTAMP, "the hour in which Reddit last showed it; NULL when only an archive did"),
    sa.Index("reddit_posts_by_day", "market_day"),
    sa.Index("reddit_posts_with_text", "created_utc", postgresql_where=sa.text("has_text")),
    sa.Index("reddit_posts_by_parent", "crosspost_parent", postgresql_where=sa.text("crosspost_parent is not null")),
    comment="Posts, without authors",
)

reddit_observations = sa.Table(
    "reddit_observations",
    metadata,
    _key("post_id", sa.Text, "the post"),
    _key("observed_at", TIMESTAMP, "the hour of the reading"),
    _column("score", sa.Integer, "NULL where the source has none (RSS)"),
    _column("comments", sa.Integer, "NULL where the source has none (RSS)"),
    comment="Scores change with age: one row a post and hour of reading",
)

reddit_readings = sa.Table(
    "reddit_readings",
    metadata,
    _key("subreddit", sa.Text, "lower case, without r/"),
    _key("read_from", sa.Text, "praw, rss, arctic_shift or dump"),
    _key("up_to", TIMESTAMP, "the moment of the reading; for an archive the end of what it holds"),
    _column("back_to", TIMESTAMP, "from here to up_to no post is missing; NULL when that is true of no moment"),
    _must("status", sa.Text, "complete, partial, blocked, unavailable or failed"),
    _must("got", sa.Integer, "posts read"),
    _must("refused", sa.Integer, "posts that could not be understood"),
    _column("reason", sa.Text, "why it is not complete"),
    comment="Every attempt to read a subreddit and which stretch of time it holds; coverage is computed from these",
)

searched_posts = sa.Table(
    "searched_posts",
    metadata,
    _key("post_id", sa.Text, "the post"),
    _must("market_day", sa.Date, "the market day of the post"),
    _column("excluded", sa.Text, "why it is not counted: stickied, megathread, bot, crosspost; NULL when it is"),
    _column("polarity", sa.Numeric(4, 3), "from -1 (speaks ill of cards) to 1 (well); NULL when not counted"),
    _column("polarity_sign", sa.SmallInteger, "-1, 0 or 1: bad, neutral, good"),
    _must("digest", sa.Text, "of rules and text as they were searched: the same are not searched again"),
    sa.Index("searched_posts_by_day", "market_day"),
    comment="Posts whose text was searched, counted also after the text is gone; what all shares are shares of",
)

file_imports = sa.Table(
    "file_imports",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("file", sa.Text, "the file's name"),
    _key("size", sa.BigInteger, "bytes of the file"),
    _key("parts", sa.Text, "what was asked of it"),
    _must("position", sa.BigInteger, "where to go on"),
    _must("state", JSONB, "what the import knows so far"),
    comment="Imports of large files that are not finished: where to go on after an interruption",
)

market_signals = sa.Table(
    "market_signals",
    metadata,
    _key("post_id", sa.Text, "the post"),
    _key("keyword", sa.Text, "the keyword's label"),
    _must("market_day", sa.Date, "the market day of the post"),
    _must("matched_text", sa.Text, "what matched"),
    _must("matched_in", sa.Text, "title or body"),
    _must("span_start", sa.Integer, "offset of the match"),
    _must("span_end", sa.Integer, "offset behind the match"),
    _must("rules_version", sa.Text, "digest of the keyword rules that matched"),
    sa.Index("market_signals_by_day", "market_day", "keyword"),
    comment="Keywords found in posts, each once a post",
)

chipset_mentions = sa.Table(
    "chipset_mentions",
    metadata,
    _key("post_id", sa.Text, "the post"),
    _key("chipset", sa.Text, "canonical chipset name"),
    _must("market_day", sa.Date, "the market day of the post"),
    sa.Index("chipset_mentions_by_day", "market_day", "chipset"),
    comment="Chipsets named in posts, each once a post",
)

keyword_trends = sa.Table(
    "keyword_trends",
    metadata,
    _key("keyword", sa.Text, "the keyword's label"),
    _key("market_day", sa.Date, DAY),
    _column("mentions", sa.Integer, "posts of the day with the keyword; NULL when the day was not read"),
    _column("posts", sa.Integer, "posts of the day that were searched; NULL when the day was not read"),
    _column("mentions_per_1000", sa.Numeric(8, 2), "mentions per 1,000 posts searched"),
    _column("mentions_7d", sa.Integer, "mentions of the last 7 days that are over; NULL when a day is missing"),
    _column("mentions_previous_7d", sa.Integer, "mentions of the 7 days before those; NULL when a day is missing"),
    _column("growth_pct", sa.Numeric(10, 2), "change from the previous 7 days in %; NULL with a reason"),
    _column("growth_reason", sa.Text, "why growth_pct is NULL"),
    _column(
        "share_growth_pct",
        sa.Numeric(10, 2),
        "change of the mentions per 1,000 posts in %: known also where days were read in part",
    ),
    _must("is_rising", sa.Boolean, "growth above 50 %; of the share where days were read in part"),
    _must("weight", sa.Numeric(6, 2), "the keyword's weight"),
    _column("weighted_score", sa.Numeric(12, 2), "mentions x weight"),
    comment="Per keyword and day: mentions, share, growth, weighted score",
)

# --- analytics ------------------------------------------------------------------------------------------------------
price_changes = sa.Table(
    "price_changes",
    metadata,
    _key("sku_id", sa.Text, "the card"),
    _key("market_day", sa.Date, DAY),
    _column("price", sa.BigInteger, f"lowest trusted price of its new listings, {WON}; NULL when none can be bought"),
    _must("currency", sa.Text, CURRENCY),
    _must("listings", sa.Integer, "new listings of the card that day"),
    _column("sellers", sa.Integer, "sum of their seller counts; NULL when not told"),
    _column("best_source", sa.Text, "source of the listing with that price"),
    _column("best_listing_id", sa.Text, "listing with that price"),
    _column("last_week_avg", sa.Numeric(14, 2), "mean of the card's prices 6, 7 and 8 days back"),
    _must("baseline_days", sa.Integer, "how many of those three days have a price"),
    _column("change_amount", sa.Numeric(14, 2), "price - last_week_avg"),
    _column("change_pct", sa.Numeric(10, 2), "change against last_week_avg in %"),
    _column("reason", sa.Text, "why price or change is NULL"),
    sa.Index("price_changes_by_day", "market_day", "sku_id"),
    comment="Per card and day: price and change against last week",
)

chipset_index = sa.Table(
    "chipset_index",
    metadata,
    _key("chipset", sa.Text, "canonical chipset name"),
    _key("market_day", sa.Date, DAY),
    _must("status", sa.Text, "published, thin, withheld or end_of_life"),
    _column("reason", sa.Text, "why it is not published"),
    _column("index_value", sa.Numeric(12, 4), "like-for-like index, 100 on base_day; NULL before it can start"),
    _column("base_day", sa.Date, "the day the chain starts"),
    _column("previous_day", sa.Date, "the day the matched changes compare with"),
    _column("mean_change_pct", sa.Numeric(10, 4), "mean of the clipped matched changes in %"),
    _must("matched_pairs", sa.Integer, "cards priced on both days"),
    _column("median_price", sa.BigInteger, f"median card price, {WON}"),
    _column("low_price", sa.BigInteger, f"cheapest card, {WON}"),
    _column("spread_pct", sa.Numeric(10, 2), "interquartile range in % of the median"),
    _must("cards", sa.Integer, "cards with a price"),
    _column("sellers", sa.Integer, "sum of seller counts; NULL when not told"),
    _must("currency", sa.Text, CURRENCY),
    sa.Index("chipset_index_by_day", "market_day"),
    comment="Per chipset and day: like-for-like index, median, spread, or why withheld",
)

risk_scores = sa.Table(
    "risk_scores",
    metadata,
    _key("sku_id", sa.Text, "the card"),
    _key("market_day", sa.Date, DAY),
    _column("price", sa.BigInteger, f"the card's price, {WON}"),
    _column("last_week_avg", sa.Numeric(14, 2), "from price_changes"),
    _column("loss", sa.Numeric(14, 2), "last_week_avg - price: won lost against last week"),
    _column(
        "new_release_mentions",
        sa.Integer,
        "new-release mentions of the last 7 days; NULL when the community was not read",
    ),
    _column("mention_part", sa.Numeric(14, 2), "0.3 x new_release_mentions"),
    _column("risk_index", sa.Numeric(14, 2), "loss + mention_part: higher is worse for who holds stock"),
    _column(
        "formula_as_written",
        sa.Numeric(14, 2),
        "(price - last_week_avg) + 0.3 x mentions, the requirement's own arithmetic",
    ),
    _must("threshold", sa.BigInteger, "RISK_THRESHOLD when it was computed"),
    _column("is_high_risk", sa.Boolean, "risk_index above threshold; NULL when unknown"),
    _column("reason", sa.Text, "why risk_index is NULL, or what is missing from it"),
    sa.Index("risk_scores_by_day", "market_day"),
    comment="Per card and day: the required risk formula with its parts",
)

risk_alerts = sa.Table(
    "risk_alerts",
    metadata,
    _key("sku_id", sa.Text, "the card"),
    _key("kind", sa.Text, "what kind of event: risk"),
    _key("opened_day", sa.Date, "the market day it began"),
    _must("product", sa.Text, "the card in words"),
    _must("chipset", sa.Text, "its chipset"),
    _must("risk_index", sa.Numeric(14, 2), "the index on the day it was opened"),
    _must("threshold", sa.BigInteger, "the threshold it crossed"),
    _must("factors", JSONB, "what contributed: price, last_week_avg, loss, mentions"),
    _column("closed_day", sa.Date, "the market day it ended; NULL while open"),
    _column("closed_reason", sa.Text, "why it ended"),
    _column("acknowledged_at", TIMESTAMP, "when a person dismissed it; it stays in history"),
    _column("acknowledged_note", sa.Text, "what the person said"),
    sa.Index("risk_alerts_open", "closed_day"),
    comment="Alerts as events: opened once, acknowledged, closed, armed again",
)

# --- truth about the readings themselves ----------------------------------------------------------------------------
source_coverage = sa.Table(
    "source_coverage",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("part", sa.Text, "what was asked: a subreddit, category or shop"),
    _key("market_day", sa.Date, DAY),
    _must("status", sa.Text, "complete, partial, blocked, unavailable or failed"),
    _column("expected", sa.Integer, "rows that should be there, as far as is known"),
    _must("got", sa.Integer, "rows read"),
    _column("reason", sa.Text, "why it is not complete"),
    _must("checked_at", TIMESTAMP, "when it was asked"),
    comment="Whether a source could be read on a day: nothing there is not the same as could not read",
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    _key("source", sa.Text, SOURCE),
    _key("market_day", sa.Date, DAY),
    _key("subject", sa.Text, "what could not be understood: a listing id, a column, a post id"),
    _key("reason", sa.Text, "why"),
    _must("excerpt", sa.Text, "the beginning of the input"),
    _column("page_sha256", sa.Text, "the stored page it stands on"),
    comment="Input that was refused, with the reason; nothing is dropped",
)
