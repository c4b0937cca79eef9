"""The dashboard's pages on two years of real prices: their questions taken together, and how soon a chart is seen.

Goals in absolute time (150 ms of queries a page, a chart within 2.5 s in a browser that knows nothing yet) say
something only on a machine with nothing else to do; the processor time of the browser's main thread says the same on a
busy one. ``GPU_ETL_BENCH_HOME`` names a home that holds the series already;
without one it is imported and its last days are analysed first.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.datastructures import QueryParams

from benchmarks import plentiful
from benchmarks.crawled import import_file
from benchmarks.ratios import Ratio, seconds
from benchmarks.workshop import SERIES, Missing, shared, workshop
from gpu_etl.assets import analytics
from gpu_etl.dashboard.app import create_app
from gpu_etl.dashboard.page import Asked, Page
from gpu_etl.dashboard.pages import PAGES
from gpu_etl.database import Database, open_database
from gpu_etl.database.dashboard_shell import shell
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings, load_settings

NOW = datetime(2026, 4, 30, 3, tzinfo=UTC)
QUERY_SECONDS = 0.150
CHART_SECONDS = 2.5
SERIES_DAYS = (NOW.date() - date(2024, 7, 9)).days
ANALYSED = 120
"""Days whose analyses are there; all of the series with ``large``."""
PAGE_BYTES = 1_600_000
ROUNDS = 9
TWO_YEARS = {"from": "2024-05-01", "to": "2026-04-30"}
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip


def measure(*, large: bool) -> list[Ratio]:
    """Every page's queries, then what a browser sees of the heaviest chart page."""
    with _filled(large=large) as (settings, database):
        sku_id = _longest_known_card(database)
        found = [
            ratio
            for page in PAGES
            for ratio in _queries(page, settings, database, {"sku_id": sku_id, "slug": "geforce-rtx-5070"})
        ]
        with _served(settings, database) as base:
            found += _seen(base, f"/skus/{sku_id}", "a card")
            found += _seen(base, "/chipsets/geforce-rtx-5070", "a chipset")
        return found


@contextmanager
def _filled(*, large: bool) -> Iterator[tuple[Settings, Database]]:
    home = os.environ.get("GPU_ETL_BENCH_HOME")
    if home:
        settings = load_settings(gpu_etl_home=Path(home), database_url=None, _env_file=None)
        database = open_database(settings)
        try:
            yield settings, database
        finally:
            database.close()
        return
    path = shared(*SERIES)
    with workshop() as place:
        import_file(place, path)
        plentiful.fill(place, NOW.date() - timedelta(days=SERIES_DAYS), NOW.date(), 1)
        rules = load_rules(None)
        for back in range(SERIES_DAYS if large else ANALYSED, -1, -1):
            day = NOW.date() - timedelta(days=back)
            place.database.run(lambda connection, day=day: analytics.load_day(connection, day, place.settings, rules))  # type: ignore[misc]
        place.execute("vacuum analyze")
        yield place.settings, place.database


def _longest_known_card(database: Database) -> str:
    row = database.run(
        lambda connection: connection.execute(
            """select sku_id from price_changes where market_day >= '2026-04-01'
               group by 1 order by count(price) desc, sum(listings) desc, 1 limit 1"""
        ).fetchone()
    )
    if row is None:
        raise Missing("the home of GPU_ETL_BENCH_HOME holds no analysed prices of April 2026")
    return str(row["sku_id"])


def _queries(page: Page, settings: Settings, database: Database, parts: dict[str, str]) -> Iterator[Ratio]:
    """A page's queries at its defaults, and over two years where it has a period."""
    path = {name: value for name, value in parts.items() if f"{{{name}}}" in page.path}
    has_period = {"first", "last"} <= set(page.kind.__dataclass_fields__)  # type: ignore[attr-defined]
    others = [TWO_YEARS] if has_period else [{"q": "4070 조텍"}] if page.name == "skus" else []
    for query in ({}, *others):

        def load(query: dict[str, str] = query) -> None:
            database.run(
                lambda connection: page.load(
                    connection, Asked(settings, shell(connection), NOW, path, QueryParams(query))
                )
            )

        times = [seconds(load) / QUERY_SECONDS for _ in range(ROUNDS)]
        span = ", two years" if query is TWO_YEARS else ", a search" if query else ""
        yield Ratio(
            f"dashboard {page.path}{span}: queries, of 150 ms",
            statistics.median(times),
            1,
            False,
            (min(times), max(times)),
        )


@contextmanager
def _served(settings: Settings, database: Database) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(settings, database, clock=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with urllib.request.urlopen(f"{base}/static/plotly.js"):  # noqa: S310 - compressed once an installation, not once a reader
        pass
    try:
        yield base
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def _seen(base: str, path: str, what: str) -> list[Ratio]:
    """What a browser with an empty cache sees: when the still picture, when the chart, how much was sent."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise Missing("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        rounds = [_visit(browser, base + path) for _ in range(ROUNDS)]
        browser.close()
    paints, charts, busy, sent = zip(*rounds, strict=True)
    return [
        _of(f"dashboard, {what}: still picture, of 2.5 s", paints, CHART_SECONDS * 1000),
        _of(f"dashboard, {what}: chart in a cold browser, of 2.5 s", charts, CHART_SECONDS * 1000),
        _of(f"dashboard, {what}: processor time until then, of 2.5 s", busy, CHART_SECONDS),
        _of(f"dashboard, {what}: bytes sent, of 1.6 MB", sent, PAGE_BYTES),
    ]


def _visit(browser: Browser, address: str) -> tuple[float, float, float, float]:
    """Milliseconds to the first paint and to the drawn chart, the main thread's seconds, and bytes over the wire."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    inspector = context.new_cdp_session(page)
    inspector.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address)
    page.wait_for_selector(".plot.drawn")
    paint, chart, sent = page.evaluate(
        """[performance.getEntriesByName("first-contentful-paint")[0].startTime,
            performance.getEntriesByName("chart-drawn")[0].startTime,
            ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
              .reduce((sum, entry) => sum + entry.transferSize, 0)]"""
    )
    metrics = {metric["name"]: metric["value"] for metric in inspector.send("Performance.getMetrics")["metrics"]}
    context.close()
    return paint, chart, metrics["TaskDuration"], sent


def _of(name: str, values: tuple[float, ...], goal: float) -> Ratio:
    shares = [value / goal for value in values]
    return Ratio(name, statistics.median(shares), 1, False, (min(shares), max(shares)))
