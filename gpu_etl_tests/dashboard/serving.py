"""The real application behind a real server on a free port, and a market of a few days to look at.

Belongs here: starting, stopping, the rows. Does not belong here: what a test expects.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests
import uvicorn
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from starlette.applications import Starlette

from gpu_etl.assets import analytics
from gpu_etl.dashboard.app import create_app
from gpu_etl.database import Database, tables
from gpu_etl.database.bulk import merge
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings
from gpu_etl_tests.assets.helpers import observe

DAY = date(2026, 3, 8)
"""The market's latest day."""
NOW = datetime(2026, 3, 8, 3, tzinfo=UTC)
HOSTILE = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB (<script>alert(1)</script><b>x</b> \u202eGNP.exe)"
EVIL_ADDRESS = "javascript:alert(1)"


@dataclass(frozen=True)
class Site:
    """A running dashboard."""

    url: str
    session: requests.Session

    def get(self, path: str, **options: Any) -> requests.Response:
        """Ask for a page; redirects are not followed."""
        return self.session.get(self.url + path, allow_redirects=False, timeout=20, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """Send a form."""
        return self.session.post(self.url + path, allow_redirects=False, timeout=20, **options)


@contextmanager
def served(settings: Settings, database: Database, now: datetime = NOW) -> Iterator[Site]:
    """Run the dashboard in a thread until the block ends."""
    with running(create_app(settings, database, clock=lambda: now)) as site:
        yield site


@contextmanager
def running(app: Starlette) -> Iterator[Site]:
    """Run an application in a thread until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline, "the dashboard has not started"
            time.sleep(0.01)
        with requests.Session() as session:
            yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", session)
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def back(days: int) -> date:
    """A day before :data:`DAY`."""
    return DAY - timedelta(days=days)


def figures(page: str) -> dict[str, Any]:
    """The figures of a page by the name of the element that they are drawn in."""
    blocks = re.findall(r'<script type="application/json" id="(\w+)-figure">(.*?)</script>', page, re.DOTALL)
    return {name: json.loads(text) for name, text in blocks}


BOARDS = {
    "1": "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB",
    "2": "ASUS PRIME 지포스 RTX 5070 Ti OC D7 16GB",
    "3": "ZOTAC GAMING 지포스 RTX 4070 SUPER TWIN Edge OC D6X 12GB",
    "4": "GIGABYTE 지포스 RTX 4070 WINDFORCE OC D6 12GB",
}


def price_of(listing: str, days_back: int) -> int | None:
    """What a listing costs: the first falls in the last week and was sold out for three days before."""
    base = {"1": 900_000, "2": 1_200_000, "3": 850_000, "4": 790_000}[listing]
    if listing == "1":
        if days_back in (12, 13, 14):
            return None
        return base - 15_000 * max(0, 8 - days_back)
    return base + 1_000 * ((days_back * 7) % 5)


UNREAD = (20, 21)
"""How many days back nothing was read."""


def fill(database: Database, settings: Settings, days: int = 30) -> dict[str, str]:
    """A market of some days, analysed day by day; returns the cards' ids by listing."""
    found: dict[str, str] = {}
    rules = load_rules()

    def fill_day(connection: Connection[DictRow], days_back: int) -> None:
        day = back(days_back)
        for listing, title in BOARDS.items():
            url = f"https://prod.danawa.com/info/?pcode={listing}"
            price = price_of(listing, days_back)
            found[listing] = observe(connection, listing, title, day, price, source_url=url)
        if days_back == 5:
            observe(connection, "5", BOARDS["1"] + " 대원씨티에스", day, 400_000, suspect_reason="fell 55 % at once")
        if days_back == 0:
            observe(connection, "6", HOSTILE, day, 999_000, source_url=EVIL_ADDRESS)
            _offers(connection, day)
        analytics.load_day(connection, day, settings, rules)

    for days_back in range(days - 1, -1, -1):
        if days_back not in UNREAD:
            database.run(lambda connection, at=days_back: fill_day(connection, at))  # type: ignore[misc]
    database.run(lambda connection: _judge(connection, found["1"]))
    database.run(lambda connection: connection.execute(_AS_OF_MANY_CARDS))
    return found


_AS_OF_MANY_CARDS = """
update chipset_index set status = 'thin', reason = '6 cards with a price, 10 make it solid' where status = 'withheld'
"""
"""A card or two stand for as many as it takes for an index to be shown."""


def _judge(connection: Connection[DictRow], sku_id: str) -> None:
    """What a learned model would add: a score with its parts, and advice."""
    parts = [
        {"part": "momentum", "value": -11.9, "points": 21.5, "words": "it lost 12 % in a week"},
        {"part": "sellers", "value": 12, "points": -4.0, "words": "many shops sell it"},
    ]
    connection.execute(
        """update risk_scores set risk_score = 78, probability = 0.64, won_at_risk = 31000, score_parts = %s
           where sku_id = %s and market_day = %s""",
        (Jsonb(parts), sku_id, DAY),
    )
    common = {"market_day": DAY, "probability": 0.64, "right_share": 0.71, "right_n": 1234}
    wait = {"advice": "wait", "reason": "two in three cards like it cost 5 % less within four weeks"}
    buy = {"advice": "buy", "reason": "its price has stood still for a month"}
    merge(
        connection,
        tables.buying_advice,
        [
            {**common, "subject": sku_id, "subject_kind": "sku", **wait},
            {**common, "subject": "GeForce RTX 5070", "subject_kind": "chipset", **wait},
            {**common, "subject": "GeForce RTX 4070", "subject_kind": "chipset", **buy},
        ],
    )


def _offers(connection: Connection[DictRow], day: date) -> None:
    common = {
        "source": "danawa",
        "listing_id": "1",
        "market_day": day,
        "title": BOARDS["1"],
        "currency": "KRW",
        "availability": "in_stock",
        "observed_at": NOW,
    }
    shops = [("컴퓨존", 790_000, 3_000), (HOSTILE, 795_000, 0), ("11번가", 801_000, None)]
    merge(
        connection,
        tables.price_offers,
        [
            {**common, "position": at, "seller": seller, "price": price, "shipping": shipping, "url": EVIL_ADDRESS}
            for at, (seller, price, shipping) in enumerate(shops, 1)
        ],
    )
