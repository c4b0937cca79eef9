"""What all four sources of Reddit posts share: ids, times, text, and the marks of what was taken down.

Belongs here: turning single raw fields into fields of a :class:`Post`, and the page that every parser returns. Does not
belong here: the shape of any one source (``reddit_listing``, ``reddit_feed``, ``reddit_arctic``, ``reddit_dump``).
"""

from __future__ import annotations

import html
import math
import re
from datetime import UTC, datetime
from typing import NamedTuple

from gpu_etl.sources.pages import clean_text
from gpu_etl.sources.records import Post, Refusal

WEBSITE = "https://www.reddit.com"


class PostPage(NamedTuple):
    """One page of posts, in the source's order."""

    posts: list[Post]
    refusals: list[Refusal]
    after: str | None
    """The fullname that the next page starts behind; ``None`` when the source says that there is none."""


class FieldError(ValueError):
    """A field of one post that is missing or makes no sense; the message is the reason of its refusal."""


REMOVED_TEXTS = frozenset(
    {"[removed]", "[deleted]", "[deleted by user]", "[removed by moderator]", "[removed by reddit]"}
)
"""What Reddit writes in place of a title or text that is gone, lower case and without blanks inside the brackets."""

_POST_ID = re.compile(r"[0-9a-z]{1,13}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_EARLIEST = datetime(2005, 6, 1, tzinfo=UTC)
"""Reddit opened in June 2005: an older date is an error, not an old post."""


def post_id(value: object) -> str:
    """Return the base-36 id of ``t3_abc`` or ``abc``; raises :class:`FieldError` for anything else."""
    text = value.removeprefix("t3_") if isinstance(value, str) else ""
    if not _POST_ID.fullmatch(text):
        raise FieldError(f"no post id: {value!r:.40}")
    return text


def moment(value: object) -> datetime:
    """Read seconds since 1970, as a number or as its text (old dumps), as a time in UTC.

    Raises :class:`FieldError` when it is missing, not a finite number, or before Reddit existed. It is never replaced
    by the present: that would put an old post under today.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise FieldError(f"no creation time: {value!r:.40}")
    try:
        seconds = float(value)
        if not math.isfinite(seconds):
            raise FieldError(f"no creation time: {value!r:.40}")
        found = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise FieldError(f"no creation time: {value!r:.40}") from None
    if found < _EARLIEST:
        raise FieldError(f"created {found:%Y-%m-%d}, before Reddit existed")
    return found


def subreddit_name(value: object) -> str:
    """Return a subreddit's name without ``r/``; raises :class:`FieldError` when there is none."""
    name = value.strip().removeprefix("/").removeprefix("r/") if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,50}", name):
        raise FieldError(f"no subreddit: {value!r:.40}")
    return name


def title_text(value: object, *, escaped: bool) -> str:
    """Return a title as it was posted, without what no database can hold; raises :class:`FieldError` for no text.

    A control character goes with the blank before it, which was only there to set it off.
    """
    if not isinstance(value, str):
        raise FieldError(f"no title: {value!r:.40}")
    text = html.unescape(value) if escaped else value
    return re.sub(f" ?{_CONTROLS.pattern}", "", text)


def body_text(value: object, *, escaped: bool) -> str:
    """Clean a self text, keeping its lines: quotes and code are told by them. ``None`` (a link post) gives ``""``."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldError(f"a self text that is no text: {value!r:.40}")
    text = html.unescape(value) if escaped else value
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).strip()


def count(value: object) -> int | None:
    """Read a score or number of comments; ``None`` when there is none, never 0 in its place."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return int(value)


def is_removed_text(text: str) -> bool:
    """Whether a title or self text is Reddit's placeholder for one that was deleted or removed."""
    return re.sub(r"\[\s+|\s+\]", lambda m: m.group().strip(), text.strip()).lower() in REMOVED_TEXTS


def excerpt(value: object) -> str:
    """The beginning of an input that is refused, without what may name a person."""
    if not isinstance(value, dict):
        return clean_text(repr(value))[:200]
    shown = {key: value[key] for key in ("id", "name", "subreddit", "created_utc", "title") if key in value}
    return clean_text(repr(shown))[:200]
