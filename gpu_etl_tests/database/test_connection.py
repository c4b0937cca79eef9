from __future__ import annotations

import os
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import Connection, sql
from psycopg.rows import DictRow
from sqlalchemy import make_url

from gpu_etl.database import Database, DatabaseError, open_database, urls
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings
from gpu_etl_tests.conftest import server_home

MakeSettings = Callable[..., Settings]

KILLED_LOAD = """
import sys, time
from datetime import UTC, date, datetime
from gpu_etl.database import Database, tables
from gpu_etl.database.bulk import merge

DAY = date(2026, 3, 1)

def rows():
    for number in range(20_000):
        if number == 15_000:
            print("under way", flush=True)
            time.sleep(60)
        yield {"source": "danawa", "listing_id": str(number), "market_day": DAY, "price": 2, "currency": "KRW",
               "availability": "in_stock", "recorded_at": datetime(2026, 3, 1, tzinfo=UTC)}

database = Database(lambda: sys.argv[1], max_retries=0, backoff_seconds=0)
scope = {"source": "danawa", "market_day": DAY}
database.run(lambda connection: merge(connection, tables.price_logs, rows(), scope=scope))
"""


class OldServer(socketserver.BaseRequestHandler):
    """A server of version 13: lets everybody in and says yes to every statement."""

    def handle(self) -> None:
        stream = self.request.makefile("rwb")
        stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
        ready = self.message(b"Z", b"I")
        version = self.message(b"S", b"server_version\x0013.4\0")
        stream.write(self.message(b"R", struct.pack("!i", 0)) + version + ready)
        stream.flush()
        while stream.read(1) == b"Q":
            stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
            stream.write(self.message(b"C", b"SET\0") + ready)
            stream.flush()

    @staticmethod
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body


@contextmanager
def old_server() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldServer) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def strict_server() -> Iterator[str]:
    """The address of a server that asks the user ``etl`` for the password ``geheim``."""
    with server_home() as home:
        server = EmbeddedServer(home)
        url = server.start()
        folder = server.folder()
        assert folder is not None
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all etl scram-sha-256\n{rules.read_text()}")
        with psycopg.connect(urls.for_libpq(url), autocommit=True) as connection:
            connection.execute("create role etl login password 'geheim'")
            connection.execute("alter database gpu_etl owner to etl")
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture
def counters(database: Database) -> Database:
    with database.transaction() as connection:
        connection.execute("create table counters (value integer)")
    return database


def values(database: Database) -> list[int]:
    with database.transaction() as connection:
        return [row["value"] for row in connection.execute("select value from counters order by value")]


def end_connection(database_url: str, pid: int) -> None:
    with psycopg.connect(urls.for_libpq(database_url), autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", (pid,))


# --- opening --------------------------------------------------------------------------------------------------------
def test_rows_are_dictionaries_and_times_are_utc_through_both_doors(database: Database) -> None:
    question = "select now() as now, current_setting('TimeZone') as zone, current_setting('application_name') as name"
    with database.transaction() as connection:
        row = connection.execute(question).fetchone()
    with database.engine.connect() as other:
        same = other.execute(sa.text(question)).mappings().one()
        other.rollback()
        zone_after_rollback = other.execute(sa.text("show timezone")).scalar_one()

    assert row is not None
    assert (row["zone"], same["zone"], zone_after_rollback) == ("UTC", "UTC", "UTC")
    assert row["name"] == same["name"] == f"gpu-etl[{os.getpid()}]"
    assert abs((datetime.now(UTC) - row["now"]).total_seconds()) < 60


def test_the_address_is_secret_and_names_the_driver(database: Database, database_url: str) -> None:
    assert database.url.get_secret_value() == database_url
    assert database_url not in repr(database.url)
    assert make_url(database.url.get_secret_value()).drivername == "postgresql+psycopg"


def refusal(settings: Settings) -> str:
    pauses: list[float] = []
    with pytest.raises(DatabaseError) as caught:
        open_database(settings, sleep=pauses.append)
    assert pauses == []
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "geheim" not in str(caught.value.__cause__)
    return str(caught.value)


def test_an_unreachable_host_is_told_in_one_line(make_settings: MakeSettings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    told = refusal(make_settings(database_url=f"postgresql://etl:geheim@127.0.0.1:{port}/gpu"))

    assert told == f'cannot use database "gpu" on 127.0.0.1:{port} as user "etl": Connection refused'


def test_a_host_without_address_is_told_in_one_line(make_settings: MakeSettings) -> None:
    told = refusal(make_settings(database_url="postgresql://etl:geheim@no-such-host.invalid/gpu"))

    assert told.startswith('cannot use database "gpu" on no-such-host.invalid:5432 as user "etl": ')


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        ("etl:falsch-geheim", 'password authentication failed for user "etl"'),
        ("etl", "fe_sendauth: no password supplied"),
        ("nobody-here", 'role "nobody-here" does not exist'),
    ],
)
def test_a_refused_user_is_told_in_one_line(
    strict_server: str, make_settings: MakeSettings, user: str, reason: str
) -> None:
    told = refusal(make_settings(database_url=strict_server.replace("postgres@", f"{user}@")))

    assert told.startswith('cannot use database "gpu_etl" on /')
    assert told.endswith(f'as user "{user.split(":")[0]}": {reason}')


def test_the_right_password_opens(strict_server: str, make_settings: MakeSettings) -> None:
    opened = open_database(make_settings(database_url=strict_server.replace("postgres@", "etl:geheim@")))
    opened.close()

    assert "geheim" not in opened.where


def test_an_unknown_database_is_told_in_one_line(postgres_server: str, make_settings: MakeSettings) -> None:
    url = make_url(postgres_server).set(database="no_such").render_as_string(hide_password=False)

    assert refusal(make_settings(database_url=url)).endswith('database "no_such" does not exist')


def test_a_server_that_is_too_old_is_refused(make_settings: MakeSettings) -> None:
    with old_server() as port:
        told = refusal(
            make_settings(database_url=f"postgresql://etl@127.0.0.1:{port}/gpu?gssencmode=disable&sslmode=disable")
        )

    assert told.endswith('as user "etl": PostgreSQL 13 is too old, 14 or newer is needed')


# --- transactions ---------------------------------------------------------------------------------------------------
def test_a_transaction_counts_as_a_whole_or_not_at_all(counters: Database) -> None:
    with counters.transaction() as connection:
        connection.execute("insert into counters values (1)")
    with pytest.raises(psycopg.errors.DivisionByZero), counters.transaction() as connection:
        connection.execute("insert into counters values (2); select 1/0")

    assert values(counters) == [1]


def test_transactions_after_each_other_share_a_connection_and_at_once_do_not(database: Database) -> None:
    with database.transaction() as one, database.transaction() as two:
        assert one is not two
    with database.transaction() as three:
        assert three in (one, two)


def test_a_connection_that_the_server_ended_while_idle_is_replaced(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        pid = connection.info.backend_pid
    end_connection(database_url, pid)

    with database.transaction() as connection:
        assert connection.info.backend_pid != pid


def test_a_lost_connection_is_told_in_one_line(database: Database, database_url: str) -> None:
    def lose(connection: Connection[DictRow]) -> None:
        end_connection(database_url, connection.info.backend_pid)
        connection.execute("select 1")

    with pytest.raises(DatabaseError) as caught, database.transaction() as connection:
        lose(connection)

    assert str(caught.value).startswith(f"{database.where}: ")
    assert "terminating connection due to administrator command" in str(caught.value)
    assert "\n" not in str(caught.value)


# --- doing it again -------------------------------------------------------------------------------------------------
@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def patient(
    counters: Database, database_url: str, make_settings: MakeSettings, pauses: list[float]
) -> Iterator[Database]:
    settings = make_settings(database_url=database_url, max_retries=2, retry_backoff_seconds=5)
    opened = open_database(settings, sleep=pauses.append)
    yield opened
    opened.close()


def test_work_is_done_again_as_a_whole_when_the_connection_is_lost_on_the_way(
    patient: Database, database_url: str, pauses: list[float]
) -> None:
    tries: list[int] = []

    def work(connection: Connection[DictRow]) -> str:
        connection.execute("insert into counters values (1)")
        tries.append(connection.info.backend_pid)
        if len(tries) < 3:
            end_connection(database_url, connection.info.backend_pid)
        connection.execute("insert into counters values (2)")
        return "done"

    assert patient.run(work) == "done"
    assert values(patient) == [1, 2]
    assert len(set(tries)) == 3
    assert pauses == [5, 10]


@pytest.mark.parametrize(("state", "name"), [("40P01", "deadlock"), ("40001", "serialization")])
def test_work_that_never_succeeds_ends_in_one_line(
    patient: Database, pauses: list[float], state: str, name: str
) -> None:
    statement = sql.SQL("do $$ begin raise exception 'a {} of this test' using errcode = {}; end $$")

    def work(connection: Connection[DictRow]) -> None:
        connection.execute(statement.format(sql.SQL(name), sql.Literal(state)))

    with pytest.raises(DatabaseError, match=f"a {name} of this test$"):
        patient.run(work)
    assert pauses == [5, 10]


@pytest.mark.parametrize(
    "statement", ["select 1/0", "insert into counters values ('x')", "set statement_timeout = 1; select pg_sleep(1)"]
)
def test_every_other_error_comes_through_at_once(patient: Database, pauses: list[float], statement: Any) -> None:
    with pytest.raises(psycopg.Error):
        patient.run(lambda connection: connection.execute(statement))
    assert pauses == []


def test_a_load_that_is_killed_on_the_way_changes_nothing(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        connection.execute(
            """insert into price_logs (source, listing_id, market_day, price, currency, availability, recorded_at)
               select 'danawa', i::text, '2026-03-01', 1, 'KRW', 'in_stock', now() from generate_series(1, 1000) i"""
        )
    with subprocess.Popen([sys.executable, "-c", KILLED_LOAD, database_url], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"under way\n"
        finally:
            process.send_signal(signal.SIGKILL)

    with database.transaction() as connection:
        found = connection.execute(
            "select count(*) as n, min(price) as low, max(price) as high from price_logs"
        ).fetchone()
    assert found == {"n": 1000, "low": 1, "high": 1}


def test_closing_ends_its_connections(database_url: str, make_settings: MakeSettings) -> None:
    opened = open_database(make_settings(database_url=database_url))
    with opened.transaction() as connection:
        pid = connection.info.backend_pid
    with opened.engine.connect() as other:
        other_pid = other.execute(sa.text("select pg_backend_pid()")).scalar_one()
    opened.close()

    with psycopg.connect(urls.for_libpq(database_url)) as observer:
        for _ in range(100):
            alive = observer.execute(
                "select 1 from pg_stat_activity where pid = any(%s)", ([pid, other_pid],)
            ).fetchall()
            observer.rollback()
            if not alive:
                break
    assert alive == []
