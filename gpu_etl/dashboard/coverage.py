"""Coverage as a grid: a row a part of a source, a square a day, and what a screen reader is told instead.

Belongs here: putting days without a row in their place. Does not belong here: the query, the squares' look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from gpu_etl.database.dashboard_community import CoverageDay

NOT_ASKED = "not_asked"
"""The status of a day without a row: nobody asked."""


@dataclass(frozen=True, slots=True)
class Square:
    """One day of one part."""

    market_day: date
    status: str
    got: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One part of a source over the days of a period."""

    source: str
    part: str
    squares: list[Square]

    @property
    def complete(self) -> int:
        """Days that were read in full."""
        return sum(square.status == "complete" for square in self.squares)

    @property
    def gaps(self) -> list[Square]:
        """Days that were not read in full, the latest first; those before the first reading are none."""
        asked = [at for at, square in enumerate(self.squares) if square.status != NOT_ASKED]
        since = self.squares[asked[0] :] if asked else []
        return [square for square in reversed(since) if square.status != "complete"]


def by_part(rows: Iterable[CoverageDay], days: Sequence[date]) -> list[CoverageRow]:
    """The rows of a grid, in the order of source and part."""
    found = []
    for (source, part), group in groupby(rows, key=lambda row: (row.source, row.part)):
        known = {row.market_day: row for row in group}
        squares = [
            Square(day, known[day].status, known[day].got, known[day].reason)
            if day in known
            else Square(day, NOT_ASKED, None, None)
            for day in days
        ]
        found.append(CoverageRow(source, part, squares))
    return found
