"""Listings of our own making, in the shape that Reddit's API answers with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gpu_etl.sources import reddit_listing
from gpu_etl.sources.pages import LayoutChanged


def child(**changes: Any) -> dict[str, Any]:
    data = {
        "id": "1abc2d",
        "subreddit": "nvidia",
        "created_utc": 1_772_000_000.0,
        "created": 1_772_028_800.0,
        "title": "RTX 5070 restock",
        "selftext": "Seen today.",
        "permalink": "/r/nvidia/comments/1abc2d/rtx_5070_restock/",
        "author": "somebody",
        "score": 12,
        "num_comments": 0,
        "stickied": False,
        "removed_by_category": None,
    }
    return {"kind": "t3", "data": {**data, **changes}}


def listing(*children: Any, after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "children": list(children)}}


def test_a_post_keeps_what_is_counted_and_not_its_author() -> None:
    page = reddit_listing.parse(listing(child(), after="t3_1abc2d"))
    (post,) = page.posts
    assert (post.post_id, post.subreddit, post.title, post.body) == (
        "1abc2d",
        "nvidia",
        "RTX 5070 restock",
        "Seen today.",
    )
    assert post.created_utc == datetime.fromtimestamp(1_772_000_000, UTC)
    assert (post.score, post.comments, post.read_from) == (12, 0, "praw")
    assert post.url == "https://www.reddit.com/r/nvidia/comments/1abc2d/rtx_5070_restock/"
    assert page.after == "t3_1abc2d"
    assert "somebody" not in repr(post)


@pytest.mark.parametrize("created", [None, "", "soon", float("nan"), float("inf"), True, 1e20, 0])
def test_a_post_without_a_time_is_refused_and_never_dated_today(created: Any) -> None:
    page = reddit_listing.parse(listing(child(created_utc=created), child(id="1abc2e")))
    assert [post.post_id for post in page.posts] == ["1abc2e"]
    assert [(refusal.subject, "creat" in refusal.reason) for refusal in page.refusals] == [("1abc2d", True)]


def test_a_time_written_as_text_is_read() -> None:
    page = reddit_listing.parse(listing(child(created_utc="1772000000")))
    assert page.posts[0].created_utc == datetime.fromtimestamp(1_772_000_000, UTC)


@pytest.mark.parametrize("field", ["id", "subreddit", "created_utc", "title"])
def test_a_renamed_field_is_an_error_and_not_an_empty_page(field: str) -> None:
    renamed = [child(), child(id="1abc2e")]
    for one in renamed:
        one["data"]["renamed"] = one["data"].pop(field)
    with pytest.raises(LayoutChanged, match=f"none of 2 posts has the field '{field}'"):
        reddit_listing.parse(listing(*renamed))


def test_one_post_without_a_field_is_refused_alone() -> None:
    broken = child()
    del broken["data"]["title"]
    page = reddit_listing.parse(listing(broken, child(id="1abc2e")))
    assert (len(page.posts), page.refusals[0].subject) == (1, "1abc2d")


@pytest.mark.parametrize(
    "answer", [None, "", [], {}, {"data": {}}, {"data": {"children": []}}, {"data": {"children": {}, "after": None}}]
)
def test_anything_else_is_not_a_listing(answer: Any) -> None:
    with pytest.raises(LayoutChanged):
        reddit_listing.parse(answer)


@pytest.mark.parametrize(
    "mark",
    [
        {"selftext": "[removed]"},
        {"selftext": "[deleted]"},
        {"title": "[deleted by user]"},
        {"title": "[ Removed by Reddit ]"},
        {"removed_by_category": "moderator"},
        {"author": "[deleted]"},
    ],
)
def test_what_was_taken_down_comes_without_its_text(mark: dict[str, Any]) -> None:
    (post,) = reddit_listing.parse(listing(child(**mark))).posts
    assert post.removed
    assert (post.title, post.body, post.url) == ("", "", "")


def test_characters_that_no_database_holds_are_dropped() -> None:
    (post,) = reddit_listing.parse(listing(child(title="5070 \0 leak\ud800", selftext="a\0b\r\nc\u2028d"))).posts
    assert (post.title.replace("  ", " "), post.body) == ("5070 leak", "ab\nc\nd")
    post.title.encode()


def test_text_is_unescaped_only_where_the_source_escapes_it() -> None:
    raw = child(title="AT&amp;T &lt;3")["data"]
    assert reddit_listing.parse_post(raw, read_from="praw").title == "AT&amp;T &lt;3"
    assert reddit_listing.parse_post(raw, read_from="dump", escaped=True).title == "AT&T <3"


def test_missing_numbers_are_unknown_and_not_zero() -> None:
    (post,) = reddit_listing.parse(listing(child(score=None, num_comments="many"))).posts
    assert (post.score, post.comments) == (None, None)


def test_crossposts_and_pinned_posts_are_told() -> None:
    (post,) = reddit_listing.parse(listing(child(crosspost_parent="t3_zz9", stickied=True))).posts
    assert (post.crosspost_parent, post.is_stickied) == ("zz9", True)


def test_a_post_without_permalink_gets_its_plain_address() -> None:
    (post,) = reddit_listing.parse(listing(child(permalink=None))).posts
    assert post.url == "https://www.reddit.com/r/nvidia/comments/1abc2d/"


def test_a_refusal_names_no_author() -> None:
    page = reddit_listing.parse(listing(child(created_utc=None), child(id="1abc2e")))
    assert "somebody" not in page.refusals[0].excerpt
    assert "RTX 5070 restock" in page.refusals[0].excerpt
