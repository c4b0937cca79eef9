"""Answers of the Arctic Shift API, an archive of Reddit run by volunteers.

Belongs here: the shape of ``/api/posts/search`` answers and where to go on. Does not belong here: asking it
(resources), whether to (a setting: Reddit's policy is against such archives, so it is off unless somebody wants it).

Scores are those of the first minutes until the archive looks again after 36 hours, and permalinks may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from gpu_etl.sources import reddit_listing
from gpu_etl.sources.pages import LayoutChanged, ParseError
from gpu_etl.sources.records import Post, Refusal
from gpu_etl.sources.reddit_posts import FieldError, PostPage

READ_FROM = "arctic_shift"


class ArchiveError(ParseError):
    """The archive says, with status 200 or without, that it did not answer: too fast, timed out, maintenance."""


def parse(answer: object) -> PostPage:
    """Read one decoded answer of a search sorted upwards by time.

    ``after`` is the creation time of the last post, in whole seconds since 1970: the next search starts there, and
    posts of that second come twice. ``None`` after an empty page, which is the end.

    Raises :class:`ArchiveError` with what the archive says, :class:`LayoutChanged` when it says nothing we know.
    """
    if not isinstance(answer, Mapping):
        raise LayoutChanged(f"not an answer of Arctic Shift: {answer!r:.60}")
    if answer.get("error"):
        raise ArchiveError(f"Arctic Shift: {answer['error']!s:.200}")
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise LayoutChanged("an answer of Arctic Shift without data")
    posts: list[Post] = []
    refusals: list[Refusal] = []
    for raw in rows:
        try:
            posts.append(reddit_listing.parse_post(raw, read_from=READ_FROM, escaped=True))
        except FieldError as problem:
            refusals.append(reddit_listing.refusal(raw, str(problem)))
    if refusals and not posts:
        raise LayoutChanged(f"none of {len(refusals)} posts could be read: {refusals[0].reason}")
    last = max((post.created_utc for post in posts), default=None)
    return PostPage(posts, refusals, None if last is None else str(int(last.timestamp())))
