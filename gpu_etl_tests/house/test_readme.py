"""README in both languages, the other pages that show commands, and the code agree: every command and flag that is
shown exists, and a session shows what the command prints on the demo's market."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gpu_etl import cli
from gpu_etl_tests.conftest import server_home
from gpu_etl_tests.endtoend.command import KEPT
from gpu_etl_tests.house import sessions

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.md")]
    if sessions.commands(path.read_text(encoding="utf-8"))
)
BOTH = [page for page in PAGES if page.name.startswith("README") and page.parent == Path()]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def text(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def shown_commands() -> list[tuple[Path, str]]:
    return [(page, command) for page in PAGES for command in dict.fromkeys(sessions.commands(text(page)))]


def alternatives(command: str) -> list[str]:
    """``a b|c`` is short for two commands; in tables the stroke is escaped."""
    command = command.replace("\\|", "|")
    word = next((word for word in command.split() if "|" in word and not word.startswith("-")), None)
    return [command.replace(word, each, 1) for each in word.split("|")] if word else [command]


@pytest.mark.parametrize(("page", "command"), shown_commands(), ids=lambda value: str(value))
def test_a_command_that_is_shown_exists(page: Path, command: str) -> None:
    for each in alternatives(command):
        words = [word for word in shlex.split(each) if word != sessions.ELLIPSIS]
        program = Path(words[0]).name
        if program == "make":
            targets = [word for word in words[1:] if "=" not in word]
            assert set(targets) <= TARGETS, f"{page}: the Makefile has no {targets}"
        elif program == "gpu-etl":
            _resolves(page, each, cli.cli, words[1:])
        elif program == "dagster":
            from dagster._cli import create_dagster_cli

            _resolves(page, each, create_dagster_cli(), words[1:])  # type: ignore[no-untyped-call]


def _resolves(page: Path, command: str, group: click.Command, words: list[str]) -> None:
    """Every subcommand is there, and the last has every option that is shown."""
    context = click.Context(group)
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        found = group.get_command(context, words[0])
        assert found is not None, f"{page}: {command}: there is no {words[0]!r}"
        group, words = found, words[1:]
    known = {option for parameter in group.get_params(context) for option in parameter.opts}
    known |= {"-h", "--help", "--version"}
    strange = [word.split("=")[0] for word in words if word.startswith("-") and word.split("=")[0] not in known]
    assert not strange, f"{page}: {command}: there is no option {strange}"


def test_every_command_is_shown() -> None:
    """A command that stands in the help alone is found by nobody who reads."""
    table = [line.split(" | ")[0] for line in text(Path("README.md")).splitlines() if line.startswith("| `gpu-etl ")]
    shown = {code.removeprefix("gpu-etl ").split()[0] for cell in table for code in re.findall(r"`([^`]+)`", cell)}
    assert set(cli.COMMANDS) - shown == set()


@pytest.mark.parametrize("page", BOTH, ids=str)
def test_both_languages_show_the_same_commands(page: Path) -> None:
    assert sorted(sessions.commands(text(page))) == sorted(sessions.commands(text(Path("README.md"))))


def test_the_pages_link_to_files_that_are_there() -> None:
    broken = []
    for page in sorted({*PAGES, *(path.relative_to(ROOT) for path in ROOT.glob("docs/*.md"))}):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(page)):
            if "://" not in target and not (ROOT / page.parent / target).exists():
                broken.append(f"{page} -> {target}")
    assert not broken


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[dict[str, str], str]]:
    """The demo, run once: the environment of its home, and what it printed."""
    with server_home() as home:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"GPU_ETL_HOME": str(home), "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
        done = _run(["demo"], environment, home)
        assert done.returncode == 0, done.stderr[-2000:]
        place = home / "demo"
        yield environment | {"GPU_ETL_HOME": str(place), "DAGSTER_HOME": str(place / "dagster")}, done.stdout
        _run(["down"], environment | {"GPU_ETL_HOME": str(place), "DAGSTER_HOME": str(place / "dagster")}, home)


def _run(words: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpu_etl", *words],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("page", BOTH, ids=str)
def test_a_session_shows_what_the_command_prints(page: Path, demo: tuple[dict[str, str], str], tmp_path: Path) -> None:
    environment, told = demo
    wrong = []
    for session in sessions.sessions(text(page)):
        if session.command == "make demo":
            printed = told
        else:
            done = _run(shlex.split(session.command)[1:], environment, tmp_path)
            assert done.returncode == 0, f"{session.command}: {done.stderr}"
            printed = done.stdout
        lost = sessions.missing(session, printed)
        wrong += [f"{page}: {session.command} does not print: {line}" for line in lost]
    assert not wrong, "\n".join(wrong)
