"""``/``: what changed since yesterday, in ten seconds.

Belongs here: what that page holds. Does not belong here: how it looks (the template), its queries (``database``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.page import Asked, Page
from gpu_etl.database import dashboard_overview as queries
from gpu_etl.database.dashboard_chipsets import ChipsetRow
from gpu_etl.database.dashboard_chipsets import chipsets as chipset_rows

COURSE_DAYS = 30
TILES = 12


@dataclass(frozen=True, slots=True)
class Headline:
    """The market in one line: published chipsets by where their index went in seven days."""

    fell: int
    rose: int
    still: int
    largest: ChipsetRow | None
    """The chipset that moved most."""


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The market on its latest day, against the day before."""

    day: date | None
    previous_day: date | None
    """The day that ``moves`` compare with; null where there is none."""
    headline: Headline
    counts: queries.Counts | None
    chipsets: list[ChipsetRow]
    courses: list[queries.CoursePoint]
    falls: list[queries.Move]
    rises: list[queries.Move]
    open_alerts: list[queries.OpenAlert]
    sources: list[queries.Source]

    @property
    def tiles(self) -> list[ChipsetRow]:
        """The chipsets with most cards."""
        return self.chipsets[:TILES]

    def course_of(self, chipset: str) -> list[float | None]:
        """A chipset's index of each of the last days, with gaps."""
        if self.day is None:
            return []
        known = {point.market_day: point.index_value for point in self.courses if point.chipset == chipset}
        return [known.get(self.day - timedelta(days=back)) for back in range(COURSE_DAYS - 1, -1, -1)]


def load(connection: Connection[DictRow], asked: Asked) -> OverviewPage:
    """Read it."""
    day, previous = asked.shell.day, asked.shell.previous_day
    sources = queries.sources(connection)
    alerts = queries.open_alerts(connection)
    if day is None:
        return OverviewPage(None, None, headline([]), None, [], [], [], [], alerts, sources)
    chipsets = chipset_rows(connection, day)
    falls, rises = queries.moves(connection, day, previous) if previous else ([], [])
    return OverviewPage(
        day=day,
        previous_day=previous,
        headline=headline(chipsets),
        counts=queries.counts(connection, day, previous) if previous else None,
        chipsets=chipsets,
        courses=queries.courses(connection, day - timedelta(days=COURSE_DAYS - 1), day),
        falls=falls,
        rises=rises,
        open_alerts=alerts,
        sources=sources,
    )


def headline(chipsets: list[ChipsetRow], least: float = 0.05) -> Headline:
    """Where the published chipsets went; a change below ``least`` % is none."""
    changes = [
        (row.change_7d_pct, row) for row in chipsets if row.status == "published" and row.change_7d_pct is not None
    ]
    fell = sum(change <= -least for change, _ in changes)
    rose = sum(change >= least for change, _ in changes)
    largest = max(changes, key=lambda item: abs(item[0]), default=None)
    shown = largest[1] if largest and abs(largest[0]) >= least else None
    return Headline(fell, rose, len(changes) - fell - rose, shown)


PAGE = Page("overview", "/", OverviewPage, load, in_menu=True)
