"""A real Chromium that tells on a page: console errors, outside requests, what axe finds.

Belongs here: starting it and watching. Does not belong here: what a test expects of a page.

Screenshots go to the folder that ``GPU_ETL_SCREENSHOTS`` names, or else to one under pytest's own temporary folder;
its name is printed.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (1440, 390)
CHART_SECONDS = 20

Theme = Literal["light", "dark"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a module; they are skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """One tab, and what went wrong in it so far."""

    page: Page
    base: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page of the dashboard, and wait for its charts."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        self.wait_for_charts()

    def wait_for_charts(self) -> None:
        """Wait until every chart is drawn."""
        self.until("[...document.querySelectorAll('[data-figure]')].every((plot) => plot.classList.contains('drawn'))")

    def until(self, expression: str, seconds: float = CHART_SECONDS) -> None:
        """Wait until an expression is true in the page; Playwright's own way needs eval, which our policy forbids."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {expression}"
            self.page.wait_for_timeout(50)

    def violations(self) -> list[str]:
        """What axe finds, a line each."""
        found = Axe().run(self.page).response["violations"]
        return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def hover(self, plot: str, place: float) -> str:
        """Point at a chart at a share of its width; what is shown beside the pointer."""
        area = self.page.locator(f"#{plot} .nsewdrag").first
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] * place - 4, box["y"] + box["height"] / 2)
        self.page.mouse.move(box["x"] + box["width"] * place, box["y"] + box["height"] / 2, steps=3)
        shown = self.page.locator(f"#{plot} .hoverlayer .hovertext")
        shown.first.wait_for(timeout=5000)
        return "\n".join(shown.all_text_contents())


@contextmanager
def tab(
    browser: Browser, base: str, *, width: int = 1440, theme: Theme = "light", locale: str = "en-US"
) -> Iterator[Tab]:
    """A tab with cookies of its own; whatever it complains about or asks elsewhere fails the test at the end."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale=locale)
    page = context.new_page()
    opened = Tab(page, base)

    def note_console(message: Any) -> None:
        if message.type in ("error", "warning"):
            opened.problems.append(f"console {message.type}: {message.text}")

    def note_request(request: Any) -> None:
        if not request.url.startswith((base, "data:", f"blob:{base}")):
            opened.problems.append(f"asked elsewhere: {request.url}")

    page.on("console", note_console)
    page.on("pageerror", lambda error: opened.problems.append(f"script error: {error}"))

    def dismissed(dialog: Dialog) -> None:
        opened.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismissed)
    context.on("request", note_request)
    try:
        yield opened
        assert not opened.problems, "\n".join(opened.problems)
    finally:
        context.close()


def screenshots(factory: pytest.TempPathFactory) -> Path:
    """The folder that screenshots go to."""
    named = os.environ.get("GPU_ETL_SCREENSHOTS")
    folder = Path(named) if named else factory.getbasetemp() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def file_name(path: str, width: int, theme: str) -> str:
    """The name of a page's screenshot: ``chipsets-geforce-rtx-5070-1440-light.png``."""
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "overview"
    return f"{name[:60]}-{width}-{theme}.png"
