"""An account of PostgreSQL that owns nothing in the database: each command says so in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from gpu_etl.database import urls
from gpu_etl_tests.cli.test_backup import Say
from gpu_etl_tests.cli.test_backup import say as say
from gpu_etl_tests.cli.test_usage import _in_a_place_of_its_own as _in_a_place_of_its_own

OWNER = "an account that owns the database is needed, on a server that may be written to"


@contextmanager
def guest(url: str, *grants: str) -> Iterator[str]:
    """The address of a database for an account that may do no more than ``grants`` say."""
    with psycopg.connect(urls.for_libpq(url), autocommit=True) as connection:
        connection.execute("create role guest login")
        try:
            for grant in grants:
                connection.execute(grant.encode())
            yield sa.make_url(url).set(username="guest").render_as_string(hide_password=False)
        finally:
            connection.execute("drop owned by guest")
            connection.execute("drop role guest")


def test_a_schema_that_cannot_be_made_is_one_line(say: Say, empty_database_url: str) -> None:
    with guest(empty_database_url) as url:
        code, output, errors = say("report", url=url)
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("gpu-etl: cannot use database ")
    assert errors.endswith(f'as user "guest": permission denied for schema public; {OWNER}\n')


def test_an_argument_that_is_no_text_is_one_line(say: Say, database_url: str) -> None:
    """As a terminal in EUC-KR sends a note in Korean."""
    note = "메모".encode("euc-kr").decode("utf-8", "surrogateescape")
    code, output, errors = say("alerts", "watch", "GeForce RTX 5070", "--below", "5", "--note", note)
    assert (code, output) == (1, "")
    assert errors.endswith(": this is no text in UTF-8\n")
    assert errors.count("\n") == 1


def test_tables_of_somebody_else_are_one_line_and_the_doctor_goes_on(say: Say, database_url: str) -> None:
    with guest(database_url) as url:
        code, output, errors = say("report", url=url)
        assert (code, output) == (1, "")
        assert errors.endswith(f"permission denied for table gpu_etl_version; {OWNER}\n")
        code, output, errors = say("doctor", "--offline", "--json", url=url)
    assert (code, errors) == (1, "")
    (found,) = [finding for finding in json.loads(output) if finding["subject"] == "rights"]
    assert (found["level"], found["says"].endswith(OWNER)) == ("fail", True)


def test_an_account_that_may_only_read_reads_and_is_told_what_it_may_not(say: Say, database_url: str) -> None:
    with guest(database_url, "grant select on all tables in schema public to guest") as url:
        assert say("alerts", "list", url=url) == (0, "no active alert\n", "")
        code, output, errors = say("alerts", "watch", "GeForce RTX 5070", "--below", "5", url=url)
    assert (code, output) == (1, "")
    assert errors == f"gpu-etl: permission denied for table price_targets; {OWNER}\n"
