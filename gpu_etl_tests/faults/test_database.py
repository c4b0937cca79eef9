"""What the database can do to a load in the middle of it; the assets are the real ones, the server a real one."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.rows import DictRow
from sqlalchemy import make_url

from gpu_etl.database import Database, DatabaseError, open_database, urls
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.settings import Settings
from gpu_etl_tests.conftest import memory, new_database, server_home
from gpu_etl_tests.database.test_embedded import postmaster
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.disks import filled_up, tmpfs
from gpu_etl_tests.faults.world import BAD, GOOD, World, struck_while_writing

pytestmark = pytest.mark.slow

MakeSettings = Callable[..., Settings]
TrueRows = Callable[[str], bool]


def administered(database_url: str, statement: sql.Composable) -> None:
    with psycopg.connect(urls.for_libpq(database_url), autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute(sql.Composed([statement]))


# --- a server that goes away ----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """A server that may be stopped, which the one of all tests may not."""
    with server_home(memory()) as home:
        server = EmbeddedServer(home)
        administered(server.start(), sql.SQL("alter system set fsync = off"))
        yield server


@contextmanager
def on_a_database_of(
    server: EmbeddedServer, world: World, make_settings: MakeSettings, **overrides: Any
) -> Iterator[Prices]:
    """The prices group on a fresh database of this server."""
    with new_database(server.start()) as url:
        database = open_database(make_settings(database_url=url, **overrides))
        try:
            yield Prices(database, url, make_settings, world.base_url, danawa_product_pages_at_most=5)
        finally:
            database.close()


def away_for(server: EmbeddedServer, seconds: float) -> Callable[[list[int]], None]:
    """Stop the server as a power cut does (``pg_ctl stop -m immediate``), and start it again after a while."""

    def strike(_: list[int]) -> None:
        os.kill(postmaster(server), signal.SIGQUIT)
        time.sleep(seconds)
        server.start()

    return strike


@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.exhaustive)])
def test_a_server_that_is_away_in_mid_load_is_waited_for(
    server: EmbeddedServer, world: World, make_settings: MakeSettings, seconds: float
) -> None:
    patient = {"max_retries": 8, "retry_backoff_seconds": 0.25}
    with on_a_database_of(server, world, make_settings, **patient) as prices:
        world.day = BAD
        with struck_while_writing(prices.database_url, "price_offers", away_for(server, seconds)):
            assert prices.run(BAD) == []
        assert {key: row["price"] for key, row in prices.published(BAD).items()} == world.truth(BAD)


def test_a_server_that_stays_away_is_a_named_failure_and_the_next_run_heals_it(
    server: EmbeddedServer, world: World, make_settings: MakeSettings
) -> None:
    with on_a_database_of(server, world, make_settings, max_retries=0) as prices:
        assert prices.run(GOOD) == []
        good = prices.published(GOOD)
        world.day = BAD
        with struck_while_writing(prices.database_url, "price_offers", away_for(server, 0.5)):
            (failure,) = prices.run(BAD)
        assert failure.startswith("price_offers: ")
        assert "\n" not in failure
        assert (prices.published(BAD), prices.published(GOOD)) == ({}, good)
        assert prices.run(BAD) == []
        assert {key: row["price"] for key, row in prices.published(BAD).items()} == world.truth(BAD)


# --- a server that stays and refuses ---------------------------------------------------------------------------------
def test_a_connection_that_is_ended_in_mid_load_is_opened_anew(
    world: World, prices: Prices, true_rows: TrueRows
) -> None:
    def fail_over(waiting: list[int]) -> None:
        with psycopg.connect(urls.for_libpq(prices.database_url), autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(%s, 5000)", (waiting[0],))

    world.day = BAD
    with struck_while_writing(prices.database_url, "price_offers", fail_over):
        assert prices.run(BAD) == []
    assert true_rows(BAD)


def test_a_real_deadlock_is_resolved_and_both_transactions_count(database: Database, database_url: str) -> None:
    administered(database_url, sql.SQL("create table pairs (key integer primary key, value integer)"))
    administered(database_url, sql.SQL("insert into pairs values (1, 0), (2, 0)"))
    both_hold_one = threading.Barrier(2)
    tries: list[int] = []

    def work(keys: tuple[int, int]) -> Callable[[Connection[DictRow]], None]:
        def update(connection: Connection[DictRow]) -> None:
            tries.append(keys[0])
            connection.execute("set local deadlock_timeout = '20ms'")
            connection.execute("update pairs set value = value + 1 where key = %s", (keys[0],))
            if len(tries) <= 2:
                both_hold_one.wait(30)
            connection.execute("update pairs set value = value + 1 where key = %s", (keys[1],))

        return update

    other = threading.Thread(target=lambda: database.run(work((2, 1))))
    other.start()
    database.run(work((1, 2)))
    other.join()
    assert len(tries) >= 3, "one of the two was chosen, and did it again"
    with database.transaction() as connection:
        assert [row["value"] for row in connection.execute("select value from pairs")] == [2, 2]


def test_a_database_that_became_read_only_is_a_named_failure(
    world: World, prices: Prices, database: Database, database_url: str, true_rows: TrueRows
) -> None:
    """As a server is that was demoted, or ran short of disk under a guard of its provider."""
    name = sql.Identifier(str(make_url(database_url).database))
    administered(database_url, sql.SQL("alter database {} set default_transaction_read_only = on").format(name))
    database.close()  # a setting of the database holds for new connections
    world.day = BAD
    (failure,) = prices.run(BAD)
    assert failure == "raw_pages: ReadOnlySqlTransaction: cannot execute INSERT in a read-only transaction"
    administered(database_url, sql.SQL("alter database {} reset default_transaction_read_only").format(name))
    database.close()
    assert prices.run(BAD) == []
    assert true_rows(BAD)


def test_a_server_without_a_free_connection_is_told_in_one_line(database_url: str, make_settings: MakeSettings) -> None:
    administered(database_url, sql.SQL("create role crowded login connection limit 0"))
    try:
        crowded = make_url(database_url).set(username="crowded").render_as_string(hide_password=False)
        with pytest.raises(DatabaseError, match=r'as user "crowded": too many connections for role "crowded"$'):
            open_database(make_settings(database_url=crowded))
    finally:
        administered(database_url, sql.SQL("drop role crowded"))


def test_a_user_without_rights_is_a_named_failure(
    world: World, database_url: str, make_settings: MakeSettings, prices: Prices
) -> None:
    administered(database_url, sql.SQL("create role reader login"))
    try:
        administered(database_url, sql.SQL("grant select on all tables in schema public to reader"))
        read_only = make_url(database_url).set(username="reader").render_as_string(hide_password=False)
        database = open_database(make_settings(database_url=read_only))
        world.day = BAD
        (failure,) = Prices(database, read_only, make_settings, world.base_url).run(BAD)
        database.close()
        assert failure.startswith("raw_pages: InsufficientPrivilege: permission denied for ")
        assert "\n" not in failure
        assert prices.published(BAD) == {}
    finally:
        administered(database_url, sql.SQL("drop owned by reader"))
        administered(database_url, sql.SQL("drop role reader"))


def test_a_full_disk_under_the_server_is_a_named_failure_and_room_heals_it(
    world: World, make_settings: MakeSettings
) -> None:
    with tmpfs("200m") as disk, server_home(disk) as home:
        server = EmbeddedServer(home)
        with on_a_database_of(server, world, make_settings, max_retries=0) as prices:
            assert prices.run(GOOD) == []
            good = prices.published(GOOD)
            world.day = BAD
            with filled_up(disk):
                (failure,) = prices.run(BAD)
            assert "No space left on device" in failure
            assert "\n" not in failure
            server.start()  # where the log itself had no room, the server gave up
            assert (prices.published(BAD), prices.published(GOOD)) == ({}, good)
            assert prices.run(BAD) == []
            assert {key: row["price"] for key, row in prices.published(BAD).items()} == world.truth(BAD)
