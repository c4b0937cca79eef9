"""What the Dagster UI shows of a day beside its numbers: a small picture, and where the dashboard has more.

Belongs here: which picture an asset gets. Does not belong here: drawing it (``drawing``), its query
(``database.glance``).

Pictures are a few kilobytes of SVG made by string, for they are kept with every materialization, and a renderer would
need a browser where the pipeline runs. They hold names of chipsets, cards and keywords, never a post's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from gpu_etl import drawing
from gpu_etl.database import glance
from gpu_etl.drawing import Row, Tone
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

SHOWN_CHIPSETS = 20
UNKNOWN = "\u2013"


def chipset_picture(connection: Connection[DictRow], day: date) -> dg.MarkdownMetadataValue:
    """Each chipset's index over four weeks, its cheapest card and its weekly change."""
    rows = [
        Row(
            chipset.chipset,
            words=(_won(chipset.low_price), _change(chipset.change_7d_pct)),
            tone=_tone(chipset.change_7d_pct),
            course=chipset.course,
        )
        for chipset in glance.chipsets(connection, day, SHOWN_CHIPSETS)
    ]
    return _picture(f"Chipsets on {day}", rows, ("index, 28 days", "cheapest, won", "week"), "course")


def keyword_picture(connection: Connection[DictRow], day: date) -> dg.MarkdownMetadataValue:
    """Each keyword's mentions over four weeks, the last seven days set off, and its growth."""
    rows = [
        Row(
            keyword.keyword,
            words=(UNKNOWN if keyword.mentions_7d is None else f"{keyword.mentions_7d:,}", _growth(keyword)),
            tone="marked" if keyword.is_rising else "",
            course=keyword.course,
        )
        for keyword in glance.keywords(connection, day)
    ]
    headings = ("posts a day, 28 days", "last week", "growth")
    return _picture(f"Keywords on {day}", rows, headings, "days")


def risk_picture(connection: Connection[DictRow], day: date) -> dg.MarkdownMetadataValue:
    """The cards with the highest risk index, those above the threshold set off."""
    rows = [
        Row(
            card.product,
            card.risk_index,
            words=(_won(card.risk_index),),
            tone="rose" if card.is_high_risk else "",
        )
        for card in glance.riskiest(connection, day)
    ]
    headings = ("red: above the threshold", "risk index, won")
    return _picture(f"Most at risk on {day}", rows, headings, "bar", name_width=370)


def dashboard_page(settings: Settings, path: str) -> dg.UrlMetadataValue | None:
    """A link to a page of the dashboard; ``None`` where nobody knows yet where the dashboard will be."""
    address = settings.dashboard_address
    return dg.MetadataValue.url(f"{address}{path}") if address else None


def _picture(
    title: str, rows: Sequence[Row], headings: Sequence[str], how: drawing.How, name_width: int = 200
) -> dg.MarkdownMetadataValue:
    if not rows:
        return dg.MetadataValue.md(f"{title}: nothing to show.")
    drawn = drawing.rows(title, rows, headings, how=how, name_width=name_width, marked_days=7)
    return dg.MetadataValue.md(f"![{title}]({drawing.picture(drawn)})")


def _won(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _change(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:+.1f} %".replace("-", "\u2212") if abs(value) >= 0.05 else "0.0 %"


def _growth(keyword: glance.KeywordGlance) -> str:
    growth = keyword.share_growth_pct if keyword.growth_pct is None else keyword.growth_pct
    return _change(growth)


def _tone(change: float | None) -> Tone:
    if change is None or abs(change) < 0.05:
        return ""
    return "fell" if change < 0 else "rose"
