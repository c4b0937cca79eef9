"""What a command says to wrong usage, bad settings and a database that is not there: one line, and its exit code."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gpu_etl.cli import COMMANDS, main
from gpu_etl.cli.services import _end_of, dashboard_command, told_ui, webserver_command
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.command import KEPT
from gpu_etl_tests.test_home import log_handlers_put_back

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _in_a_place_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GPU_ETL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    before = {number: signal.getsignal(number) for number in HANDLED}
    mask = os.umask(0o022)
    with log_handlers_put_back():
        yield
    os.umask(mask)
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    output, errors = capsys.readouterr()
    return int(left.value.code or 0), output, errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("nonsense", "No such command 'nonsense'"),
        ("run", "Missing argument"),
        ("run everything", "'everything' is not one of 'full', 'price-crawl', 'reddit-collection'"),
        ("run full --day yesterday", "'yesterday' is no day; write it as 2026-03-01"),
        ("run full --day 2999-01-01", "--day 2999-01-01 is not between 2020-01-01 and today, "),
        ("run full --day 2019-12-31", "--day 2019-12-31 is not between 2020-01-01 and today, "),
        ("trigger full", "'full' is not one of 'price-crawl', 'reddit-collection'"),
        ("trigger price-crawl --day 2999-01-01", "is not between"),
        ("up --port 70000", "70000 is not in the range"),
        ("up --dashboard-port -1", "-1 is not in the range"),
        ("dashboard --port 70000", "70000 is not in the range"),
        ("scheduler", "Usage: gpu-etl scheduler"),
        ("scheduler restart", "No such command 'restart'"),
        ("scheduler history --limit 0", "0 is not in the range x>=1"),
        ("accept 2026-03-08", "Missing option '--why'"),
        ("accept 2026-03-08 --why=", "--why is empty"),
        ("demo --port 70000", "70000 is not in the range"),
        ("alerts watch 5070 --below 99999999999999999999", "is not in the range 1<=x<=1000000000"),
        ("export price_logs --from-day 2026-03-02 --to-day 2026-03-01", "--from-day 2026-03-02 is after --to-day"),
        ("import crawler-csv", "Missing argument 'PATHS...'"),
        ("import crawler-csv nowhere.csv", "Path 'nowhere.csv' does not exist"),
    ],
)
def test_wrong_usage_is_2(arguments: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, errors = ended(capsys, *arguments.split())
    assert (code, output) == (2, "")
    assert says in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", ["run full", "up", "scheduler start", "alerts list", "trigger price-crawl", "init"])
def test_a_bad_setting_is_one_line_before_anything_runs(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PRICE_CRAWL_HOUR", "24")
    assert ended(capsys, *command.split()) == (
        1,
        "",
        "gpu-etl: PRICE_CRAWL_HOUR='24': must be less than or equal to 23 "
        "(hour of the daily price crawl, in MARKET_TIMEZONE)\n",
    )
    assert not (tmp_path / "home").exists()


def test_a_past_day_is_not_queued_to_be_crawled(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, errors = ended(capsys, "trigger", "price-crawl", "--day", "2020-06-01")
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("gpu-etl: 2020-06-01 is not today, ")
    assert errors.endswith("gpu-etl rebuild 2020-06-01\n")


@pytest.mark.parametrize("command", ["scheduler start", "train"])
def test_a_keyword_file_that_cannot_be_used_is_one_line_and_starts_nothing(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("REDDIT_KEYWORDS_FILE", str(tmp_path / "none.yaml"))
    code, output, errors = ended(capsys, *command.split())
    told = f"REDDIT_KEYWORDS_FILE: keyword file {tmp_path}/none.yaml cannot be read: No such file or directory"
    assert (code, output, errors) == (1, "", f"gpu-etl: {told}\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [("MARKET_TIMEZONE", ""), ("MARKET_TIMEZONE", "KST"), ("DATABASE_URL", "mysql://u:hush@h/d"), ("LOG_LEVEL", "X")],
)
def test_the_line_names_the_variable_and_no_secret(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    code, output, errors = ended(capsys, "run", "full")
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith(f"gpu-etl: {name}=")
    assert "hush" not in errors


@pytest.mark.parametrize(
    "command",
    [
        *("scheduler status", "scheduler jobs", "scheduler history", "scheduler stop", "down", "trigger price-crawl"),
        *(
            "report",
            "alerts list",
            "alerts watch",
            "alerts deliver",
            "stock list",
            "export price_logs",
            "backup all.gpu",
        ),
        *(
            "launches",
            "explain 743ddb5a8a3e 2026-03-08",
            "train",
            "backtest",
            "analyse",
            "rebuild 2026-03-08",
            "retract --yes",
        ),
        *("accept 2026-03-08 --why seen", "dashboard --port 0"),
    ],
)
def test_what_begins_nothing_leaves_no_home_in_another_folder(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", "json://127.0.0.1:1")
    monkeypatch.delenv("GPU_ETL_HOME")
    monkeypatch.delenv("DAGSTER_HOME")
    says = f"there is no {tmp_path}/.gpu_etl: name the home by GPU_ETL_HOME, or make a new one with gpu-etl init"
    assert ended(capsys, *command.split()) == (1, "", f"gpu-etl: {says}\n")
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_leaves_no_home_in_another_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("GPU_ETL_HOME")
    code, output, errors = ended(capsys, "doctor", "--json")
    (finding,) = json.loads(output)
    assert (code, errors, finding["subject"], finding["level"]) == (1, "", "home", "fail")
    assert finding["says"] == f"there is no {tmp_path}/.gpu_etl"
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_named_is_made(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, output, errors = ended(capsys, "scheduler", "jobs")
    assert (code, errors) == (0, "")
    assert "price_crawl" in output
    assert (tmp_path / "home").is_dir()


@pytest.mark.parametrize("command", ["alerts list", "report", "accept 2026-03-08 --why seen"])
def test_a_database_that_does_not_answer_is_one_line_without_the_password(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        monkeypatch.setenv("DATABASE_URL", f"postgresql://etl:hush@127.0.0.1:{port}/market")
        monkeypatch.setenv("MAX_RETRIES", "0")
        assert ended(capsys, *command.split()) == (
            1,
            "",
            f'gpu-etl: cannot use database "market" on 127.0.0.1:{port} as user "etl": Connection refused\n',
        )
    assert not Path("home").exists(), "where the database is elsewhere, none is needed"


@pytest.mark.parametrize(
    ("command", "option"), [("up", "--port"), ("up --port 0", "--dashboard-port"), ("dashboard", "--port")]
)
def test_a_port_that_is_taken_is_one_line(command: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, output, errors = ended(capsys, *command.split(), option, str(port))
    assert (code, output) == (1, "")
    assert errors == f"gpu-etl: port {port} is taken: choose another with {option}, or {option} 0 for a free one\n"


def test_an_address_of_another_machine_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, errors = ended(capsys, *["dashboard", "--port", "0", "--host", "192.0.2.1"])
    assert (code, output, errors) == (1, "", "gpu-etl: --host 192.0.2.1 is no address of this machine\n")


@pytest.mark.parametrize(
    ("named", "told"),
    [("http://127.0.0.1:3000", "http://127.0.0.1:3100"), ("https://dagster.example", "https://dagster.example")],
)
def test_the_default_address_of_the_ui_yields_to_the_port_that_up_was_given(
    make_settings: Callable[..., Settings], named: str, told: str
) -> None:
    assert told_ui(make_settings(dagster_ui_url=named), "http://127.0.0.1:3100") == told


@pytest.mark.parametrize(
    ("command", "named"),
    [(lambda: dashboard_command(0), "gpu-etl dashboard"), (lambda: webserver_command(0), "dagster-webserver")],
)
def test_a_service_that_was_killed_is_not_given_the_reason_of_one_before(
    command: Callable[[], list[str]], named: str, tmp_path: Path
) -> None:
    log = tmp_path / "up.log"
    log.write_text("gpu-etl: cannot use database\n", encoding="utf-8")
    child = subprocess.Popen(command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    child.kill()
    child.wait()
    assert _end_of(child, log) == f"{named} ended by itself with code -9: see {log}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = ended(capsys, name, "--help")
    assert code == 0
    assert output.splitlines()[2].strip().endswith((".", ":", "...")) or len(output.splitlines()[2]) > 40


def test_help_answers_without_what_takes_long_to_import() -> None:
    program = """
import sys
from gpu_etl.cli import main
try:
    main(["--help"])
finally:
    heavy = {"dagster", "pandas", "praw", "psycopg", "pydantic", "requests", "rich", "sqlalchemy"}
    print(sorted({name.partition(".")[0] for name in sys.modules} & heavy), file=sys.stderr)
"""
    environment = {name: os.environ[name] for name in (*KEPT, "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    shown = " ".join(done.stdout.split())
    assert all(f"{name} {told}" in shown for name, (_, _, told) in COMMANDS.items())


def test_a_run_does_not_walk_all_objects_again_and_again() -> None:
    """What it imports stays: with Python's own thresholds the collector sets out 180 times before it begins."""
    program = """
import gc, sys
import gpu_etl.cli.run
from gpu_etl.cli import main
before = sum(generation["collections"] for generation in gc.get_stats())
try:
    main(["run", "price-crawl", "--day", "2019-12-31"])
finally:
    assert "dagster" in sys.modules
    print(sum(generation["collections"] for generation in gc.get_stats()) - before, gc.get_threshold()[0])
"""
    environment = {name: os.environ[name] for name in (*KEPT, "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    collections, threshold_afterwards = map(int, done.stdout.split())
    assert collections <= 3
    assert threshold_afterwards == gc.get_threshold()[0]
