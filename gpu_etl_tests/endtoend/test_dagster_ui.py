"""The Dagster UI in a real Chromium, on a home that was never opened before: no pop-up, no outside request, and an
asset is materialized by hand and tells of it with its picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gpu_etl_tests.dashboard.browser import chromium
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import Instance, eventually, running
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market

pytestmark = pytest.mark.slow
PATIENCE = 60_000
"""Milliseconds that the UI may take for a page on a busy machine."""


def test_the_graph_is_opened_an_asset_materialized_and_its_picture_seen(tmp_path: Path, database_url: str) -> None:
    asked: list[str] = []
    with simulated_market() as market:
        command = Command(tmp_path, database_url, market)
        assert command.json("run", "full")["success"]
        ready = r"Dagster UI: (http://127\.0\.0\.1:\d+)\nDashboard: "
        with (
            running(command, "up", "--port", "0", "--dashboard-port", "0", ready=ready) as (instance, _),
            chromium() as browser,
        ):
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.set_default_timeout(PATIENCE)
            page.on("request", lambda request: asked.append(request.url))
            _see_the_graph(page, instance)
            _materialize(page, instance)
            _see_what_it_tells(page, instance)
    outside = {url for url in asked if not re.match(r"(http|ws)://127\.0\.0\.1:|data:|blob:", url)}
    assert outside == set()


def _see_the_graph(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/asset-groups")
    for group in ("prices", "community", "analytics"):
        expect(page.get_by_text(group, exact=True).last).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("dialog")).to_have_count(0)


def _materialize(page: Page, instance: Instance) -> None:
    before = {run["runId"] for run in instance.runs()}
    page.goto(f"{instance.url}/assets/chipset_index")
    page.get_by_role("button", name="Materialize").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Show all partitions").click()
    dialog.get_by_role("textbox").first.fill(DAY)  # the UI's latest day is the real one
    dialog.get_by_role("textbox").first.press("Enter")
    dialog.get_by_role("button", name="Launch 1 run").click()
    expect(page.get_by_text("Launched run")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("View", exact=True).first.click()
    expect(page.get_by_text("RUN_SUCCESS")).to_be_visible(timeout=PATIENCE)
    (run,) = (run for run in instance.runs() if run["runId"] not in before)
    eventually(lambda: instance.wait_for([run["jobName"]], "SUCCESS"), 5, "the run has succeeded")
    assert {"key": "dagster/partition", "value": DAY} in run["tags"]


def _see_what_it_tells(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/assets/chipset_index")
    expect(page.get_by_text("Per chipset: like-for-like index").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("canonical chipset name").first).to_be_visible(timeout=PATIENCE)
    link = page.locator("a[href^='http://127.0.0.1:'][href$='/chipsets']")
    expect(link.first).to_be_visible(timeout=PATIENCE)
    assert page.request.get(str(link.first.get_attribute("href"))).ok, "the link leads to the dashboard"
    page.get_by_role("row").filter(has_text="chart").get_by_text("[Show Markdown]").click()
    picture = page.get_by_role("dialog").get_by_role("img", name=f"Chipsets on {DAY}")
    expect(picture).to_be_visible(timeout=PATIENCE)
    assert picture.evaluate("(image) => image.naturalWidth") > 400
