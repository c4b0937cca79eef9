"""A backup comes back as it was, on another home and another database; what is damaged or in the way is refused."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from alembic import command as alembic

from gpu_etl.cli import alive, archive
from gpu_etl.database import Database, backup, migrate, open_database
from gpu_etl.database.migrations import HEAD
from gpu_etl.settings import Settings
from gpu_etl_tests.cli.test_usage import _in_a_place_of_its_own as _in_a_place_of_its_own
from gpu_etl_tests.cli.test_usage import ended
from gpu_etl_tests.conftest import new_database
from gpu_etl_tests.database.filled import contents, fill

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database_url: str) -> Say:
    """Run a command on a database and home of its own; ``home`` and ``url`` choose others."""

    def run(*arguments: str, home: str = "home", url: str = database_url) -> tuple[int, str, str]:
        here = Path.cwd()
        monkeypatch.setenv("GPU_ETL_HOME", str(here / home))
        monkeypatch.setenv("DAGSTER_HOME", str(here / home / "dagster"))
        monkeypatch.setenv("DATABASE_URL", url)
        return ended(capsys, *arguments)

    return run


@pytest.fixture
def other_url(postgres_server: str, database_template: str) -> Iterator[str]:
    """A second, empty database."""
    with new_database(postgres_server, database_template) as url:
        yield url


def stored(url: str) -> dict[str, list[dict[str, Any]]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        return dict(contents(connection))


def filled(url: str) -> dict[str, list[dict[str, Any]]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        fill(connection)
    return stored(url)


def ran_once(home: str) -> str:
    """Leave the record of a run in Dagster's home; returns its id."""
    instance = dg.DagsterInstance.from_config(str(Path(home, "dagster").absolute()))
    with pytest.warns(dg.BetaWarning), instance:  # dagster.yaml names the log file, which Dagster still calls beta
        run = dg.GraphDefinition(name="price_crawl").to_job().execute_in_process(instance=instance)
    return run.run_id


def test_the_whole_state_comes_back_in_another_home(say: Say, database_url: str, other_url: str) -> None:
    before = filled(database_url)
    assert say("init")[0] == 0
    run_id = ran_once("home")
    corrections = "source,listing_id,title,not_a_card,brand,chipset,model_name,vram_gb,is_oc,condition,why\n"
    Path("home/sku_overrides.csv").write_text(corrections)
    Path("home/.env").write_text("NOT_FOR_A_BACKUP=1\n")

    code, output, errors = say("backup", "whole.gpu")
    rows = sum(len(rows) for rows in before.values())
    assert (code, errors) == (0, "")
    assert f"whole.gpu: {rows:,} rows in {len(before)} tables and " in output
    assert stat.S_IMODE(Path("whole.gpu").stat().st_mode) == 0o600
    assert list(Path.cwd().glob(".whole*")) == []
    names = zipfile.ZipFile("whole.gpu").namelist()
    assert f"files/dagster/history/runs/{run_id}.db.zst" in names
    assert not [name for name in names if ".env" in name or "gpu-etl.log" in name]

    code, output, errors = say("restore", "whole.gpu", home="elsewhere", url=other_url)
    assert (code, errors) == (0, "")
    assert f"restored {rows:,} rows" in output
    assert stored(other_url) == before
    assert Path("elsewhere/sku_overrides.csv").read_text() == corrections
    code, output, _ = say("scheduler", "history", "--json", home="elsewhere", url=other_url)
    assert [run["run_id"] for run in json.loads(output)] == [run_id]
    settings = Path("elsewhere/dagster/dagster.yaml").read_text()
    assert str(Path("elsewhere/logs/gpu-etl.log").absolute()) in settings
    loose = [path for path in Path("elsewhere").rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert loose == [], "nobody else can read what was restored"


def test_nothing_is_overwritten_without_force(say: Say, database_url: str, other_url: str) -> None:
    before = filled(database_url)
    say("backup", "whole.gpu")
    first = Path("whole.gpu").read_bytes()
    assert say("backup", "whole.gpu") == (
        1,
        "",
        "gpu-etl: whole.gpu is there already: choose another name, or --force to replace it\n",
    )
    assert Path("whole.gpu").read_bytes() == first
    assert say("backup", "whole.gpu", "--force")[0] == 0

    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("delete from price_logs"))
        connection.execute(sa.text("update risk_alerts set value = null"))  # a column that older schemas want filled
    changed = stored(database_url)
    code, _, errors = say("restore", "whole.gpu")
    assert (code, errors.count("\n")) == (1, 1)
    assert "holds data already" in errors
    assert "--force replaces all of it" in errors
    assert stored(database_url) == changed
    assert say("restore", "whole.gpu", "--force")[0] == 0
    assert stored(database_url) == before
    Path("fresh").mkdir()
    Path("fresh/sku_overrides.csv").write_text("mine")
    code, _, errors = say("restore", "whole.gpu", home="fresh", url=other_url)
    assert (code, "sku_overrides.csv is there already" in errors) == (1, True)
    assert Path("fresh/sku_overrides.csv").read_text() == "mine"


def damaged(how: str) -> Path:
    """A copy of ``whole.gpu`` with something wrong in it."""
    target = Path(f"{how}.gpu")
    if how == "cut short":
        target.write_bytes(Path("whole.gpu").read_bytes()[:-200])
    elif how == "another file":
        target.write_text("hello")
    elif how == "a flipped bit":
        content = bytearray(Path("whole.gpu").read_bytes())
        content[len(content) // 3] ^= 1
        target.write_bytes(content)
    else:
        shutil.copy("whole.gpu", target)
        _rewrite(target, how)
    return target


def _rewrite(path: Path, how: str) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(entries["manifest.json"])
    if how == "a newer schema":
        manifest["schema"] = "9999"
    elif how == "a newer format":
        manifest["format"] = 2
    elif how == "a row too few":
        manifest["tables"]["price_logs"]["rows"] += 1
    elif how == "a table too few":
        del manifest["tables"]["price_logs"]
    elif how == "a way out":
        manifest["files"]["dagster/../../outside"] = manifest["files"].pop("dagster/workspace.yaml")
    entries["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("cut short", "it is no backup of gpu-etl, or damaged: "),
        ("another file", "it is no backup of gpu-etl, or damaged: File is not a zip file"),
        ("a flipped bit", "damaged"),
        ("a newer schema", f"the backup has a newer schema (9999) than this program knows ({HEAD}): upgrade gpu-etl"),
        ("a newer format", "it has format 2, and this program reads 1: upgrade gpu-etl"),
        ("a row too few", "it is damaged: table price_logs is not what the manifest says"),
        ("a table too few", f"the backup's tables are not those of its schema ({HEAD}): price_logs"),
        ("a way out", "it holds a file outside of its folder: dagster/../../outside"),
    ],
)
def test_a_backup_that_is_not_whole_changes_nothing(say: Say, database_url: str, how: str, says: str) -> None:
    before = filled(database_url)
    say("backup", "whole.gpu")
    path = damaged(how)
    code, output, errors = say("restore", str(path), "--force")
    assert (code, output, errors.count("\n")) == (1, "", 1), errors
    assert says in errors
    assert stored(database_url) == before


def test_a_backup_of_an_earlier_release_is_brought_up_to_date(
    say: Say, empty_database_url: str, make_settings: Callable[..., Settings]
) -> None:
    engine = sa.create_engine(empty_database_url, poolclass=sa.NullPool)
    settings = migrate.config()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        alembic.upgrade(settings, "0001")
        fill(connection)
    backed_up_as_before_0002(empty_database_url, Path("old.gpu"))

    open_database(make_settings(database_url=empty_database_url)).close()  # upgraded in place ...
    upgraded = stored(empty_database_url)
    assert say("restore", "old.gpu", "--force", url=empty_database_url)[0] == 0
    assert stored(empty_database_url) == upgraded  # ... or from the backup: the same


def backed_up_as_before_0002(url: str, file: Path) -> None:
    """What the command wrote when the schema was at 0001."""
    database = Database(lambda: url, max_retries=0, backoff_seconds=0)
    manifest = archive.Manifest("0.1.0", "0001", "2026-03-08T00:00:00+00:00", "/somewhere/gpu-etl.log")
    with archive.writing(file) as into, backup.snapshot(database) as connection:
        for table, columns in backup.tables(connection).items():
            dump = partial(backup.dump_table, connection, table, columns)
            manifest.tables[table] = archive.add_table(into, table, dump)
        archive.close_with(into, manifest)
    database.close()


def test_nothing_is_replaced_under_running_services(say: Say, make_settings: Callable[..., Settings]) -> None:
    say("backup", "whole.gpu")
    with alive.only_supervisor(make_settings(gpu_etl_home=Path("home"))):
        code, _, errors = say("restore", "whole.gpu", "--force")
    assert (code, "services run on" in errors) == (1, True)
    with alive.running_a_job():
        code, _, errors = say("restore", "whole.gpu", "--force")
    assert (code, "a job runs on" in errors) == (1, True)


def test_a_place_that_cannot_be_written_is_one_line(say: Say) -> None:
    code, _, errors = say("backup", "nowhere/whole.gpu")
    assert (code, errors.count("\n")) == (1, 1)
    assert "No such file or directory" in errors
