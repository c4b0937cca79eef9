"""``gpu-etl report``: what the market's table says of a chipset whose index is not published."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from gpu_etl.assets.changes import load_price_changes
from gpu_etl.assets.index import load_chipset_index
from gpu_etl.cli.report import print_report
from gpu_etl.database import Database, tables
from gpu_etl.database.bulk import merge
from gpu_etl.settings import load_settings
from gpu_etl_tests.assets.helpers import DAY, back
from gpu_etl_tests.assets.test_price_history import store

MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"
BOARDS = [
    f"{brand} 지포스 RTX 4070 {series} D6X 12GB"
    for brand, series in [
        ("MSI", "벤투스 2X"), ("MSI", "게이밍 슬림"), ("ASUS", "DUAL"), ("ASUS", "TUF"), ("GIGABYTE", "WINDFORCE"),
        ("GIGABYTE", "EAGLE"), ("ZOTAC", "TWIN EDGE"), ("PALIT", "DUAL"), ("GALAX", "EX"), ("EMTEK", "MIRACLE"),
    ]
]  # fmt: skip


def printed(database: Database, width: int = 200) -> list[str]:
    console = Console(file=StringIO(), width=width)
    print_report(database, console, DAY)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_the_chipsets_week_is_told_where_it_is_published_and_the_status_where_not(database: Database) -> None:
    settings = load_settings()
    with database.transaction() as connection:
        store(connection, "1", MSI, {back(ago): 900_000 + 1_000 * ago for ago in range(15)})
        for number, board in enumerate(BOARDS):
            store(connection, f"b{number}", board, {back(ago): 792_000 if ago < 5 else 800_000 for ago in range(15)})
        for ago in range(14, -1, -1):
            load_price_changes(connection, back(ago), settings)
            load_chipset_index(connection, back(ago))
        cards = connection.execute("select cards from chipset_index where chipset = 'GeForce RTX 4070'").fetchone()
    assert cards is not None
    assert cards["cards"] == 10
    lines = printed(database)
    [plain] = [line.split() for line in lines if line.startswith("GeForce RTX 4070 ") and "792,000" in line][:1]
    assert plain[3:10] == ["792,000", "-1.0", "%", "17", "-1.0", "%", "-9"], "the card's change, its place, the index's"
    [thin] = [line.split() for line in lines if line.startswith("GeForce RTX 5070 ") and "900,000" in line][:1]
    assert thin[3:8] == ["900,000", "-0.8", "%", "3", "withheld"]


def test_no_figure_is_cut_on_a_terminal_of_eighty_columns(database: Database) -> None:
    with database.transaction() as connection:
        store(
            connection,
            "1",
            "MSI 지포스 RTX 4070 Ti SUPER 벤투스 3X D6X 16GB",
            {back(0): 11_234_560, back(7): 12_345_670},
        )
        load_price_changes(connection, DAY, load_settings())
        connection.execute(
            "insert into buying_advice (subject, market_day, subject_kind, advice, reason)"
            " values ('GeForce RTX 4070 Ti SUPER', %s, 'chipset', 'wait', 'it falls')",
            (DAY,),
        )
    [row] = [line for line in printed(database, 80) if line.startswith("GeForce RTX 4070 Ti SUPER") and "wait" in line]
    assert "11,234,560" in row
    assert "…" not in row


def test_a_past_day_has_the_alerts_and_the_talk_of_that_day(database: Database) -> None:
    event = {
        "kind": "drop",
        "subject_kind": "sku",
        "product": "a card",
        "value": 12,
        "threshold": 10,
        "unit": "percent",
    }
    event |= {"factors": {"baseline": "last week's average", "price": 880_000, "baseline_price": 1_000_000}}
    events = [
        {**event, "subject": "a", "opened_day": back(3), "closed_day": DAY},
        {**event, "subject": "b", "opened_day": DAY},
    ]
    trend = {"keyword": "Leak", "market_day": back(2), "mentions": 77, "is_rising": False, "weight": 1}
    with database.transaction() as connection:
        store(connection, "1", MSI, {back(ago): 900_000 for ago in range(3)})
        for ago in (2, 1, 0):
            load_price_changes(connection, back(ago), load_settings())
        merge(connection, tables.risk_alerts, events)
        merge(connection, tables.keyword_trends, [trend])
    console = Console(file=StringIO(), width=120)
    print_report(database, console, back(1))
    assert isinstance(console.file, StringIO)
    past = console.file.getvalue()
    assert f"Alerts open on {back(1)}: 1 drop" in past
    assert str(back(3)) in past
    assert str(DAY) not in past, "what came later is not known that day"
    [heading] = [line for line in past.splitlines() if line.startswith("keyword")]
    assert heading.split()[1] == f"{back(2):%m-%d}", "counts of the day before are not today's"
    assert "Active alerts: 1 drop" in "\n".join(printed(database))
