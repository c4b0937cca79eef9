"""The version stands in pyproject.toml; whoever names it names that one."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

from gpu_etl.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_what_is_installed_is_what_stands_there() -> None:
    assert version("gpu-etl") == VERSION, "run `make install`"


def test_hosts_are_told_it() -> None:
    settings = load_settings(_env_file=None, http_user_agent="", reddit_user_agent="")
    assert settings.http_user_agent.startswith(f"gpu-etl/{VERSION} ")
    assert settings.reddit_user_agent.startswith(f"linux:gpu-etl:{VERSION} ")


def test_the_pages_and_deploy_files_name_it() -> None:
    assert f"\n## {VERSION} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    tags = re.findall(r'tag: "(.+)"', (ROOT / "deploy" / "kubernetes" / "values.yaml").read_text(encoding="utf-8"))
    assert set(tags) == {VERSION}
    for page in ("README.md", "README.ko.md"):
        assert f" gpu-etl {VERSION}," in (ROOT / page).read_text(encoding="utf-8")
