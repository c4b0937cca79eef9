"""The market at a glance: the last weeks of each chipset and keyword, and the cards with most at risk.

Belongs here: what small pictures and the one-page report are drawn from. Does not belong here: drawing (``drawing``),
queries of one page of the dashboard (``dashboard_*``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gpu_etl.database.alerts import ALERT_ID
from gpu_etl.database.queries import COURSE_OF_INDEX, INDEX_IS_SHOWN, PRODUCT
from gpu_etl.market.alerts import Kind

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

COURSE_DAYS = 28


@dataclass(frozen=True, slots=True)
class ChipsetGlance:
    """One chipset on a day, and how it came there; prices in won, changes in %.

    What is withheld of its index, or is at its end of life, is NULL.
    """

    chipset: str
    status: str
    reason: str | None
    cards: int
    low_price: int | None
    median_price: int | None
    change_7d_pct: float | None
    course: list[float | None]
    """Its index on each of the last 28 days, the oldest first; unknown days are NULL."""
    low_course: list[float | None]
    """Its cheapest card's price on each of those days."""


@dataclass(frozen=True, slots=True)
class KeywordGlance:
    """One keyword on a day, and the days before."""

    keyword: str
    mentions: int | None
    mentions_7d: int | None
    growth_pct: float | None
    growth_reason: str | None
    share_growth_pct: float | None
    is_rising: bool
    weighted_score: float | None
    course: list[float | None]
    """Mentions of each of the last 28 days, the oldest first; NULL where Reddit was not read."""


@dataclass(frozen=True, slots=True)
class CardGlance:
    """One card with its risk on a day; amounts in won."""

    sku_id: str
    product: str
    price: int | None
    risk_index: float | None
    risk_score: float | None
    threshold: int
    is_high_risk: bool


def chipsets(connection: Connection[DictRow], day: date, limit: int | None = None) -> list[ChipsetGlance]:
    """The chipsets of a day, those with most cards first."""
    first = day - timedelta(days=COURSE_DAYS - 1)
    history: dict[str, dict[date, DictRow]] = {}
    for row in connection.execute(
        f"""select chipset, market_day, {COURSE_OF_INDEX} as index_value,
                   low_price::float8
            from chipset_index i where market_day between %s and %s""",  # noqa: S608 - a constant of ours
        (first, day),
    ):
        history.setdefault(row["chipset"], {})[row["market_day"]] = row
    return [
        ChipsetGlance(
            **{**row, "change_7d_pct": _change_7d(row["change_7d_pct"], history[row["chipset"]], day)},
            course=_course(history[row["chipset"]], "index_value", first),
            low_course=_course(history[row["chipset"]], "low_price", first),
        )
        for row in connection.execute(
            f"""select chipset, status, reason, cards, low_price, median_price,
                       case when {INDEX_IS_SHOWN} then change_7d_pct end::float8 as change_7d_pct
                from chipset_index i where market_day = %s order by cards desc, chipset limit %s""",  # noqa: S608
            (day, limit),
        ).fetchall()
    ]


def _change_7d(stored: float | None, history: dict[date, DictRow], day: date) -> float | None:
    """The index against a week ago; rows from before that was stored are compared here."""
    if stored is not None or day - timedelta(days=7) not in history:
        return stored
    now, then = history[day]["index_value"], history[day - timedelta(days=7)]["index_value"]
    return 100 * (now / then - 1) if now and then else None


def keywords(connection: Connection[DictRow], day: date) -> list[KeywordGlance]:
    """The keywords of a day, those with most mentions in a week first."""
    first = day - timedelta(days=COURSE_DAYS - 1)
    history: dict[str, dict[date, DictRow]] = {}
    for row in connection.execute(
        "select keyword, market_day, mentions from keyword_trends where market_day between %s and %s", (first, day)
    ):
        history.setdefault(row["keyword"], {})[row["market_day"]] = row
    return [
        KeywordGlance(**row, course=_course(history[row["keyword"]], "mentions", first))
        for row in connection.execute(
            """select keyword, mentions, mentions_7d, growth_pct::float8, growth_reason, share_growth_pct::float8,
                      is_rising, weighted_score::float8
               from keyword_trends where market_day = %s
               order by mentions_7d desc nulls last, mentions desc nulls last, keyword""",
            (day,),
        ).fetchall()
    ]


def _course(rows: dict[date, DictRow], column: str, first: date) -> list[float | None]:
    days = (first + timedelta(days=number) for number in range(COURSE_DAYS))
    return [rows[day][column] if day in rows else None for day in days]


def riskiest(connection: Connection[DictRow], day: date, limit: int = 12) -> list[CardGlance]:
    """The cards of a day with the highest risk index above zero: those that lost most against last week."""
    return [
        CardGlance(**row)
        for row in connection.execute(
            f"""select r.sku_id, {PRODUCT} as product, r.price, r.risk_index::float8, r.risk_score::float8, r.threshold,
                       coalesce(r.is_high_risk, false) as is_high_risk
                from risk_scores r join skus s using (sku_id)
                where r.market_day = %s and r.risk_index > 0
                order by r.risk_index desc, r.sku_id limit %s""",  # noqa: S608 - a constant of ours
            (day, limit),
        ).fetchall()
    ]


def chipset_advice(connection: Connection[DictRow], day: date) -> dict[str, str]:
    """What was advised of each chipset on a day."""
    rows = connection.execute(
        "select subject, advice from buying_advice where market_day = %s and subject_kind = 'chipset'", (day,)
    )
    return {row["subject"]: row["advice"] for row in rows}


def alerts_on(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """The events that were open at the end of a day, as rows of ``risk_alerts`` with alert_id, the most urgent kind
    first.
    """
    return connection.execute(
        f"""select {ALERT_ID} as alert_id, a.* from risk_alerts a
           where a.opened_day <= %(day)s and (a.closed_day is null or a.closed_day > %(day)s)
           order by array_position(%(kinds)s::text[], a.kind), a.value desc nulls last, a.subject""",  # noqa: S608
        {"day": day, "kinds": [kind.value for kind in Kind]},
    ).fetchall()
