"""The folder of an installation, and where what is logged goes."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import yaml

from gpu_etl import home
from gpu_etl.errors import SettingsError
from gpu_etl.settings import Settings

LOGGER = logging.getLogger("gpu_etl")


@contextmanager
def log_handlers_put_back() -> Iterator[None]:
    """Undo afterwards what ``log_to_console_and_file`` sets up for a process's life."""
    handlers, level = list(LOGGER.handlers), LOGGER.level
    try:
        yield
    finally:
        for handler in list(LOGGER.handlers):
            LOGGER.removeHandler(handler)
            handler.close()
        LOGGER.handlers[:] = handlers
        LOGGER.setLevel(level)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Away from any ``.env``, and with an environment that is put back afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", "")


@pytest.fixture(autouse=True)
def _handlers_put_back() -> Iterator[None]:
    with log_handlers_put_back():
        yield


def test_dagsters_home_is_made_inside_and_is_a_valid_one(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    dagster_home = home.prepare(settings)
    assert dagster_home == settings.home / "dagster"
    with dg.DagsterInstance.get() as instance:
        assert instance.root_directory == str(dagster_home)
        assert not instance.telemetry_enabled
        assert instance.managed_python_loggers == ["gpu_etl"]
        queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.tag_concurrency_limits == [
        {"key": "gpu_etl/job", "limit": 1, "value": {"applyLimitPerUniqueValue": True}}
    ]
    written = yaml.safe_load((dagster_home / "dagster.yaml").read_text())
    handlers = written["python_logs"]["dagster_handler_config"]["handlers"]
    assert handlers["file"]["filename"] == str(home.log_file(settings))


def test_another_dagster_home_is_used_and_nothing_in_it_is_overwritten(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(mine))
    assert home.prepare(make_settings()) == mine
    assert (mine / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"
    assert home.workspace_file() == mine / "workspace.yaml"
    assert home.workspace_file().exists()


def test_dagster_home_may_stand_in_the_env_file(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.setenv("PWD", str(tmp_path))
    Path(".env").write_text("DAGSTER_HOME=${PWD}/from_env\n")
    assert home.prepare(make_settings()) == tmp_path / "from_env"


@pytest.mark.parametrize(
    ("named", "used"), [("demo", "home/dagster"), ("./mine", "from_env"), (None, "from_env")], ids=str
)
def test_another_home_than_that_of_the_env_file_has_records_of_its_own(
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    named: str | None,
    used: str,
) -> None:
    """The demo's history is not to be looked for in the real market's records."""
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.setenv("GPU_ETL_HOME", named or "")
    if named is None:
        monkeypatch.delenv("GPU_ETL_HOME")
    Path(".env").write_text(f"DAGSTER_HOME={tmp_path}/from_env\nGPU_ETL_HOME=mine\n")
    for _ in range(2):
        assert home.dagster_folder(make_settings()) == tmp_path / used


def test_a_home_that_cannot_be_made_is_one_line(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = make_settings(gpu_etl_home=tmp_path / "file" / "home")
    with pytest.raises(SettingsError, match=r"^GPU_ETL_HOME='.*file/home': Not a directory \(.*\)$"):
        home.prepare(settings)


def said(settings: Settings) -> str:
    return home.log_file(settings).read_text() if home.log_file(settings).exists() else ""


@pytest.mark.parametrize(
    ("level", "on_console", "in_file"),
    [
        ("DEBUG", ["detail", "step", "trouble"], ["detail", "step", "trouble"]),
        ("INFO", ["trouble"], ["step", "trouble"]),
        ("WARNING", ["trouble"], ["trouble"]),
        ("ERROR", [], []),
    ],
)
def test_details_go_to_the_file_and_troubles_to_the_console_too(
    make_settings: Callable[..., Settings],
    capsys: pytest.CaptureFixture[str],
    level: str,
    on_console: list[str],
    in_file: list[str],
) -> None:
    settings = make_settings(log_level=level)
    home.prepare(settings)
    for _ in range(2):  # a second time replaces the first
        home.log_to_console_and_file(settings)
    logger = logging.getLogger("gpu_etl.somewhere")
    logger.debug("detail")
    logger.info("step")
    logger.warning("trouble")
    output, errors = capsys.readouterr()
    assert output == ""
    assert [line.rpartition(" ")[2] for line in errors.splitlines()] == on_console
    assert [line.rpartition(" ")[2] for line in said(settings).splitlines()] == in_file


def test_a_line_of_a_run_is_in_the_file_once(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    home.prepare(settings)
    home.log_to_console_and_file(settings)

    @dg.asset
    def prices(context: dg.AssetExecutionContext) -> None:
        logging.getLogger("gpu_etl.resources").info("asked a shop")
        context.log.info("read a page")

    job = dg.Definitions([prices], jobs=[dg.define_asset_job("any")]).resolve_job_def("any")
    with pytest.warns(dg.BetaWarning), dg.DagsterInstance.get() as instance, home.log_left_to_dagster():
        assert job.execute_in_process(instance=instance).success
    logging.getLogger("gpu_etl").info("after the run")
    assert [said(settings).count(line) for line in ("asked a shop", "read a page", "after the run")] == [1, 1, 1]


def test_a_log_that_others_write_to_is_cut_and_they_go_on(tmp_path: Path) -> None:
    path = tmp_path / "up.log"
    with path.open("ab", buffering=0) as service:
        service.write(b"x" * 100)
        home.cut_when_long(path, longest=100)
        assert path.stat().st_size == 100
        service.write(b"y")
        home.cut_when_long(path, longest=100)
        service.write(b"after\n")
    assert path.read_bytes() == b"after\n"
    assert (tmp_path / "up.log.1").read_bytes() == b"x" * 100 + b"y"
