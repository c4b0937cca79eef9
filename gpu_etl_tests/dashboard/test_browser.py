"""The pages in a real Chromium: seen, asked, driven by keyboard, and looked over by axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.dashboard.browser import Theme, chromium, file_name, screenshots, tab
from gpu_etl_tests.dashboard.conftest import Market
from gpu_etl_tests.dashboard.serving import DAY, NOW, back, served
from gpu_etl_tests.dashboard.test_pages import PATHS, market_at, path_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dashboard")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = screenshots(tmp_path_factory)
    print(f"screenshots: {found}")
    return found


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_whole_quiet_and_open_to_everybody(
    browser: Browser, market: Market, folder: Path, width: int, theme: Theme
) -> None:
    with tab(browser, market.site.url, width=width, theme=theme) as opened:
        for template in PATHS:
            path = path_of(template, market)
            opened.open(path)
            named = path.replace(market.cards["1"], "card")
            opened.page.screenshot(path=folder / file_name(named, width, theme), full_page=True)
            assert opened.overflow() <= 0, path
            assert opened.violations() == [], path
            assert opened.problems == [], path


def test_no_page_is_wider_than_the_smallest_phone(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url, width=320) as opened:
        for template in PATHS:
            opened.open(path_of(template, market))
            assert opened.overflow() <= 0, template


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_an_empty_database_is_open_to_everybody_too(
    browser: Browser, database: Database, make_settings: Callable[..., Settings], width: int, theme: Theme
) -> None:
    with served(make_settings(), database) as empty, tab(browser, empty.url, width=width, theme=theme) as opened:
        for path in (path for path in PATHS if "{card}" not in path and "geforce" not in path):
            opened.open(path)
            assert opened.overflow() <= 0, path
            assert opened.violations() == [], path


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_stale_market_is_open_to_everybody_too(browser: Browser, market: Market, width: int, theme: Theme) -> None:
    with (
        market_at(market, NOW + timedelta(days=9)) as stale,
        tab(browser, stale.url, width=width, theme=theme) as opened,
    ):
        for path in ("/", "/health"):
            opened.open(path)
            expect(opened.page.locator(".notice", has_text="9 days old")).to_be_visible()
            assert opened.overflow() <= 0, path
            assert opened.violations() == [], path


def test_hovering_shows_price_day_source_and_address(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        opened.open(f"/skus/{market.cards['1']}")
        told = opened.hover("price", 0.999)
        assert "₩780,000" in told
        assert "8 Mar 2026" in told
        assert "cheapest at 컴퓨존" in told
        assert "danawa · prod.danawa.com/info/?pcode=1" in told


def test_a_chart_is_zoomed_and_saved_as_a_picture_without_asking_anybody(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open(f"/skus/{market.cards['1']}")
        opened.hover("price", 0.5)
        page.mouse.down()
        page.mouse.move(400, 500, steps=3)
        page.mouse.up()
        buttons = page.locator("#price .modebar-btn")
        titles = [button.get_attribute("data-title") for button in buttons.all()]
        assert titles == ["Download plot as a PNG", "Zoom", "Pan", "Reset axes"]
        buttons.last.click()
        with page.expect_download() as saved:
            buttons.first.click()
        assert saved.value.suggested_filename == "gpu-market.png"


def test_a_click_on_a_line_opens_what_it_stands_for(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        opened.open(f"/compare?sku={market.cards['1']}")
        # Plotly looks where the pointer is at most every 50 ms: a faster click, which no hand does, may hit no point.
        for _ in range(3):
            opened.hover("courses", 0.999)
            opened.page.wait_for_timeout(200)
            opened.page.mouse.down()
            opened.page.mouse.up()
            with suppress(PlaywrightTimeout):
                opened.page.wait_for_url(f"**/skus/{market.cards['1']}", timeout=5000)
                return
        pytest.fail("three clicks opened nothing")


def test_the_period_filters_without_a_new_page_and_back_goes_back(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open(f"/skus/{market.cards['1']}")
        page.evaluate("window.wasHere = true")
        shown = "document.getElementById('price').data[0].x.length"
        assert page.evaluate(shown) == 30
        page.get_by_role("link", name="3 months").click()
        opened.until(f"document.querySelector('.plot.drawn') && {shown} === 91")
        page.get_by_label("From").fill(back(9).isoformat())
        page.get_by_role("button", name="Show").click()
        opened.until(f"document.querySelector('.plot.drawn') && {shown} === 10")
        assert f"from={back(9)}" in page.url
        assert page.evaluate("window.wasHere") is True
        page.go_back()
        opened.until(f"document.querySelector('.plot.drawn') && {shown} === 91")


def test_what_is_picked_is_drawn_over_each_other_absolute_or_indexed(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open("/compare?chipset=geforce-rtx-5070")
        names = "document.getElementById('courses').data.map((line) => line.name)"
        assert page.evaluate(names) == ["RTX 5070"]
        page.get_by_label("GeForce RTX 4070 SUPER").check()
        opened.until(f"document.querySelector('.plot.drawn') && {names}.length === 2")
        page.get_by_role("link", name="Indexed, first day 100").click()
        page.wait_for_url("**mode=indexed**")
        opened.until(
            "document.querySelector('.plot.drawn')"
            " && document.getElementById('courses').data.every((line) => line.y.find((y) => y !== null) === 100)"
        )
        assert page.evaluate(names) == ["RTX 4070 SUPER", "RTX 5070"]


def test_cards_chosen_on_a_chipsets_page_are_compared(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        opened.open("/chipsets/geforce-rtx-5070")
        opened.page.locator("input[name=sku]").first.check()
        opened.page.get_by_role("button", name="Compare chosen").click()
        opened.page.wait_for_url(f"**/compare?sku={market.cards['1']}")
        expect(opened.page.get_by_role("heading", name="Side by side")).to_be_visible()


def test_the_language_is_switched_and_stays(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open(f"/skus/{market.cards['1']}?from={back(9)}")
        page.get_by_role("link", name="한국어").click()
        expect(page.get_by_role("heading", name="가격 추이")).to_be_visible()
        assert f"from={back(9)}" in page.url
        opened.wait_for_charts()
        assert "780,000원" in opened.hover("price", 0.999)
        opened.open("/")
        expect(page.locator("html")).to_have_attribute("lang", "ko")


def test_dark_follows_the_system_and_then_the_button(browser: Browser, market: Market) -> None:
    def is_dark() -> bool:
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        numbers = [int(number) for number in re.findall(r"\d+", ground)[:3]]
        return sum(numbers) < 3 * 128

    with tab(browser, market.site.url, theme="dark") as opened:
        page = opened.page
        opened.open(f"/skus/{market.cards['1']}")
        assert is_dark()
        line = page.evaluate("document.getElementById('price').data[0].line.color")
        page.get_by_role("button", name="Light or dark").click()
        assert not is_dark()
        opened.until(f"document.getElementById('price').data[0].line.color !== '{line}'")
        opened.open("/chipsets")
        assert not is_dark()
        page.emulate_media(color_scheme="light")
        page.get_by_role("button", name="Light or dark").click()
        assert is_dark()


def test_hostile_titles_are_only_text(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open(f"/skus/{market.cards['1']}")
        title = page.get_by_text("<script>alert(1)</script><b>x</b>").first
        expect(title).to_be_visible()
        assert page.locator("a[href^='javascript']").count() == 0
        assert page.locator("bdi b, bdi script").count() == 0
        assert title.evaluate("(node) => getComputedStyle(node).unicodeBidi") == "isolate"


def test_everything_is_reached_by_keyboard(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open(f"/skus/{market.cards['1']}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        wanted = {"1 month", "Show", "danawa", "CSV"}
        for _ in range(60):
            page.keyboard.press("Tab")
            wanted.discard(page.evaluate("document.activeElement.textContent.trim()"))
            if page.evaluate("document.activeElement.tagName") == "SUMMARY":
                page.keyboard.press("Enter")
                expect(page.locator("details.behind")).to_have_attribute("open", "")
        assert wanted == set()


def test_a_tables_head_sorts_it(browser: Browser, market: Market) -> None:
    with tab(browser, market.site.url) as opened:
        page = opened.page
        opened.open("/skus")
        cells = "[...document.querySelectorAll('tbody td:nth-child(3)')]"
        prices = f"{cells}.map((cell) => Number(cell.dataset.value))"
        page.get_by_role("button", name="Price").click()
        falling = page.evaluate(prices)
        assert falling == sorted(falling, reverse=True)
        page.get_by_role("button", name="Price").click()
        assert page.evaluate(prices) == sorted(falling)
        expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")


def test_pages_are_readable_without_scripts(browser: Browser, market: Market) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{market.site.url}/skus/{market.cards['1']}?from={back(3)}&to={DAY}")
        page.locator("details.behind summary").click()
        expect(page.locator("details.behind tbody tr")).to_have_count(4)
    finally:
        context.close()
