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
    _column("payable_price", sa.BigInteger, f"cheapest anybody can pay for it, shipping included, {WON}"),
    _column("days_28", sa.Integer, "days with a price among the last 28, the day included"),
    _column("low_28", sa.BigInteger, f"lowest price of the last 28 days, {WON}; NULL with history_reason"),
    _column("high_28", sa.BigInteger, f"highest price of the last 28 days, {WON}"),
    _column("percentile_28", sa.Numeric(5, 2), "share of those days' prices at or below the day's, in %"),
    _column("days_90", sa.Integer, "days with a price among the last 90, the day included"),
    _column("low_90", sa.BigInteger, f"lowest price of the last 90 days, {WON}; NULL with history_reason"),
    _column("high_90", sa.BigInteger, f"highest price of the last 90 days, {WON}"),
    _column("percentile_90", sa.Numeric(5, 2), "share of those days' prices at or below the day's, in %"),
    _column("all_time_low", sa.BigInteger, f"lowest trusted price known up to the day, {WON}"),
    _column("all_time_low_day", sa.Date, "the first day that had it"),
    _column("unchanged_days", sa.Integer, "days since the price last changed; 0: it changed that day"),
    _column("volatility_28", sa.Numeric(10, 4), "standard deviation of the daily changes of the last 28 days, in %"),
    _column("history_reason", sa.Text, "why range, percentile or volatility is NULL"),
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
    _column("change_7d_pct", sa.Numeric(10, 4), "change of the index against 7 days back in %"),
    _column("median_change_pct", sa.Numeric(10, 4), "change of the plain median against previous_day in %"),
    _column(
        "composition_pct",
        sa.Numeric(10, 4),
        "median_change_pct - mean_change_pct: what the range's make-up moved, not prices",
    ),
    _column("low_sku_id", sa.Text, "the cheapest card"),
    _column("launch_price", sa.BigInteger, f"launch price in the catalogue, {WON}; NULL when not known"),
    _column("premium_pct", sa.Numeric(10, 2), "low_price over launch_price in %; NULL with premium_reason"),
    _column("premium_reason", sa.Text, "why premium_pct is NULL, or which rate launch_price was converted at"),
    _column("price_per_point", sa.Numeric(12, 4), "won of low_price for one G3D mark; NULL without a mark"),
    _column("gaps", JSONB, "siblings' low_price against its own: [{chipset, gap, gap_pct}, ...]"),
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
    _column("risk_score", sa.Numeric(5, 1), "0 to 100, higher is worse for who holds stock; NULL with score_reason"),
    _column("probability", sa.Numeric(6, 4), "of a price at least 5 % lower in 28 days; NULL with score_reason"),
    _column("won_at_risk", sa.BigInteger, f"expected loss of one card in the next 28 days, {WON}"),
    _column("score_reason", sa.Text, "why there is no score, or what it stands on"),
    _column("model_version", sa.Text, "the model that scored, see risk_models"),
    _column("model_trained_from", sa.Date, "first day of its training window"),
    _column("model_trained_to", sa.Date, "last day of its training window"),
    _column("score_parts", JSONB, "what moved the score: [{part, value, points, words}, ...], the largest first"),
    sa.Index("risk_scores_by_day", "market_day"),
    comment="Per card and day: the required risk formula with its parts, and the learned score beside it",
)

risk_models = sa.Table(
    "risk_models",
    metadata,
    _key("version", sa.Text, "digest of model and training window"),
    _must("trained_at", TIMESTAMP, "when it was trained"),
    _must("trained_from", sa.Date, "first day of the training window"),
    _must("trained_to", sa.Date, "last day of the training window"),
    _must("rows", sa.Integer, "card-days it was trained on"),
    _must("base_rate", sa.Numeric(6, 4), "share of them that fell 5 % or more within 28 days"),
    _must("is_active", sa.Boolean, "whether it scores: the latest that was good enough"),
    _must("metrics", JSONB, "how good it was on days it had not seen"),
    _must("model", JSONB, "the model itself, readable: coefficients, trees, scales"),
    comment="Models of the risk score that were trained on this database",
)

backtests = sa.Table(
    "backtests",
    metadata,
    _key("from_day", sa.Date, "first day that was predicted"),
    _key("to_day", sa.Date, "last day that was predicted"),
    _must("run_at", TIMESTAMP, "when it was run"),
    _must("model_kind", sa.Text, "which kind of model, with its code's version"),
    _must("result", JSONB, "auc, within_day_auc, brier_skill, ece, n, base_rate, folds, by_score_band"),
    comment="How good the risk score was on days it had not seen",
)

buying_advice = sa.Table(
    "buying_advice",
    metadata,
    _key("subject", sa.Text, "a sku_id or a chipset's name"),
    _key("market_day", sa.Date, DAY),
    _must("subject_kind", sa.Text, "sku or chipset"),
    _must("advice", sa.Text, "buy, wait or not_enough_data"),
    _must("reason", sa.Text, "why, in words"),
    _column("probability", sa.Numeric(6, 4), "of a price at least 5 % lower in 28 days"),
    _column("right_share", sa.Numeric(6, 4), "how often this advice was right in the backtest; NULL without one"),
    _column("right_n", sa.Integer, "card-days that share stands on"),
    sa.Index("buying_advice_by_day", "market_day", "subject_kind"),
    comment="Per card and chipset and day: buy, wait or not enough data, and how often that was right",
)

launch_effects = sa.Table(
    "launch_effects",
    metadata,
    _key("successor", sa.Text, "the chipset that was launched"),
    _key("predecessor", sa.Text, "the chipset that it follows"),
    _must("launch_day", sa.Date, "when the successor was launched"),
    _must("status", sa.Text, "measured, or withheld with the reason"),
    _column("reason", sa.Text, "why it is withheld"),
    _must("window_days", sa.Integer, "days before and after that are compared"),
    _column("before_index", sa.Numeric(12, 4), "mean of the predecessor's index before"),
    _column("after_index", sa.Numeric(12, 4), "mean of the predecessor's index after"),
    _column("change_pct", sa.Numeric(10, 4), "change of the predecessor in %"),
    _column("control_pct", sa.Numeric(10, 4), "change of untouched chipsets in the same days in %"),
    _column("effect_pct", sa.Numeric(10, 4), "change_pct - control_pct"),
    _column("effect_low", sa.Numeric(10, 4), "lower end of the 95 % interval of effect_pct"),
    _column("effect_high", sa.Numeric(10, 4), "upper end of the 95 % interval of effect_pct"),
    _column("controls", JSONB, "the untouched chipsets"),
    comment="What the launch of a successor did to its predecessors' prices",
)

rumour_lags = sa.Table(
    "rumour_lags",
    metadata,
    _key("keyword", sa.Text, "the keyword's label"),
    _key("lag_days", sa.Integer, "days by which the price change follows the mentions"),
    _must("from_day", sa.Date, "first day that was compared"),
    _must("to_day", sa.Date, "last day that was compared"),
    _must("days", sa.Integer, "days with both"),
    _column("correlation", sa.Numeric(6, 4), "rank correlation of mentions and later index change"),
    _column("p_value", sa.Numeric(6, 4), "share of permutations at least as far from zero"),
    _must("is_significant", sa.Boolean, "whether it is shown: p_value below 0.05 over all lags together"),
    comment="Whether mentions lead prices, by how many days, with a permutation test",
)

risk_alerts = sa.Table(
    "risk_alerts",
    metadata,
    _key("subject", sa.Text, "what it is about: a sku_id, a chipset's name or a source"),
    _key("kind", sa.Text, "risk, risk_score, target_price, drop, rise, all_time_low, back_in_stock or source_blind"),
    _key("opened_day", sa.Date, "the market day it began"),
    _must("subject_kind", sa.Text, "sku, chipset or source"),
    _must("product", sa.Text, "the subject in words"),
    _column("chipset", sa.Text, "its chipset; NULL for a source"),
    _column("value", sa.Numeric(14, 2), "what crossed the threshold, on the day it was opened"),
    _column("threshold", sa.Numeric(14, 2), "what it crossed"),
    _column("unit", sa.Text, "of value and threshold: won, percent, score or days"),
    _must("factors", JSONB, "what contributed, by name: price, baseline, loss, mentions, ..."),
    _column("closed_day", sa.Date, "the market day it ended; NULL while open"),
    _column("closed_reason", sa.Text, "why it ended"),
    _column("acknowledged_at", TIMESTAMP, "when a person dismissed it; it stays in history"),
    _column("acknowledged_note", sa.Text, "what the person said"),
    _column("snoozed_until", TIMESTAMP, "not shown as active before; NULL when not snoozed"),
    sa.Index("risk_alerts_open", "closed_day"),
    comment="Alerts as events: opened once, acknowledged, closed, armed again",
)

alert_actions = sa.Table(
    "alert_actions",
    metadata,
    _key("subject", sa.Text, "the alert's subject"),
    _key("kind", sa.Text, "the alert's kind"),
    _key("opened_day", sa.Date, "the alert's first day"),
    _key("acted_at", TIMESTAMP, "when a person did it"),
    _must("action", sa.Text, "acknowledged, snoozed or reopened"),
    _column("until", TIMESTAMP, "end of a snooze"),
    _column("note", sa.Text, "what the person said"),
    comment="What people did with alerts; nothing is overwritten",
)

price_targets = sa.Table(
    "price_targets",
    metadata,
    _key("subject", sa.Text, "a sku_id or a chipset's name"),
    _must("subject_kind", sa.Text, "sku or chipset"),
    _must("target_price", sa.BigInteger, f"tell when it costs this or less, {WON}"),
    _must("created_at", TIMESTAMP, "when it was asked for"),
    _column("note", sa.Text, "what for"),
    comment="Prices that somebody waits for",
)

outbox = sa.Table(
    "outbox",
    metadata,
    _key("message_id", sa.Text, "digest of what it tells: the same event is one message"),
    _key("receiver", sa.Text, "digest of the receiver's address; the address itself is a secret"),
    _must("receiver_name", sa.Text, "the address's scheme and place in NOTIFY_URLS, without its secrets"),
    _must("title", sa.Text, "the message's title"),
    _must("body", sa.Text, "the message's text"),
    _must("created_at", TIMESTAMP, "when it was written"),
    _must("not_before", TIMESTAMP, "when it is to be sent: at once, with the digest, or at the next try"),
    _must("attempts", sa.Integer, "tries so far"),
    _column("last_error", sa.Text, "why the last try failed, without secrets"),
    _column("delivered_at", TIMESTAMP, "when the receiver confirmed it; NULL until then"),
    _column("given_up_at", TIMESTAMP, "when no more tries are made; it stays visible"),
    sa.Index("outbox_waiting", "not_before", postgresql_where=sa.text("delivered_at is null and given_up_at is null")),
    comment="Messages to people: written with the event, sent until confirmed, never twice",
)

stock_items = sa.Table(
    "stock_items",
    metadata,
    _key(
        "item_id",
        sa.Text,
        "digest of the line: sku or title, received day, unit cost, place among equals",
    ),
    _must("title", sa.Text, "as the file has it"),
    _column("sku_id", sa.Text, "the card it is; NULL with the reason"),
    _column("identity_reason", sa.Text, "why it is no known card"),
    _must("quantity", sa.Integer, "pieces in stock"),
    _column("unit_cost", sa.BigInteger, f"paid for one, {WON}; NULL when not told"),
    _must("currency", sa.Text, CURRENCY),
    _column("received_day", sa.Date, "when it came in"),
    _must("imported_at", TIMESTAMP, "when the file was read"),
    _must("file", sa.Text, "the file's name"),
    comment="What the inventory manager holds, as last imported",
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
