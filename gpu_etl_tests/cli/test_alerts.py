"""``gpu-etl alerts`` over a real database: list, show, acknowledge, snooze, wait for a price, deliver."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from gpu_etl.assets.analytics import load_day
from gpu_etl.cli import doctor_data
from gpu_etl.cli.alerts import alerts
from gpu_etl.cli.report import print_report
from gpu_etl.database import Database, outbox
from gpu_etl.market.signals import load_rules
from gpu_etl.resources.messages import receivers
from gpu_etl.settings import load_settings
from gpu_etl_tests.assets.helpers import DAY, back, observe
from gpu_etl_tests.resources.receivers import letterbox

MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"


@pytest.fixture
def sku(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database, database_url: str) -> str:
    """A card that lost 100,000 won against last week, in an installation that is on its day."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "GPU_ETL_HOME": str(tmp_path / "home"),
        "DAGSTER_HOME": str(tmp_path / "home" / "dagster"),
        "DATABASE_URL": database_url,
        "GPU_ETL_NOW": f"{DAY}T12:00:00+09:00",
        **dict.fromkeys(("DANAWA_BASE_URL", "REDDIT_BASE_URL", "REDDIT_OAUTH_URL"), "http://127.0.0.1:9"),
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    for day, price in ((back(7), 1_000_000), (DAY, 900_000)):
        with database.transaction() as connection:
            found = observe(connection, "1", MSI, day, price)
            load_day(connection, day, settings, load_rules())
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(alerts, arguments)


def said(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_alert_is_listed_with_its_numbers_and_an_id(sku: str) -> None:
    line = said("list")
    assert (
        "risk: MSI GeForce RTX 5070 VENTUS 2X 12GB OC: risk index 100,000 won over 50,000 "
        f"(price 900,000, last week 1,000,000, Reddit not read) [{sku}], since 2026-03-08, open\n"
    ) in line
    [row] = json.loads(said("list", "--json"))
    assert line.startswith(row["alert_id"])
    assert "no active alert" in said("list", "--kind", "drop")


def test_what_people_do_is_kept_and_can_be_taken_back(sku: str) -> None:
    [row] = json.loads(said("list", "--json"))
    assert "snoozed until 2026-03-11" in said("snooze", sku, "--days", "3", "--note", "ask Kim")
    assert "no active alert" in said("list")
    assert "snoozed until 2026-03-11" in said("list", "--all")
    said("reopen", row["alert_id"])
    said("ack", row["alert_id"], "--note", "sold off")
    assert "no active alert" in said("list")
    assert "acknowledged: sold off" in said("history", sku)
    [shown] = json.loads(said("show", row["alert_id"], "--json"))
    assert {action["action"] for action in shown["actions"]} <= {"snoozed", "reopened", "acknowledged"}
    again = run("ack", row["alert_id"])
    assert (again.exit_code, again.stderr) == (
        1, f"gpu-etl: {row['alert_id']} has no open alert that is not acknowledged yet\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("ack", "none"), 1, "none has no open alert that is not acknowledged yet"),
        (("show", "none"), 1, "no alert none: see `gpu-etl alerts list`"),
        (("snooze", "none"), 2, "one of --days and --until is needed"),
        (("snooze", "none", "--until", "2026-03-08"), 2, "--until 2026-03-08 is not after today, 2026-03-08"),
        (("watch", "RTX 5070"), 2, "--below WON is needed"),
        (("watch", "RTX 5071", "--below", "1"), 1, "RTX 5071 is neither a known card nor a chipset"),
        (("unwatch", "RTX 5070"), 1, "nobody waits for a price of RTX 5070"),
        (("deliver",), 1, "NOTIFY_URLS is empty: there is nobody to tell"),
    ],
)
def test_a_wrong_use_is_one_line(sku: str, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr


def test_a_price_is_waited_for_by_card_and_by_chipset(sku: str) -> None:
    assert said("watch", "rtx 5070", "--below", "800000", "--note", "for Kim") == (
        "waiting for the cheapest GeForce RTX 5070 at 800,000 won or less\n"
    )
    said("watch", sku, "--below", "850000")
    assert said("watch") == (
        f"MSI GeForce RTX 5070 VENTUS 2X 12GB OC [{sku}]: 850,000 won or less; now 900,000 won on 2026-03-08\n"
        "GeForce RTX 5070: 800,000 won or less (for Kim); now 900,000 won on 2026-03-08\n"
    )
    said("unwatch", "RTX 5070")
    said("unwatch", sku)
    assert said("watch").startswith("no price is waited for")


def test_what_waits_is_delivered_and_what_fails_is_shown(
    sku: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with letterbox() as box:
        monkeypatch.setenv("NOTIFY_URLS", box.address)
        settings = load_settings()
        with database.transaction() as connection:
            message = outbox.Message("1", "a fall", "about it", settings.now())
            outbox.write(connection, receivers(settings), [message], settings.now())
        box.status = 500
        failed = run("deliver")
        assert failed.exit_code == 1
        assert "json (no. 1 in NOTIFY_URLS): it answered with error 500" in failed.stderr
        assert "1 messages wait for json (no. 1 in NOTIFY_URLS) and 0 were given up" in run("list").stderr
        [line] = doctor_data._messages(database, DAY)
        assert (line.level, "it answered with error 500" in line.says) == ("warn", True)
        box.status = 200
        assert said("deliver") == "0 messages delivered\n", "its pause is not over"
        assert said("deliver", "--all") == "1 messages delivered\n"
        assert box.titles == ["a fall"]
        [line] = doctor_data._messages(database, DAY)
        assert (line.level, line.says) == ("ok", "none waits to be delivered")


def test_the_report_shows_alerts_by_kind(sku: str, database: Database) -> None:
    console = Console(record=True, width=120)
    print_report(database, console, DAY)
    shown = console.export_text()
    assert "Active alerts: 1 risk" in shown
    assert "100,000 won over 50,000" in shown
