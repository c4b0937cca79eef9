"""``gpu-etl rebuild`` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_etl.database import Database, pages
from gpu_etl_tests.assets.stored import NEW, list_of, publish, store
from gpu_etl_tests.endtoend.command import Command

pytestmark = pytest.mark.slow


def test_a_rebuild_is_told_then_done(tmp_path: Path, database: Database, database_url: str) -> None:
    store(database, pages.LIST, ("http://x/list/?cate=1", list_of((1, NEW, 700_000), (2, NEW, 710_000))))
    publish(database)
    database.run(lambda connection: connection.execute("update price_logs set price = 7 where listing_id = '1'"))
    gpu_etl = Command(tmp_path, database_url)
    told = gpu_etl("rebuild", "2026-03-05", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "danawa 2026-03-05: 2 rows; 0 would be added, 0 removed, changed: 1 price",
        "  1 price: 7 -> 700000",
    ]
    (done,) = gpu_etl.json("rebuild", "2026-03-05")
    assert done["changes"] == [{"listing_id": "1", "column": "price", "before": 7, "after": 700_000}]
    again = gpu_etl("rebuild", "2026-03-05")
    assert again.stdout.endswith("changed: nothing\n"), "nothing to analyse anew"
    database.run(lambda connection: connection.execute("update price_logs set price = 7 where listing_id = '1'"))
    assert gpu_etl("rebuild", "2026-03-05").stdout.endswith(": gpu-etl analyse --from-day 2026-03-05\n")
    missing = gpu_etl("rebuild", "2026-03-06")
    assert (missing.returncode, missing.stderr) == (1, "gpu-etl: no stored crawl on 2026-03-06: nothing to rebuild\n")
