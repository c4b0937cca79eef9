"""A risk score followed down to what it was read from: parts, listings, offers, stored pages.

Belongs here: that chain, and its wording. Does not belong here: the score (``market.fall.model``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import zstandard
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.database.queries import PRODUCT
from gpu_etl.sources.money import exponent

CARD = f"""
select r.*, {PRODUCT} as product, s.chipset, c.best_source, c.best_listing_id, c.last_week_avg, c.change_pct,
       a.advice, a.reason as advice_reason, a.right_share, a.right_n
from risk_scores r
join skus s using (sku_id)
left join price_changes c using (sku_id, market_day)
left join buying_advice a on a.subject = r.sku_id and a.market_day = r.market_day
where r.sku_id = %s and r.market_day = %s
"""  # noqa: S608 - a constant of ours

LISTINGS = """
select p.source, p.listing_id, l.title, l.condition, p.price, p.payable_price, p.currency, p.availability,
       p.seller_count, p.suspect_reason, p.recorded_at, p.source_url as url, o.page_sha256, o.detail_sha256
from price_logs p
join listings l using (source, listing_id)
left join price_offers o on o.source = p.source and o.listing_id = p.listing_id and o.market_day = p.market_day
     and o.position = 0
where l.sku_id = %(sku_id)s and p.market_day = %(day)s
order by (p.source, p.listing_id) is distinct from (%(source)s, %(listing_id)s), p.price nulls last, p.source,
         p.listing_id
"""

OFFERS = """
select position, seller, price, shipping, payment_condition, availability from price_offers
where source = %s and listing_id = %s and market_day = %s and position > 0 order by position
"""

PAGES = """
select source, market_day, url, sha256, fetched_at, kind, size from raw_pages
where source = %s and market_day = %s and sha256 = any(%s) order by fetched_at, url
"""


def card_named(connection: Connection[DictRow], name: str) -> str:
    """The card whose id begins with a name, as lists shorten it; the name itself where none or several do."""
    found = connection.execute(
        "select sku_id from skus where starts_with(sku_id, %s) order by sku_id = %s desc, sku_id limit 2", (name, name)
    ).fetchall()
    return str(found[0]["sku_id"]) if len(found) == 1 or (found and found[0]["sku_id"] == name) else name


def explanation(connection: Connection[DictRow], sku_id: str, day: date) -> dict[str, Any] | None:
    """A card's score of a day with everything under it; ``None`` where the card has no row on the day.

    ``listings`` begin with the one that makes the price; each has its ``offers`` (shops) and ``pages``, the stored
    responses it was read from.
    """
    card = connection.execute(CARD, (sku_id, day)).fetchone()
    if card is None:
        return None
    asked = {"sku_id": sku_id, "day": day, "source": card["best_source"], "listing_id": card["best_listing_id"]}
    listings = connection.execute(LISTINGS, asked).fetchall()
    for listing in listings:
        key = listing["source"], listing["listing_id"]
        listing["is_best"] = key == (card["best_source"], card["best_listing_id"])
        listing["offers"] = connection.execute(OFFERS, (*key, day)).fetchall()
        hashes = [digest for digest in (listing["page_sha256"], listing["detail_sha256"]) if digest]
        listing["pages"] = connection.execute(PAGES, (listing["source"], day, hashes)).fetchall()
    return {**card, "listings": listings}


def why_nothing(connection: Connection[DictRow], sku_id: str, day: date) -> str:
    """Why a card has no row on a day, in one line."""
    card = connection.execute("select first_seen from skus where sku_id = %s", (sku_id,)).fetchone()
    if card is None:
        begun = connection.execute(
            "select sku_id from skus where starts_with(sku_id, %s) order by 1 limit 4", (sku_id,)
        ).fetchall()
        if sku_id and begun:
            ids = ", ".join(row["sku_id"] for row in begun[:3])
            return f"several ids begin with {sku_id!r}: {ids}{', ...' if len(begun) > 3 else ''}"
        return f"there is no card {sku_id!r}: ids stand on the dashboard and in `gpu-etl export risk_scores`"
    days = connection.execute(
        """select max(market_day) filter (where market_day < %(day)s) as before,
                  min(market_day) filter (where market_day > %(day)s) as after
           from risk_scores where sku_id = %(sku_id)s""",
        {"day": day, "sku_id": sku_id},
    ).fetchone()
    near = [str(found) for found in (days or {}).values() if found]
    return f"{sku_id} has no score on {day}; the nearest: {', '.join(near) or 'none'}"


def page_body(connection: Connection[DictRow], found: Mapping[str, Any]) -> bytes | None:
    """The decoded page that the price was read from, ``None`` where none is stored any more."""
    for listing in found["listings"]:
        for page in listing["pages"]:
            row = connection.execute(
                "select body from raw_pages where source = %s and market_day = %s and url = %s and sha256 = %s",
                (page["source"], page["market_day"], page["url"], page["sha256"]),
            ).fetchone()
            if row:
                return zstandard.ZstdDecompressor().decompress(row["body"])
        if listing["is_best"]:
            return None
    return None


def in_words(found: Mapping[str, Any]) -> Iterator[str]:
    """The chain for people, a line each."""
    yield f"{found['product']} ({found['sku_id']}) on {found['market_day']}: {_won(found['price'])}"
    yield from _index(found)
    yield from _score(found)
    if found["advice"]:
        yield from _advice(found)
    for listing in found["listings"]:
        yield from _listing(listing)


def _index(found: Mapping[str, Any]) -> Iterator[str]:
    if found["risk_index"] is None:
        yield f"risk index: none ({found['reason']})"
        return
    missing = f" ({found['reason']})" if found["reason"] else ""
    yield (
        f"risk index {_exact(found['risk_index'])} = last week's average {_exact(found['last_week_avg'])} won "
        f"- price {_won(found['price'])} + 0.3 x {_count(found['new_release_mentions'])} new-release mentions{missing}"
    )


def _score(found: Mapping[str, Any]) -> Iterator[str]:
    if found["risk_score"] is None:
        yield f"risk score: none ({found['score_reason']})"
        return
    parts = found["score_parts"] or []
    base = 100 * float(found["probability"]) - sum(part["points"] for part in parts)
    yield (
        f"risk score {found['risk_score']:.0f} of 100: a fall of 5 % or more within 28 days is "
        f"{found['probability']:.1%} probable, {_won(found['won_at_risk'])} at risk a card"
    )
    yield f"  {found['score_reason']} ({found['model_version']})"
    yield f"  {base:+6.1f} points to begin with: the usual card-day"
    for part in parts:
        yield f"  {part['points']:+6.1f} points, {part['won']:+,} won: {part['words']} ({part['part']})"


def _advice(found: Mapping[str, Any]) -> Iterator[str]:
    right = (
        ""
        if found["right_share"] is None
        else f"; right on {found['right_share']:.0%} of {found['right_n']:,} card-days"
    )
    yield f"advice: {found['advice'].replace('_', ' ')} ({found['advice_reason']}){right}"


def _listing(listing: Mapping[str, Any]) -> Iterator[str]:
    mark = "makes the price" if listing["is_best"] else "also listed"
    doubt = f", not believed: {listing['suspect_reason']}" if listing["suspect_reason"] else ""
    price = _amount(listing["price"], listing["currency"])
    yield (
        f"{mark}: {listing['source']} {listing['listing_id']} {listing['title']}: {price}, "
        f"{listing['availability']}, {_count(listing['seller_count'])} shops{doubt}"
    )
    for offer in listing["offers"]:
        asked = _amount(offer["price"], listing["currency"])
        yield f"  {offer['position']}. {offer['seller']}: {asked} by {offer['payment_condition']}"
    for page in listing["pages"]:
        yield f"  page {page['sha256']} of {page['url']}, read {page['fetched_at']:%Y-%m-%d %H:%M %Z}"
    if not listing["pages"]:
        kept = "imported, there is no page" if listing["source"] == "crawler_csv" else "its page is not kept any more"
        yield f"  {kept}; recorded {listing['recorded_at']:%Y-%m-%d %H:%M %Z} from {listing['url']}"


def _won(value: Any) -> str:
    return "unknown" if value is None else f"{value:,.0f} won"


def _exact(value: Decimal) -> str:
    """An amount as it is stored: rounded, the parts of a sum would not add up to it."""
    whole, _, cents = f"{value:,.2f}".partition(".")
    return f"{whole}.{cents}" if cents.strip("0") else whole


def _amount(value: int | None, currency: str) -> str:
    """A listing's price, in the currency that it is asked in."""
    if value is None or currency == "KRW":
        return _won(value)
    decimals = exponent(currency)
    return f"{value / 10**decimals:,.{decimals}f} {currency}"


def _count(value: Any) -> str:
    return "unknown" if value is None else f"{value:,}"
