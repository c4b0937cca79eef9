"""Imports run downwards only: domain below plumbing below faces, and the domain knows neither Dagster nor the outside.

The picture is in docs/architecture.md. A test that fails here says which import climbs, and what to do instead.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gpu_etl

PACKAGE = Path(gpu_etl.__file__).parent
DOMAIN = ("sources", "catalog", "market")
PLUMBING = ("settings", "settings_values", "reasons", "home", "partitions", "run_queue", "resources", "database")
DAGSTER_FACE = ("assets", "checks", "jobs", "schedules", "sensors", "definitions")
OUTSIDE = {
    "dagster", "requests", "urllib3", "psycopg", "sqlalchemy", "alembic", "praw", "prawcore", "starlette", "uvicorn",
    "socket", "subprocess", "http", "os", "asyncio", "apprise",
}  # fmt: skip
FOR_RUNS_ONLY = {
    "aiohttp", "alembic", "apprise", "bs4", "feedparser", "jinja2", "lxml", "numpy", "pandas", "plotly", "praw",
    "prawcore", "psycopg", "pyarrow", "requests", "scipy", "sklearn", "sqlalchemy", "starlette", "tenacity", "urllib3",
    "uvicorn", "vaderSentiment",
}  # fmt: skip
"""Libraries that a run, a page or a command imports once it needs them; those that Dagster brings itself are free."""
CLOCKS = {("datetime", "now"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("time", "sleep")}


def room(path: Path) -> str:
    """The room of a file: the folder or module directly under ``gpu_etl``."""
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def kind(name: str) -> str:
    """domain, plumbing, or the face it belongs to."""
    if name in DOMAIN:
        return "domain"
    if name.startswith(DAGSTER_FACE):
        return "dagster"
    if name in ("cli", "dashboard", "demo", "__main__"):
        return name
    return "plumbing"


def modules(*rooms: str) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "versions" not in path.parts and (not rooms or room(path) in rooms):
            yield path


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield node.lineno, f"{node.module}.{name.name}"


def climbs(above: str, below: str) -> str | None:
    """Why a module of kind ``above`` must not import one of kind ``below``; ``None`` where it may."""
    if above == below or below == "domain" or above == "__main__":
        return None
    if above == "domain":
        return "the domain is plain Python: hand the value in as an argument"
    if below == "plumbing":
        return None
    if above == "plumbing":
        return "plumbing serves the faces and does not know them: move what both need down, or hand it in"
    if above == "cli":
        return None
    return "a face does not import another face: move what both need into domain or plumbing"


def test_imports_run_downwards() -> None:
    wrong = []
    for path in modules():
        for line, name in imported(path):
            parts = name.split(".")
            if parts[0] != "gpu_etl" or len(parts) < 2:
                continue
            why = climbs(kind(room(path)), kind(parts[1]))
            if why:
                wrong.append(f"{path.relative_to(PACKAGE.parent)}:{line} imports {name}: {why}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", DOMAIN)
def test_the_domain_reaches_nothing_outside_and_has_no_clock(name: str) -> None:
    wrong = []
    for path in modules(name):
        where = path.relative_to(PACKAGE.parent)
        wrong += [f"{where}:{line} imports {what}" for line, what in imported(path) if what.split(".")[0] in OUTSIDE]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if (node.value.id, node.attr) in CLOCKS:
                    wrong.append(f"{where}:{node.lineno} asks the clock: hand the moment in as an argument")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "input"):
                wrong.append(f"{where}:{node.lineno} opens a file: take bytes, text or lines instead")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_definitions_bring_no_library_that_only_a_run_needs() -> None:
    program = "import sys, dagster; free = {*sys.modules}; import gpu_etl.definitions; print(*({*sys.modules} - free))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    brought = {name.split(".")[0] for name in done.stdout.split()}
    assert "gpu_etl" in brought
    assert not brought & FOR_RUNS_ONLY, "import it in the function that needs it: `python -X importtime` tells who asks"


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [str(path.relative_to(PACKAGE.parent)) for path in modules() if not _docstring(path)]
    assert not silent


def _docstring(path: Path) -> str | None:
    text = path.read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(text)) if text.strip() else "an empty file marks a folder"
