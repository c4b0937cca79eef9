from __future__ import annotations

import praw
import pytest
import requests

from gpu_etl.demo.market import Market
from gpu_etl.demo.talk import SUBREDDITS, Talk
from gpu_etl.sources import reddit_feed, reddit_listing
from gpu_etl.sources.records import Post
from gpu_etl_tests.demo.conftest import NOW

ALL = "+".join(SUBREDDITS)


@pytest.fixture(scope="module")
def token(base_url: str) -> dict[str, str]:
    form = {"grant_type": "client_credentials"}
    answer = requests.post(f"{base_url}/api/v1/access_token", data=form, auth=("demo", "demo"), timeout=5)
    return {"Authorization": f"bearer {answer.json()['access_token']}"}


def told(post: Talk) -> tuple[object, ...]:
    title, body = ("", "") if post.removed else (post.title, post.body)
    return (
        post.post_id, post.subreddit, post.created_utc, title, body,
        post.score, post.comments, post.stickied, post.removed,
    )  # fmt: skip


def read(post: Post) -> tuple[object, ...]:
    return (
        post.post_id, post.subreddit, post.created_utc, post.title, post.body,
        post.score, post.comments, post.is_stickied, post.removed,
    )  # fmt: skip


def newest(market: Market, name: str) -> list[Talk]:
    return [post for post in reversed(market.posts(NOW)) if post.subreddit == name]


@pytest.mark.parametrize("name", SUBREDDITS)
def test_the_listing_reads_back_exactly_page_by_page(
    market: Market, base_url: str, web: requests.Session, token: dict[str, str], name: str
) -> None:
    posts: list[Post] = []
    after = None
    while True:
        query = {"limit": "100", "raw_json": "1"} | ({"after": after} if after else {})
        answer = web.get(f"{base_url}/r/{name}/new", params=query, headers=token, timeout=5)
        page = reddit_listing.parse(answer.json())
        assert page.refusals == []
        assert len(page.posts) <= 100
        posts += page.posts
        if (after := page.after) is None:
            break
    assert [read(post) for post in posts] == [told(post) for post in newest(market, name)]


def test_praw_reads_it(market: Market, base_url: str, web: requests.Session) -> None:
    client = praw.Reddit(
        client_id="demo",
        client_secret="demo",
        user_agent="linux:gpu-etl-tests:1 (self-hosted)",
        reddit_url=base_url,
        oauth_url=base_url,
        check_for_updates=False,
        requestor_kwargs={"session": web},
    )
    page = reddit_listing.parse(client.request(method="GET", path="r/nvidia/new", params={"limit": 100}))
    assert [read(post) for post in page.posts] == [told(post) for post in newest(market, "nvidia")[:100]]
    submissions = list(client.subreddit("hardware").new(limit=150))
    assert [item.id for item in submissions] == [post.post_id for post in newest(market, "hardware")[:150]]


def test_the_feed_reads_back_exactly_but_for_what_feeds_lack(
    market: Market, base_url: str, web: requests.Session
) -> None:
    answer = web.get(f"{base_url}/r/{ALL}/new/.rss", params={"limit": "100"}, timeout=5)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    page = reddit_feed.parse(answer.content)
    expected = list(reversed(market.posts(NOW)))[:100]
    assert page.refusals == []
    assert len(expected) == 100
    for post, told_post in zip(page.posts, expected, strict=True):
        assert (post.post_id, post.subreddit) == (told_post.post_id, told_post.subreddit)
        assert post.created_utc == told_post.created_utc
        assert (post.score, post.comments) == (None, None)
        if not told_post.removed:
            assert (post.title, post.body) == (told_post.title, told_post.body)


def test_a_feed_has_25_entries_unless_more_are_asked_for(base_url: str, web: requests.Session) -> None:
    for query, number in (({}, 25), ({"limit": "7"}, 7), ({"limit": "500"}, 100)):
        answer = web.get(f"{base_url}/r/{ALL}/new/.rss", params=query, timeout=5)
        assert len(reddit_feed.parse(answer.content).posts) == number


def test_info_gives_the_posts_asked_for_and_leaves_out_the_unknown(
    market: Market, base_url: str, web: requests.Session, token: dict[str, str]
) -> None:
    asked = [post.post_id for post in market.posts(NOW)[100:150]]
    names = ",".join(f"t3_{name}" for name in [*asked, "zzzzzz"])
    answer = web.get(f"{base_url}/api/info", params={"id": names, "raw_json": "1"}, headers=token, timeout=5)
    assert sorted(post.post_id for post in reddit_listing.parse(answer.json()).posts) == sorted(asked)


def test_without_raw_json_texts_are_escaped_as_of_old(
    market: Market, base_url: str, web: requests.Session, token: dict[str, str]
) -> None:
    name, plain = next(
        (post.subreddit, post) for post in reversed(market.posts(NOW)) if "<144" in post.body and "&" in post.body
    )
    query = {"limit": "100", "after": after} if (after := _before(market, name, plain)) else {"limit": "100"}
    answer = web.get(f"{base_url}/r/{name}/new", params=query, headers=token, timeout=5)
    first = answer.json()["data"]["children"][0]["data"]
    assert first["id"] == plain.post_id
    assert first["selftext"] == plain.body.replace("&", "&amp;").replace("<", "&lt;")


def _before(market: Market, name: str, post: Talk) -> str | None:
    newer = [other for other in newest(market, name) if other.created_utc > post.created_utc]
    return f"t3_{newer[-1].post_id}" if newer else None


def test_who_has_no_token_is_turned_away(base_url: str, web: requests.Session) -> None:
    for headers in ({}, {"Authorization": "bearer stolen"}):
        answer = web.get(f"{base_url}/r/nvidia/new", headers=headers, timeout=5)
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers
    assert web.get(f"{base_url}/r/nvidia/new.json", timeout=5).status_code == 403


def test_who_has_no_key_gets_no_token(base_url: str, web: requests.Session) -> None:
    url, form = f"{base_url}/api/v1/access_token", {"grant_type": "client_credentials"}
    assert web.post(url, data=form, timeout=5).status_code == 401
    assert web.post(url, data=form, auth=("demo", ""), timeout=5).status_code == 401
    assert web.post(url, data=form, headers={"Authorization": "Basic %%"}, timeout=5).status_code == 401
    assert "error" in web.post(url, data={"grant_type": "password"}, auth=("demo", "demo"), timeout=5).json()


def test_an_unknown_subreddit_is_not_an_empty_one(base_url: str, web: requests.Session, token: dict[str, str]) -> None:
    assert web.get(f"{base_url}/r/gardening/new", headers=token, timeout=5).status_code == 404
    assert web.get(f"{base_url}/r/nvidia+gardening/new/.rss", timeout=5).status_code == 404


def test_every_answer_says_how_many_requests_are_left(base_url: str, web: requests.Session) -> None:
    seen = [web.get(f"{base_url}/r/nvidia/new/.rss", timeout=5).headers for _ in range(2)]
    used = [int(headers["x-ratelimit-used"]) for headers in seen]
    left = [float(headers["x-ratelimit-remaining"]) for headers in seen]
    assert used[1] == used[0] + 1
    assert left[1] == left[0] - 1
    assert 0 < int(seen[0]["x-ratelimit-reset"]) <= 600
