"""Which card a stored listing is: its title read by the catalogue, corrected by hand where somebody did.

Belongs here: joining the two, each distinct title read once. Does not belong here: reading a title (``catalog``), or
storing the answer (``prices``).
"""

from __future__ import annotations

from gpu_etl.catalog import Card, NotACard, identify, overrides
from gpu_etl.catalog.overrides import Overrides
from gpu_etl.database.prices import Sighting


class Identities:
    """Answers for many listings; remembers the titles it has read."""

    def __init__(self, corrections: Overrides) -> None:
        self._corrections = corrections
        self._by_title: dict[str, Card | NotACard] = {}

    def of(self, sighting: Sighting) -> Card | NotACard:
        """The card that a listing is, or why it is none."""
        title = sighting.title
        if title not in self._by_title:
            self._by_title[title] = identify(title)
        return overrides.apply(
            self._corrections,
            self._by_title[title],
            source=sighting.source,
            listing_id=sighting.listing_id,
            title=title,
        )
