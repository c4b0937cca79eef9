"""Reddit's Atom feeds, which answer without a key.

Belongs here: the bytes of a ``.rss`` answer into posts. Does not belong here: what the status means, the pause between
two requests (``resources.reddit_rss``).

A feed has no score, no number of comments, no flair and no mark of stickied posts. Its entries name the author twice;
the self text is taken out of its own element, so that neither the author nor the "submitted by" line comes along.
"""

from __future__ import annotations

import calendar
from html.parser import HTMLParser
from typing import Any

from gpu_etl.sources import reddit_posts as fields
from gpu_etl.sources.pages import LayoutChanged, ParseError
from gpu_etl.sources.records import Post, Refusal
from gpu_etl.sources.reddit_posts import FieldError, PostPage


class NotAFeed(ParseError):
    """The answer is no Atom feed, or not a whole one; it may be a page that refuses us."""


def parse(body: bytes, *, read_from: str = "rss") -> PostPage:
    """Read a feed. ``after`` is always ``None``; an entry that makes no sense becomes a :class:`Refusal`.

    Raises :class:`NotAFeed` when the bytes are not one whole Atom document (feedparser itself returns the entries
    before the damage, or none at all, without an error), :class:`LayoutChanged` when no entry could be read.
    """
    if b"<!ENTITY" in body or b"\0" in body:  # a bomb, or an encoding in which one could hide; Reddit sends neither
        raise NotAFeed("not an Atom feed of Reddit's: it declares entities or is no UTF-8")
    import feedparser  # a tenth of a second, for those without a key

    feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    if feed.get("version") != "atom10" or feed.get("bozo"):
        raise NotAFeed(_complaint(body, feed))
    posts: list[Post] = []
    refusals: list[Refusal] = []
    for entry in feed.entries:
        try:
            posts.append(_post(entry, read_from))
        except FieldError as problem:
            refusals.append(
                Refusal(subject=str(entry.get("id", "entry"))[:40], reason=str(problem), excerpt=_shown(entry))
            )
    if refusals and not posts:
        raise LayoutChanged(f"none of {len(refusals)} feed entries could be read: {refusals[0].reason}")
    return PostPage(posts, refusals, None)


def _complaint(body: bytes, feed: Any) -> str:
    if not body.strip():
        return "an empty answer instead of a feed"
    start = body.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page instead of a feed"
    problem = feed.get("bozo_exception")
    return f"not a whole Atom feed ({problem})" if problem else "not an Atom feed"


def _shown(entry: Any) -> str:
    return fields.excerpt({"id": entry.get("id"), "title": entry.get("title"), "created_utc": entry.get("published")})


def _post(entry: Any, read_from: str) -> Post:
    created = entry.get("published_parsed")
    if created is None:
        raise FieldError(f"no creation time: {entry.get('published')!r:.40}")
    tags = entry.get("tags") or [{}]
    content = entry.get("content") or [{}]
    title = fields.title_text(entry.get("title"), escaped=False)
    body = fields.body_text(self_text(content[0].get("value") or ""), escaped=False)
    removed = fields.is_removed_text(title) or fields.is_removed_text(body)
    return Post(
        post_id=fields.post_id(entry.get("id")),
        subreddit=fields.subreddit_name(tags[0].get("term")),
        created_utc=fields.moment(calendar.timegm(created)),
        title="" if removed else title,
        body="" if removed else body,
        url="" if removed else str(entry.get("link") or ""),
        read_from=read_from,
        removed=removed,
    )


def self_text(content: str) -> str:
    """Turn an entry's HTML into the self text, written as the API writes it: Markdown quotes and code blocks kept.

    Link posts hold no text of their own and give ``""``.
    """
    reader = _SelfText()
    reader.feed(content)
    reader.close()
    return reader.text()


_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})


class _SelfText(HTMLParser):
    """Collects the text inside ``<div class="md">`` line by line, each with the marks of the blocks around it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._depth = 0  # of div elements, counted from the md one
        self._quotes = 0
        self._code = 0
        self._lines: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div" and (self._depth or "md" in (dict(attrs).get("class") or "").split()):
            self._depth += 1
        if not self._depth:
            return
        if tag in _BLOCKS or tag == "br":
            self._break()
        elif tag == "blockquote":
            self._break()
            self._quotes += 1
        elif tag == "pre":
            self._break()
            self._code += 1
        elif tag == "code" and not self._code:
            self._add("`")
        elif tag in ("td", "th"):
            self._add(" ")

    def handle_endtag(self, tag: str) -> None:
        if not self._depth:
            return
        if tag == "blockquote":
            self._break()
            self._quotes = max(0, self._quotes - 1)
        elif tag == "pre":
            self._break()
            self._code = max(0, self._code - 1)
        elif tag == "code" and not self._code:
            self._add("`")
        elif tag in _BLOCKS:
            self._break(paragraph=tag == "p")
        if tag == "div":
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if not self._depth:
            return
        if not self._code:
            self._add(data.replace("\n", " "))
            return
        for number, line in enumerate(data.split("\n")):
            if number:
                self._break()
            self._add(line)

    def _add(self, text: str) -> None:
        if not self._lines[-1]:
            if not text.strip():
                return
            self._lines[-1] = "> " * self._quotes + "    " * bool(self._code)
            text = text if self._code else text.lstrip()
        self._lines[-1] += text

    def _break(self, *, paragraph: bool = False) -> None:
        if self._lines[-1]:
            self._lines.append("")
        if paragraph and len(self._lines) > 1 and self._lines[-2]:
            self._lines.append("")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines).strip("\n")
