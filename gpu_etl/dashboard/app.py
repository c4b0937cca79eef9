"""The dashboard as an ASGI application: addresses, languages, and what is said when something is not there.

Belongs here: HTTP. Does not belong here: what a page holds (``pages``) or looks like (``templates``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gpu_etl.dashboard import security
from gpu_etl.dashboard.files import Files
from gpu_etl.dashboard.openapi import document
from gpu_etl.dashboard.page import Asked, BadRequestError, NotThereError, Page
from gpu_etl.dashboard.pages import PAGES
from gpu_etl.dashboard.rendering import Renderer
from gpu_etl.database import Database, DatabaseError
from gpu_etl.database.dashboard_shell import shell
from gpu_etl.settings import Settings
from gpu_etl.words import LANGUAGES, Words, choose

LANGUAGE_COOKIE = "lang"
BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for something else and shows no Korean."""

logger = logging.getLogger(__name__)


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] | None = None,
) -> Starlette:
    """The application over a database.

    ``clock`` tells the present moment; by default the settings do.
    """
    files = Files(settings.home / "cache")
    faces = _Faces(settings, database, clock or settings.now, Renderer(files, settings))
    routes = [
        Route("/ping", _ping),
        Route("/openapi.json", faces.openapi),
        Route("/static/{name}", files.answer),
        *(route for page in PAGES for route in faces.routes(page)),
    ]
    middleware = [
        Middleware(security.SafeHeaders),
        Middleware(security.KnownHosts, further=settings.dashboard_hosts),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
        Middleware(security.Tokens),
    ]
    if settings.dashboard_password is not None:
        middleware.insert(2, Middleware(security.Password, password=settings.dashboard_password))
    return Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={404: faces.not_found, 405: faces.not_found},
    )


async def _ping(request: Request) -> Response:
    """Tell that the server is up; says nothing about the market and asks for no password."""
    return Response(status_code=204)


@dataclass(frozen=True)
class _Faces:
    """What each page answers as HTML, as JSON and as CSV."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    renderer: Renderer

    def openapi(self, request: Request) -> Response:
        """The description of everything under ``/api``."""
        return JSONResponse(document(PAGES, has_password=self.settings.dashboard_password is not None))

    def routes(self, page: Page) -> list[Route]:
        """The addresses of a page."""
        return [
            Route(page.path, self._guarded(lambda request: self._html(page, request)), methods=["GET"]),
            Route(page.api_path, self._guarded(lambda request: self._json(page, request)), methods=["GET"]),
            Route(f"{page.api_path}/{{_table}}.csv", self._guarded(lambda request: self._csv(page, request))),
            *(
                Route(f"{page.path.rstrip('/')}/{name}", self._guarded(self._acting(page, name)), methods=["POST"])
                for name in page.actions
            ),
        ]

    def _html(self, page: Page, request: Request) -> Response:
        asked, loaded = self._load(page, request)
        words = self._words(request)
        html = self.renderer.page(page, loaded, asked, words, request)
        answer = HTMLResponse(html, headers={"Content-Language": words.language, "Vary": "Cookie, Accept-Language"})
        if request.query_params.get("lang") in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, words.language, max_age=31536000, samesite="strict", httponly=True)
        return answer

    def _json(self, page: Page, request: Request) -> Response:
        _, loaded = self._load(page, request)
        return Response(page.json(loaded), media_type="application/json")

    def _csv(self, page: Page, request: Request) -> Response:
        table = request.path_params["_table"]
        asked, loaded = self._load(page, request)
        parts = [page.name, *(str(part) for name, part in request.path_params.items() if name != "_table"), table]
        name = "-".join([*parts, str(asked.day or asked.today)])
        headers = {"Content-Disposition": f'attachment; filename="{_file_name(name)}.csv"'}
        return Response(BOM + page.csv(loaded, table), media_type="text/csv; charset=utf-8", headers=headers)

    def _load(self, page: Page, request: Request) -> tuple[Asked, Any]:
        if "\0" in request.url.path or "%00" in str(request.url):
            raise NotThereError("nothing has a name with a NUL character")

        def work(connection: Connection[DictRow]) -> tuple[Asked, Any]:
            asked = self._asked(connection, request)
            return asked, page.load(connection, asked)

        return self.database.run(work)

    def _acting(self, page: Page, name: str) -> Callable[[Request], Response]:
        def act(request: Request) -> Response:
            def work(connection: Connection[DictRow]) -> str:
                asked = self._asked(connection, request)
                return page.actions[name](connection, asked, request.state.form)

            return RedirectResponse(self.database.run(work), status_code=303)

        return act

    def _asked(self, connection: Connection[DictRow], request: Request) -> Asked:
        return Asked(self.settings, shell(connection), self.clock(), request.path_params, request.query_params)

    def _guarded(self, answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        """Turn what can go wrong for the reader into a page, or JSON under ``/api``, that says what to do."""

        def guarded(request: Request) -> Response:
            try:
                return answer(request)
            except NotThereError as error:
                return self._problem(request, 404, "not_there", str(error))
            except BadRequestError as error:
                return self._problem(request, 400, "bad_request", str(error))
            except DatabaseError as error:
                logger.warning("dashboard: %s", error)
                return self._problem(request, 503, "no_database", str(error))
            except Exception:
                logger.exception("dashboard: %s failed", request.url.path)
                return self._problem(request, 500, "failed", "")

        return guarded

    async def not_found(self, request: Request, error: Exception) -> Response:
        """An address that nothing is at."""
        return self._problem(request, getattr(error, "status_code", 404), "not_there", request.url.path)

    def _words(self, request: Request) -> Words:
        asked, remembered = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
        accepted = request.headers.get("accept-language", "")
        return Words(choose(asked, remembered, accepted, self.settings.pages_language))

    def _problem(self, request: Request, status: int, problem: str, detail: str) -> Response:
        return self.renderer.problem(status, problem, detail, self._words(request), request)


def _file_name(text: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in text)
