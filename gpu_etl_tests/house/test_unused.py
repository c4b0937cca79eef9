"""Nothing is left over: no function, class or import that nobody uses, no macro, style or setting without a use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import vulture

from gpu_etl.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "gpu_etl"
TEMPLATES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.html")))
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.js")))
CODE = {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}

CALLED_BY_OTHERS = {
    "format_commands": "click",
    "list_commands": "click",
    "get_command": "click",
    "setup_for_execution": "dagster",
    "teardown_after_execution": "dagster",
    "MarketDayCoordinator": "dagster, by dagster.yaml",
    "from_config_value": "dagster",
    "readable": "io.BufferedReader",
    "readinto": "io.BufferedReader",
    "handle_error": "http.server",
    "do_GET": "http.server",
    "do_POST": "http.server",
    "log_message": "http.server",
    "handle_starttag": "html.parser",
    "handle_endtag": "html.parser",
    "handle_data": "html.parser",
    "__getattr__": "Python, for a name that a module does not hold yet",
    "__call__": "PRAW, which is given an object that can be called",
}
"""Methods of ours that a library calls by name."""
SEEN_THROUGH = {"for_dagster", "dipped", "robots_decisions"}
"""Windows that are there for those who look in from outside: tests, and who writes a deployment of their own."""
KINDS = {"function", "method", "class", "property", "import", "unreachable_code"}


def test_no_function_class_or_import_is_unused() -> None:
    """Used by the package itself, its templates or the benchmarks: a test alone keeps nothing alive."""
    search = vulture.Vulture(ignore_decorators=["@dg.*", "@click.*", "@*.command*", "@table_asset*", "@*validator*"])
    search.scavenge([str(PACKAGE), str(ROOT / "benchmarks")], exclude=["*/migrations/versions/*"])
    left = [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno} {item.typ} {item.name}"
        for item in search.get_unused_code(min_confidence=60)
        if item.typ in KINDS
        and item.name not in {*CALLED_BY_OTHERS, *SEEN_THROUGH}
        and not re.search(rf"\b{item.name}\b", TEMPLATES)
    ]
    assert left == []


def test_every_setting_is_read_somewhere() -> None:
    elsewhere = "\n".join(text for path, text in CODE.items() if path.name != "settings.py")
    own = CODE[PACKAGE / "settings.py"]
    unread = [
        name
        for name in Settings.model_fields
        if not re.search(rf"\b{name}\b", elsewhere) and len(re.findall(rf"\bself\.{name}\b", own)) == 0
    ]
    assert unread == []


@pytest.mark.parametrize("sheet", sorted(PACKAGE.rglob("*.css")), ids=lambda path: path.name)
def test_every_style_is_for_something(sheet: Path) -> None:
    styled = set(
        re.findall(r"\.([a-z][a-z0-9_-]*)(?![^{]*\})", re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL))
    )
    used = TEMPLATES + SCRIPTS + "\n".join(CODE.values())
    styled -= {"main-svg", *(f"s{number}" for number in range(1, 9))}  # plotly's, and made from a line's number
    assert sorted(name for name in styled if not re.search(rf"\b{name}\b", used)) == []


def test_every_macro_is_called() -> None:
    macros = re.findall(r"{%-? macro (\w+)", TEMPLATES)
    assert [name for name in macros if len(re.findall(rf"\b{name}\b", TEMPLATES)) < 2] == []
