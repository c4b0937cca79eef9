"""Tables of what was read of prices, from the stored page to one price a listing and day."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gpu_etl.database.tables.columns import CURRENCY, DAY, LISTING, SOURCE, TIMESTAMP, WON, column, key, metadata, must

raw_pages = sa.Table(
    "raw_pages",
    metadata,
    key("source", sa.Text, SOURCE),
    key("market_day", sa.Date, DAY),
    key("url", sa.Text, "the address that was asked for"),
    key("sha256", sa.Text, "hex digest of the decoded body; the same page read twice is one row"),
    must("fetched_at", TIMESTAMP, "when this body was first read"),
    must("status", sa.Integer, "HTTP status"),
    column("content_type", sa.Text, "the response's Content-Type"),
    must("kind", sa.Text, "what the page is: ok, empty, blocked, gone, error"),
    must("size", sa.Integer, "bytes of the decoded body"),
    column("body", sa.LargeBinary, "the decoded body, zstd-compressed; NULL where it lies at stored_at"),
    column("stored_at", sa.Text, "where the body lies outside of the database; else NULL"),
    comment="Every response as it came, stored before anything is parsed from it",
)

crawls = sa.Table(
    "crawls",
    metadata,
    key("source", sa.Text, SOURCE),
    key("market_day", sa.Date, DAY),
    key("part", sa.Text, "what of the source it reads: list, products, or shop"),
    must("started_at", TIMESTAMP, "when the crawl began"),
    must("finished_at", TIMESTAMP, "when its last page was stored"),
    must("pages", JSONB, "its pages in order: [[url, sha256], ...]"),
    column("rows_expected", sa.Integer, "rows that the site said it has"),
    must("rows_read", sa.Integer, "distinct rows on the pages"),
    comment="The crawl of a part that counts for a day: written once it is whole, replaced by a later whole one",
)

skus = sa.Table(
    "skus",
    metadata,
    key("sku_id", sa.Text, "twelve hex digits, a digest of the identity"),
    column("brand", sa.Text, "the maker, upper case; NULL when the title names none"),
    must("chipset", sa.Text, "canonical chipset name"),
    must("model_name", sa.Text, "what tells this board from its siblings; empty for a plain one"),
    column("vram_gb", sa.Numeric(6, 2), "memory in GB; NULL when neither title nor chipset tells"),
    must("is_oc", sa.Boolean, "overclocked by the factory"),
    must("first_seen", sa.Date, "first market day of any of its listings"),
    comment="The card itself: brand, chipset, model name, memory, overclock",
)

listings = sa.Table(
    "listings",
    metadata,
    key("source", sa.Text, SOURCE),
    key("listing_id", sa.Text, LISTING),
    must("title", sa.Text, "the latest title seen"),
    column("url", sa.Text, "where a person can look at it"),
    column("sku_id", sa.Text, "the card it is; NULL when it is none or unknown"),
    must("identity_status", sa.Text, "identified, not_a_card, unidentified or overridden"),
    column("identity_reason", sa.Text, "why it is not identified, or who corrected it"),
    column("condition", sa.Text, "new, used, refurbished, import, bulk; NULL when not identified"),
    must("first_seen", sa.Date, "first market day with an observation"),
    must("last_seen", sa.Date, "last market day with an observation"),
    comment="One product row of one source, and which card it is",
)

price_offers = sa.Table(
    "price_offers",
    metadata,
    key("source", sa.Text, SOURCE),
    key("listing_id", sa.Text, LISTING),
    key("market_day", sa.Date, DAY),
    key("position", sa.Integer, "0: the source's own headline; 1, 2, ...: its sellers in the page's order"),
    must("title", sa.Text, "the listing's title on that page"),
    column("seller", sa.Text, "the shop; NULL for the headline"),
    column("price", sa.BigInteger, f"{WON}; NULL when there is none, see availability"),
    column("shipping", sa.BigInteger, f"{WON}; NULL when not told"),
    must("currency", sa.Text, CURRENCY),
    column("payment_condition", sa.Text, "card, cash or coupon; NULL for the headline"),
    must("availability", sa.Text, "in_stock, out_of_stock, coming_soon, suspended, discontinued, unknown"),
    column("seller_count", sa.Integer, "shops that the source counts; NULL when not told"),
    column("url", sa.Text, "where a person can look at it"),
    must("observed_at", TIMESTAMP, "when the page was read"),
    column("page_sha256", sa.Text, "the stored page it was read from"),
    column("payable_price", sa.BigInteger, f"headline: cheapest by card, shipping included, {WON}; NULL when not read"),
    column("suspect_reason", sa.Text, "headline: what the product page contradicts itself in; NULL when nothing"),
    column("detail_sha256", sa.Text, "headline: the stored product page; NULL when it was not read"),
    comment="What the day's pages say, offer by offer",
)

price_logs = sa.Table(
    "price_logs",
    metadata,
    key("source", sa.Text, SOURCE),
    key("listing_id", sa.Text, LISTING),
    key("market_day", sa.Date, DAY),
    column("sku_id", sa.Text, "the card it is; NULL when it is none or unknown"),
    column("price", sa.BigInteger, f"the lowest price the source lists, {WON}; NULL when there is none"),
    column(
        "payable_price", sa.BigInteger, f"the cheapest anybody can pay, shipping included, {WON}; NULL when not read"
    ),
    must("currency", sa.Text, CURRENCY),
    must("availability", sa.Text, "in_stock, out_of_stock, coming_soon, suspended, discontinued, unknown"),
    column("seller_count", sa.Integer, "shops that the source counts; NULL when not told"),
    must("recorded_at", TIMESTAMP, "when this value was first read"),
    column("source_url", sa.Text, "where it can be looked at"),
    column("suspect_reason", sa.Text, "why the price is not believed yet; NULL when trusted"),
    column("price_in_won", sa.BigInteger, "the price at conversion_rate; NULL for prices in won, or without a rate"),
    column("conversion_rate", sa.Numeric(18, 8), "won for one unit of the currency, by the ECB's reference rates"),
    column("conversion_day", sa.Date, "the day of that rate"),
    column("run_id", sa.Text, "the run that last changed the row"),
    sa.Index("price_logs_by_day", "market_day", "listing_id"),
    sa.Index("price_logs_by_sku", "sku_id", "market_day"),
    comment="One headline price a listing and market day",
)

exchange_rates = sa.Table(
    "exchange_rates",
    metadata,
    key("currency", sa.Text, "ISO 4217 code"),
    key("rate_day", sa.Date, "the day the rate was set"),
    must("per_euro", sa.Numeric(18, 8), "units of the currency for one euro"),
    must("fetched_at", TIMESTAMP, "when it was read"),
    comment="The ECB's reference rates, for converting beside the price, never in its place",
)

price_histories = sa.Table(
    "price_histories",
    metadata,
    key("source", sa.Text, SOURCE),
    key("listing_id", sa.Text, LISTING),
    key("window_months", sa.Integer, "the window the point came in; points of different windows are never mixed"),
    key("period", sa.Text, "YYYY-MM-DD of a weekly point, YYYY-MM of a monthly one"),
    column("price", sa.BigInteger, f"lowest price of the period, {WON}; NULL when there was no offer"),
    must("currency", sa.Text, CURRENCY),
    must("fetched_at", TIMESTAMP, "when it was read"),
    comment="What a source itself tells of a listing's past: coarser than, and kept apart from, our own daily prices",
)
