"""``/skus?q=``: chipsets and cards found by words in either language.

Belongs here: what that page holds. Does not belong here: how words are compared (``catalog.search``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.dashboard.page import Asked, Page, Parameter
from gpu_etl.database import dashboard_skus as queries
from gpu_etl.database.dashboard_chipsets import ChipsetRow
from gpu_etl.database.dashboard_chipsets import chipsets as chipset_rows

MOST_CARDS = 200


@dataclass(frozen=True, slots=True)
class SkusPage:
    """What was found; without words, the cards of the latest day."""

    q: str
    day: date | None
    found: int
    """Cards found; ``skus`` holds the first 200 of them."""
    chipsets: list[ChipsetRow]
    skus: list[queries.SkuRow]


def load(connection: Connection[DictRow], asked: Asked) -> SkusPage:
    """Search."""
    q = asked.word("q")
    wanted = catalog.search_terms(q)
    if not wanted:
        listed = queries.listed(connection, asked.day) if asked.day and not q else []
        return SkusPage(q, asked.day, len(listed), [], queries.rows(connection, listed[:MOST_CARDS], MOST_CARDS))
    found = [
        card.sku_id
        for card in queries.words(connection)
        if catalog.matching(wanted, _terms(card.product, *card.titles))
    ]
    chipsets = chipset_rows(connection, asked.day) if asked.day else []
    return SkusPage(
        q,
        asked.day,
        len(found),
        [row for row in chipsets if catalog.matching(wanted, _terms(row.chipset))],
        queries.rows(connection, found, MOST_CARDS),
    )


def _terms(*texts: str) -> set[str]:
    return {term for text in texts for term in _terms_of(text)}


@lru_cache(maxsize=20_000)
def _terms_of(text: str) -> tuple[str, ...]:
    """Titles seldom change, and reading a few thousand of them takes longer than asking for them."""
    return tuple(catalog.search_terms(text))


PAGE = Page(
    "skus",
    "/skus",
    SkusPage,
    load,
    parameters={
        "q": Parameter("Words of chipset, maker or title, in English or Korean", {"type": "string", "maxLength": 100})
    },
)
