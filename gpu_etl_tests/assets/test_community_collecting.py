"""One collection after the other: windows, coverage, what fails, what a second run changes, what is let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gpu_etl.assets import collecting
from gpu_etl.assets.failures import Refused, TryAgain
from gpu_etl.database import Database
from gpu_etl.market.signals import load_rules
from gpu_etl.resources.reddit_coverage import Collected, Since
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus, Refusal
from gpu_etl_tests.assets.community import (
    TEN,
    FakeReddit,
    Run,
    coverage,
    everything,
    mentions,
    post,
    rows,
    search_and_count,
    settings_at,
)


def test_a_post_belongs_to_the_market_day_of_its_creation(database: Database, run: Run) -> None:
    run(FakeReddit([post("a", 1), post("b", 9.9), post("c", 10.1)]))
    stored = rows(database, "select post_id, market_day, created_utc from reddit_posts order by 1")
    assert [str(row["market_day"]) for row in stored] == ["2026-03-05", "2026-03-05", "2026-03-04"]


def test_two_runs_a_minute_apart_change_nothing(database: Database, run: Run) -> None:
    reddit = FakeReddit(
        [post(f"p{n}", n * 3) for n in range(40)], refusals=[Refusal("x1", "no creation time: None", "title")]
    )
    run(reddit, hours=0.1)
    before = everything(database)
    again = run(reddit, hours=0.1 + 1 / 60)
    assert everything(database) == before
    assert len(before["reddit_posts"]) == 40
    assert (again.posts.inserted, again.posts.updated, again.asked_again) == (0, 0, 0)


class Killed(BaseException):
    pass


class DyingReddit(FakeReddit):
    """Fetches and does not live to tell."""

    def read(self, *arguments: Any, **options: Any) -> Collected:
        super().read(*arguments, **options)
        raise Killed


def test_a_run_that_dies_between_fetch_and_load_leaves_no_trace(
    database: Database, run: Run, make_settings: Callable[..., Settings]
) -> None:
    posts = [post(f"p{n}", n * 3) for n in range(10)]
    with pytest.raises(Killed):
        run(DyingReddit(posts))
    assert not any(everything(database).values())
    run(FakeReddit(posts))
    assert len(rows(database, "select * from reddit_posts")) == 10


def test_a_load_that_dies_halfway_leaves_no_trace(database: Database, run: Run) -> None:
    good = FakeReddit([post("a", 1)])
    run(good)
    before = everything(database)
    bad = FakeReddit([post("b", 0.5), post("c", 0.2, title="nul \0 that a parser let through")])
    with pytest.raises(ValueError, match="NUL"):
        run(bad, hours=0.5)
    assert everything(database) == before


def test_a_new_subreddit_is_read_far_back_and_the_others_only_two_days(run: Run) -> None:
    reddit = FakeReddit([post("a", 1), post("b", 50)])
    run(reddit, reddit_subreddits="nvidia")
    run(reddit, hours=1, reddit_subreddits="nvidia hardware")
    assert reddit.since[0] == {"nvidia": None}
    assert reddit.since[1] == {"nvidia": TEN - timedelta(hours=1 + 48), "hardware": None}


def test_a_gap_makes_the_next_reading_reach_further(database: Database, run: Run) -> None:
    reddit = FakeReddit([post(f"p{n}", n * 4) for n in range(-30, 20)])
    run(reddit)
    reddit.reach = 5
    run(reddit, hours=72)
    assert coverage(database)["2026-03-05"] == ("partial", 3, "not read: 10:00 to 24:00")
    assert "2026-03-06" not in coverage(database)
    reddit.reach = 1000
    run(reddit, hours=73)
    assert {status for status, _, _ in coverage(database).values()} <= {"complete", "partial"}
    assert coverage(database)["2026-03-07"][0] == "complete"
    assert coverage(database)["2026-03-08"][0] == "complete"


def test_coverage_is_told_for_each_subreddit_and_day(database: Database, run: Run) -> None:
    reddit = FakeReddit(
        [post("a", 1), post("b", 20), post("c", 47)],
        reach=48,
        problems={"Amd": (CoverageStatus.BLOCKED, "a page that blocks us")},
    )
    outcome = run(reddit)
    assert coverage(database) == {
        "2026-03-03": ("partial", 1, "not read: 00:00 to 10:00"),
        "2026-03-04": ("complete", 1, None),
        "2026-03-05": ("complete", 1, None),
    }
    assert coverage(database, "Amd") == {"2026-03-05": ("blocked", 0, "a page that blocks us")}
    assert outcome.gaps == ["r/Amd blocked: a page that blocks us"]


@pytest.mark.parametrize(("status", "error"), [(CoverageStatus.BLOCKED, Refused), (CoverageStatus.FAILED, TryAgain)])
def test_a_day_on_which_nothing_could_be_read_fails_and_is_no_zero(
    database: Database, run: Run, make_settings: Callable[..., Settings], status: CoverageStatus, error: type[Exception]
) -> None:
    reddit = FakeReddit([post("a", 1)], problems=dict.fromkeys(("nvidia", "Amd"), (status, "why")))
    with pytest.raises(error, match=f"r/nvidia, r/Amd {status}: why"):
        run(reddit)
    assert coverage(database) == {"2026-03-05": (status.value, 0, "why")}
    search_and_count(database, settings_at(make_settings))
    row = mentions(database, "2026-03-05")
    assert (row["mentions"], row["posts"], row["weighted_score"]) == (None, None, None)


def test_a_failure_after_a_success_takes_nothing_away_but_names_the_hours(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 1)])
    run(reddit)
    reddit.problems = dict.fromkeys(("nvidia", "Amd"), (CoverageStatus.FAILED, "why"))
    with pytest.raises(TryAgain):
        run(reddit, hours=6)
    assert coverage(database)["2026-03-05"] == ("partial", 1, "not read: 10:00 to 16:00")
    with pytest.raises(TryAgain):
        run(reddit, hours=0)
    assert coverage(database)["2026-03-05"][1] == 1


def test_a_bad_date_goes_to_quarantine_once(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 1)], refusals=[Refusal("bad1", "no creation time: 'soon'", "{'title': 'secret'}")])
    run(reddit)
    run(reddit, hours=24)
    [row] = rows(database, "select * from quarantine")
    assert (row["source"], str(row["market_day"]), row["subject"]) == ("reddit", "2026-03-05", "bad1")
    assert rows(database, "select * from reddit_posts where post_id = 'bad1'") == []
    run(reddit, hours=48)
    assert rows(database, "select excerpt from quarantine") == [{"excerpt": ""}]


# --- without a key --------------------------------------------------------------------------------------------------
def keyless(run: Run, reddit: FakeReddit, hours: float, **options: Any) -> collecting.Outcome:
    reddit.mode = "rss"
    return run(reddit, hours, reddit_client_id="", **options)


def test_hourly_feeds_add_up_to_a_day_and_the_daily_run_closes_it(database: Database, run: Run) -> None:
    reddit = FakeReddit([post(f"p{n:03d}", 10 - n / 4) for n in range(-8, 120)], reach=1.5)
    for hours in range(-10, 16):
        keyless(run, reddit, hours, search=hours == 15)
    assert coverage(database)["2026-03-05"] == ("complete", 96, None)
    assert rows(database, "select count(*) as n from reddit_observations") == [{"n": 0}]
    assert mentions(database, "2026-03-05")["mentions"] == 96


def test_an_hour_that_was_missed_is_a_named_gap(database: Database, run: Run) -> None:
    reddit = FakeReddit([post(f"p{n:03d}", 10 - n / 4) for n in range(-8, 120)], reach=1.5)
    for hours in [*range(-10, -5), *range(-2, 16)]:
        keyless(run, reddit, hours, search=False)
    assert coverage(database)["2026-03-05"] == ("partial", 87, "not read: 04:00 to 06:30")


def test_a_blocked_hour_does_not_undo_the_day_but_a_wholly_blocked_day_fails(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 12), post("b", 10.1), post("c", 9.5)], reach=3)
    keyless(run, reddit, -9)
    reddit.problems = dict.fromkeys(("nvidia", "Amd"), (CoverageStatus.BLOCKED, "429"))
    outcome = keyless(run, reddit, 0)
    assert outcome.gaps == ["r/Amd partial: not read: 01:00 to 10:00", "r/nvidia partial: not read: 01:00 to 10:00"]
    with pytest.raises(Refused, match="429"):
        keyless(run, reddit, 24)


def test_a_feed_is_not_asked_sooner_than_reddit_wants(
    database: Database, make_settings: Callable[..., Settings]
) -> None:
    slept: list[float] = []
    for hours in (0, 20 / 3600, 1):
        settings = settings_at(make_settings, hours, reddit_client_id="", reddit_rss_interval_seconds=60)
        collecting.collect(FakeReddit([post("a", 1)], mode="rss"), database, settings, sleep=slept.append)
    assert slept == [0, pytest.approx(40), 0]


def test_without_a_key_texts_go_before_they_are_two_days_old_and_counts_stay(database: Database, run: Run) -> None:
    reddit = FakeReddit([post("a", 1)])
    keyless(run, reddit, 0)
    before = mentions(database, "2026-03-05")
    reddit.reach = 1
    outcome = keyless(run, reddit, 46.5)
    assert outcome.expired == 1
    [stored] = rows(database, "select title, body, url, has_text, is_removed from reddit_posts")
    assert stored == {"title": "", "body": "", "url": "", "has_text": False, "is_removed": False}
    assert {row["matched_text"] for row in rows(database, "select * from market_signals")} == {""}
    after = mentions(database, "2026-03-05")
    assert (after["mentions"], after["posts"]) == (before["mentions"], before["posts"]) == (1, 1)
    assert "RTX 5070 price" not in str(everything(database))


# --- archives -------------------------------------------------------------------------------------------------------
def test_a_past_day_comes_from_the_archive(
    database: Database, run: Run, make_settings: Callable[..., Settings]
) -> None:
    start = datetime(2026, 1, 9, 15, tzinfo=UTC)
    archived = [
        replace(post(f"x{n}", 0), created_utc=start + timedelta(hours=n), observed_at=start + timedelta(days=2))
        for n in range(24)
    ]
    settings = settings_at(make_settings)
    reddit = FakeReddit(archived=archived)
    for _ in range(2):
        outcome = collecting.collect_archived(reddit, database, settings, load_rules(), date(2026, 1, 10))
        search_and_count(database, settings, date(2026, 1, 10))
    assert (outcome.posts.inserted, outcome.posts.unchanged) == (0, 24)
    assert coverage(database) == {"2026-01-10": ("complete", 24, None)}
    assert coverage(database, "Amd") == {"2026-01-10": ("partial", 0, "the archive holds no post of it on that day")}
    assert (mentions(database, "2026-01-10")["mentions"], mentions(database, "2026-01-10")["posts"]) == (24, 24)
    [stored] = rows(database, "select distinct title, has_text, read_from from reddit_posts")
    assert stored == {"title": "", "has_text": False, "read_from": "arctic_shift"}
    assert len(rows(database, "select * from reddit_observations where score = 10")) == 24


def test_an_archive_never_brings_back_what_was_deleted_nor_replaces_what_reddit_said(
    database: Database, run: Run, make_settings: Callable[..., Settings]
) -> None:
    reddit = FakeReddit([post("a", 30), post("b", 31)])
    run(reddit)
    reddit.gone = {"a"}
    run(reddit, 24)
    reddit.archived = [post("a", 30), post("b", 31, title="as the archive saw it")]
    settings = settings_at(make_settings, 48)
    collecting.collect_archived(reddit, database, settings, load_rules(), date(2026, 3, 4))
    stored = rows(database, "select post_id, title, is_removed from reddit_posts order by 1")
    assert stored == [
        {"post_id": "a", "title": "", "is_removed": True},
        {"post_id": "b", "title": "RTX 5070 price drop b", "is_removed": False},
    ]


def test_an_archive_that_holds_nothing_fails(database: Database, make_settings: Callable[..., Settings]) -> None:
    settings = settings_at(make_settings)
    with pytest.raises(TryAgain, match="nothing of 2026-01-10 could be read"):
        collecting.collect_archived(FakeReddit(), database, settings, load_rules(), date(2026, 1, 10))


def test_since_is_told_for_each_subreddit() -> None:
    moment = TEN
    wanted: Since = {"nvidia": moment}
    from gpu_etl.resources.reddit_coverage import since_of

    assert (since_of(wanted, "NVIDIA"), since_of(wanted, "Amd"), since_of(moment, "Amd")) == (moment, None, moment)
