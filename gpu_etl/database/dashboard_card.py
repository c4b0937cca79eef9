"""What a card's page asks: its identity, its course, what stands behind the latest price, and what it risks.

Belongs here: those queries, each an index look-up of one card. Does not belong here: what a chipset's page asks of its
subject, too (``dashboard_subject``), formulas (``market``).

Of one listing seen on one day by a crawl and by an imported file, the crawl counts, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.queries import BOARD, PRODUCT


@dataclass(frozen=True, slots=True)
class Card:
    """Which card it is."""

    sku_id: str
    product: str
    """The card in words: maker, chipset, model, memory, OC."""
    board: str
    """The same without the chipset."""
    brand: str | None
    chipset: str
    model_name: str
    vram_gb: float | None
    is_oc: bool
    first_seen: date


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a card; amounts in won."""

    market_day: date
    price: int | None
    """The lowest trusted price of its new listings in stock; null with a reason."""
    payable_price: int | None
    change_pct: float | None
    """Against the mean of the days 6 to 8 back, in %."""
    sellers: int | None
    reason: str | None
    source: str | None
    listing_id: str | None
    seller: str | None
    """The cheapest shop on that day's product page; null when it was not read."""
    url: str | None
    """Where that price was seen."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A price that was not believed, and why."""

    market_day: date
    source: str
    listing_id: str
    price: int
    suspect_reason: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of the card, as it was seen last."""

    source: str
    listing_id: str
    title: str
    url: str | None
    condition: str | None
    first_seen: date
    last_seen: date
    currency: str
    """Of the prices, which are in its minor unit."""
    price: int | None
    payable_price: int | None
    availability: str | None
    seller_count: int | None
    suspect_reason: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What one shop asked when a product page of the card was read last."""

    market_day: date
    source: str
    listing_id: str
    position: int
    seller: str | None
    currency: str
    """Of price and shipping, which are in its minor unit."""
    price: int | None
    shipping: int | None
    """Null when not told."""
    payment_condition: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class RiskPart:
    """One thing that moved the score."""

    part: str
    value: float | None
    points: float | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Risk:
    """What holding the card risks; amounts in won."""

    market_day: date
    risk_index: float | None
    loss: float | None
    new_release_mentions: int | None
    mention_part: float | None
    formula_as_written: float | None
    threshold: int
    is_high_risk: bool | None
    reason: str | None
    risk_score: float | None
    probability: float | None
    won_at_risk: int | None
    score_reason: str | None
    model_trained_from: date | None
    model_trained_to: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """The latest day's numbers beside the price; amounts in won, changes in %."""

    market_day: date
    price: int | None
    payable_price: int | None
    last_week_avg: float | None
    change_amount: float | None
    change_pct: float | None
    reason: str | None
    sellers: int | None
    listings: int
    low_28: int | None
    high_28: int | None
    percentile_28: float | None
    low_90: int | None
    high_90: int | None
    percentile_90: float | None
    """Share of those days' prices below the day's, in %, equal ones counted half."""
    all_time_low: int | None
    all_time_low_day: date | None
    unchanged_days: int | None
    volatility_28: float | None
    history_reason: str | None


def card(connection: Connection[DictRow], sku_id: str) -> Card | None:
    """The card of an id."""
    with connection.cursor(row_factory=class_row(Card)) as cursor:
        return cursor.execute(
            f"""select s.sku_id, {PRODUCT} as product, {BOARD} as board, s.brand, s.chipset, s.model_name,
                       s.vram_gb::float8 as vram_gb, s.is_oc, s.first_seen
                from skus s where s.sku_id = %s""",  # noqa: S608 - constants of ours
            (sku_id,),
        ).fetchone()


def days(connection: Connection[DictRow], sku_id: str, first: date, last: date) -> list[Day]:
    """The card's days between two, both included; a day on which it was not listed is missing."""
    with connection.cursor(row_factory=class_row(Day)) as cursor:
        return cursor.execute(
            """select c.market_day, c.price, c.payable_price, c.change_pct::float8 as change_pct, c.sellers, c.reason,
                      c.best_source as source, c.best_listing_id as listing_id, cheapest.seller, p.source_url as url
               from price_changes c
               left join price_logs p on p.source = c.best_source and p.listing_id = c.best_listing_id
                    and p.market_day = c.market_day
               left join lateral (
                   select seller from price_offers
                   where source = c.best_source and listing_id = c.best_listing_id and market_day = c.market_day
                     and position > 0 and price is not null
                   order by price + coalesce(shipping, 0), position limit 1) as cheapest on true
               where c.sku_id = %s and c.market_day between %s and %s order by c.market_day""",
            (sku_id, first, last),
        ).fetchall()


def suspects(connection: Connection[DictRow], sku_id: str, first: date, last: date) -> list[Suspect]:
    """The prices in won of the card's new listings that were not believed."""
    with connection.cursor(row_factory=class_row(Suspect)) as cursor:
        return cursor.execute(
            """select p.market_day, p.source, p.listing_id, p.price, p.suspect_reason, p.source_url as url
               from listings l join price_logs p using (source, listing_id)
               where l.sku_id = %s and p.market_day between %s and %s and p.suspect_reason is not null
                 and p.price is not null and p.currency = 'KRW' and l.condition = 'new'
               order by p.market_day, p.price""",
            (sku_id, first, last),
        ).fetchall()


def listings(connection: Connection[DictRow], sku_id: str, day: date) -> list[Listing]:
    """The listings that are the card, with what each asked on the last day it was seen, the cheapest of today first."""
    with connection.cursor(row_factory=class_row(Listing)) as cursor:
        return cursor.execute(
            """select l.source, l.listing_id, l.title, coalesce(p.source_url, l.url) as url, l.condition, l.first_seen,
                      l.last_seen, coalesce(p.currency, 'KRW') as currency, p.price, p.payable_price, p.availability,
                      p.seller_count, p.suspect_reason
               from listings l
               left join price_logs p on p.source = l.source and p.listing_id = l.listing_id
                    and p.market_day = least(l.last_seen, %(day)s)
               where l.sku_id = %(sku_id)s
               order by l.last_seen desc, l.condition = 'new' desc, p.currency <> 'KRW', p.price nulls last,
                        l.listing_id limit 200""",
            {"sku_id": sku_id, "day": day},
        ).fetchall()


def offers(connection: Connection[DictRow], sku_id: str) -> list[Offer]:
    """What the shops asked on the latest day with a product page of each listing, the cheapest first."""
    with connection.cursor(row_factory=class_row(Offer)) as cursor:
        return cursor.execute(
            """select o.market_day, o.source, o.listing_id, o.position, o.seller, o.currency, o.price, o.shipping,
                      o.payment_condition, o.url
               from listings l
               cross join lateral (
                   select max(market_day) as market_day from price_offers
                   where source = l.source and listing_id = l.listing_id and position > 0) as latest
               join price_offers o on o.source = l.source and o.listing_id = l.listing_id
                    and o.market_day = latest.market_day and o.position > 0
               where l.sku_id = %s and l.condition = 'new'
               order by o.market_day desc, o.currency <> 'KRW', o.price + coalesce(o.shipping, 0) nulls last,
                        o.position limit 60""",
            (sku_id,),
        ).fetchall()


def facts(connection: Connection[DictRow], sku_id: str, day: date) -> Facts | None:
    """The card's numbers on its last day up to one."""
    with connection.cursor(row_factory=class_row(Facts)) as cursor:
        return cursor.execute(
            """select market_day, price, payable_price, last_week_avg::float8 as last_week_avg,
                      change_amount::float8 as change_amount, change_pct::float8 as change_pct, reason, sellers,
                      listings, low_28, high_28, percentile_28::float8 as percentile_28, low_90,
                      high_90, percentile_90::float8 as percentile_90, all_time_low, all_time_low_day,
                      unchanged_days, volatility_28::float8 as volatility_28,
                      history_reason
               from price_changes where sku_id = %s and market_day <= %s order by market_day desc limit 1""",
            (sku_id, day),
        ).fetchone()


def risk(connection: Connection[DictRow], sku_id: str, day: date) -> tuple[Risk | None, list[RiskPart]]:
    """The card's risk on its last day up to one, and what moved its score, the largest part first."""
    row = connection.execute(
        """select market_day, risk_index::float8, loss::float8, new_release_mentions, mention_part::float8,
                  formula_as_written::float8, threshold, is_high_risk, reason, risk_score::float8, probability::float8,
                  won_at_risk, score_reason, model_trained_from, model_trained_to, score_parts
           from risk_scores where sku_id = %s and market_day <= %s order by market_day desc limit 1""",
        (sku_id, day),
    ).fetchone()
    if row is None:
        return None, []
    parts = row.pop("score_parts") or []
    return Risk(**row), [_part(part) for part in parts if isinstance(part, dict)]


def _part(part: dict[str, Any]) -> RiskPart:
    return RiskPart(str(part.get("part", "")), part.get("value"), part.get("points"), part.get("words"))
