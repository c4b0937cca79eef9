"""Corrections by hand: what a person says a listing is, above what its title says.

Belongs here: reading correction rows and applying them. Does not belong here: where the file lies, or storing results.

A row names a listing by source and listing id, or every listing by its exact title; empty fields stay as identified.
``not_a_card`` takes ``yes``. A row for the listing wins over one for its title.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from gpu_etl.catalog.card import Card, Condition, NotACard, RejectCode
from gpu_etl.catalog.scope import chipset
from gpu_etl.catalog.tables import Row, Table, TableError
from gpu_etl.catalog.text import fold

COLUMNS = (
    "source", "listing_id", "title", "not_a_card", "brand", "chipset", "model_name", "vram_gb", "is_oc", "condition",
    "why",
)  # fmt: skip
CARD_FIELDS = ("brand", "chipset", "model_name", "vram_gb", "is_oc", "condition")


class OverrideError(TableError):
    """A malformed correction; the message reads ``file:line: what is wrong``."""


@dataclass(frozen=True, slots=True)
class Override:
    """One correction: the fields that are given, or the word that it is no card."""

    changes: dict[str, object]
    not_a_card: bool
    why: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """All corrections, by listing and by folded title."""

    by_listing: dict[tuple[str, str], Override]
    by_title: dict[str, Override]

    def find(self, source: str, listing_id: str, title: str) -> Override | None:
        """Give the correction of a listing, if there is one."""
        found = self.by_listing.get((source, listing_id))
        if found is None and self.by_title:  # seldom is any; folding a title takes longer than all the rest
            found = self.by_title.get(_title_key(title))
        return found


def read(text: str, name: str = "overrides.csv") -> Overrides:
    """Read correction rows (CSV with the columns ``COLUMNS``); raises ``OverrideError`` at the first bad line."""
    found = Overrides({}, {})
    if not text.strip():
        return found
    try:
        for row in Table(name, text.removeprefix("\ufeff")).rows(COLUMNS):
            _add(found, row)
    except TableError as error:
        raise OverrideError(error.file, error.line, error.problem) from error
    return found


def apply(
    overrides: Overrides, identified: Card | NotACard, *, source: str, listing_id: str, title: str
) -> Card | NotACard:
    """Correct one identified listing.

    A row that turns a rejected title into a card must name its chipset; ``read`` cannot know which titles those are,
    so without one the rejection stands.
    """
    override = overrides.find(source, listing_id, title)
    if override is None:
        return identified
    if override.not_a_card:
        return NotACard(RejectCode.OVERRIDDEN, f"corrected by hand: {override.why or 'not a card'}")
    if isinstance(identified, NotACard):
        if "chipset" not in override.changes:
            return identified
        identified = Card(None, "", None, False, "")
    return dataclasses.replace(identified, **override.changes)  # type: ignore[arg-type]


def _title_key(title: str) -> str:
    return " ".join(fold(title).split())


def _add(found: Overrides, row: Row) -> None:
    override = Override(_changes(row), _yes(row, "not_a_card") is True, row.get("why"))
    if override.not_a_card == bool(override.changes):
        raise row.fail("a row either says not_a_card or corrects at least one field")
    source, listing_id, title = row.get("source"), row.get("listing_id"), row.get("title")
    if bool(source) != bool(listing_id) or bool(listing_id) == bool(title):
        raise row.fail("a row names a listing by source and listing_id, or by title alone")
    if title:
        if _title_key(title) in found.by_title:
            raise row.fail(f"title {title!r} is corrected twice")
        found.by_title[_title_key(title)] = override
        return
    if (source, listing_id) in found.by_listing:
        raise row.fail(f"listing {source} {listing_id} is corrected twice")
    found.by_listing[source, listing_id] = override


def _changes(row: Row) -> dict[str, object]:
    changes: dict[str, object] = {
        "brand": row.get("brand").upper() or None,
        "chipset": _chipset(row),
        "model_name": " ".join(row.get("model_name").upper().split()) or None,
        "vram_gb": _vram(row),
        "is_oc": _yes(row, "is_oc"),
        "condition": Condition(row.one_of("condition", tuple(Condition))) if row.get("condition") else None,
    }
    return {field: value for field, value in changes.items() if value is not None}


def _chipset(row: Row) -> str | None:
    if not row.get("chipset"):
        return None
    try:
        return chipset(row.get("chipset")).name
    except ValueError as error:
        raise row.fail(str(error)) from None


def _vram(row: Row) -> int | float | None:
    if not row.get("vram_gb"):
        return None
    sizes = row.numbers("vram_gb")
    if len(sizes) > 1:
        raise row.fail(f"vram_gb {row.get('vram_gb')!r} is not one number")
    return sizes[0]


def _yes(row: Row, column: str) -> bool | None:
    return {"": None, "yes": True, "no": False}[row.one_of(column, ("", "yes", "no"))]
