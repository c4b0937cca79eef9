"""``/chipsets``: every chipset with its latest numbers.

Belongs here: what that page holds. Does not belong here: how it looks (the template), its query (``database``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.page import Asked, Page
from gpu_etl.database.dashboard_chipsets import ChipsetRow
from gpu_etl.database.dashboard_chipsets import chipsets as chipset_rows


@dataclass(frozen=True, slots=True)
class ChipsetsPage:
    """Every chipset that was priced on the latest day."""

    day: date | None
    """The day of the numbers; null in an empty database."""
    chipsets: list[ChipsetRow]


def load(connection: Connection[DictRow], asked: Asked) -> ChipsetsPage:
    """Read them."""
    if asked.day is None:
        return ChipsetsPage(None, [])
    return ChipsetsPage(asked.day, chipset_rows(connection, asked.day))


PAGE = Page("chipsets", "/chipsets", ChipsetsPage, load, in_menu=True)
