"""What a page is: one function that loads it, one object that it returns, three faces of that object.

Belongs here: the pieces that every page is made of. Does not belong here: any one page (``pages``), HTTP (``app``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import TypeAdapter
from starlette.datastructures import QueryParams

from gpu_etl.database.dashboard_shell import Shell
from gpu_etl.settings import Settings
from gpu_etl.words import Words

if TYPE_CHECKING:
    from gpu_etl.dashboard.charts import Figure

DEFAULT_PERIOD = timedelta(days=91)
"""Three months, the span a chart shows unless another one is asked for."""
LONGEST_PERIOD = timedelta(days=3660)
SHORTEST_PERIOD = timedelta(days=6)
"""A chart of a market that is younger is shown with the empty days before it."""
LONGEST_QUERY_WORD = 100


class NotThereError(Exception):
    """There is no such chipset, card or table; the message is shown."""


class BadRequestError(Exception):
    """The address asks for something that cannot be; the message names it."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days a chart shows, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for, and what is known before any page's own query."""

    settings: Settings
    shell: Shell
    now: datetime
    """The present moment; its market day is ``today``."""
    path: Mapping[str, str] = field(default_factory=dict)
    """The parts of the address that the page's ``path`` names."""
    query: QueryParams = field(default_factory=QueryParams)

    @property
    def today(self) -> date:
        """The present market day."""
        return self.now.astimezone(self.settings.zone).date()

    @property
    def day(self) -> date | None:
        """The latest market day with prices; ``None`` in an empty database."""
        return self.shell.day

    def word(self, name: str) -> str:
        """A word of the query string, trimmed and cut to what a search can need; empty when it is not given."""
        return " ".join(str(self.query.get(name, "")).replace("\0", "").split())[:LONGEST_QUERY_WORD]

    def period(self, span: timedelta = DEFAULT_PERIOD, latest: date | None = None) -> Period:
        """The days between ``from`` and ``to``, or a span up to the latest day (by default of prices).

        It ends with the latest day at most. Where there have been prices for less than the span, it begins with their
        first day.

        Raises:
            BadRequestError: not a day, the wrong way round, or too long.
        """
        latest = latest or self.day or self.today
        last = self._day("to") or latest
        first = self._day("from") or self._begin(last - span + timedelta(days=1), last)
        if first > last:
            raise BadRequestError(f"from={first} is after to={last}")
        if first <= latest:
            last = min(last, latest)
        if last - first > LONGEST_PERIOD:
            raise BadRequestError(f"from={first} to={last}: at most {LONGEST_PERIOD.days:,} days at a time")
        return Period(first, last)

    def _begin(self, first: date, last: date) -> date:
        known = self.shell.first_day
        return first if known is None or not first < known <= last - SHORTEST_PERIOD else known

    def _day(self, name: str) -> date | None:
        text = self.query.get(name, "")
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadRequestError(f"{name}={text[:20]!r} is no day; write it as 2026-03-01") from None


Load = Callable[[Connection[DictRow], Asked], Any]
Charts = Callable[[Any, Words], "Mapping[str, Figure]"]
Action = Callable[[Connection[DictRow], Asked, Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that may stand in the query of a page's address."""

    description: str
    schema: Mapping[str, Any]
    """What it may be, as JSON schema."""
    example: str | None = None


DAY_PARAMETERS: Mapping[str, Parameter] = {
    "from": Parameter(
        "First day; by default as long before the last as the page shows", {"type": "string", "format": "date"}
    ),
    "to": Parameter("Last day; by default the latest", {"type": "string", "format": "date"}),
}
"""What :meth:`Asked.period` reads."""


def _no_charts(page: Any, words: Words) -> Mapping[str, Figure]:
    return {}


@dataclass(frozen=True)
class Page:
    """One page: where it is, what fills it, what is drawn on it."""

    name: str
    """Names its template ``pages/<name>.html`` and its words; unique."""
    path: str
    """Its address, with ``{parts}``."""
    kind: type
    """The frozen dataclass that ``load`` returns; its docstring and types are the API's documentation."""
    load: Load
    charts: Charts = _no_charts
    """Figures by the id of the element they are drawn in; their numbers come from the page's object."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """What may be POSTed to ``<path>/<name>``: changes something, returns the address to go to afterwards."""
    in_menu: bool = False
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """What its query may hold, by name, for people and programs alike."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """What the parts of its address may be, by name."""

    @property
    def api_path(self) -> str:
        """Where its JSON is."""
        return "/api/overview" if self.path == "/" else f"/api{self.path}"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Writes the object as JSON, and knows its JSON schema."""
        return TypeAdapter(self.kind)

    @cached_property
    def tables(self) -> dict[str, type]:
        """The object's fields that are tables, and what a row of each is."""
        hints = get_type_hints(self.kind)
        rows = {f.name: _row_type(hints[f.name]) for f in fields(self.kind)}
        return {name: row for name, row in rows.items() if row is not None}

    def json(self, loaded: Any) -> bytes:
        """The object as JSON."""
        return self.adapter.dump_json(loaded)

    def csv(self, loaded: Any, table: str) -> str:
        """One of the object's tables as CSV.

        Raises:
            NotThereError: the page has no such table.
        """
        if table not in self.tables:
            raise NotThereError(f"no table {table!r} here; there is {', '.join(self.tables) or 'none'}")
        names = [column.name for column in fields(self.tables[table])]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows([_cell(getattr(row, name)) for name in names] for row in getattr(loaded, table))
        return out.getvalue()


def _row_type(hint: Any) -> type | None:
    if get_origin(hint) is list and (arguments := get_args(hint)) and is_dataclass(arguments[0]):
        return arguments[0] if isinstance(arguments[0], type) else None
    return None


def _cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula: titles are written by strangers."""
    if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@")):
        return "'" + value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
