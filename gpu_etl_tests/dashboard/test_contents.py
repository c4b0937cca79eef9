"""What the single pages hold: numbers as stored, gaps as gaps, what is suspect marked, falls after a launch and only
then."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from gpu_etl.dashboard.pages import card, compare
from gpu_etl.words import Words
from gpu_etl_tests.dashboard.conftest import Market
from gpu_etl_tests.dashboard.serving import DAY, UNREAD, Site, back, price_of


def api(site: Site, path: str) -> Any:
    answer = site.get("/api" + path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_cards_course_has_its_prices_and_its_gaps(site: Site, market: Market) -> None:
    page = api(site, f"/skus/{market.cards['1']}")
    prices = {date.fromisoformat(day["market_day"]): day["price"] for day in page["days"]}
    for days_back in range(30):
        if days_back in UNREAD:
            assert back(days_back) not in prices
        else:
            assert prices[back(days_back)] == price_of("1", days_back)
    unread = [date.fromisoformat(day) for day in page["unread_days"]]
    assert set(unread) == {back(days) for days in UNREAD}
    assert (page["first"], page["last"]) == (back(29).isoformat(), DAY.isoformat()), "no day before the first one"
    [suspect] = page["suspects"]
    assert (suspect["market_day"], suspect["price"]) == (back(5).isoformat(), 400_000)
    assert [offer["price"] for offer in page["offers"]] == [790_000, 795_000, 801_000]
    assert {listing["listing_id"] for listing in page["listings"]} == {"1", "5", "6"}
    assert page["risk"]["risk_index"] == page["latest"]["last_week_avg"] - page["latest"]["price"]


def test_a_buyer_sees_at_once_whether_to_buy_and_why(site: Site, market: Market) -> None:
    text = site.get(f"/skus/{market.cards['1']}").text
    verdict = text[text.index('class="verdict"') : text.index("</section>")]
    assert "Wait" in verdict
    assert "two in three cards like it cost 5 % less within four weeks" in verdict
    assert "right in 71% of 1,234 tries" in verdict
    assert "64% chance of a price at least 5% lower in 28 days" in verdict
    page = api(site, f"/skus/{market.cards['1']}")
    assert [(part["part"], part["points"]) for part in page["risk_parts"]] == [("momentum", 21.5), ("sellers", -4.0)]


def test_the_period_is_what_is_asked_for(site: Site, market: Market) -> None:
    page = api(site, f"/skus/{market.cards['1']}?from={back(3)}&to={back(1)}")
    assert [day["market_day"] for day in page["days"]] == [back(days).isoformat() for days in (3, 2, 1)]
    assert page["latest"]["market_day"] == DAY.isoformat()


def test_the_chart_breaks_at_gaps_and_marks_what_is_not_believed(site: Site, market: Market) -> None:
    text = site.get(f"/skus/{market.cards['1']}").text
    found = re.search(r'<script type="application/json" id="price-figure">(.*?)</script>', text, re.DOTALL)
    assert found
    figure = json.loads(found[1])
    line, suspects = figure["data"][:2]
    at = {day: place for place, day in enumerate(line["x"])}
    for days_back in (12, 13, 14, *UNREAD):
        assert line["y"][at[back(days_back).isoformat()]] is None
    hover = line["hovertext"][at[DAY.isoformat()]]
    assert "₩780,000" in hover
    assert "8 Mar 2026" in hover
    assert "danawa · prod.danawa.com/info/?pcode=1" in hover
    assert line["customdata"][at[DAY.isoformat()]] == "https://prod.danawa.com/info/?pcode=1"
    low, _ = figure["layout"]["yaxis"]["range"]
    assert low < suspects["y"][0] < min(y for y in line["y"] if y), "beyond the line it stands at the edge"
    assert "₩400,000" in suspects["hovertext"][0]
    assert "fell 55 % at once" in suspects["hovertext"][0]
    kinds = {shape["fillcolor"] for shape in figure["layout"]["shapes"] if shape["type"] == "rect"}
    assert kinds == {"$band-unread", "$band-sold-out"}


def test_the_overview_tells_what_changed_since_the_day_before(site: Site, market: Market) -> None:
    page = api(site, "/overview")
    assert (page["day"], page["previous_day"]) == (DAY.isoformat(), back(1).isoformat())
    fell = {move["sku_id"]: move for move in page["falls"]}
    move = fell[market.cards["1"]]
    assert (move["price"], move["previous_price"]) == (price_of("1", 0), price_of("1", 1))
    counts = page["counts"]
    assert counts["fell"] + counts["rose"] + counts["unchanged"] == 4
    assert any(alert["subject"] == market.cards["1"] for alert in page["open_alerts"])
    assert {source["source"] for source in page["sources"]} == {"danawa", "reddit"}


@pytest.mark.parametrize(
    ("words", "listings"),
    [
        ("4070", {"3", "4"}),
        ("지포스", {"1", "2", "3", "4"}),
        ("조텍", {"3"}),
        ("zotac 4070 super", {"3"}),
        ("9070", set()),
    ],
)
def test_search_finds_in_both_languages(site: Site, market: Market, words: str, listings: set[str]) -> None:
    page = api(site, f"/skus?q={quote(words)}")
    assert {row["sku_id"] for row in page["skus"]} == {market.cards[listing] for listing in listings}
    assert page["found"] == len(listings)


@pytest.mark.parametrize("q", ["%", "_", "'; drop table skus; --", "\x00", "<b>", "a" * 5000, "\ud83d\ude00"])
def test_odd_searches_are_only_searches(site: Site, q: str) -> None:
    answer = site.get("/skus", params={"q": q.encode("utf-8", "surrogatepass")})
    assert answer.status_code in (200, 404)


def test_compared_are_what_was_asked_for_with_gaps_to_the_cheapest(site: Site, market: Market) -> None:
    page = api(site, f"/compare?chipset=geforce-rtx-5070&chipset=geforce-rtx-4070&sku={market.cards['2']}")
    assert [one["name"].split()[-1] if one["kind"] == "chipset" else one["subject"] for one in page["compared"]] == [
        "5070",
        "4070",
        market.cards["2"],
    ]
    cheapest = min(one["price"] for one in page["compared"])
    assert all(one["gap"] == one["price"] - cheapest for one in page["compared"])


def test_nothing_asked_for_compares_the_family_that_is_there(site: Site) -> None:
    assert {one["name"] for one in api(site, "/compare")["compared"]} == {
        "GeForce RTX 4070",
        "GeForce RTX 4070 SUPER",
    }


@pytest.mark.parametrize("query", ["chipset=nonsense", "&".join(f"sku={number}" for number in range(9))])
def test_what_cannot_be_compared_is_said(site: Site, query: str) -> None:
    assert site.get(f"/compare?{query}").status_code == 400


@pytest.mark.parametrize(
    ("day", "change", "successor"),
    [
        (date(2024, 2, 1), -2.0, "GeForce RTX 4070 SUPER"),
        (date(2024, 2, 1), 2.0, None),
        (date(2024, 2, 1), 0.0, None),
        (date(2024, 2, 1), None, None),
        (date(2024, 6, 1), -2.0, None),
        (date(2023, 12, 1), -2.0, None),
    ],
)
def test_falls_are_marked_after_a_successors_launch_and_only_then(
    day: date, change: float | None, successor: str | None
) -> None:
    assert compare.fell_after("GeForce RTX 4070", change, day) == successor


def test_a_card_without_any_price_has_no_chart() -> None:
    empty: Any = type("Page", (), {"days": []})()
    assert card.charts(empty, Words("en")) == {}
