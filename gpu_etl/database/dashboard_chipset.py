"""What a chipset's page asks: its course, its latest facts, its cards, launches that bear on it, talk of it.

Belongs here: those queries, each an index look-up of one chipset or day. Does not belong here: formulas (``market``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, class_row

from gpu_etl.database.queries import BOARD, COURSE_OF_INDEX, INDEX_IS_SHOWN


@dataclass(frozen=True, slots=True)
class ChipsetDay:
    """One day of a chipset; amounts in won, changes in %."""

    market_day: date
    status: str
    reason: str | None
    index_value: float | None
    """Like for like, 100 on the day the latest series starts; null before that, and where it is withheld or at its end
    of life.
    """
    low_price: int | None
    median_price: int | None
    low_sku_id: str | None
    cards: int
    sellers: int | None


@dataclass(frozen=True, slots=True)
class ChipsetFacts:
    """A chipset's latest numbers; amounts in won, changes in %."""

    market_day: date
    status: str
    reason: str | None
    index_value: float | None
    """As that of a day."""
    base_day: date | None
    low_price: int | None
    low_sku_id: str | None
    median_price: int | None
    spread_pct: float | None
    change_7d_pct: float | None
    composition_pct: float | None
    launch_price: int | None
    premium_pct: float | None
    premium_reason: str | None
    price_per_point: float | None
    cards: int
    sellers: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """What a sibling's cheapest card costs more, or less, than this chipset's; in won and %."""

    chipset: str
    gap: float | None
    gap_pct: float | None


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card of the chipset on the latest day."""

    sku_id: str
    board: str
    price: int | None
    change_pct: float | None
    percentile_90: float | None
    """Share of the last 90 days' prices below the day's, in %, equal ones counted half."""
    sellers: int | None
    listings: int
    risk_score: float | None
    risk_index: float | None
    is_high_risk: bool | None
    advice: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LaunchEffect:
    """What the launch of a successor did to its predecessor's prices, in %."""

    successor: str
    predecessor: str
    launch_day: date
    status: str
    reason: str | None
    window_days: int
    change_pct: float | None
    control_pct: float | None
    effect_pct: float | None
    effect_low: float | None
    effect_high: float | None


@dataclass(frozen=True, slots=True)
class MentionDay:
    """How many posts named the chipset on a day."""

    market_day: date
    posts: int


def days(connection: Connection[DictRow], chipset: str, first: date, last: date) -> list[ChipsetDay]:
    """The chipset's days between two, both included."""
    with connection.cursor(row_factory=class_row(ChipsetDay)) as cursor:
        return cursor.execute(
            f"""select market_day, status, reason, low_price, median_price, low_sku_id, cards, sellers,
                       {COURSE_OF_INDEX} as index_value
                from chipset_index i
                where chipset = %s and market_day between %s and %s order by market_day""",  # noqa: S608
            (chipset, first, last),
        ).fetchall()


def facts(connection: Connection[DictRow], chipset: str, day: date) -> tuple[ChipsetFacts | None, list[Gap]]:
    """The chipset's numbers on its last day up to one, and what its siblings cost against it."""
    row = connection.execute(
        f"""select i.market_day, i.status, i.reason, i.base_day, i.low_price, i.low_sku_id, i.median_price,
                  i.spread_pct::float8, case when {INDEX_IS_SHOWN} then i.index_value end::float8 as index_value,
                  case when {INDEX_IS_SHOWN} then coalesce(
                      i.change_7d_pct, 100 * (i.index_value / week.index_value - 1)) end::float8 as change_7d_pct,
                  i.composition_pct::float8, i.launch_price, i.premium_pct::float8, i.premium_reason,
                  i.price_per_point::float8, i.cards, i.sellers, i.gaps
           from chipset_index i
           left join chipset_index week on week.chipset = i.chipset and week.market_day = i.market_day - 7
                and week.base_day = i.base_day
           where i.chipset = %s and i.market_day <= %s order by i.market_day desc limit 1""",  # noqa: S608
        (chipset, day),
    ).fetchone()
    if row is None:
        return None, []
    gaps = row.pop("gaps") or []
    return ChipsetFacts(**row), [_gap(gap) for gap in gaps if isinstance(gap, dict)]


def _gap(gap: dict[str, Any]) -> Gap:
    return Gap(str(gap.get("chipset", "")), gap.get("gap"), gap.get("gap_pct"))


def cards(connection: Connection[DictRow], chipset: str, day: date) -> list[CardRow]:
    """The chipset's cards on a day, the cheapest first, those nobody sells last."""
    with connection.cursor(row_factory=class_row(CardRow)) as cursor:
        return cursor.execute(
            f"""select c.sku_id, {BOARD} as board, c.price, c.change_pct::float8 as change_pct,
                       c.percentile_90::float8 as percentile_90, c.sellers, c.listings,
                       r.risk_score::float8 as risk_score, r.risk_index::float8 as risk_index, r.is_high_risk,
                       a.advice, c.reason
                from skus s join price_changes c on c.sku_id = s.sku_id and c.market_day = %(day)s
                left join risk_scores r on r.sku_id = c.sku_id and r.market_day = c.market_day
                left join buying_advice a on a.subject = c.sku_id and a.market_day = c.market_day
                where s.chipset = %(chipset)s
                order by c.price nulls last, board, c.sku_id""",  # noqa: S608 - constants of ours
            {"chipset": chipset, "day": day},
        ).fetchall()


def launch_effects(connection: Connection[DictRow], chipset: str) -> list[LaunchEffect]:
    """The measured launches in which the chipset was successor or predecessor, the latest first."""
    with connection.cursor(row_factory=class_row(LaunchEffect)) as cursor:
        return cursor.execute(
            """select successor, predecessor, launch_day, status, reason, window_days, change_pct::float8 as change_pct,
                      control_pct::float8 as control_pct, effect_pct::float8 as effect_pct,
                      effect_low::float8 as effect_low, effect_high::float8 as effect_high
               from launch_effects where %(chipset)s in (successor, predecessor)
               order by launch_day desc, successor, predecessor""",
            {"chipset": chipset},
        ).fetchall()


def mentions(connection: Connection[DictRow], chipset: str, first: date, last: date) -> list[MentionDay]:
    """Posts that named the chipset, by day; days without one are missing."""
    with connection.cursor(row_factory=class_row(MentionDay)) as cursor:
        return cursor.execute(
            """select market_day, count(*) as posts from chipset_mentions
               where market_day between %s and %s and chipset = %s group by 1 order by 1""",
            (first, last, chipset),
        ).fetchall()
