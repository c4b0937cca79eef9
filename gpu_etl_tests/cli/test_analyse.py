"""``gpu-etl analyse`` over a real database: past days, in order, and again without a change."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gpu_etl.cli.analyse import analyse
from gpu_etl.database import Database
from gpu_etl_tests.assets.helpers import DAY, back
from gpu_etl_tests.assets.test_price_history import MSI, store

TABLES = ("price_changes", "chipset_index", "risk_scores", "risk_alerts")


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_ETL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.fixture
def prices(database: Database) -> None:
    with database.transaction() as connection:
        store(connection, "1", MSI, {back(ago): 900_000 + 2_000 * ago for ago in range(20) if ago != 10})


def run(*arguments: str) -> Result:
    return CliRunner().invoke(analyse, arguments)


def everything(database: Database) -> list[str]:
    with database.transaction() as connection:
        return [
            str(row["row"])
            for table in TABLES
            for row in connection.execute(f"select t::text || t.xmin as row from {table} t order by 1").fetchall()
        ]


@pytest.mark.usefixtures("prices")
def test_every_day_with_prices_gets_its_numbers_and_a_second_run_changes_nothing(database: Database) -> None:
    result = run()
    assert (result.exit_code, result.stdout) == (0, f"analysed 20 days, {back(19)} to {DAY}\n"), result.output
    with database.transaction() as connection:
        days = connection.execute("select count(*) as n, max(days_28) as longest from price_changes").fetchone()
    assert days == {"n": 19, "longest": 19}
    before = everything(database)
    assert run().exit_code == 0
    assert everything(database) == before


@pytest.mark.usefixtures("prices")
def test_a_span_may_be_asked_for(database: Database) -> None:
    assert (
        run("--from-day", str(back(3)), "--to-day", str(back(2))).stdout == f"analysed 2 days, {back(3)} to {back(2)}\n"
    )
    with database.transaction() as connection:
        days = connection.execute("select distinct market_day from price_changes order by 1").fetchall()
    assert [row["market_day"] for row in days] == [back(3), back(2)]
    late = run("--from-day", str(back(-5)))
    assert late.exit_code == 1
    assert f"they are of {back(19)} to {DAY}" in late.stderr


@pytest.mark.usefixtures("database")
def test_without_prices_it_says_where_they_come_from() -> None:
    result = run()
    assert result.exit_code == 1
    assert "gpu-etl import crawler-csv" in result.stderr
