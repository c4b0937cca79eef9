"""What people are told in a day of a real installation: a crawl that fails, one that works, the same once more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gpu_etl.database import Database, acting
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.simulated import simulated_market
from gpu_etl_tests.resources.receivers import letterbox, mailbox

pytestmark = pytest.mark.slow

NOBODY = "http://127.0.0.1:1"
SUBJECT = "GeForce RTX 5070"
BEFORE = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_day_is_told_once_to_everybody(tmp_path: Path, database: Database, database_url: str) -> None:
    database.run(lambda connection: acting.watch(connection, SUBJECT, "chipset", 99_000_000, "", BEFORE))
    with simulated_market() as market, letterbox() as box, mailbox() as (mail, mails):
        addresses = {"NOTIFY_URLS": f"{box.address} {mail}", "MAX_RETRIES": "0", "DANAWA_PRODUCT_PAGES": "none"}
        (tmp_path / "home").mkdir()
        command = Command(tmp_path / "home", database_url, market | addresses)

        failed = command("run", "price-crawl", DANAWA_BASE_URL=NOBODY)
        assert failed.returncode == 1
        assert box.titles == ["source blind: danawa"], failed.stderr
        assert "127.0.0.1:1" in box.letters[0]["message"]

        assert command("run", "price-crawl").returncode == 0
        told = ["danawa can be read again", "source blind: danawa", f"target price: {SUBJECT}"]
        assert sorted(box.titles) == told

        assert command("run", "price-crawl").returncode == 0
        assert len(box.letters) == len(mails) == 3, "once is enough"

    active = database.run(lambda connection: acting.list_alerts(connection, only_open=True))
    assert [(row["kind"], row["subject"]) for row in active] == [("target_price", SUBJECT)]
    logs = "".join(path.read_text() for path in (tmp_path / "home").rglob("*.log"))
    assert "hush" not in logs + failed.stderr + failed.stdout
