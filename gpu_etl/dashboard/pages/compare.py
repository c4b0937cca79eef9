"""``/compare``: chipsets and cards side by side, their courses over each other.

Belongs here: what that page holds, what is compared when nothing is asked for, and the chart. Does not belong here: how
it looks (the template), its queries (``database.dashboard_compare``).

A fall is marked only where a chipset that follows was launched within the last 90 days (``catalog.new_successor``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl import catalog
from gpu_etl.dashboard.addresses import chipset_of, slug
from gpu_etl.dashboard.charts import COLOURS, Figure, Line, Point, escaped
from gpu_etl.dashboard.line_charts import time_chart
from gpu_etl.dashboard.page import DAY_PARAMETERS, Asked, BadRequestError, Page, Parameter
from gpu_etl.dashboard.pages.courses import Launch, launch_events, launches, short_name
from gpu_etl.database import dashboard_compare, dashboard_skus
from gpu_etl.database.dashboard_chipsets import ChipsetRow
from gpu_etl.database.dashboard_chipsets import chipsets as chipset_rows
from gpu_etl.words import Words

MOST = COLOURS
FEWEST_BY_DEFAULT = 2


@dataclass(frozen=True, slots=True)
class Compared:
    """One chipset or card of the comparison; amounts in won, changes in %."""

    subject: str
    kind: str
    """chipset or sku."""
    name: str
    chipset: str
    market_day: date | None
    price: int | None
    """A chipset's is that of its cheapest card."""
    change_7d_pct: float | None
    gap: int | None
    """What it costs more than the cheapest of the comparison; null where its price is not of the latest day."""
    gap_pct: float | None
    premium_pct: float | None
    risk_score: float | None
    high_risk: int | None
    """Cards above the risk threshold; of a card 0 or 1."""
    advice: str | None
    launched: date | None
    fell_after: str | None
    """The successor whose launch within the last 90 days its fall follows; null where it did not fall or none came."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A chipset that can be taken into the comparison."""

    slug: str
    chipset: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Up to eight chipsets and cards."""

    day: date | None
    mode: str
    """absolute: won; indexed: each 100 on its first day."""
    first: date
    last: date
    compared: list[Compared]
    days: list[dashboard_compare.ComparedDay]
    launches: list[Launch]
    choices: tuple[Choice, ...]


def load(connection: Connection[DictRow], asked: Asked) -> ComparePage:
    """Read what is compared."""
    period = asked.period()
    known = {row.chipset: row for row in chipset_rows(connection, asked.day)} if asked.day else {}
    names, sku_ids = _chosen(asked, known)
    cards = {row.sku_id: row for row in dashboard_skus.rows(connection, sku_ids, MOST)} if sku_ids else {}
    compared = [_chipset(name, known.get(name), asked.day) for name in names]
    compared += [_card(cards[sku_id]) for sku_id in sku_ids if sku_id in cards]
    related = sorted(
        {launch for one in compared for launch in launches(one.chipset, period.first, period.last)}, key=_by_day
    )
    return ComparePage(
        day=asked.day,
        mode="indexed" if asked.word("mode") == "indexed" else "absolute",
        first=period.first,
        last=period.last,
        compared=_with_gaps(compared, asked.day),
        days=[
            *dashboard_compare.chipset_courses(connection, names, period.first, period.last),
            *dashboard_compare.sku_courses(connection, list(cards), period.first, period.last),
        ],
        launches=related,
        choices=tuple(
            Choice(slug(name), name, name in names)
            for name in sorted({*known, *names}, key=lambda n: (n not in known, n))
        ),
    )


def _by_day(launch: Launch) -> tuple[date, str]:
    return launch.market_day, launch.chipset


def _chosen(asked: Asked, known: Mapping[str, ChipsetRow]) -> tuple[list[str], list[str]]:
    """The chipsets and cards that are asked for; with none, the RTX 4070 family, or what has most cards.

    Raises:
        BadRequestError: an unknown chipset, or more than can be told apart.
    """
    slugs = list(dict.fromkeys(word for word in asked.query.getlist("chipset") if word))
    sku_ids = list(dict.fromkeys(word for word in asked.query.getlist("sku") if word))
    names = []
    for word in slugs:
        name = chipset_of(word)
        if name is None:
            raise BadRequestError(f"chipset={word[:40]!r} is no chipset")
        names.append(name)
    if len(names) + len(sku_ids) > MOST:
        raise BadRequestError(f"at most {MOST} can be compared at once")
    if not names and not sku_ids:
        family = [name for name in sorted(catalog.RTX_4070_SERIES) if name in known]
        names = family if len(family) >= FEWEST_BY_DEFAULT else list(known)[:4]
    return names, sku_ids


def _chipset(name: str, row: ChipsetRow | None, day: date | None) -> Compared:
    change = row.change_7d_pct if row else None
    return Compared(
        subject=name,
        kind="chipset",
        name=name,
        chipset=name,
        market_day=row.market_day if row else None,
        price=row.low_price if row else None,
        change_7d_pct=change,
        gap=None,
        gap_pct=None,
        premium_pct=row.premium_pct if row else None,
        risk_score=None,
        high_risk=row.high_risk if row else None,
        advice=row.advice if row else None,
        launched=catalog.chipset(name).launched,
        fell_after=fell_after(name, change, day),
    )


def _card(row: dashboard_skus.SkuRow) -> Compared:
    return Compared(
        subject=row.sku_id,
        kind="sku",
        name=row.product,
        chipset=row.chipset,
        market_day=row.market_day,
        price=row.price,
        change_7d_pct=row.change_pct,
        gap=None,
        gap_pct=None,
        premium_pct=None,
        risk_score=row.risk_score,
        high_risk=None if row.is_high_risk is None else int(row.is_high_risk),
        advice=row.advice,
        launched=catalog.chipset(row.chipset).launched,
        fell_after=fell_after(row.chipset, row.change_pct, row.market_day),
    )


def fell_after(chipset: str, change_pct: float | None, day: date | None) -> str | None:
    """The newly launched successor that a fall follows, if it fell and one came."""
    if change_pct is None or change_pct >= 0 or day is None:
        return None
    return catalog.new_successor(chipset, day)


def _with_gaps(compared: Sequence[Compared], day: date | None) -> list[Compared]:
    """Prices of the same day alone are held against each other: the last one of a card that is gone is none of them."""
    cheapest = min((one.price for one in compared if one.price is not None and one.market_day == day), default=None)
    if not cheapest:
        return list(compared)
    return [
        one
        if one.price is None or one.market_day != day
        else replace(one, gap=one.price - cheapest, gap_pct=100 * (one.price - cheapest) / cheapest)
        for one in compared
    ]


def charts(page: ComparePage, words: Words) -> Mapping[str, Figure]:
    """Their courses over each other."""
    is_indexed = page.mode == "indexed"
    lines = [
        Line(
            short_name(one.name),
            _points(one, [day for day in page.days if day.subject == one.subject], words, is_indexed),
            colour=at,
            steps=not is_indexed,
        )
        for at, one in enumerate(page.compared, 1)
    ]
    if not any(point.value is not None for line in lines for point in line.points):
        return {}
    events = launch_events(page.launches)
    unit = "index" if is_indexed else "won"
    return {"courses": time_chart(lines, words, page.first, page.last, events=events, unit=unit)}


def _points(
    one: Compared, days: Sequence[dashboard_compare.ComparedDay], words: Words, is_indexed: bool
) -> list[Point]:
    base = next((day.level for day in days if day.level), None)
    address = f"/skus/{one.subject}" if one.kind == "sku" else f"/chipsets/{slug(one.subject)}"
    points = []
    for day in days:
        level = None if base is None or day.level is None else 100 * day.level / base
        value = level if is_indexed else day.price
        shown = f"{words.number(level, 1) if is_indexed else words.won(day.price)} {escaped(short_name(one.name))}"
        points.append(Point(day.market_day, value, f"{shown}<br>{words.day(day.market_day)}", address))
    return points


PAGE = Page(
    "compare",
    "/compare",
    ComparePage,
    load,
    charts,
    in_menu=True,
    parameters={
        **DAY_PARAMETERS,
        "chipset": Parameter("Chipsets to compare, by their address", {"type": "array", "items": {"type": "string"}}),
        "sku": Parameter("Cards to compare, by their id", {"type": "array", "items": {"type": "string"}}),
        "mode": Parameter(
            "Won, or each 100 on its first day",
            {"type": "string", "enum": ["absolute", "indexed"], "default": "absolute"},
        ),
    },
)
