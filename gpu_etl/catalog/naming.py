"""The name of a board: what tells it from its siblings with the same chipset, memory and maker.

Belongs here: choosing and spelling the words of the name. Does not belong here: everything those words are left over
from (``identify``).
"""

from __future__ import annotations

from gpu_etl.catalog.aliases import FAMILIES
from gpu_etl.catalog.chipsets import Chipset
from gpu_etl.catalog.text import chip_key
from gpu_etl.catalog.tokens import Token
from gpu_etl.catalog.vocabulary import Kind

_SERIES, _COLOUR, _WHITE, _PART, _SLASH = map(int, (Kind.SERIES, Kind.COLOUR, Kind.WHITE, Kind.PART, Kind.SLASH))
_BRACKETS = {int(Kind.OPEN): 1, int(Kind.CLOSE): -1}
_DESCRIPTION = frozenset({int(Kind.NOUN), int(Kind.COMMA)})
_SOMETIMES = frozenset({_COLOUR, _WHITE, _PART, int(Kind.REJECT), int(Kind.OC)})
_STATES_MEMORY = frozenset({int(Kind.VRAM), int(Kind.MEMORY)})


def model_name(tokens: list[Token], start: int, end: int, chip: Chipset) -> str:
    """Give the board's name from a title's tokens, of which ``start`` to ``end`` are the chipset ``chip``.

    Brackets hold remarks, and what follows a comma or "graphics card" is description, not name. A colour behind the
    memory is a description too, save white, which is an edition of its own with its own price. The memory's type
    counts where the chipset was sold with several.
    """
    words: dict[str, None] = {}
    depth = 0
    for at, token in enumerate(tokens):
        kind = token.kind
        if kind in _BRACKETS:
            depth = max(0, depth + _BRACKETS[kind])
        elif depth or start <= at < end:
            continue
        elif kind <= _SERIES:
            if token.text not in FAMILIES:
                words[token.show] = None
        elif kind in _DESCRIPTION:
            if at >= end and words:
                break
        elif kind in _SOMETIMES and _belongs(tokens, at, end, chip):
            words[token.show] = None
    if len(chip.memory) > 1:
        words.update(dict.fromkeys(_memory_type(tokens, chip)))
    words.pop("", None)
    return " ".join(words)


def _belongs(tokens: list[Token], at: int, end: int, chip: Chipset) -> bool:
    """Decide about a colour, a fitted part, and letters glued to the chipset's number."""
    token = tokens[at]
    if token.kind == _PART:
        return _part_belongs(tokens, at, end, chip)
    if token.kind not in (_COLOUR, _WHITE):
        return True
    if not any(before.kind in _STATES_MEMORY for before in tokens[:at]):
        return True
    return token.kind == _WHITE and tokens[at - 1].kind != _SLASH


def _part_belongs(tokens: list[Token], at: int, end: int, chip: Chipset) -> bool:
    """Decide about a piece that might have been of a chipset's name, had it stood elsewhere."""
    token = tokens[at]
    last = at + 1 == len(tokens) or not tokens[at + 1].joined
    if token.joined:
        # "GT1030DP" and "GT730K": one or two letters tell a variant, longer tails are part numbers.
        return at == end and last and token.text.isalpha() and len(token.text) <= 2
    # XFX numbers its coolers 210 and 310, which are also chipsets; the chipset's own number is but repeated.
    return last and token.text not in chip_key(chip.name)


def _memory_type(tokens: list[Token], chip: Chipset) -> list[str]:
    named = (token.value for token in tokens if token.kind in _STATES_MEMORY and token.value in chip.memory)
    return [str(name) for name in named][:1]
