"""What is searched and counted of stored posts: each once, again where it changed, by day and by chipset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from gpu_etl.assets import community
from gpu_etl.database import Database
from gpu_etl.database.community import posts_to_search
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings
from gpu_etl_tests.assets.community import (
    FakeReddit,
    Run,
    mentions,
    post,
    rows,
    settings_at,
)


def test_a_crosspost_and_a_pinned_thread_are_not_counted_twice(database: Database, run: Run) -> None:
    run(
        FakeReddit(
            [
                post("a", 1),
                post("b", 0.9, crosspost_parent="a"),
                post("c", 0.8, crosspost_parent="elsewhere"),
                post("d", 0.7, crosspost_parent="elsewhere"),
                post("e", 0.6, is_stickied=True),
                post("f", 0.5, title="Weekly price drop megathread"),
            ]
        )
    )
    row = mentions(database, "2026-03-05")
    assert (row["mentions"], row["posts"], float(row["mentions_per_1000"])) == (2, 2, 1000)
    excluded = rows(database, "select post_id, excluded from searched_posts where excluded is not null order by 1")
    assert [tuple(row.values()) for row in excluded] == [
        ("b", "crosspost"),
        ("d", "crosspost"),
        ("e", "stickied"),
        ("f", "megathread"),
    ]


def test_all_days_that_a_first_reading_brings_are_searched_and_counted(database: Database, run: Run) -> None:
    run(FakeReddit([post(f"p{n}", 24 * n + 1) for n in range(20)]))
    counted = rows(database, "select market_day from keyword_trends where keyword = 'Price Drop' and mentions = 1")
    assert len(counted) == 20
    row = mentions(database, "2026-03-05")
    assert (row["mentions_7d"], row["mentions_previous_7d"], row["growth_pct"]) == (7, 7, 0)


def test_polarity_is_kept_by_post_and_told_by_chipset(database: Database, run: Run) -> None:
    run(
        FakeReddit(
            [
                post("a", 1, title="Insane deal on the RTX 5070"),
                post("b", 2, title="RTX 5070 melting connector and black screen"),
                post("c", 3, title="RTX 5080"),
            ]
        )
    )
    signs = rows(database, "select post_id, polarity_sign from searched_posts order by 1")
    assert [row["polarity_sign"] for row in signs] == [1, -1, 0]
    with database.transaction() as connection:
        from gpu_etl.database import community as queries

        named = queries.polarity_by_chipset(connection, date(2026, 3, 5), date(2026, 3, 5))
    assert [(row["chipset"], row["posts"], row["good"], row["bad"]) for row in named] == [
        ("GeForce RTX 5070", 2, 1, 1),
        ("GeForce RTX 5080", 1, 0, 0),
    ]


def test_a_text_is_searched_once_and_again_when_it_changes(
    database: Database, run: Run, make_settings: Callable[..., Settings]
) -> None:
    reddit = FakeReddit([post("a", 1), post("b", 2)])
    run(reddit)
    settings = settings_at(make_settings)

    def searched() -> int:
        with database.transaction() as connection:
            return community.load_market_signals(connection, [settings.today()], load_rules())[1]

    assert searched() == 0
    reddit.posts = [post("a", 1, title="nothing of interest"), post("b", 2)]
    run(reddit, 0.5, search=False)
    assert searched() == 1
    assert [row["post_id"] for row in rows(database, "select post_id from market_signals")] == ["b"]
    with database.transaction() as connection:
        by_another_version = posts_to_search(connection, [settings.today()], "rules and catalogue of tomorrow")
    assert len(by_another_version) == 2
