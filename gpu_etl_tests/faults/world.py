"""A small simulated market that can be moved from day to day and spoiled, and moments in a load at which to strike.

Belongs here: what tests of several areas of faults share. Does not belong here: what a test expects.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import requests

from gpu_etl.database import urls
from gpu_etl.demo.market import Market
from gpu_etl.demo.server import serve
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import eventually

GOOD, BAD = "2026-03-04", "2026-03-05"
KST = timezone(timedelta(hours=9))
Change = Callable[[str, bytes], bytes]


class World:
    """A shop and subreddits on one address; ``day`` is the day they show."""

    def __init__(self, market: Market, day: str) -> None:
        self.market = market
        self.day = day
        self.base_url = ""

    def now(self) -> datetime:
        """Ten in the morning of the day that is shown."""
        return datetime.combine(date.fromisoformat(self.day), time(10), KST)

    def truth(self, day: str) -> dict[str, int | None]:
        """What each listing costs that day; ``None`` where a word stands in the price's place."""
        return {listing.pcode: listing.price for listing in self.market.listings(date.fromisoformat(day))}

    def environment(self) -> dict[str, str]:
        """The environment of a process that takes this for the world."""
        return {
            "DANAWA_BASE_URL": self.base_url,
            "REDDIT_BASE_URL": self.base_url,
            "REDDIT_OAUTH_URL": self.base_url,
            "REDDIT_CLIENT_ID": "simulated",
            "REDDIT_CLIENT_SECRET": "simulated",
            "HTTP_REQUESTS_PER_SECOND": "500",
            "DANAWA_PRODUCT_PAGES_AT_MOST": "5",
            "RETRY_BACKOFF_SECONDS": "0.05",
            "GPU_ETL_NOW": self.now().isoformat(),
        }


@contextmanager
def simulated_world(day: str = BAD) -> Iterator[World]:
    """Serve a market that knows the twenty days before ``BAD`` and all that follow."""
    world = World(Market(7, date.fromisoformat(BAD), 20), day)
    with serve(world.market, clock=world.now) as world.base_url:
        yield world


@contextmanager
def spoiled(
    base_url: str, change: Change, clock: Callable[[], datetime] | None = lambda: datetime.now(UTC)
) -> Iterator[str]:
    """Serve what ``base_url`` serves with every body changed: ``change(path, body)`` gives the new one.

    What the answers are dated with is ``clock``'s time; without one they have no date.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = requests.get(base_url + self.path, timeout=30)
            body = change(self.path, answer.content)
            self.send_response_only(answer.status_code)
            if clock is not None:
                self.send_header("Date", self.date_time_string(int(clock().timestamp())))
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def writing_held(database_url: str, table: str) -> Iterator[Callable[[], list[int]]]:
    """Let everybody read a table and nobody write to it; gives a look at the server's processes that wait for it.

    Ends well where the server went away in the meantime.
    """
    waiting = "select pid from pg_locks where not granted and relation = %s::regclass"
    address = urls.for_libpq(database_url)
    with closing(psycopg.connect(address)) as holder, closing(psycopg.connect(address, autocommit=True)) as watcher:
        holder.execute(f"lock table {table} in exclusive mode")
        yield lambda: [pid for (pid,) in watcher.execute(waiting, (table,)).fetchall()]


@contextmanager
def struck_while_writing(database_url: str, table: str, strike: Callable[[list[int]], None]) -> Iterator[None]:
    """In the block, the first that wants to write to ``table`` is held there while ``strike`` is done; then it may.

    ``strike`` gets the server's processes that wait.
    """
    held = threading.Event()

    def hold() -> None:
        with writing_held(database_url, table) as waiting:
            held.set()
            strike(eventually(waiting, 120, f"somebody wants to write to {table}"))

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(hold)
        assert held.wait(30)
        yield
        done.result(150)


@contextmanager
def started(command: Command, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command under way; killed at the end of the block if it has not ended by then."""
    process = command.begin(*arguments)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return int(server.server_port)


def ended(database_url: str) -> bool:
    """Whether no other process of ours is connected any more."""
    question = """select 1 from pg_stat_activity where datname = current_database()
                  and application_name like 'gpu-etl[%%' and application_name <> %s"""
    with psycopg.connect(urls.for_libpq(database_url)) as connection:
        return not connection.execute(question, (f"gpu-etl[{os.getpid()}]",)).fetchall()
