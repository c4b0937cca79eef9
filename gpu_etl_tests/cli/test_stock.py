"""``gpu-etl stock`` over a real database: import, import again, value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gpu_etl.assets.analytics import load_day
from gpu_etl.cli.stock import stock
from gpu_etl.database import Database
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import load_settings
from gpu_etl_tests.assets.helpers import DAY, back, observe

MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"
ASUS = "ASUS PRIME 지포스 RTX 5070 Ti OC D7 16GB"
FILE = f"""상품명,수량,매입단가,입고일
{MSI},10,"950,000",2026-02-01
{MSI},5,"900,000",2026-02-20
{ASUS},2,,
MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB (중고),1,"500,000",
쿨러 세트,7,"30,000",
"""


@pytest.fixture(autouse=True)
def _market(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_ETL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings = load_settings()
    for day, price in ((back(7), 900_000), (DAY, 880_000)):
        with database.transaction() as connection:
            observe(connection, "1", MSI, day, price)
            load_day(connection, day, settings, load_rules())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(stock, arguments)


def write(text: str, name: str = "stock.csv") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def listed() -> dict[str, Any]:
    result = run("list", "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_a_file_is_the_stock_and_again_it_changes_nothing() -> None:
    first = run("import", write(FILE))
    assert first.exit_code == 0, first.output
    assert first.stdout == (
        "5 lines, 25 pieces: 5 new, 0 changed, 0 gone, 0 as before; 2 are no known card and have no value\n"
    )
    assert "line 5: '" in first.stderr
    assert "used" in first.stderr
    assert "5 new" not in run("import", write(FILE, "renamed.csv")).stdout
    again = run("import", write(FILE))
    assert "0 new, 0 changed, 0 gone, 5 as before" in again.stdout
    shorter = run("import", write("\n".join(FILE.splitlines()[:2])))
    assert "0 new, 0 changed, 4 gone, 1 as before" in shorter.stdout


def test_another_file_is_added_where_that_is_asked_for() -> None:
    run("import", write(FILE, "shop.csv"))
    more = f"title,qty\n{MSI},3\n"
    for expected in ("1 new, 0 changed, 0 gone, 0 as before", "0 new, 0 changed, 0 gone, 1 as before"):
        assert expected in run("import", write(more, "back-room.csv"), "--add").stdout
    assert len(listed()["lines"]) == 6


def test_a_bad_line_leaves_the_stock_as_it_was() -> None:
    run("import", write(FILE))
    bad = run("import", write(f"title,qty,received\n{MSI},many,\n{MSI},1,2999-01-01\n"))
    assert bad.exit_code == 1
    assert "line 2: quantity 'many' is no whole number" in bad.stderr
    assert "line 3: received date 2999-01-01 is after today" in bad.stderr
    assert "2 lines cannot be read; the stock stays as it was" in bad.stderr
    assert len(listed()["lines"]) == 5


def test_the_stock_is_valued_at_the_latest_day() -> None:
    run("import", write(FILE))
    told = listed()
    assert told["day"] == str(DAY)
    first = told["lines"][0]
    assert (first["sell_rank"], first["quantity"], first["value"], first["gain"]) == (1, 10, 8_800_000, -700_000)
    assert (first["risk_week"], first["risk_basis"]) == (200_000, "last week's loss, carried on")
    asus = next(line for line in told["lines"] if line["title"] == ASUS)
    assert (asus["value"], asus["value_reason"]) == (None, "no shop was ever seen with it")
    totals = told["totals"]
    assert isinstance(totals, dict)
    assert (totals["value"], totals["value_left_out"]) == (13_200_000, 3)


def test_the_view_says_what_to_sell_first_and_what_it_leaves_out() -> None:
    assert "no stock: gpu-etl stock import FILE.csv" in run().stdout
    run("import", write(FILE))
    shown = run().stdout
    assert "Sell first: 10 x MSI GeForce RTX 5070 VENTUS 2X 12GB OC: 20,000 won a week at risk on each piece" in shown
    assert "Value: 13,200,000 won (3 of 5 lines left out: unknown)" in shown
