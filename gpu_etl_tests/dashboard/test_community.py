"""The community page: bars per keyword, what rises, the posts behind a keyword, and days that were not read."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from gpu_etl_tests.dashboard.serving import DAY, EVIL_ADDRESS, Site, back, figures
from gpu_etl_tests.dashboard.talk import RISING, STEADY, UNREAD


def loaded(site: Site, query: str = "") -> Any:
    answer = site.get(f"/api/community{query}")
    assert answer.status_code == 200
    return answer.json()


def test_thirty_days_are_counted_unread_ones_are_unknown(site: Site) -> None:
    page = loaded(site)
    assert (page["day"], page["first"], page["last"]) == (str(DAY), str(back(29)), str(DAY))
    by_keyword = {row["keyword"]: row for row in page["keywords"]}
    assert by_keyword[RISING]["mentions_period"] == 7 * 6 + 21 * 1
    assert by_keyword[STEADY]["days_read"] == 30 - len(UNREAD)
    unread = {row["market_day"] for row in page["mention_days"] if row["mentions"] is None}
    assert unread == {str(back(days)) for days in UNREAD}


def test_bars_show_each_keyword_and_the_rising_one_in_another_colour(site: Site) -> None:
    (trace,) = figures(site.get("/community").text)["keywords"]["data"]
    assert trace["y"] == ["New &lt;b&gt;Release&lt;/b&gt;", STEADY]
    assert trace["x"] == [63, 56]
    assert trace["marker"]["color"] == ["$series-2", "$series-1"]
    assert all(url.startswith("/community?keyword=") for url in trace["customdata"])


def test_days_that_were_not_read_are_a_band_and_not_a_zero(site: Site) -> None:
    figure = figures(site.get("/community").text)["days"]
    known = dict(zip(figure["data"][0]["x"], figure["data"][0]["y"], strict=True))
    assert [known[str(back(days))] for days in (0, 7, *UNREAD)] == [6, 1, None, None]
    (band,) = figure["layout"]["shapes"]
    assert (band["x0"], band["x1"]) == (f"{back(11)}T12:00", f"{back(9)}T12:00")


def test_the_rising_keyword_is_chosen_unless_another_is_asked_for(site: Site) -> None:
    assert loaded(site)["keyword"] == RISING
    assert loaded(site, "?keyword=Issues")["keyword"] == STEADY
    missing = site.get("/community?keyword=nothing")
    assert missing.status_code == 404
    assert "no keyword" in missing.text


def test_its_five_best_posts_by_score_and_then_comments(site: Site) -> None:
    assert [post["post_id"] for post in loaded(site)["posts"]] == ["best", "tied", "tie2", "evil", "gone"]
    text = site.get("/community").text
    assert "5070 SUPER &lt;i&gt;soon&lt;/i&gt;</bdi></a>" in text
    assert "900 points" in text
    assert "Its text was removed on Reddit" in text
    assert "Sixth and never shown" not in text
    assert EVIL_ADDRESS not in unescape(re.sub(r"<bdi>.*?</bdi>", "", text))


def test_chipsets_with_how_posts_speak_of_them(site: Site) -> None:
    (chipset,) = loaded(site)["talked_chipsets"]
    assert {name: chipset[name] for name in ("chipset", "posts", "good", "neutral", "bad")} == {
        "chipset": "GeForce RTX 5070", "posts": 7, "good": 1, "neutral": 3, "bad": 2,
    }  # fmt: skip
    assert "of 6 posts 1 speak well, 2 ill" in site.get("/community").text


def test_coverage_tells_not_read_from_not_asked(site: Site) -> None:
    text = site.get("/community").text
    squares = re.findall(r'<rect x="\d+" width="8" height="12" class="(\w+)">', text)
    assert squares.count("blocked") == 2
    assert squares.count("not_asked") == 2
    assert squares.count("complete") == 56
    assert "403 &lt;b&gt;on&lt;/b&gt; /r/nvidia" in text
    assert "4 days were not read in full" in text


@pytest.mark.parametrize("query", ["?from=2020-01-01&to=2020-02-01", "?from=2036-01-01&to=2036-02-01"])
def test_a_period_without_talk_says_so(site: Site, query: str) -> None:
    assert "there is no talk to show" in site.get(f"/community{query}").text
    page = loaded(site, query)
    assert (page["day"], page["posts"]) == (None, [])


def test_a_period_of_centuries_is_refused(site: Site) -> None:
    answer = site.get("/community?from=0001-01-01&to=9999-12-31")
    assert answer.status_code == 400
    assert "at most 3,660 days" in answer.text
