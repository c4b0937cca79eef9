from __future__ import annotations

import pytest
from sqlalchemy import make_url

from gpu_etl.database import DatabaseError, urls


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://etl:a%40b@db.example:6432/gpu?sslmode=require",
        "postgres://etl:a%40b@db.example:6432/gpu?sslmode=require",
        "postgresql+psycopg://etl:a%40b@db.example:6432/gpu?sslmode=require",
        "postgresql+psycopg2://etl:a%40b@db.example:6432/gpu?sslmode=require",
    ],
)
def test_every_spelling_names_the_driver_that_reads_it(given: str) -> None:
    rest = "etl:a%40b@db.example:6432/gpu?sslmode=require"

    assert urls.for_product(given) == f"postgresql+psycopg://{rest}"
    assert urls.for_dagster(given) == f"postgresql+psycopg2://{rest}"
    assert urls.for_libpq(given) == f"postgresql://{rest}"
    assert urls.parameters(given)["password"] == "a@b"


def test_a_socket_in_an_odd_folder_is_read_alike_by_libpq_and_sqlalchemy() -> None:
    url = urls.on_socket("/tmp/a b&c=d%", 5433, "gpu", "postgres")

    assert urls.parameters(url) == {"host": "/tmp/a b&c=d%", "port": "5433", "dbname": "gpu", "user": "postgres"}
    assert make_url(urls.for_dagster(url)).query == {"host": "/tmp/a b&c=d%", "port": "5433"}


@pytest.mark.parametrize("url", ["sqlite:///x", "postgresql:geheim", "", "mysql://u:geheim@h/d"])
def test_what_is_no_address_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="must be a postgresql:// address") as caught:
        urls.for_product(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:gehe%im@h/d",
        "postgresql://u:p@h/d?geheim=1",
        "postgresql://u:p@[::1/d",
        "postgresql://u:p@gehe@h/d",
        "postgresql://u:gehe/im@h/d",
    ],
)
def test_what_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseError, match="DATABASE_URL cannot be read") as caught:
        urls.parameters(url)
    assert "gehe" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://etl:geheim@db.example/gpu", 'database "gpu" on db.example:5432 as user "etl"'),
        ("postgresql://etl:geheim@db.example:6432", 'database "etl" on db.example:6432 as user "etl"'),
        ("postgresql:///gpu?host=/run/pg", 'database "gpu" on /run/pg'),
        ("postgresql:///gpu", 'database "gpu" on the local socket'),
    ],
)
def test_an_address_is_described_without_its_password(url: str, words: str) -> None:
    assert urls.describe(urls.parameters(url)) == words
