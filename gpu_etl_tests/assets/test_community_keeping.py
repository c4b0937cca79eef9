"""Posts after they were stored: asked for again while their score grows, and let go of when they are gone or old."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gpu_etl.database import Database
from gpu_etl.sources.records import Refusal
from gpu_etl_tests.assets.community import (
    TEN,
    FakeReddit,
    Run,
    everything,
    mentions,
    post,
    rows,
)


def test_scores_are_asked_for_at_about_six_24_and_48_hours(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 1)])
    for hours in range(0, 60, 2):
        reddit.posts = [post("a", 1, score=10 + hours)]
        reddit.reach = 0.5 if hours else 10  # the listing shows it once, later scores come from asking
        run(reddit, hours, search=False)
    seen = rows(database, "select score, observed_at from reddit_observations order by observed_at")
    ages = [(row["observed_at"] - (TEN - timedelta(hours=1))) / timedelta(hours=1) for row in seen]
    assert ages == [1, 7, 25, 47]
    assert [row["score"] for row in seen] == [10, 16, 34, 56]


def test_a_score_is_provisional_until_36_hours(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("old", 37), post("new", 3, score=99), post("talked", 40, comments=50)])
    run(reddit)
    with database.transaction() as connection:
        from gpu_etl.database import community as queries

        top = queries.top_posts(connection, "Price Drop", date(2026, 3, 1), date(2026, 3, 5))
    assert [(row["post_id"], row["score"], row["is_provisional"]) for row in top] == [
        ("new", 99, True),
        ("talked", 10, False),
        ("old", 10, False),
    ]


@pytest.mark.parametrize("how", ["missing", "marked"])
def test_a_deleted_post_loses_its_text_everywhere_and_stays_counted(database: Database, run: Run, how: str) -> None:
    reddit = FakeReddit([post("a", 1), post("b", 2)], refusals=[Refusal("a", "a test", "excerpt with RTX words")])
    run(reddit)
    before = mentions(database, "2026-03-05")
    if how == "missing":
        reddit.gone = {"a"}
    else:
        reddit.posts = [post("a", 1, title="", body="", url="", removed=True), post("b", 2)]
    outcome = run(reddit, 24)
    assert outcome.removed == 1
    [stored] = rows(database, "select * from reddit_posts where post_id = 'a'")
    assert (stored["title"], stored["body"], stored["url"], stored["is_removed"]) == ("", "", "", True)
    assert rows(database, "select matched_text from market_signals where post_id = 'a'") == [{"matched_text": ""}]
    assert rows(database, "select excerpt from quarantine") == [{"excerpt": ""}]
    after = mentions(database, "2026-03-05")
    assert (after["mentions"], after["posts"]) == (before["mentions"], before["posts"]) == (2, 2)
    everywhere = str(everything(database))
    assert "price drop b" in everywhere
    assert "price drop a" not in everywhere
    assert "comments/a/" not in everywhere


def test_a_post_that_flickers_keeps_its_text(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 1)])
    run(reddit)
    reddit.flicker, reddit.reach = {"a"}, 0.5
    run(reddit, 24)
    assert reddit.asked == [["a"], ["a"]]
    assert rows(database, "select has_text from reddit_posts") == [{"has_text": True}]


def test_every_text_that_is_kept_is_looked_at_each_day_and_goes_after_its_time(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 1), post("b", 2)], reach=10)
    for hours in range(0, 24 * 8, 24):
        run(reddit, hours, reddit_keep_text_days=10)
    reddit.gone = {"b"}
    assert run(reddit, 24 * 8, reddit_keep_text_days=10).removed == 1
    assert run(reddit, 24 * 10, reddit_keep_text_days=10).expired == 1
    assert "price drop" not in str(everything(database)).replace("Price Drop", "")
    assert mentions(database, "2026-03-05")["mentions"] == 2


def test_no_author_has_a_place(database: Database) -> None:
    named = rows(database, "select table_name, column_name from information_schema.columns where table_schema='public'")
    assert not [row for row in named if "author" in row["column_name"] or "user" in row["column_name"]]
