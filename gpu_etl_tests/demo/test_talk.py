from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from gpu_etl.demo.market import SEOUL, Market
from gpu_etl.demo.talk import SUBREDDITS, Talk
from gpu_etl_tests.demo.conftest import NOW, TODAY

KEYWORDS = {
    "release": "new release",
    "leak": "leak",
    "issues": "issues",
    "price_drop": "price drop",
    "used_market": "used market",
    "release_date": "5070 release date",
}
TOPICAL = re.compile(
    r"releas|launch|leak|rumou?r|issue|problem|crash|stutter|price|drop|sale|discount|used|second.?hand|\[W\]", re.I
)


def text(post: Talk) -> str:
    return f"{post.title}\n{post.body}"


def market_day(post: Talk) -> date:
    return post.created_utc.astimezone(SEOUL).date()


def test_about_28_posts_a_day_on_every_day_and_in_every_subreddit(market: Market) -> None:
    posts = market.posts(NOW)
    a_day = Counter(map(market_day, posts))
    assert min(a_day) == market.first_day
    assert max(a_day) == TODAY
    whole_days = [number for day, number in a_day.items() if day != TODAY]
    assert len(whole_days) == market.days
    assert 26 <= sum(whole_days) / len(whole_days) <= 33
    assert min(whole_days) >= 18
    assert {post.subreddit for post in posts} == set(SUBREDDITS)


def test_ids_are_unique_and_grow_with_time(market: Market) -> None:
    posts = market.posts(NOW)
    numbers = [int(post.post_id, 36) for post in posts]
    assert numbers == sorted(set(numbers))
    assert [post.created_utc for post in posts] == sorted(post.created_utc for post in posts)


def test_nothing_is_written_after_the_moment_of_reading(market: Market) -> None:
    early, late = market.posts(NOW - timedelta(hours=3)), market.posts(NOW)
    assert [post.post_id for post in late[: len(early)]] == [post.post_id for post in early]
    assert 0 < len(late) - len(early) < 30
    assert all(post.created_utc <= NOW for post in late)


def test_each_topic_uses_its_keyword_often_but_not_always(market: Market) -> None:
    posts = [post for post in market.posts(NOW) if not post.removed]
    for topic, keyword in KEYWORDS.items():
        own = [keyword in text(post).lower() for post in posts if post.topic == topic]
        assert len(own) >= 10, topic
        assert sum(own) / len(own) >= 0.2, topic
    for topic in ("release", "issues", "price_drop", "used_market"):
        assert not all(KEYWORDS[topic] in text(post).lower() for post in posts if post.topic == topic)


def test_chatter_keeps_clear_of_every_topic_and_still_names_cards(market: Market) -> None:
    chatter = [post for post in market.posts(NOW) if post.topic == "chatter"]
    assert [text(post) for post in chatter if TOPICAL.search(text(post))] == []
    named = sum(bool(re.search(r"\b(RTX|RX|Arc|\d060|\d070|\d080)\b", text(post))) for post in chatter)
    assert named / len(chatter) > 0.4
    assert len({post.title for post in chatter}) > 0.4 * len(chatter)


def test_no_gap_of_a_template_is_left_open(market: Market) -> None:
    assert [text(post) for post in market.posts(NOW) if re.search(r"[{}]", text(post))] == []


def test_rumours_rise_in_the_last_week_and_the_rest_does_not(market: Market) -> None:
    end = datetime(2026, 3, 20, 14, 59, tzinfo=UTC)
    weeks: Counter[tuple[str, int]] = Counter()
    for post in market.posts(end):
        kind = "rumour" if post.topic in ("release", "release_date", "leak") else "rest"
        weeks[kind, (TODAY - market_day(post)).days // 7] += 1
    assert weeks["rumour", 0] > 1.8 * weeks["rumour", 1]
    assert weeks["rest", 0] < 1.25 * weeks["rest", 1]


def test_a_score_grows_for_two_days_and_then_stands(market: Market) -> None:
    def scores(hours: float) -> int:
        moment = NOW + timedelta(hours=hours)
        return sum(post.score for post in market.posts(moment) if post.post_id in written)

    written = {post.post_id for post in market.posts(NOW) if NOW - post.created_utc < timedelta(hours=4)}
    assert len(written) >= 3
    assert scores(0) < scores(6) < scores(24) < scores(49) == scores(72)


def test_a_daily_thread_is_pinned_for_a_day(market: Market) -> None:
    threads = [post for post in market.posts(NOW) if post.author == "AutoModerator"]
    assert len(threads) == market.days + 1
    assert [post.stickied for post in threads[-2:]] == [False, True]


def test_some_posts_are_removed(market: Market) -> None:
    removed = [post for post in market.posts(NOW) if post.removed]
    assert 0 < len(removed) < 60
    assert {post.body for post in removed} == {"[removed]"}
