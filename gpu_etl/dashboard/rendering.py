"""From a page's object to HTML: templates, what they can call, and the frame around every page.

Belongs here: the Jinja environment. Does not belong here: words (``words``), figures (``charts``), HTTP (``app``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gpu_etl import drawing
from gpu_etl.dashboard import charts, preview, sparkline
from gpu_etl.dashboard.addresses import is_sold, slug, web_address
from gpu_etl.dashboard.files import Files, plotly_style_ids
from gpu_etl.dashboard.page import DEFAULT_PERIOD, Asked, Page
from gpu_etl.dashboard.pages import PAGES
from gpu_etl.market.fall.advice import whole_percent
from gpu_etl.settings import Settings
from gpu_etl.words import LANGUAGES, Words

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
STALE_AFTER_DAYS = 2
"""From this age on the latest day is shown as stale; yesterday's prices are still today's news before the crawl."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A page in the menu at the top."""

    name: str
    path: str
    is_current: bool


class Renderer:
    """Writes pages."""

    def __init__(self, files: Files, settings: Settings) -> None:
        self._files = files
        self._settings = settings
        self._environment = _environment()
        self._environment.globals["file"] = files.address

    def page(self, page: Page, loaded: Any, asked: Asked, words: Words, request: Request) -> str:
        """A page in full."""
        figures = page.charts(loaded, words)
        context = {
            **self._frame(words, request, page.name),
            "page": loaded,
            "asked": asked,
            "shell": asked.shell,
            "now": asked.now.astimezone(self._settings.zone),
            "age_days": (asked.today - asked.day).days if asked.day else None,
            "stale_after": STALE_AFTER_DAYS,
            "figures": {name: _embedded(figure) for name, figure in figures.items()},
            "previews": {name: preview.svg(figure) for name, figure in figures.items()},
            "tables": list(page.tables),
            "api": _api_address(page, request),
            "csv": lambda table: _api_address(page, request, f"/{table}.csv"),
            "plotly_style_ids": plotly_style_ids() if figures else [],
        }
        return self._environment.get_template(f"pages/{page.name}.html").render(context)

    def problem(self, status: int, problem: str, detail: str, words: Words, request: Request) -> Response:
        """What is said when there is nothing to show: as JSON to programs, as a page to people."""
        if request.url.path.startswith("/api"):
            return JSONResponse({"error": problem, "detail": detail}, status)
        context = {**self._frame(words, request, ""), "problem": problem, "detail": detail, "status": status}
        return HTMLResponse(self._environment.get_template("problem.html").render(context), status)

    def _frame(self, words: Words, request: Request, name: str) -> dict[str, Any]:
        theme = request.cookies.get(THEME_COOKIE, "")
        return {
            "words": words,
            "t": words.text,
            "lang": words.language,
            "languages": [(code, with_query(request, lang=code)) for code in LANGUAGES],
            "menu": [MenuItem(p.name, p.path, p.name == name) for p in PAGES if p.in_menu],
            "theme": theme if theme in THEMES else "",
            "token": request.state.token,
            "dagster_url": self._settings.dagster_ui_url,
            "request": request,
        }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gpu_etl.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in (
        "won",
        "won_change",
        "money",
        "number",
        "percent",
        "change",
        "points",
        "day",
        "short_day",
        "moment",
        "age",
    ):
        environment.filters[name] = _in_the_readers_language(name)
    environment.filters["told"] = _told
    environment.filters["chance"] = lambda probability: f"{whole_percent(probability)}%"
    environment.filters["slug"] = slug
    environment.filters["tone"] = tone
    environment.tests["sold"] = is_sold
    environment.globals.update(
        spark=sparkline.svg, day_bars=drawing.day_bars, bidi=bidi, link_to=link_to, with_query=with_query, spans=spans
    )
    return environment


def _in_the_readers_language(name: str) -> Any:
    @pass_context
    def write(context: Context, value: Any, *arguments: Any) -> Any:
        return getattr(context["words"], name)(value, *arguments)

    return write


@pass_context
def _told(context: Context, text: str | None, section: str = "reasons") -> str:
    words: Words = context["words"]
    return words.told(section, text)


def bidi(text: str | None) -> Markup:
    """Text of strangers: escaped, and kept from turning the direction of what stands around it."""
    return Markup("<bdi>{}</bdi>").format(text or "")


def link_to(text: str | None, url: str | None) -> Markup:
    """A link to another site, or the text alone where the address is none."""
    address = web_address(url)
    if address is None:
        return bidi(text)
    return Markup('<a href="{}" rel="noopener noreferrer external" target="_blank">{}</a>').format(address, bidi(text))


def tone(value: float | None) -> str:
    """The class of a change: prices that fall are good for a buyer."""
    if value is None or abs(value) < 0.05:
        return "still"
    return "fell" if value < 0 else "rose"


def spans(latest: date) -> list[tuple[str, date]]:
    """The spans that a chart offers, by the key of their words, each with its first day."""
    days = {"month": 30, "quarter": DEFAULT_PERIOD.days, "half": 182, "year": 365, "two_years": 730}
    return [(key, latest - timedelta(days=span - 1)) for key, span in days.items()]


def _embedded(figure: charts.Figure) -> Markup:
    """A figure as a data block; ``<`` and ``&`` are written as escapes so that no text in it can end the block."""
    text = json.dumps(figure, ensure_ascii=False, default=_plain, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a figure")


def _api_address(page: Page, request: Request, ending: str = "") -> str:
    path = page.api_path.format(**{name: quote(str(part), safe="") for name, part in request.path_params.items()})
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    return path + ending + (f"?{query}" if query else "")


def with_query(request: Request, **changes: str | Sequence[str] | None) -> str:
    """The address of a request with some of its query changed; ``None`` takes a name away.

    A name that is a Python word (``from``) is given with an underscore behind it.
    """
    new = {name.rstrip("_"): value for name, value in changes.items()}
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name not in new]
    for name, value in new.items():
        if value is not None:
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    return request.url.path + (f"?{urlencode(pairs)}" if pairs else "")
