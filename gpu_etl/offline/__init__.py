"""The market of a day as one HTML file that asks for nothing: to be mailed, archived, opened on a train.

Belongs here: reading a day, writing the file. Does not belong here: when it is made (``assets.report``), pages that can
be asked something (``dashboard``).

Its charts are SVG of our own, some tens of kilobytes in all; plotly.js would make every day's file 4.7 MB. No post's
title is in it: what is deleted on Reddit must go, and nobody takes back a file that was mailed. A policy in the file
itself forbids scripts and anything from elsewhere, so that titles, which strangers write, could do nothing even if one
slipped through the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from gpu_etl import drawing
from gpu_etl.database import glance, queries
from gpu_etl.files import written_whole
from gpu_etl.market import wording
from gpu_etl.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment
    from psycopg import Connection
    from psycopg.rows import DictRow

QUALITY_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Report:
    """What the file tells of a day."""

    day: date
    chipsets: list[glance.ChipsetGlance]
    advice: dict[str, str]
    """buy, wait or not_enough_data, by chipset."""
    falls: list[DictRow]
    rises: list[DictRow]
    alerts: list[DictRow]
    """Open at the end of the day."""
    riskiest: list[glance.CardGlance]
    keywords: list[glance.KeywordGlance]
    coverage: list[DictRow]
    refused: list[DictRow]
    unidentified: list[DictRow]

    @property
    def gaps(self) -> list[DictRow]:
        """What was not read in full."""
        return [row for row in self.coverage if row["status"] != "complete"]


def read(connection: Connection[DictRow], day: date) -> Report:
    """Read a day."""
    falls, rises = queries.largest_changes(connection, day, 8)
    return Report(
        day=day,
        chipsets=glance.chipsets(connection, day),
        advice=glance.chipset_advice(connection, day),
        falls=falls,
        rises=rises,
        alerts=glance.alerts_on(connection, day),
        riskiest=glance.riskiest(connection, day),
        keywords=glance.keywords(connection, day),
        coverage=queries.coverage_of(connection, day),
        refused=queries.quarantined(connection, day - QUALITY_DAYS),
        unidentified=queries.unidentified(connection),
    )


def render(report: Report, made_at: datetime, zone: ZoneInfo, language: str) -> str:
    """The file's text in one of ``words.LANGUAGES``."""
    style = resources.files(__name__).joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment(Words(language))
        .get_template("report.html")
        .render(
            report=report,
            lang=language,
            made_at=made_at.astimezone(zone),
            style=Markup(style),  # noqa: S704 - our own file
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        )
    )


def write(text: str, path: Path) -> int:
    """Write the file whole or not at all, for its owner only; returns its bytes.

    Raises:
        OSError: the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    body = text.encode("utf-8")
    with written_whole(path) as file:
        file.write(body)
    return len(body)


def _environment(words: Words) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # not for every process of Dagster's

    environment = Environment(
        loader=PackageLoader("gpu_etl.offline", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {name: getattr(words, name) for name in ("won", "change", "number", "percent")}
    environment.filters.update(filters, tone=_tone, reason=lambda text: words.told("reasons", text))
    environment.filters["told"] = lambda row: words.told("reasons", wording.what(row))
    environment.globals.update(t=words.text, spark=drawing.sparkline, day_bars=drawing.day_bars)
    return environment


def _tone(value: Any) -> str:
    if value is None or abs(value) < 0.05:
        return "still"
    return "fell" if value < 0 else "rose"
