"""``gpu-etl import crawler-csv``: from files of the public Danawa crawlers to listings and price logs.

Belongs here: which files, one transaction a file, progress, and the count of what was taken and refused. Does not
belong here: the files' layouts (``sources.crawler_csv``).

Imported rows stand under their own source, ``crawler_csv``, beside a crawl's and never over it. Of several files that
saw a listing on one day the latest observation stays, in whatever order the files come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gpu_etl.catalog import Card
from gpu_etl.database import Database, imported, tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.identities import Identities, Sighting, sku_id, store_identities
from gpu_etl.market.suspects import Judge
from gpu_etl.sources import crawler_csv
from gpu_etl.sources.records import Offer, Refusal

SOURCE = crawler_csv.SOURCE
EARLIEST = date(2020, 1, 1)
"""The first day that any of these files knows; refusals of a file without one observation are kept under it."""


def csv_files(paths: Iterable[Path]) -> list[Path]:
    """The ``.csv`` and ``.csv.gz`` files among paths and, for folders, anywhere inside them, each once, by name."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.name.endswith((".csv", ".csv.gz"))) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


@dataclass(slots=True)
class ImportSummary:
    """What an import took and refused."""

    files: int = 0
    observations: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    suspect: int = 0
    """Prices that wait for a second sighting."""
    listings: set[str] = field(default_factory=set)
    first_day: date | None = None
    last_day: date | None = None
    passed_over: Counter[str] = field(default_factory=Counter)
    """Cells that are no observation of their own: not listed that day, an earlier crawl of the day, a repetition."""
    refused: Counter[str] = field(default_factory=Counter)
    failed_files: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The summary for machines."""
        return {
            "files": self.files,
            "observations": self.observations,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "suspect": self.suspect,
            "listings": len(self.listings),
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "passed_over": dict(self.passed_over),
            "refused": dict(self.refused),
            "failed_files": self.failed_files,
        }

    def in_words(self) -> str:
        """The summary for people."""
        days = f", {self.first_day} to {self.last_day}" if self.first_day else ""
        lines = [
            f"{self.files} files, {self.observations:,} observations of {len(self.listings):,} listings{days}: "
            f"{self.inserted:,} new, {self.updated:,} changed, {self.unchanged:,} already there",
        ]
        if self.suspect:
            lines.append(f"held back until they are seen again: {self.suspect:,} prices")
        lines += [f"passed over {n:,}: {reason}" for reason, n in self.passed_over.most_common() if n]
        lines += [f"refused {n:,}: {reason}" for reason, n in self.refused.most_common()]
        lines += [f"not read: {path}: {reason}" for path, reason in self.failed_files.items()]
        return "\n".join(lines)


@dataclass(slots=True)
class _Listing:
    """What a file has shown of a listing so far. It is asked for every row, so it changes in place."""

    title: str
    url: str | None
    first_seen: date
    last_seen: date
    sku_id: str | None = None

    def sighting(self, listing_id: str) -> Sighting:
        """The same, as it is stored."""
        return Sighting(SOURCE, listing_id, self.title, self.url, self.first_seen, self.last_seen)


class CsvImport:
    """One import into one database."""

    def __init__(self, database: Database, console: Console, identities: Identities) -> None:
        self._database = database
        self._console = console
        self._identities = identities
        self._summary = ImportSummary()
        self._judge: Judge | None = None

    def load(self, files: Sequence[Path]) -> ImportSummary:
        """Load files one after the other; a file that cannot be read is named and the others go on."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=not self._console.is_terminal) as progress:
            task = progress.add_task("importing", total=len(files))
            for path in files:
                progress.update(task, description=path.name)
                try:
                    self._database.run(lambda connection, path=path: self._load_file(connection, path))  # type: ignore[misc]
                except OSError as error:
                    self._summary.failed_files[str(path)] = error.strerror or str(error)
                except (ValueError, EOFError) as error:
                    self._summary.failed_files[str(path)] = str(error).removeprefix(f"{path}: ")
                progress.advance(task)
        return self._summary

    def _load_file(self, connection: Connection[DictRow], path: Path) -> None:
        """Load one file in one transaction: its observations, then the listings that they show."""
        seen: dict[str, _Listing] = {}
        refusals: list[Refusal] = []
        read = crawler_csv.Summary()
        offers = crawler_csv.read(path, on_refusal=refusals.append, summary=read)
        first = next(offers, None)
        # Its own, for work that is done again must not find its days judged.
        judge = Judge(self._judge) if self._judge else self._first_judge(connection, first)
        offers = chain([first] if first else [], offers)
        rows = (self._row(offer, seen, judge) for offer in offers)
        # A file from before what is stored is judged by less, as its past came later: what was said first stays.
        counts = merge(connection, tables.price_logs, rows, newest_by="recorded_at", quiet=("suspect_reason",))
        sightings = [listing.sighting(listing_id) for listing_id, listing in seen.items()]
        store_identities(connection, sightings, self._identities.of)
        first_day = min((listing.first_seen for listing in sightings), default=EARLIEST)
        self._quarantine(connection, path, refusals, first_day)
        self._count(read, sightings, counts)
        self._summary.suspect = judge.held
        if first:
            self._judge = judge

    def _first_judge(self, connection: Connection[DictRow], first: Offer | None) -> Judge:
        """One that knows what is stored from before the first file: it goes on from there, as a crawl does."""
        if first is None or first.market_day is None:
            return Judge()
        return Judge(known=imported.judged_before(connection, SOURCE, first.market_day))

    def _row(self, offer: Offer, seen: dict[str, _Listing], judge: Judge) -> dict[str, object]:
        return {
            "source": offer.source,
            "listing_id": offer.listing_id,
            "market_day": offer.market_day,
            "suspect_reason": _doubt(offer, judge),
            "sku_id": self._seen(offer, seen).sku_id,
            "price": offer.price,
            "currency": offer.currency,
            "availability": offer.availability.value,
            "seller_count": offer.seller_count,
            "recorded_at": offer.observed_at,
            "source_url": offer.url,
        }

    def _seen(self, offer: Offer, seen: dict[str, _Listing]) -> _Listing:
        """What is known of the offer's listing with it: its latest title counts, and says which card it is."""
        day = offer.market_day
        if day is None:
            raise ValueError(f"listing {offer.listing_id} has an observation without a day")
        listing = seen.get(offer.listing_id)
        if listing is None:
            listing = seen[offer.listing_id] = _Listing(offer.title, offer.url, day, day)
        elif day < listing.last_seen:
            listing.first_seen = min(listing.first_seen, day)
            return listing
        else:
            listing.last_seen, listing.url = day, offer.url
            if listing.title == offer.title:
                return listing
            listing.title = offer.title
        card = self._identities.of(listing.sighting(offer.listing_id))
        listing.sku_id = sku_id(card) if isinstance(card, Card) else None
        return listing

    def _quarantine(self, connection: Connection[DictRow], path: Path, refusals: list[Refusal], day: date) -> None:
        """Keep what was refused, under the file's first day: a refused cell seldom tells its own."""
        named = {(f"{path.name}: {refusal.subject}", refusal.reason): refusal.excerpt for refusal in refusals}
        rows = (
            {"source": SOURCE, "market_day": day, "subject": subject, "reason": reason, "excerpt": excerpt}
            for (subject, reason), excerpt in named.items()
        )
        merge(connection, tables.quarantine, rows)

    def _count(self, read: crawler_csv.Summary, sightings: Sequence[Sighting], counts: LoadCounts) -> None:
        summary = self._summary
        summary.files += 1
        summary.observations += read.observations
        summary.inserted += counts.inserted
        summary.updated += counts.updated
        summary.unchanged += counts.unchanged
        summary.refused.update(read.refusals)
        summary.passed_over.update(
            {
                "not listed that day": read.not_listed,
                "an earlier crawl of the same day": read.superseded,
                "the same cell twice": read.duplicates,
            }
        )
        summary.listings.update(seen.listing_id for seen in sightings)
        days = [day for seen in sightings for day in (seen.first_seen, seen.last_seen)]
        summary.first_day = min([*days, *filter(None, [summary.first_day])], default=None)
        summary.last_day = max([*days, *filter(None, [summary.last_day])], default=None)


def _doubt(offer: Offer, judge: Judge) -> str | None:
    """Why a price is not believed yet: imported ones are judged as crawled ones are, by the days before them."""
    if offer.price is None or offer.market_day is None:
        return None
    return judge.reason(offer.listing_id, offer.market_day, offer.price, offer.currency)
