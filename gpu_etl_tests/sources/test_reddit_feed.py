"""Feeds of our own making, and the recorded ones where they are."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from gpu_etl.sources import reddit_feed
from gpu_etl.sources.pages import LayoutChanged
from gpu_etl.sources.reddit_feed import NotAFeed
from gpu_etl_tests.sources.material import shared

TAIL = (
    '&#32; submitted by &#32; <a href="https://www.reddit.com/user/jane"> /u/jane </a> <br/> '
    '<span><a href="https://example.com">[link]</a></span> &#32; <span><a href="https://x">[comments]</a></span>'
)


def entry(
    text: str = "", *, title: str = "RTX 5070 restock", when: str = "2026-03-01T10:00:00+00:00", name: str = "t3_1abc2d"
) -> str:
    content = f'<!-- SC_OFF --><div class="md">{text}</div><!-- SC_ON --> {TAIL}' if text else TAIL
    return (
        "<entry><author><name>/u/jane</name><uri>https://www.reddit.com/user/jane</uri></author>"
        f'<category term="nvidia" label="r/nvidia"/><content type="html">{escape(content)}</content><id>{name}</id>'
        f'<link href="https://www.reddit.com/r/nvidia/comments/1abc2d/x/" /><updated>{when}</updated>'
        f"<published>{when}</published><title>{escape(title)}</title></entry>"
    )


def feed(*entries: str) -> bytes:
    opening = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>new</title>'
    return f"{opening}<id>/r/nvidia/new/.rss</id>{''.join(entries)}</feed>".encode()


def test_an_entry_becomes_a_post_without_author_score_and_tail() -> None:
    page = reddit_feed.parse(feed(entry("<p>Seen today &amp; here.</p>")))
    (post,) = page.posts
    assert (post.post_id, post.subreddit, post.title) == ("1abc2d", "nvidia", "RTX 5070 restock")
    assert post.body == "Seen today & here."
    assert post.created_utc == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (post.score, post.comments, post.read_from, page.after) == (None, None, "rss", None)
    assert "jane" not in repr(post)
    assert "submitted" not in repr(post)


def test_a_link_post_has_no_text_of_its_own() -> None:
    assert reddit_feed.parse(feed(entry())).posts[0].body == ""


def test_quotes_and_code_keep_their_marks() -> None:
    html = (
        "<p>My card.</p> <blockquote> <p>a quote</p> <blockquote> <p>inner</p> </blockquote> </blockquote> "
        "<p>say <code>x</code><br/>next</p> <pre><code>one\n  two\n</code></pre> <ul> <li>item</li> </ul>"
    )
    text = reddit_feed.parse(feed(entry(html))).posts[0].body
    assert text.split("\n") == [
        "My card.",
        "",
        "> a quote",
        "",
        "> > inner",
        "",
        "say `x`",
        "next",
        "",
        "    one",
        "      two",
        "item",
    ]


def test_markup_inside_a_title_stays_text() -> None:
    title = 'a <script>alert("x")</script> & b'
    assert reddit_feed.parse(feed(entry(title=title))).posts[0].title == title


def test_what_was_taken_down_comes_without_its_text() -> None:
    (post,) = reddit_feed.parse(feed(entry("<p>[removed]</p>"))).posts
    assert (post.removed, post.title, post.body, post.url) == (True, "", "", "")


@pytest.mark.parametrize("when", ["", "soon"])
def test_an_entry_without_a_time_is_refused(when: str) -> None:
    page = reddit_feed.parse(feed(entry(when=when), entry(name="t3_1abc2e")))
    assert [post.post_id for post in page.posts] == ["1abc2e"]
    assert page.refusals[0].subject == "t3_1abc2d"


def test_when_no_entry_can_be_read_the_layout_has_changed() -> None:
    with pytest.raises(LayoutChanged, match="none of 2 feed entries"):
        reddit_feed.parse(feed(entry(when="soon"), entry(name="user_7")))


def test_a_feed_without_entries_is_whole() -> None:
    assert reddit_feed.parse(feed()).posts == []


WHOLE = feed(entry("<p>one</p>"), entry("<p>two</p>", name="t3_1abc2e"))


ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE feed [<!ENTITY l0 "lol">{ENTITIES}]>{WHOLE.decode().replace("one", "&l9;")}'.encode()
"""A thousand million laughs in a kilobyte."""
OUTSIDE = b'<!DOCTYPE feed [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + WHOLE.replace(b"one", b"&f;")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (b"<!DOCTYPE html><html><body>whoa there, pardner!</body></html>", "a web page"),
        (b'{"message": "Forbidden"}', "not a"),
        (WHOLE[:-40], "not a whole Atom feed"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', "not an Atom feed"),
        (LAUGHS, "declares entities"),
        (LAUGHS.decode().encode("utf-16"), "no UTF-8"),
        (OUTSIDE, "declares entities"),
    ],
)
def test_anything_but_one_whole_atom_document_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason):
        reddit_feed.parse(body)


@pytest.mark.parametrize("name", ["atom_neovim_2025-01-12.xml", "atom_pics_2025-12-30.xml"])
def test_recorded_feeds_are_read_to_the_last_entry(name: str) -> None:
    body = shared("data", "reddit", name).read_bytes()
    page = reddit_feed.parse(body)
    assert len(page.posts) == body.count(b"<entry>")
    assert page.refusals == []
    for post in page.posts:
        assert "/u/someone" not in post.title + post.body
        assert post.url.startswith("https://www.reddit.com/r/")
