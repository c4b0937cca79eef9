"""``/skus/<id>``: one card: what it costs, whether to buy it, what holding it risks, and what stands behind the price.

Belongs here: what that page holds and its chart. Does not belong here: how it looks (the template), its queries
(``database.dashboard_card``, ``database.dashboard_subject``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.charts import Figure, Line
from gpu_etl.dashboard.line_charts import time_chart
from gpu_etl.dashboard.page import DAY_PARAMETERS, Asked, NotThereError, Page
from gpu_etl.dashboard.pages.courses import (
    Launch,
    gaps,
    launch_events,
    launches,
    news_marks,
    price_point,
    suspect_marks,
)
from gpu_etl.database import dashboard_card as queries
from gpu_etl.database import dashboard_subject
from gpu_etl.database.dashboard_news import News, news
from gpu_etl.words import Words


@dataclass(frozen=True, slots=True)
class CardPage:
    """One card."""

    card: queries.Card
    first: date
    """First day of ``days``."""
    last: date
    latest: queries.Facts | None
    """The last day on which the card was listed."""
    advice: dashboard_subject.Advice | None
    risk: queries.Risk | None
    days: list[queries.Day]
    suspects: list[queries.Suspect]
    unread_days: list[date]
    launches: list[Launch]
    news: list[News]
    offers: list[queries.Offer]
    listings: list[queries.Listing]
    risk_parts: list[queries.RiskPart]
    alerts: list[dashboard_subject.Alert]


def load(connection: Connection[DictRow], asked: Asked) -> CardPage:
    """Read one card."""
    sku_id = asked.path["sku_id"]
    card = queries.card(connection, sku_id)
    if card is None:
        raise NotThereError(f"no card {sku_id}")
    period = asked.period()
    day = asked.day or asked.today
    risk, parts = queries.risk(connection, sku_id, day)
    return CardPage(
        card=card,
        first=period.first,
        last=period.last,
        latest=queries.facts(connection, sku_id, day),
        advice=dashboard_subject.advice(connection, sku_id, day),
        risk=risk,
        days=queries.days(connection, sku_id, period.first, period.last),
        suspects=queries.suspects(connection, sku_id, period.first, period.last),
        unread_days=dashboard_subject.unread_days(connection, period.first, period.last),
        launches=launches(card.chipset, period.first, period.last),
        news=news(connection, [card.chipset], period.first, period.last),
        offers=queries.offers(connection, sku_id),
        listings=queries.listings(connection, sku_id, day),
        risk_parts=parts,
        alerts=dashboard_subject.alerts(connection, sku_id),
    )


def charts(page: CardPage, words: Words) -> Mapping[str, Figure]:
    """The card's course."""
    if not any(day.price is not None for day in page.days):
        return {}
    line = Line(words.text("card.price"), [price_point(day, words) for day in page.days], steps=True)
    known = {day.market_day: day.price is not None for day in page.days}
    return {
        "price": time_chart(
            [line],
            words,
            page.first,
            page.last,
            marks=[suspect_marks(page.suspects, words), news_marks(page.news, words)],
            events=launch_events(page.launches),
            gaps=gaps(known, page.unread_days, page.last),
        )
    }


PAGE = Page("card", "/skus/{sku_id}", CardPage, load, charts, parameters=DAY_PARAMETERS)
