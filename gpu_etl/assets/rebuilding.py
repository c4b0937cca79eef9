"""A day built anew from its stored pages, and what that changes.

Belongs here: the steps of the prices group in one transaction, and the difference. Does not belong here: the steps
(``reading``, ``publishing``), fetching, analyses that follow (they are materialized again as for any day).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import publishing, reading
from gpu_etl.assets.failures import Refused
from gpu_etl.catalog.overrides import Overrides
from gpu_etl.database import pages, prices

COMPARED = ("price", "payable_price", "availability", "seller_count", "sku_id", "suspect_reason")
"""The columns whose difference is told."""


@dataclass(frozen=True, slots=True)
class Change:
    """One listing that is published otherwise than before."""

    listing_id: str
    column: str
    before: Any
    after: Any


@dataclass(slots=True)
class Rebuilt:
    """What building one source's day anew comes to."""

    source: str
    day: date
    rows: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    refused: str | None = None
    """Why it is left as it was."""

    def count(self, column: str) -> int:
        """Listings that differ in a column."""
        return sum(change.column == column for change in self.changes)


def rebuild_day(
    connection: Connection[DictRow], day: date, now: datetime, corrections: Overrides, *, dry_run: bool
) -> list[Rebuilt]:
    """Build every source of a day anew from its stored pages; with ``dry_run`` only to tell what it would change.

    A source whose pages cannot be read, or whose day the gate refuses, is left as it was.

    Raises:
        Refused: nothing is stored of that day.
    """
    sources = pages.crawled_sources(connection, day)
    if not sources:
        raise Refused(f"no stored crawl on {day}: nothing to rebuild")
    return [_rebuild_source(connection, source, day, now, corrections, dry_run) for source in sources]


def _rebuild_source(
    connection: Connection[DictRow], source: str, day: date, now: datetime, corrections: Overrides, dry_run: bool
) -> Rebuilt:
    before = prices.published(connection, source, day)
    try:
        with connection.transaction(force_rollback=dry_run):
            read = reading.read_day(connection, source, day)
            recent = publishing.recent_prices_of(connection, source, day, read.offers)
            verdict = publishing.judge(connection, read, now, recent)
            if not verdict.passes:
                raise Refused(verdict.line(source, day))
            publishing.store_refusals(connection, read)
            publishing.store_offers(connection, read)
            publishing.identify_listings(connection, day, corrections)
            publishing.store_prices(connection, source, day, "rebuild", recent)
            after = prices.published(connection, source, day)
    except Refused as refusal:
        return Rebuilt(source, day, len(before), refused=str(refusal))
    return _difference(source, day, before, after)


def _difference(
    source: str, day: date, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> Rebuilt:
    return Rebuilt(
        source,
        day,
        rows=len(after),
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changes=[
            Change(key, column, before[key][column], after[key][column])
            for key in sorted(before.keys() & after.keys())
            for column in COMPARED
            if before[key][column] != after[key][column]
        ],
    )
