"""What the machine can do to a command: disks without room or rights, files that cannot be read. One line each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from gpu_etl import home, offline
from gpu_etl.errors import SettingsError
from gpu_etl.settings import load_settings
from gpu_etl_tests.cli.test_usage import _in_a_place_of_its_own as _in_a_place_of_its_own
from gpu_etl_tests.cli.test_usage import ended
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.disks import filled_up, read_only, tmpfs
from gpu_etl_tests.faults.world import BAD, GOOD, World

CRAWL = ("run", "price-crawl")


def one_line(code: int, output: str, errors: str) -> str:
    """What a command says that fails as it should."""
    assert (code, output) == (1, "")
    assert errors.count("\n") == 1, errors
    assert errors.startswith("gpu-etl: ")
    return errors


# --- files ----------------------------------------------------------------------------------------------------------
def env_of_another_encoding(home: Path) -> None:
    Path(".env").write_bytes("LOG_LEVEL=INFO # 로그\n".encode("utf-16"))


def home_that_is_a_file(home: Path) -> None:
    home.write_text("")


def corrections_that_are_a_folder(home: Path) -> None:
    (home / "sku_overrides.csv").mkdir(parents=True)


def corrections_of_another_encoding(home: Path) -> None:
    home.mkdir()
    (home / "sku_overrides.csv").write_bytes(b"source,listing_id\nd\xe9j\xe0,1\n")


def dagster_settings_that_are_none(home: Path) -> None:
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").write_text("run_queue: [\n")


def dagster_settings_that_mean_nothing(home: Path) -> None:
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").write_text("no_such_setting: 1\n")


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (env_of_another_encoding, ".env"),
        (home_that_is_a_file, "GPU_ETL_HOME="),
        (dagster_settings_that_are_none, "dagster.yaml"),
        (dagster_settings_that_mean_nothing, "no_such_setting"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_file_that_cannot_be_read_is_one_line(
    prepare: Callable[[Path], None],
    says: str,
    tmp_path: Path,
    world: World,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {**world.environment(), "DATABASE_URL": database_url, "MAX_RETRIES": "0"}.items():
        monkeypatch.setenv(name, value)
    prepare(tmp_path / "home")
    assert says in one_line(*ended(capsys, *CRAWL))


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [corrections_that_are_a_folder, corrections_of_another_encoding])
def test_corrections_that_cannot_be_read_fail_their_step_in_one_line(
    prepare: Callable[[Path], None], tmp_path: Path, prices: Prices
) -> None:
    prepare(tmp_path / "home")
    (failure,) = prices.run(GOOD)
    assert failure.startswith("skus: SettingsError: SKU_OVERRIDES_FILE: ")
    assert "sku_overrides.csv" in failure
    assert prices.published(GOOD) == {}


# --- disks ----------------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_home_that_nobody_may_write_to_is_one_line(world: World, database_url: str) -> None:
    """Before it was ever used, and when it became so afterwards; then it works."""
    world.day = BAD
    with tmpfs("20m") as disk:
        command = Command(disk, database_url, {**world.environment(), "GPU_ETL_HOME": str(disk / "home")})
        command.environment["DAGSTER_HOME"] = str(disk / "home" / "dagster")
        with read_only(disk):
            done = command(*CRAWL)
        assert "Read-only file system" in one_line(done.returncode, done.stdout, done.stderr)
        assert command("init").returncode == 0
        with read_only(disk):
            done = command(*CRAWL)
        assert "it cannot be written to" in one_line(done.returncode, done.stdout, done.stderr)
        assert command.json(*CRAWL)["success"]


@pytest.mark.slow
def test_a_home_without_room_is_one_line_and_room_heals_it(world: World, database_url: str) -> None:
    world.day = BAD
    with tmpfs("20m") as disk:
        command = Command(disk, database_url, world.environment())
        with filled_up(disk):
            done = command(*CRAWL)
        assert "No space left on device" in one_line(done.returncode, done.stdout, done.stderr)
        assert command.json(*CRAWL)["success"]


@pytest.mark.slow
def test_what_asks_for_dagsters_records_names_the_full_disk(world: World, database_url: str) -> None:
    """The doctor too, which goes on to look at the rest."""
    with tmpfs("20m") as disk:
        command = Command(disk, database_url, world.environment())
        assert command("scheduler", "history").returncode == 0
        with filled_up(disk):
            for asked in (("scheduler", "start"), ("scheduler", "status"), ("trigger", "price-crawl")):
                done = command(*asked)
                assert "No space left on device" in one_line(done.returncode, done.stdout, done.stderr), asked
            found = {each["subject"]: each for each in command.json("doctor", "--offline")}
    assert found["disk"]["level"] == found["dagster"]["level"] == "fail"
    assert found["dagster"]["says"].endswith("No space left on device")
    assert found["database"]["level"] == "ok"


def test_a_disk_that_fills_up_while_a_run_is_on_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    job = dg.GraphDefinition(name="price_crawl").to_job()

    def run_until_it_is_full() -> None:
        with home.dagster_instance() as instance:
            later.enter_context(filled_up(disk))
            for _ in range(200):
                job.execute_in_process(instance=instance)

    with tmpfs("20m") as disk, contextlib.ExitStack() as later:
        monkeypatch.setenv("DAGSTER_HOME", str(disk / "home" / "dagster"))
        home.prepare(load_settings(gpu_etl_home=disk / "home", _env_file=None))
        with pytest.raises(SettingsError, match="No space left on device"):
            run_until_it_is_full()


def test_a_backup_without_room_leaves_no_half(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert ended(capsys, "init")[0] == 0
    with tmpfs("8k") as disk:
        errors = one_line(*ended(capsys, "backup", str(disk / "whole.gpu")))
        assert "No space left on device" in errors
        assert list(disk.iterdir()) == []


def test_a_report_without_room_leaves_the_one_before() -> None:
    with tmpfs("16k") as disk:
        offline.write("before", disk / "report.html")
        with pytest.raises(OSError, match="No space left on device"):
            offline.write("x" * 100_000, disk / "report.html")
        assert [(path.name, path.read_text()) for path in disk.iterdir()] == [("report.html", "before")]
