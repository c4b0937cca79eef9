"""``/chipsets/<slug>``: one chipset: where its prices went, whether to buy, which of its cards.

Belongs here: what that page holds and its charts. Does not belong here: how it looks (the template), its queries
(``database.dashboard_chipset``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.dashboard.addresses import chipset_of
from gpu_etl.dashboard.charts import Figure, Line, Point
from gpu_etl.dashboard.line_charts import time_chart
from gpu_etl.dashboard.page import DAY_PARAMETERS, Asked, NotThereError, Page, Parameter
from gpu_etl.dashboard.pages.courses import Launch, gaps, launch_events, launches, news_marks
from gpu_etl.database import dashboard_chipset, dashboard_subject
from gpu_etl.database.dashboard_news import News, news
from gpu_etl.words import Words

MENTION_DAYS = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """What the catalogue knows of a chipset."""

    chipset: str
    vendor: str
    generation: str
    launched: date | None
    price_usd: int | None
    successor: str | None
    predecessors: list[str]


@dataclass(frozen=True, slots=True)
class ChipsetPage:
    """One chipset."""

    origin: Origin
    measure: str
    """What the chart shows: price or index."""
    first: date
    """First day of ``days``."""
    last: date
    latest: dashboard_chipset.ChipsetFacts | None
    advice: dashboard_subject.Advice | None
    days: list[dashboard_chipset.ChipsetDay]
    unread_days: list[date]
    launches: list[Launch]
    news: list[News]
    cards: list[dashboard_chipset.CardRow]
    gaps: list[dashboard_chipset.Gap]
    launch_effects: list[dashboard_chipset.LaunchEffect]
    mentions: list[dashboard_chipset.MentionDay]
    alerts: list[dashboard_subject.Alert]

    @property
    def posts(self) -> int:
        """Posts that named it in the last thirty days."""
        return sum(day.posts for day in self.mentions)


def load(connection: Connection[DictRow], asked: Asked) -> ChipsetPage:
    """Read one chipset."""
    chipset = chipset_of(asked.path["slug"])
    if chipset is None:
        raise NotThereError(f"no chipset {asked.path['slug']}")
    period = asked.period()
    day = asked.day or asked.today
    latest, siblings = dashboard_chipset.facts(connection, chipset, day)
    chip = origin(chipset)
    related = [chipset, *([chip.successor] if chip.successor else [])]
    return ChipsetPage(
        origin=chip,
        measure="index" if asked.word("measure") == "index" else "price",
        first=period.first,
        last=period.last,
        latest=latest,
        advice=dashboard_subject.advice(connection, chipset, day),
        days=dashboard_chipset.days(connection, chipset, period.first, period.last),
        unread_days=dashboard_subject.unread_days(connection, period.first, period.last),
        launches=launches(chipset, period.first, period.last),
        news=news(connection, related, period.first, period.last),
        cards=dashboard_chipset.cards(connection, chipset, latest.market_day) if latest else [],
        gaps=siblings,
        launch_effects=dashboard_chipset.launch_effects(connection, chipset),
        mentions=dashboard_chipset.mentions(connection, chipset, day - timedelta(days=MENTION_DAYS - 1), day),
        alerts=dashboard_subject.alerts(connection, chipset),
    )


def origin(chipset: str) -> Origin:
    """What the catalogue knows of a chipset, whom it followed included."""
    chip = catalog.chipset(chipset)
    return Origin(
        chip.name,
        chip.vendor,
        chip.generation,
        chip.launched,
        chip.price_usd,
        chip.successor,
        catalog.predecessors(chip.name),
    )


def charts(page: ChipsetPage, words: Words) -> Mapping[str, Figure]:
    """Its course: what its cheapest and its median card cost, or the like-for-like index."""
    unit, lines = (
        ("index", [_index_line(page, words)]) if page.measure == "index" else ("won", _price_lines(page, words))
    )
    if not any(point.value is not None for line in lines for point in line.points):
        return {}
    known = {day.market_day: day.low_price is not None for day in page.days}
    return {
        "price": time_chart(
            lines,
            words,
            page.first,
            page.last,
            marks=[news_marks(page.news, words)],
            events=launch_events(page.launches),
            gaps=gaps(known, page.unread_days, page.last),
            unit=unit,
        )
    }


def _price_lines(page: ChipsetPage, words: Words) -> list[Line]:
    def points(kind: str) -> list[Point]:
        name = words.text(f"chipset.{kind}")
        found = []
        for day in page.days:
            price = day.low_price if kind == "low" else day.median_price
            url = f"/skus/{day.low_sku_id}" if kind == "low" and day.low_sku_id else None
            lines = (
                f"{words.won(price)} {name}",
                words.day(day.market_day),
                words.text("overview.cards", n=day.cards),
                words.text("chart.click_card") if url else "",
            )
            found.append(Point(day.market_day, price, "<br>".join(line for line in lines if line), url))
        return found

    return [
        Line(words.text("chipset.low"), points("low"), colour=1, steps=True),
        Line(words.text("chipset.median"), points("median"), colour=8, width=1.5, dash="dot"),
    ]


def _index_line(page: ChipsetPage, words: Words) -> Line:
    def hover(day: dashboard_chipset.ChipsetDay) -> str:
        lines = (words.number(day.index_value, 1), words.day(day.market_day), words.text(f"status.{day.status}"))
        return "<br>".join(lines)

    points = [Point(day.market_day, day.index_value, hover(day)) for day in page.days]
    return Line(words.text("chipset.index"), points)


PAGE = Page(
    "chipset",
    "/chipsets/{slug}",
    ChipsetPage,
    load,
    charts,
    parameters={
        **DAY_PARAMETERS,
        "measure": Parameter(
            "What the chart shows", {"type": "string", "enum": ["price", "index"], "default": "price"}
        ),
    },
    examples={"slug": "geforce-rtx-5070"},
)
