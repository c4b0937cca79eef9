"""What every page has in common: three faces of one object, two languages, hostile text, and nothing to show."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from gpu_etl.dashboard.pages import PAGES
from gpu_etl.database import Database, open_database
from gpu_etl.settings import Settings
from gpu_etl_tests.dashboard.conftest import Market
from gpu_etl_tests.dashboard.serving import EVIL_ADDRESS, Site, served

PATHS = (
    "/",
    "/chipsets",
    "/chipsets/geforce-rtx-5070",
    "/skus",
    "/skus?q=4070+%EC%A1%B0%ED%85%8D",
    "/skus/{card}",
    "/compare",
    "/compare?chipset=geforce-rtx-5070&sku={card}&mode=indexed",
    "/community",
    "/alerts",
    "/stock",
    "/health",
)
"""One address of every page."""


def path_of(template: str, market: Market) -> str:
    return template.format(card=market.cards["1"])


def test_every_page_is_tested() -> None:
    assert {re.sub(r"\{\w+\}", "*", page.path) for page in PAGES} <= {
        re.sub(r"\{\w+\}|geforce-[a-z0-9-]+", "*", path.partition("?")[0]) for path in PATHS
    }


@pytest.mark.parametrize("template", PATHS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_answers_in_both_languages(site: Site, market: Market, template: str, language: str) -> None:
    answer = site.get(path_of(template, market), headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}"' in answer.text
    assert "<script>alert" not in answer.text
    assert not re.search(r"""\s(on\w+|style)\s*=|<script(?![^>]*(src=|application/json))|<style""", answer.text)
    assert f'href="{EVIL_ADDRESS}' not in answer.text
    assert "None" not in re.sub(r"<script.*?</script>", "", answer.text, flags=re.DOTALL)


@pytest.mark.parametrize("template", PATHS)
def test_json_and_csv_hold_what_the_page_shows(site: Site, market: Market, template: str) -> None:
    path = path_of(template, market)
    page = site.get(path).text
    api = re.search(r'href="(/api/[^"]*)">JSON', page)
    assert api
    answer = site.get(api[1].replace("&amp;", "&"))
    assert answer.headers["content-type"] == "application/json"
    loaded = answer.json()
    links = set(re.findall(r'href="(/api/[^"]*\.csv[^"]*)"', page))
    assert links
    for link in links:
        name = re.search(r"/(\w+)\.csv", link)
        assert name
        download = site.get(link.replace("&amp;", "&"))
        assert download.status_code == 200
        assert re.fullmatch(r'attachment; filename="[\w.-]+\.csv"', download.headers["content-disposition"])
        rows = list(csv.DictReader(io.StringIO(download.content.decode("utf-8-sig"))))
        assert len(rows) == len(loaded[name[1]])
        assert all(set(row) == set(loaded[name[1]][0]) for row in rows)
        assert not any(str(value).startswith(("=", "@", "+")) for row in rows for value in row.values())


@pytest.mark.parametrize("template", [path for path in PATHS if "{" not in path])
def test_an_empty_database_names_the_next_step(
    make_settings: Callable[..., Settings], database: Database, template: str
) -> None:
    with served(make_settings(), database) as empty:
        answer = empty.get(template)
        assert answer.status_code == 200
        assert "There are no prices yet" in answer.text
        assert "gpu-etl run price-crawl" in answer.text


def test_a_stale_market_says_so_and_what_to_do(market: Market) -> None:
    with market_at(market, datetime(2026, 3, 12, 3, tzinfo=UTC)) as late:
        text = late.get("/chipsets").text
        assert "Latest prices are of 8 Mar 2026 (4 days old)" in text
        assert "gpu-etl doctor" in text
        assert "Buy now? As of 8 Mar 2026, not of today" in late.get("/chipsets/geforce-rtx-5070").text
    assert "<h2>Buy now?</h2>" in market.site.get("/chipsets/geforce-rtx-5070").text
    assert "Latest prices are of" not in market.site.get("/chipsets").text


@contextmanager
def market_at(market: Market, now: datetime) -> Iterator[Site]:
    database = open_database(market.settings)
    try:
        with served(market.settings, database, now) as site:
            yield site
    finally:
        database.close()


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/nowhere", 404, "no such page"),
        ("/skus/000000000000", 404, "no card 000000000000"),
        ("/skus/%00", 404, "NUL"),
        ("/skus/{card}?from=yesterday", 400, "is no day; write it as 2026-03-01"),
        ("/skus/{card}?from=2026-03-02&to=2026-03-01", 400, "is after"),
    ],
)
def test_what_is_not_there_is_said_in_words(site: Site, market: Market, path: str, status: int, says: str) -> None:
    answer = site.get(path_of(path, market))
    assert answer.status_code == status
    assert says in answer.text
    api = site.get("/api" + path_of(path, market))
    assert api.status_code == status
    assert set(api.json()) == {"error", "detail"}


def test_the_language_is_remembered_and_the_address_wins(site: Site) -> None:
    assert "개요" not in site.get("/chipsets").text
    chosen = site.get("/chipsets?lang=ko")
    assert chosen.cookies["lang"] == "ko"
    assert site.get("/chipsets", headers={"Accept-Language": "en"}).headers["content-language"] == "ko"
    assert site.get("/chipsets?lang=en").headers["content-language"] == "en"
    assert site.get("/chipsets?lang=xx").status_code == 200


@pytest.mark.parametrize("name", ["app.css", "app.js", "icon.svg", "plotly.js"])
def test_files_are_compressed_kept_and_not_sent_twice(site: Site, name: str) -> None:
    answer = site.get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-cache"
    tag = answer.headers["etag"]
    assert site.get(f"/static/{name}", headers={"If-None-Match": tag}).status_code == 304
    kept = site.get(f"/static/{name}?v={tag.strip(chr(34))}")
    assert "immutable" in kept.headers["cache-control"]
    assert "set-cookie" not in kept.headers


def test_dark_is_the_same_by_the_system_and_by_the_button(site: Site) -> None:
    style = site.get("/static/app.css").text
    by_system, by_button = (
        re.findall(r"(--[\w-]+|color-scheme): ([^;]+);", style[style.index(start) :].partition("}")[0])
        for start in (':root:not([data-theme="light"])', ':root[data-theme="dark"]')
    )
    assert len(by_system) > 20
    assert by_system == by_button


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "app.py", "nothing.css", "%2e%2e/settings.py"])
def test_no_other_file_is_sent(site: Site, name: str) -> None:
    assert site.get(f"/static/{name}").status_code == 404


def test_a_whole_page_with_its_chart_is_small_enough(site: Site, market: Market) -> None:
    text = site.get(path_of("/skus/{card}", market)).text
    addresses = ["/skus/" + market.cards["1"], *re.findall(r'(?:href|src)="(/static/[^"]+)"', text)]
    addresses += [f"/static/{name}.js" for name in ("draw", "sort", "swap", "theme")]
    assert any("plotly.js" in address for address in addresses)
    sent = 0
    for address in addresses:
        with site.get(address, stream=True) as answer:
            sent += len(answer.raw.read(decode_content=False))
    assert sent <= 1_600_000
