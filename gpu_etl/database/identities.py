"""Which card a stored listing is: its title read by the catalogue, corrected by hand where somebody did.

Belongs here: joining the two, each distinct title read once; ``skus`` and what ``listings`` say of identity. Does not
belong here: reading a title (``catalog``), or prices (``prices``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gpu_etl.catalog import Card, NotACard, RejectCode, identify, overrides
from gpu_etl.catalog.overrides import Overrides
from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.prices import IMPORTED_AS, OBSERVED_BY_IMPORTS

if TYPE_CHECKING:
    import sqlalchemy as sa
    from psycopg import Connection
    from psycopg.rows import DictRow

UNKNOWN = {RejectCode.UNKNOWN_CHIPSET, RejectCode.NO_CHIPSET, RejectCode.TOO_LITTLE}
"""Rejections that mean "we do not know" rather than "it is none": these wait in the queue of the unidentified."""
TWINS = {**IMPORTED_AS, **OBSERVED_BY_IMPORTS}
"""The other observer of a source's listings."""
IDENTITY = ("sku_id", "identity_status", "identity_reason", "condition")
"""What a listing's row says of its card."""
_identity_in = itemgetter(*IDENTITY)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A listing seen under a title, from one day to another."""

    source: str
    listing_id: str
    title: str
    url: str | None
    first_seen: date
    last_seen: date


class Identities:
    """Answers for many listings; remembers the titles it has read.

    A correction of a crawled listing is one of what imported files say of it, too.
    """

    def __init__(self, corrections: Overrides) -> None:
        self._corrections = corrections
        self._by_title: dict[str, Card | NotACard] = {}

    def of(self, sighting: Sighting) -> Card | NotACard:
        """The card that a listing is, or why it is none."""
        title, source = sighting.title, sighting.source
        if (source, sighting.listing_id) not in self._corrections.by_listing:
            source = OBSERVED_BY_IMPORTS.get(source, source)
        if title not in self._by_title:
            self._by_title[title] = identify(title)
        return overrides.apply(
            self._corrections,
            self._by_title[title],
            source=source,
            listing_id=sighting.listing_id,
            title=title,
        )


@lru_cache(maxsize=4096)
def sku_id(card: Card) -> str:
    """The stable id of a card: a digest of what identifies it, the same in every database."""
    identity = "\x1f".join(str(part) for part in card.sku_key)
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def store_identities(
    connection: Connection[DictRow],
    sightings: Sequence[Sighting],
    identify: Callable[[Sighting], Card | NotACard],
) -> tuple[LoadCounts, LoadCounts]:
    """Store what each listing is, as ``identify`` says. Returns the counts of ``skus`` and ``listings``.

    A listing keeps its first day and goes by its latest title, so a rename keeps its history and an import of old
    files changes no identity. Where a crawl and imported files observe one listing, the later title is that of both:
    its whole history moves as one.
    """
    known = _stored_listings(connection, sightings)
    cards: dict[str, dict[str, Any]] = {}
    rows = []
    for sighting in sightings:
        stored = known.get((sighting.source, sighting.listing_id))
        twin = known.get((TWINS.get(sighting.source, ""), sighting.listing_id))
        first_seen = min(sighting.first_seen, stored["first_seen"]) if stored else sighting.first_seen
        if stored and sighting.last_seen < stored["last_seen"]:
            rows.append({**stored, "first_seen": first_seen})
            continue
        row = _listing_row(sighting, first_seen)
        rows.append(row)
        if twin and _is_later(twin, row):
            row.update(zip(IDENTITY, _identity_in(twin), strict=True))
            continue
        identity = identify(sighting)
        row.update(_identity_columns(identity))
        if twin and _identity_in(twin) != _identity_in(row):
            rows.append({**twin, **dict(zip(IDENTITY, _identity_in(row), strict=True))})
            first_seen = min(first_seen, twin["first_seen"])
        if isinstance(identity, Card):
            card = cards.setdefault(row["sku_id"], _sku_row(row["sku_id"], identity, first_seen))
            card["first_seen"] = min(card["first_seen"], first_seen)
    stored_cards = _stored_cards(connection, cards)
    for card_id, stored in stored_cards.items():
        cards[card_id]["first_seen"] = min(cards[card_id]["first_seen"], stored["first_seen"])
    return (
        _merge_changed(connection, tables.skus, cards.values(), list(stored_cards.values())),
        _merge_changed(connection, tables.listings, rows, list(known.values())),
    )


def _merge_changed(
    connection: Connection[DictRow], table: sa.Table, rows: Collection[Mapping[str, Any]], stored: Sequence[DictRow]
) -> LoadCounts:
    """Merge the rows that are not stored as they are: on most days no card is new."""
    key_of = itemgetter(*(column.name for column in table.primary_key))
    known = {key_of(row): row for row in stored}
    changed = [row for row in rows if known.get(key_of(row)) != row]
    return merge(connection, table, changed) + LoadCounts(unchanged=len(rows) - len(changed))


def _listing_row(sighting: Sighting, first_seen: date) -> dict[str, Any]:
    """A row that does not say yet what the listing is."""
    return {
        "source": sighting.source,
        "listing_id": sighting.listing_id,
        "title": sighting.title,
        "url": sighting.url,
        "first_seen": first_seen,
        "last_seen": sighting.last_seen,
    }


def _is_later(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Which of two observers' rows says what their listing is: the later one, of the same day the crawl's."""
    return (one["last_seen"], one["source"] in IMPORTED_AS) > (other["last_seen"], other["source"] in IMPORTED_AS)


def _identity_columns(identity: Card | NotACard) -> dict[str, object]:
    if isinstance(identity, Card):
        return {
            "sku_id": sku_id(identity),
            "identity_status": "identified",
            "identity_reason": None,
            "condition": str(identity.condition),
        }
    status = "unidentified" if identity.code in UNKNOWN else "not_a_card"
    return {
        "sku_id": None,
        "identity_status": "overridden" if identity.code is RejectCode.OVERRIDDEN else status,
        "identity_reason": identity.reason,
        "condition": None,
    }


def _sku_row(sku: str, card: Card, first_seen: date) -> dict[str, Any]:
    return {
        "sku_id": sku,
        "brand": card.brand,
        "chipset": card.chipset,
        "model_name": card.model_name,
        "vram_gb": card.vram_gb,
        "is_oc": card.is_oc,
        "first_seen": first_seen,
    }


def _stored_listings(connection: Connection[DictRow], sightings: Sequence[Sighting]) -> dict[tuple[str, str], DictRow]:
    """Those that are seen, and what the other observer of the same listing says."""
    sources = {sighting.source for sighting in sightings}
    rows = connection.execute(
        "select * from listings where source = any(%s) and listing_id = any(%s)",
        (sorted({*sources, *(TWINS[source] for source in sources & TWINS.keys())}), [s.listing_id for s in sightings]),
    ).fetchall()
    return {(row["source"], row["listing_id"]): row for row in rows}


def _stored_cards(connection: Connection[DictRow], cards: Collection[str]) -> dict[str, DictRow]:
    rows = connection.execute("select * from skus where sku_id = any(%s)", (list(cards),)).fetchall()
    return {row["sku_id"]: row for row in rows}


def identity_summary(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """How the listings seen on a day were identified: status, reason, count and an example, most frequent first."""
    return connection.execute(
        """select l.identity_status, coalesce(l.identity_reason, '') as reason, count(*) as listings,
                  min(l.title) as example
           from price_offers o join listings l using (source, listing_id)
           where o.market_day = %s and o.position = 0 group by 1, 2 order by 3 desc""",
        (day,),
    ).fetchall()


def sightings_of(connection: Connection[DictRow], day: date) -> list[Sighting]:
    """The listings that the day's offers show."""
    rows = connection.execute(
        """select source, listing_id, title, url from price_offers
           where market_day = %s and position = 0 order by source, listing_id""",
        (day,),
    ).fetchall()
    return [Sighting(r["source"], r["listing_id"], r["title"], r["url"], day, day) for r in rows]
