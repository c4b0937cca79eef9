"""The simulated subreddits in Reddit's formats: the API's listings and the Atom feed.

Belongs here: listing and feed of what is written. Does not belong here: what is written (``talk``), tokens, limits and
other HTTP (``server``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from gpu_etl.demo.talk import SUBREDDITS, Talk

MOST_AT_ONCE = 100
USUAL = 25
MOST_IN_ALL = 1000
"""A listing ends here, however much more was written."""

WWW = "https://www.reddit.com"


class UnknownSubreddit(LookupError):
    """A subreddit that the simulation does not have; the message is its name."""


def newest(posts: Sequence[Talk], names: str) -> list[Talk]:
    """The newest posts of ``a+b+c``, newest first.

    Raises :class:`UnknownSubreddit`.
    """
    known = {name.lower(): name for name in SUBREDDITS}
    wanted = set()
    for name in names.split("+"):
        if name.lower() not in known:
            raise UnknownSubreddit(name)
        wanted.add(known[name.lower()])
    return [post for post in reversed(posts) if post.subreddit in wanted][:MOST_IN_ALL]


def cut(posts: Sequence[Talk], limit: str | None, after: str | None) -> tuple[list[Talk], str | None]:
    """One page of a listing and the ``after`` of the next one; an unknown ``after`` gives an empty page."""
    size = min(MOST_AT_ONCE, max(1, int(limit))) if limit and limit.isdecimal() else USUAL
    start = 0
    if after:
        places = {f"t3_{post.post_id}": place for place, post in enumerate(posts, 1)}
        start = places.get(after, len(posts))
    page = list(posts[start : start + size])
    return page, f"t3_{page[-1].post_id}" if page and start + size < len(posts) else None


def listing(posts: Sequence[Talk], after: str | None, *, raw_json: bool) -> dict[str, Any]:
    """Posts as the API's Listing; without ``raw_json`` the three characters of old are escaped in its texts."""
    return {
        "kind": "Listing",
        "data": {
            "after": after,
            "dist": len(posts),
            "modhash": None,
            "geo_filter": "",
            "children": [{"kind": "t3", "data": _post(post, raw_json)} for post in posts],
            "before": None,
        },
    }


def _post(post: Talk, raw_json: bool) -> dict[str, Any]:
    permalink = _permalink(post)
    text = (lambda words: words) if raw_json else (lambda words: escape(words, quote=False))
    return {
        "id": post.post_id,
        "name": f"t3_{post.post_id}",
        "subreddit": post.subreddit,
        "subreddit_name_prefixed": f"r/{post.subreddit}",
        "author": post.author,
        "title": text(post.title),
        "selftext": text(post.body),
        "selftext_html": None,
        "is_self": True,
        "created_utc": post.created_utc.timestamp(),
        "created": post.created_utc.timestamp(),
        "edited": False,
        "score": post.score,
        "ups": post.score,
        "downs": 0,
        "upvote_ratio": 0.93,
        "num_comments": post.comments,
        "permalink": permalink,
        "url": f"{WWW}{permalink}",
        "domain": f"self.{post.subreddit}",
        "stickied": post.stickied,
        "over_18": False,
        "spoiler": False,
        "locked": False,
        "distinguished": None,
        "link_flair_text": None,
        "removed_by_category": "moderator" if post.removed else None,
    }


def feed(posts: Sequence[Talk], names: str, now: datetime) -> str:
    """Posts as the Atom feed that is read without a key: no score, no comments, the author's name in the text."""
    entries = "".join(_entry(post) for post in posts)
    return f"""<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" \
xmlns:media="http://search.yahoo.com/mrss/"><category term="{names}" label="r/{names}"/>\
<updated>{_time(now)}</updated><id>/r/{names}/new/.rss</id>\
<link rel="self" href="{WWW}/r/{names}/new/.rss" type="application/atom+xml" />\
<title>newest submissions : {names}</title>{entries}</feed>"""


def _entry(post: Talk) -> str:
    link, written = f"{WWW}{_permalink(post)}", _time(post.created_utc)
    user = f"{WWW}/user/{post.author}"
    markdown = (
        f'<!-- SC_OFF --><div class="md"><p>{escape(post.body)}</p> </div><!-- SC_ON --> &#32; ' if post.body else ""
    )
    content = (
        f'{markdown}submitted by &#32; <a href="{user}"> /u/{post.author} </a> <br/> '
        f'<span><a href="{link}">[link]</a></span> &#32; <span><a href="{link}">[comments]</a></span>'
    )
    return (
        f"<entry><author><name>/u/{post.author}</name><uri>{user}</uri></author>"
        f'<category term="{post.subreddit}" label="r/{post.subreddit}"/>'
        f'<content type="html">{escape(content)}</content><id>t3_{post.post_id}</id><link href="{link}" />'
        f"<updated>{written}</updated><published>{written}</published><title>{escape(post.title)}</title></entry>"
    )


def _permalink(post: Talk) -> str:
    words = "".join(letter if letter.isalnum() and letter.isascii() else " " for letter in post.title.lower())
    return f"/r/{post.subreddit}/comments/{post.post_id}/{'_'.join(words.split())[:50].strip('_')}/"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
