"""Turning a title into comparable text: one spelling for width, case, space and trade marks.

Belongs here: what is true of any text. Does not belong here: what a word means (``lexicon``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

# NFKC would spell the trade mark out and glue it to the word before it: "SUPER™" becomes "SUPERTM". Zero-width and
# direction marks come along when a title is copied from a web page.
_MARKS = re.compile("[\u2122\u2120\u00ae\u00a9\u00ad\u200b-\u200f\u2060\ufeff]")

_FINE = re.compile(r"(?:r[579]|v[0-9])(?![0-9])|[a-z]+|[0-9]+|[가-힣]+|[^a-z0-9가-힣]+")
_RADEON_R = re.compile(r"(.*?)(r[579])([0-9]{3})(?![0-9])(.*)")


def fold(text: str) -> str:
    """Give ``text`` without trade marks, in compatibility form and lower case."""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", _MARKS.sub("", text)).casefold())


def fine(piece: str) -> list[str]:
    """Split a folded piece where letters meet digits: ``rtx4070ti`` is rtx 4070 ti, ``r9290x`` is r9 290 x."""
    joined = _RADEON_R.fullmatch(piece)
    if joined:
        before, family, number, after = joined.groups()
        return [*_FINE.findall(before), family, number, *_FINE.findall(after)]
    return _FINE.findall(piece)


@lru_cache(maxsize=4096)
def chip_key(name: str) -> tuple[str, ...]:
    """Give the fine parts of a chipset's name, as they are looked up."""
    return tuple(part for word in fold(name).replace("-", " ").split() for part in fine(word))
