"""The token: one word or piece of a word, with everything known about it alone.

Belongs here: the token, and the bits that tell at a glance what a title holds. Does not belong here: cutting words into
tokens (``lexicon``).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from gpu_etl.catalog.aliases import bare_tree, full_tree
from gpu_etl.catalog.vocabulary import Kind, Meaning, Reject, vocabulary

HAS_MEMORY, HAS_REJECT, HAS_OC, HAS_CONDITION, HAS_BARE, HAS_PHRASE, HAS_RYZEN_MARK, HAS_UNIT, HAS_NOUN = (
    1 << at for at in range(9)
)
_KIND_BITS = {
    Kind.VRAM: HAS_MEMORY,
    Kind.MEMORY: HAS_MEMORY,
    Kind.OC: HAS_OC,
    Kind.CONDITION: HAS_CONDITION,
    Kind.UNIT: HAS_UNIT,
    Kind.NOUN: HAS_NOUN,
}
_BITS = [_KIND_BITS.get(kind, 0) for kind in Kind]
RYZEN_MARKS = frozenset({"r3", "r5", "r7", "r9"})

Phrases = list[tuple[list[str], Meaning]]
"""Words of phrases with their meanings, longest first."""


class Token:
    """One word or piece of a word.

    ``kind`` is a ``Kind`` as a plain number; ``show`` is how it is written in a model name; ``joined`` says that it was
    glued to the piece before it or is part of a longer code; ``node`` is the tree of chipset names that begin with it;
    ``phrases`` are the phrases that do, by their second word.
    """

    __slots__ = ("bits", "joined", "kind", "node", "phrases", "reject", "show", "text", "value")

    def __init__(
        self,
        text: str,
        kind: int = Kind.NAME,
        *,
        value: Any = None,
        show: str = "",
        reject: Reject | None = None,
        joined: bool = False,
    ) -> None:
        self.text = text
        self.kind = int(kind)
        self.value = value
        self.show = show
        self.reject = reject
        self.joined = joined
        self.node = full_tree().get(text)
        self.phrases = _phrases().get(text)
        bits = _BITS[kind]
        if reject:
            bits |= HAS_REJECT
        if self.phrases:
            bits |= HAS_PHRASE
        if text in bare_tree():
            bits |= HAS_BARE
        if text in RYZEN_MARKS:
            bits |= HAS_RYZEN_MARK
        self.bits = bits

    def __repr__(self) -> str:
        return f"Token({self.text!r}, {Kind(self.kind).name}, {self.value!r})"


def token_of(text: str, meaning: Meaning, *, joined: bool = False) -> Token:
    """Build the token of a known word or phrase."""
    return Token(text, meaning.kind, value=meaning.value, show=meaning.name, reject=meaning.reject, joined=joined)


@cache
def _phrases() -> dict[str, dict[str, Phrases]]:
    """Give the phrases of the vocabulary by their first and second word."""
    found: dict[str, dict[str, Phrases]] = {}
    for spelling, meaning in vocabulary().items():
        words = spelling.split(" ")
        if len(words) > 1:
            found.setdefault(words[0], {}).setdefault(words[1], []).append((words, meaning))
    for seconds in found.values():
        for phrases in seconds.values():
            phrases.sort(key=lambda phrase: len(phrase[0]), reverse=True)
    return found
