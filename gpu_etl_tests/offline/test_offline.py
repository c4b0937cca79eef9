"""The day's HTML file: what it tells, strangers' words as text, written whole, and silent when it is opened."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from axe_playwright_python.sync_playwright import Axe

from gpu_etl import offline
from gpu_etl.assets.report import market_report
from gpu_etl.cli.report import write_report
from gpu_etl.database import Database, tables
from gpu_etl.database.bulk import merge
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings
from gpu_etl_tests.assets.helpers import DAY, back
from gpu_etl_tests.dashboard.browser import chromium

SEOUL = ZoneInfo("Asia/Seoul")
MADE = datetime(2026, 3, 8, 1, 30, tzinfo=UTC)
HOSTILE = '</style><script>document.title="owned"</script><img src="https://evil.example/x" onerror="x()">\u202e'


def alert(subject: str, days_back: int, **more: Any) -> dict[str, Any]:
    row = {"subject": subject, "kind": "risk", "opened_day": back(days_back), "subject_kind": "sku", "product": HOSTILE}
    return {**row, "value": 60_000, "threshold": 50_000, "unit": "won", "factors": {"price": 900_000}, **more}


@pytest.fixture
def _a_day(database: Database) -> None:
    index = [
        {"chipset": chipset, "market_day": back(days), "status": "published", "matched_pairs": 5, "cards": cards}
        | {"currency": "KRW", "index_value": value, "low_price": price, "median_price": price}
        for chipset, cards, days, value, price in (
            ("GeForce RTX 5070", 9, 0, 90, 806_030), ("GeForce RTX 5070", 9, 7, 100, 890_000),
            ("Arc B580", 2, 0, None, None),
        )
    ]  # fmt: skip
    card = {"sku_id": "a" * 12, "brand": HOSTILE, "chipset": "GeForce RTX 5070", "model_name": "X", "vram_gb": 12}
    change = {"sku_id": "a" * 12, "market_day": DAY, "price": 806_030, "change_pct": -9.4, "last_week_avg": 890_000}
    trend = {"keyword": "<i>Leak</i>", "market_day": DAY, "mentions": 3, "mentions_7d": 12, "growth_pct": 200}
    coverage = {"source": "danawa", "part": "list", "market_day": DAY, "status": "partial", "got": 3, "reason": HOSTILE}
    refused = {"source": "danawa", "market_day": DAY, "subject": "1", "reason": HOSTILE, "excerpt": HOSTILE}
    listing = {"source": "danawa", "listing_id": "1", "title": HOSTILE, "identity_status": "unidentified"}
    advice = {"subject": "GeForce RTX 5070", "market_day": DAY, "subject_kind": "chipset"}
    rows: list[tuple[Any, list[dict[str, Any]]]] = [
        (tables.chipset_index, index),
        (tables.skus, [{**card, "is_oc": False, "first_seen": DAY}]),
        (tables.price_changes, [{**change, "currency": "KRW", "listings": 1, "baseline_days": 3}]),
        (tables.risk_alerts, [
            alert("open", 3), alert("later", -1), alert("over", 9, closed_day=back(2), closed_reason="x"),
            alert("over since", 5, closed_day=back(-1), closed_reason="x"),
        ]),
        (tables.keyword_trends, [{**trend, "is_rising": True, "weight": 3, "weighted_score": 9}]),
        (tables.source_coverage, [{**coverage, "checked_at": MADE}]),
        (tables.quarantine, [refused]),
        (tables.listings, [{**listing, "identity_reason": HOSTILE, "first_seen": DAY, "last_seen": DAY}]),
        (tables.buying_advice, [{**advice, "advice": "wait", "reason": "x"}]),
    ]  # fmt: skip
    for table, given in rows:
        database.run(lambda connection, table=table, given=given: merge(connection, table, given))  # type: ignore[misc]


def rendered(database: Database, language: str = "en") -> str:
    return offline.render(database.run(lambda connection: offline.read(connection, DAY)), MADE, SEOUL, language)


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]).split())


@pytest.mark.usefixtures("_a_day")
def test_it_tells_the_day(database: Database) -> None:
    text = words_of(rendered(database))
    assert f"The GPU market on {DAY}" in text
    assert "1 of 2 chipsets got cheaper and 0 dearer. GeForce RTX 5070 fell most, \u221210.0%" in text
    assert "2 alerts open." in text, "those that were open at the end of the day, whatever came after"
    assert "&lt;i&gt;Leak&lt;/i&gt; 12 +200% 9" in text
    assert "0 of 1 parts of the sources were read in full." in text
    assert "Wait" in text
    assert "Made 2026-03-08 10:30 KST" in text


@pytest.mark.usefixtures("_a_day")
def test_an_index_that_is_withheld_is_no_part_of_the_week(database: Database) -> None:
    ghost = {"chipset": "GeForce RTX 4070", "market_day": DAY, "status": "withheld", "matched_pairs": 1, "cards": 1}
    ghost |= {"currency": "KRW", "index_value": 60, "low_price": 500_000, "change_7d_pct": -40}
    database.run(lambda connection: merge(connection, tables.chipset_index, [ghost]))
    text = words_of(rendered(database))
    assert "1 of 2 chipsets got cheaper and 0 dearer. GeForce RTX 5070 fell most, \u221210.0%" in text
    assert "40.0%" not in text


@pytest.mark.usefixtures("_a_day")
def test_it_tells_the_day_in_korean_too(database: Database) -> None:
    """No English word is left but names, units and what strangers wrote."""
    page = rendered(database, "ko")
    text = words_of(page).replace(html.escape(HOSTILE, quote=True).replace("&quot;", "&#34;"), "")
    assert '<html lang="ko">' in page
    assert "일주일 사이 칩셋 2개 중 1개가 내리고 0개가 올랐습니다." in text
    assert "가장 많이 내린 것은 GeForce RTX 5070, \u221210.0%, 최저 806,030원." in text
    assert "위험 지수 60,000원, 기준 50,000원 초과(가격 900,000, 지난주 알 수 없음, Reddit를 읽지 못함)" in text
    assert "출처 1곳 중 0곳을 온전히 읽었습니다." in text
    known = "GPU GeForce RTX Arc B Reddit KST gpu_etl danawa list lt gt i Leak X GB"
    assert set(re.findall(r"[A-Za-z_]+", text)) - set(known.split()) == set()


@pytest.mark.usefixtures("_a_day")
def test_strangers_words_are_text_and_nothing_is_asked_for(database: Database) -> None:
    text = rendered(database)
    assert "<script" not in text
    assert text.count("</style>") == 1
    assert not re.search(r"""<(?!meta)[^>]*\s(on\w+|style|src|href)\s*=""", text)
    assert "&lt;script&gt;" in text
    assert len(text.encode()) < 40_000


def test_a_day_without_prices_says_so(database: Database) -> None:
    text = rendered(database)
    assert "There are no prices of this day." in text
    assert "이 날의 가격이 없습니다." in rendered(database, "ko")
    assert "Reddit was not read." in text


def test_the_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "day.html"
    assert offline.write("한글", path) == 6
    path.chmod(0o600)
    with pytest.raises(UnicodeEncodeError):
        offline.write("\ud800", path)
    assert path.read_text(encoding="utf-8") == "한글"
    assert [file.name for file in path.parent.iterdir()] == ["day.html"], "no part of a file is left behind"
    with pytest.raises(FileExistsError):
        offline.write("x", path / "below")


class Opened(PostgresResource):
    """The test's database in place of the environment's."""

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._database = OPEN["database"]

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None: ...


OPEN: dict[str, Database] = {}


@pytest.mark.usefixtures("_a_day")
def test_the_asset_keeps_a_file_a_day(make_settings: Callable[..., Settings], database: Database) -> None:
    OPEN["database"] = database
    settings = make_settings()
    result = dg.materialize(
        [market_report], partition_key=DAY.isoformat(), resources={"postgres": Opened(), "settings": settings}
    )
    (made,) = result.asset_materializations_for_node("market_report")
    path = settings.home / "reports" / f"{DAY}.html"
    assert made.metadata["file"].value == str(path)
    assert made.metadata["bytes"].value == path.stat().st_size
    assert [made.metadata[name].value for name in ("chipsets", "alerts", "not_read_in_full")] == [2, 2, 1]


@pytest.mark.slow
@pytest.mark.usefixtures("_a_day")
def test_it_asks_for_nothing_and_runs_nothing_when_it_is_opened(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "day.html"
    offline.write(rendered(database), path)
    asked: list[str] = []
    complaints: list[str] = []
    with chromium() as browser:
        looks: list[tuple[int, Literal["light", "dark"]]] = [(1440, "light"), (390, "dark")]
        for width, theme in looks:
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(path.as_uri())
            assert page.title() == f"The GPU market on {DAY}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("svg.spark").first.bounding_box()["width"] > 100  # type: ignore[index]
            assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
            page.close()
    assert set(asked) == {path.as_uri()}
    assert complaints == []


@pytest.mark.usefixtures("_a_day")
def test_the_command_writes_the_latest_day_or_says_why_not(
    make_settings: Callable[..., Settings], database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, path = make_settings(), tmp_path / "today.html"
    told = write_report(database, settings, None, path)
    assert told == f"{path}: the market on {DAY}, {path.stat().st_size:,} bytes"
    for day, where, says in (
        (back(100), path, f"no prices on {back(100)}"),
        (None, path / "below.html", f"{path / 'below.html'}: File exists"),
    ):
        with pytest.raises(SystemExit) as left:
            write_report(database, settings, day, where)
        assert (left.value.code, capsys.readouterr().err) == (1, f"gpu-etl: {says}\n")
