"""No secret shows: each is a word of its own, and no such word is found in anything that people or programs see.

Looked at: what commands print, logs, every file of the home, process lists, Dagster's records and UI, the dashboard,
the database's rows, a backup and an export. And what all of these leave on disk is for its own user only.
"""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import make_url

from gpu_etl.cli import archive
from gpu_etl.database import export
from gpu_etl.settings import Settings
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import Instance, eventually, processes_of, running
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market

pytestmark = pytest.mark.slow

SECRETS = sorted(name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation))
CANARY = "Kanarien{}Vogel"
READY = r"Dagster UI: (http://127\.0\.0\.1:\d+)\nDashboard: (http://127\.0\.0\.1:\d+)"
QUESTIONS = [
    "{instance{info daemonHealth{allDaemonStatuses{daemonType healthy lastHeartbeatErrors{message}}}}}",
    "{assetNodes{assetKey{path} description metadataEntries{label description ... on TextMetadataEntry{text}"
    " ... on JsonMetadataEntry{jsonString} ... on TableMetadataEntry{table{records}}}"
    " assetMaterializations(limit:5){metadataEntries{label description ... on TextMetadataEntry{text}"
    " ... on JsonMetadataEntry{jsonString} ... on TableMetadataEntry{table{records}} ... on UrlMetadataEntry{url}}}}}",
    "{runsOrError{... on Runs{results{runId status runConfigYaml tags{key value} executionPlan{steps{key}}"
    " eventConnection{events{__typename ... on MessageEvent{message stepKey}"
    " ... on ExecutionStepFailureEvent{error{message stack causes{message stack}}"
    " failureMetadata{metadataEntries{label description}}} ... on RunFailureEvent{error{message stack}}}}}}}}",
    "{workspaceOrError{... on Workspace{locationEntries{name displayMetadata{key value}"
    " locationOrLoadError{... on RepositoryLocation{repositories{name allTopLevelResourceDetails{name description"
    " configuredValues{key value type} configFields{name defaultValueAsJson}}"
    " sensors{name sensorState{ticks(limit:5){status skipReason error{message stack} logEvents{events{message}}}}}"
    " schedules{name cronSchedule}}}}}}}}",
]
"""What the UI asks for on its pages of the deployment, the assets, the runs and the resources."""


def secrets(database_url: str) -> dict[str, str]:
    """A distinctive value for every secret setting; the server under test lets any password pass."""
    made = {name.upper(): CANARY.format(name) for name in SECRETS}
    url = make_url(database_url).set(password=CANARY.format("database_url"))
    made["DATABASE_URL"] = url.render_as_string(hide_password=False)
    word = CANARY.format("notify_urls")
    made["NOTIFY_URLS"] = f"json://user:{word}@127.0.0.1:9/{word} json://127.0.0.1:9/?token={word}"
    return made


def canaries() -> list[str]:
    return [CANARY.format(name) for name in SECRETS]


class Seen:
    """Everything that was shown, by where."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}

    def note(self, where: str, what: str | bytes) -> None:
        text = what if isinstance(what, str) else what.decode("utf-8", "replace")
        assert text, f"{where} shows nothing at all"
        self.shown[where] = text

    def leaks(self) -> list[str]:
        return [f"{word} in {where}" for where, text in self.shown.items() for word in canaries() if word in text]


@contextmanager
def process_lists(home: Path) -> Iterator[set[str]]:
    """What ``ps`` shows of the home's processes while the block runs."""
    lines: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            lines.update(processes_of(home).values())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield lines
    finally:
        over.set()
        thread.join()


@pytest.mark.exhaustive
def test_no_secret_shows_anywhere_and_files_are_ones_own(tmp_path: Path, database_url: str) -> None:
    assert {"database_url", "notify_urls", "reddit_client_secret", "naver_client_secret"} <= set(SECRETS)
    seen = Seen()
    with simulated_market() as market, process_lists(tmp_path) as processes:
        host = market["DANAWA_BASE_URL"].removeprefix("http://")
        settings = {**market, **secrets(database_url), "NAVER_CLIENT_ID": "id", "NAVER_BASE_URL": f"http://{host}"}
        settings |= {"SHOP_URLS": f"http://{host}/card/1", "ECB_RATES_URL": ""}
        settings |= {"LOG_LEVEL": "INFO", "MAX_RETRIES": "0"}
        command = Command(tmp_path, settings["DATABASE_URL"], settings)
        runs_and_commands(command, seen)
        with running(command, "up", "--port", "0", "--dashboard-port", "0", ready=READY) as (instance, said):
            user_interfaces(instance, settings, "".join(said), seen)
        seen.note("what `up` said", "".join(said))
    seen.note("process lists", "\n".join(sorted(processes)))
    stored(command, seen)
    files(tmp_path, seen)
    assert len(seen.shown) > 40
    assert seen.leaks() == []


def runs_and_commands(command: Command, seen: Seen) -> None:
    """One run that succeeds, several that fail in different ways, and what other commands say."""
    for name, arguments, changes in [
        ("run", "run full", {}),
        ("run on a past day", "run price-crawl --day 2026-03-01", {}),
        ("run without a server", "run price-crawl", {"DATABASE_URL": unreachable()}),
        (
            "run on a bad address",
            "run price-crawl",
            {"DATABASE_URL": f"postgresql://u:{CANARY.format('database_url')}@h:x/d"},
        ),
        (
            "run on another scheme",
            "run price-crawl",
            {"DATABASE_URL": f"mysql://u:{CANARY.format('database_url')}@h/d"},
        ),
        ("run aloud", "run reddit-collection", {"LOG_LEVEL": "DEBUG"}),
        ("doctor", "doctor", {}),
        ("doctor without a server", "doctor --json --offline", {"DATABASE_URL": unreachable()}),
        ("history", "scheduler history --json", {}),
        ("jobs", "scheduler jobs", {}),
        ("alerts", "alerts list --all --json", {}),
        ("report", "report", {}),
        ("backup", "backup whole.gpu", {}),
    ]:
        done = command(*arguments.split(), **changes)
        seen.note(name, f"{done.args}\n{done.stdout}\n{done.stderr}")
        assert "Traceback" not in done.stdout + done.stderr, seen.shown[name]
    history = command.json("scheduler", "history")
    assert {run["status"] for run in history} == {"SUCCESS", "FAILURE"}


def unreachable() -> str:
    return f"postgresql://etl:{CANARY.format('database_url')}@127.0.0.1:1/market"


def user_interfaces(instance: Instance, settings: dict[str, str], said: str, seen: Seen) -> None:
    """The Dagster UI's pages and answers, and every page of the dashboard that needs no parameter."""
    run_id = instance.materialize(["raw_pages", "price_offers", "skus", "price_logs"], DAY)

    def status() -> str:
        return str(next(run["status"] for run in instance.runs() if run["runId"] == run_id))

    eventually(lambda: status() in ("SUCCESS", "FAILURE"), 180, "the run has ended")
    assert status() == "SUCCESS"
    seen.note("the UI", requests.get(f"{instance.url}/runs/{run_id}", timeout=30).text)
    for number, question in enumerate(QUESTIONS):
        answer = requests.post(f"{instance.url}/graphql", json={"query": question}, timeout=60).json()
        assert "errors" not in answer, answer["errors"][:2]
        seen.note(f"GraphQL {number}", json.dumps(answer))
    dashboard = said.partition("Dashboard: ")[2].split()[0]
    login = ("", settings["DASHBOARD_PASSWORD"])
    for path in ("/", "/community", "/alerts", "/stock", "/health", "/openapi.json", "/api/health"):
        page = requests.get(f"{dashboard}{path}", auth=login, timeout=60)
        seen.note(f"dashboard {path}", f"{page.status_code} {dict(page.headers)} {page.text}")
    refused = requests.get(dashboard, auth=("", "wrong"), timeout=60)
    assert refused.status_code == 401
    seen.note("dashboard without a login", f"{dict(refused.headers)} {refused.text}")


def stored(command: Command, seen: Seen) -> None:
    """Every row of every table, and everything in the backup."""
    for table in export.exportable():
        done = command("export", table, "--raw")
        assert done.returncode == 0, done.stderr
        rows = list(csv.DictReader(done.stdout.splitlines()))
        seen.note(f"table {table}", f"{len(rows)} rows {done.stdout}")
    with archive.reading(command.home / "whole.gpu") as (whole, manifest):
        seen.note("the backup's manifest", manifest.as_json())
        for name in manifest.files:
            seen.note(f"the backup's {name}", b"".join(archive.file_stream(whole, name)) or b"empty")


def files(home: Path, seen: Seen) -> None:
    """Every file that was written, and who may read it."""
    loose = []
    for path in sorted(home.rglob("*")):
        if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink():
            loose.append(f"{path.relative_to(home)} {stat.S_IMODE(path.stat().st_mode):o}")
        if path.is_file():
            seen.note(f"file {path.relative_to(home)}", path.read_bytes() or b"empty")
    assert loose == []


def test_a_setting_that_is_printed_shows_no_secret(database_url: str, tmp_path: Path) -> None:
    program = "from gpu_etl.settings import load_settings as l; s = l(); print(s, repr(s), s.model_dump_json())"
    environment: dict[str, Any] = {**Command(tmp_path, "").environment, **secrets(database_url)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout
    assert [word for word in canaries() if word in done.stdout + done.stderr] == []
