"""The wheel and the sdist hold everything that runs, install into an empty environment, and run the demo from there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpu_etl.settings import VERSION
from gpu_etl_tests.conftest import server_home

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILT = pytest.mark.exhaustive


def tree() -> Iterator[str]:
    """Every file of the package that git knows, or would."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "gpu_etl"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return (name for name in names if (ROOT / name).is_file())


def test_every_file_that_is_no_module_is_declared_as_package_data() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["gpu_etl"]
    declared = {path for pattern in patterns for path in (ROOT / "gpu_etl").glob(pattern)}
    assert [name for name in tree() if not name.endswith(".py") and ROOT / name not in declared] == []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was made from it alone."""
    folder = tmp_path_factory.mktemp("built")
    _run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    return folder


@BUILT
@pytest.mark.xdist_group("packaging")
def test_both_hold_the_whole_package(built: Path) -> None:
    expected = set(tree())
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("gpu_etl/")}
    assert held == expected
    with tarfile.open(sdist) as archive:
        named = {name.partition("/")[2] for name in archive.getnames()}
    assert expected | {"pyproject.toml", "setup.py", "README.md", "LICENSE"} <= named


@BUILT
@pytest.mark.xdist_group("packaging")
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_runs_from_an_empty_environment(built: Path, kind: str, tmp_path: Path) -> None:
    (package,) = built.glob(kind)
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    bin_folder = tmp_path / "venv" / "bin"
    _run(str(bin_folder / "pip"), "install", "--quiet", "--constraint", str(ROOT / "constraints.txt"), str(package))
    told = _run(str(bin_folder / "gpu-etl"), "--version")
    assert VERSION in told
    with server_home() as home:
        told = _run(str(bin_folder / "gpu-etl"), "demo", folder=home, GPU_ETL_HOME=str(home))
    assert "\nDone in " in told
    assert "What Reddit talks about" in told


def _run(*words: str, folder: Path | None = None, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GPU_ETL", "DAGSTER", "PYTHON"))}
    done = subprocess.run(
        words, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
