"""Talk and alerts in a real Chromium: a keyword's bar leads to its posts, an alert is dealt with by clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gpu_etl_tests.dashboard.browser import chromium, tab
from gpu_etl_tests.dashboard.conftest import Market
from gpu_etl_tests.dashboard.talk import STEADY
from gpu_etl_tests.dashboard.test_alerts import Desk, desk

__all__ = ["desk"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dashboard")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def test_a_keyword_leads_to_its_posts_from_the_chart_and_from_the_table(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open("/community")
        expect(page.get_by_role("link", name="5070 SUPER <i>soon</i>")).to_be_visible()
        bar = page.locator("#keywords .bars .point path").nth(1).bounding_box()
        assert bar is not None
        page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2, steps=3)
        told = page.locator("#keywords .hoverlayer .hovertext")
        expect(told).to_contain_text("56 posts on 28 days read")
        page.mouse.down()
        page.mouse.up()
        page.wait_for_url(f"**/community?keyword={STEADY}**")
        expect(page.locator("#chosen h2")).to_have_text(STEADY)
        expect(page.get_by_role("link", name="Connector melted")).to_have_attribute(
            "rel", "noopener noreferrer external"
        )
        opened.wait_for_charts()
        page.get_by_role("link", name="New <b>Release</b>").click()
        expect(page.locator("#chosen h2")).to_have_text("New <b>Release</b>")
        assert page.locator(".posts li").count() == 5


def test_days_that_were_not_read_tell_why(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        opened.open("/community")
        opened.page.get_by_text("4 days were not read in full").click()
        expect(opened.page.locator("#gaps").get_by_text("403 <b>on</b> /r/nvidia").first).to_be_visible()


def test_an_alert_is_acknowledged_with_a_note_snoozed_and_reopened(browser: Browser, desk: Desk) -> None:
    with tab(browser, desk.site.url) as opened:
        page = opened.page
        opened.open("/alerts")
        expect(page.get_by_role("heading", name="3 active alerts")).to_be_visible()
        row = page.locator(".alerts > li").filter(has_text="Source blind")
        row.get_by_text("Add a note").click()
        row.get_by_placeholder("What to remember").fill("the shop <b>told</b> us")
        row.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("status").filter(has_text="Acknowledged.")).to_be_visible()
        expect(page.get_by_role("heading", name="2 active alerts")).to_be_visible()
        expect(page.locator("q", has_text="the shop <b>told</b> us").first).to_be_visible()
        fall = page.locator(".alerts > li").filter(has_text="Fall")
        fall.get_by_role("combobox").select_option("30")
        fall.get_by_role("button", name="Snooze").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="Snoozed.")).to_be_visible()
        assert opened.violations() == []
        page.get_by_role("button", name="Reopen the alert of GeForce RTX 5070").click()
        expect(page.get_by_role("heading", name="2 active alerts")).to_be_visible()


def test_one_kind_is_shown_without_a_new_page(browser: Browser, desk: Desk) -> None:
    with tab(browser, desk.site.url, locale="ko-KR") as opened:
        page = opened.page
        opened.open("/alerts")
        page.evaluate("window.wasHere = true")
        page.get_by_role("link", name="하락").click()
        expect(page.locator(".alerts > li")).to_have_count(1)
        assert page.evaluate("window.wasHere") is True
        assert page.url.endswith("/alerts?kind=drop")
