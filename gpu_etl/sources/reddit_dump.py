"""Dumps of Reddit's posts: ``RS_YYYY-MM.zst`` of Pushshift and Arctic Shift, one JSON object a line.

Belongs here: reading such a file once, in flat memory, for some subreddits. Does not belong here: where it lies,
storing its posts day by day, telling how far it is (the caller has the file and asks it).

A month of all Reddit is 40 million lines, of which hardly one in a thousand is wanted. So lines are looked for by the
bytes of their subreddit, without splitting the text, and only those found are decoded. Frames made with
``zstd --long=31`` need a window of 2 GiB to be allowed; they use it only when they say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import zstandard

from gpu_etl.sources import reddit_listing
from gpu_etl.sources.pages import ParseError
from gpu_etl.sources.records import Post, Refusal
from gpu_etl.sources.reddit_posts import FieldError

READ_FROM = "dump"
MAX_WINDOW = 2**31
BLOCK = 2**18
"""Bytes decompressed at a time: as many as stay in a processor's cache until they are searched."""
LONGEST_LINE = 2**26
"""Bytes; a post is at most some 200 kB, so a longer line is no dump."""
_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")


class DumpError(ParseError):
    """The file is no dump, or not a whole one; what was yielded before stands."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one stretch of the file held."""

    end: int
    """Bytes of text (not of the file) up to the end of this stretch: where to resume behind it."""
    posts: list[Post] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read(file: BinaryIO, subreddits: Collection[str], *, start: int = 0, block: int = BLOCK) -> Iterator[Batch]:
    """Read the posts of ``subreddits`` (any case) from a dump opened in binary; a batch every ``block`` bytes of text.

    ``start`` is the ``end`` of the last batch of an earlier reading: what lies before is passed over.
    Raises :class:`DumpError` when the file is not zstandard, is damaged, ends within a line, or holds comments.
    """
    wanted = frozenset(name.lower() for name in subreddits)
    pattern = _pattern(wanted)
    end = 0
    for text, size in _stretches(file, block):
        begin, end = end, end + size
        if end <= start:
            continue
        batch = Batch(end)
        for line in _found(text, pattern, max(0, start - begin), size):
            _take(line, wanted, batch)
        yield batch


def _pattern(wanted: frozenset[str]) -> re.Pattern[bytes]:
    names = "|".join(sorted(map(re.escape, wanted))).encode()
    return re.compile(rb'"subreddit": ?"(?i:' + names + rb')"')


def _stretches(file: BinaryIO, block: int) -> Iterator[tuple[bytearray, int]]:
    """The text in stretches of whole lines: a buffer, used again for the next one, and how many of its bytes count.

    Making and joining strings of bytes would take as long as searching them.
    """
    fill = _filling(file)
    buffer, filled = bytearray(2 * block), 0
    while count := fill(memoryview(buffer)[filled : filled + block]):
        end = buffer.rfind(b"\n", filled, filled + count) + 1
        filled += count
        if end:
            yield buffer, end
            rest = buffer[end:filled]
            filled = len(rest)
            buffer[:filled] = rest
        if filled > LONGEST_LINE:
            raise DumpError("a line of more than 64 MiB: not a dump of posts")
        if filled + block > len(buffer):
            buffer = buffer + bytes(len(buffer))
    if buffer[:filled].strip():
        try:
            json.loads(buffer[:filled])
        except ValueError:
            raise DumpError("the file ends within a line: it is not whole") from None
        yield buffer, filled


def _filling(file: BinaryIO) -> Callable[[memoryview], int]:
    """What puts the next bytes of text into a buffer and returns how many; 0 at the end."""
    start = file.read(4)
    file.seek(-len(start), 1)
    if start[:1] == b"{":
        return lambda buffer: file.readinto(buffer)  # type: ignore[attr-defined]
    if not start:
        raise DumpError("the file is empty")
    if start != _MAGIC and not _SKIPPABLE.fullmatch(start):
        raise DumpError("not a zstandard file, nor one JSON object a line")
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    reader = decompressor.stream_reader(file, read_across_frames=True, closefd=False)

    def fill(buffer: memoryview) -> int:
        try:
            return reader.readinto(buffer)
        except zstandard.ZstdError as problem:
            raise DumpError(f"damaged: {problem}") from None

    return fill


def _found(text: bytearray, pattern: re.Pattern[bytes], at: int, size: int) -> Iterator[bytes]:
    """The lines of the first ``size`` bytes of ``text``, from ``at`` on, that name a wanted subreddit anywhere."""
    while match := pattern.search(text, at, size):
        start = text.rfind(b"\n", 0, match.start()) + 1
        end = text.find(b"\n", match.end(), size)
        end = end if end >= 0 else size
        yield bytes(text[start:end])
        at = end


def _take(line: bytes, wanted: frozenset[str], batch: Batch) -> None:
    try:
        raw: Any = json.loads(line)
    except ValueError as problem:
        batch.refusals.append(Refusal("line", f"not JSON: {problem}", line[:200].decode("utf-8", "replace")))
        return
    # A crosspost holds the post that it repeats, whose subreddit may be the one that was found.
    if not isinstance(raw, dict) or str(raw.get("subreddit")).lower() not in wanted:
        return
    if "link_id" in raw and "title" not in raw:  # refused one by one, a month of them would fill the quarantine
        raise DumpError("holds comments (RC_), not posts (RS_)")
    try:
        batch.posts.append(reddit_listing.parse_post(_with_later_fate(raw), read_from=READ_FROM, escaped=True))
    except FieldError as problem:
        batch.refusals.append(reddit_listing.refusal(raw, str(problem)))


def _with_later_fate(raw: dict[str, Any]) -> dict[str, Any]:
    """Mark a post as removed when the archive found it gone at its second look, 36 hours later."""
    meta = raw.get("_meta")
    if isinstance(meta, dict) and meta.get("was_deleted_later"):
        return {**raw, "removed_by_category": raw.get("removed_by_category") or "deleted"}
    return raw
