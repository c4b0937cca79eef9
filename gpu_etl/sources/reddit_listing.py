"""Reddit's JSON: listings as the API returns them, and the single posts inside, which archives store as well.

Belongs here: the shape of a ``Listing`` and of a ``t3`` object. Does not belong here: paging, authentication and
pacing (``resources.reddit_api``).

Authors are never read into a post. ``created`` is left alone: in old payloads it is eight hours off ``created_utc``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gpu_etl.sources import reddit_posts as fields
from gpu_etl.sources.pages import LayoutChanged
from gpu_etl.sources.records import Post, Refusal
from gpu_etl.sources.reddit_posts import FieldError, PostPage

REQUIRED = ("id", "subreddit", "created_utc", "title")


def parse(listing: object, *, read_from: str = "praw") -> PostPage:
    """Read one listing page as ``reddit.request`` returns it, asked for with ``raw_json=1``.

    A post that makes no sense becomes a :class:`Refusal`. Raises :class:`LayoutChanged` when the answer is no listing,
    or when not one of its posts has the fields that we know: a renamed field is not an empty subreddit.
    """
    data = listing.get("data") if isinstance(listing, Mapping) else None
    children = data.get("children") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(children, list):
        raise LayoutChanged(f"not a Reddit listing: {listing!r:.60}")
    after = data.get("after")
    if "after" not in data or not (after is None or isinstance(after, str)):
        raise LayoutChanged("a Reddit listing that does not say where it goes on")
    objects = [child.get("data") if isinstance(child, Mapping) else child for child in children]
    _refuse_renamed(objects)
    posts: list[Post] = []
    refusals: list[Refusal] = []
    for raw in objects:
        try:
            posts.append(parse_post(raw, read_from=read_from))
        except FieldError as problem:
            refusals.append(refusal(raw, str(problem)))
    return PostPage(posts, refusals, after or None)


def _refuse_renamed(objects: list[Any]) -> None:
    for name in REQUIRED:
        if objects and not any(isinstance(raw, Mapping) and name in raw for raw in objects):
            raise LayoutChanged(f"none of {len(objects)} posts has the field {name!r}")


def parse_post(raw: object, *, read_from: str, escaped: bool = False) -> Post:
    """Read one post object; raises :class:`FieldError` saying what is wrong with it.

    ``escaped`` says that the text has ``&amp;`` for ``&``, as it does wherever ``raw_json=1`` was not asked for.
    A post that was deleted or removed comes without title, body and url.
    """
    if not isinstance(raw, Mapping):
        raise FieldError("not a post object")
    title = fields.title_text(raw.get("title"), escaped=escaped)
    body = fields.body_text(raw.get("selftext"), escaped=escaped)
    removed = is_removed(raw, title, body)
    identity = fields.post_id(raw.get("id"))
    subreddit = fields.subreddit_name(raw.get("subreddit"))
    return Post(
        post_id=identity,
        subreddit=subreddit,
        created_utc=fields.moment(raw.get("created_utc")),
        title="" if removed else title,
        body="" if removed else body,
        url="" if removed else _address(raw, subreddit, identity),
        read_from=read_from,
        score=fields.count(raw.get("score")),
        comments=fields.count(raw.get("num_comments")),
        is_stickied=raw.get("stickied") is True or raw.get("pinned") is True,
        crosspost_parent=_parent(raw.get("crosspost_parent")),
        removed=removed,
        observed_at=_retrieved(raw),
    )


def _retrieved(raw: Mapping[str, Any]) -> datetime | None:
    """When an archive last looked; dumps since November 2023 look again after 36 hours."""
    meta = raw.get("_meta")
    seen = (meta.get("retrieved_2nd_on") if isinstance(meta, Mapping) else None) or raw.get("retrieved_on")
    try:
        return fields.moment(seen) if seen else None
    except FieldError:
        return None


def is_removed(raw: Mapping[str, Any], title: str, body: str) -> bool:
    """Whether the source marks the post as deleted by its author or removed by anybody."""
    return (
        bool(raw.get("removed_by_category"))
        or raw.get("author") == "[deleted]"
        or fields.is_removed_text(title)
        or fields.is_removed_text(body)
    )


def refusal(raw: object, reason: str) -> Refusal:
    """Describe a post object that could not be read."""
    named = raw.get("id") or raw.get("name") if isinstance(raw, Mapping) else None
    subject = named.removeprefix("t3_")[:40] if isinstance(named, str) else "post"
    return Refusal(subject=subject, reason=reason, excerpt=fields.excerpt(raw))


def _address(raw: Mapping[str, Any], subreddit: str, identity: str) -> str:
    link = raw.get("permalink")  # some archives leave it out
    path = link if isinstance(link, str) and link.startswith("/") else f"/r/{subreddit}/comments/{identity}/"
    return fields.WEBSITE + path


def _parent(value: object) -> str | None:
    try:
        return fields.post_id(value) if value else None
    except FieldError:
        return None
