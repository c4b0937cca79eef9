"""The name of a board: what tells it from its siblings with the same chipset, memory and maker.

Belongs here: choosing and spelling the words of the name. Does not belong here: everything those words are left over
from (``identify``).
"""

from __future__ import annotations

from gpu_etl.catalog.chipsets import Chipset
from gpu_etl.catalog.lexicon import Token
from gpu_etl.catalog.vocabulary import Kind

_NAME, _SERIES, _COLOUR, _WHITE, _REJECT = map(int, (Kind.NAME, Kind.SERIES, Kind.COLOUR, Kind.WHITE, Kind.REJECT))
_OPEN, _CLOSE, _COMMA, _SLASH = map(int, (Kind.OPEN, Kind.CLOSE, Kind.COMMA, Kind.SLASH))
_NOUN, _VRAM, _MEMORY, _PART = map(int, (Kind.NOUN, Kind.VRAM, Kind.MEMORY, Kind.PART))


def model_name(tokens: list[Token], start: int, end: int, chip: Chipset) -> str:
    """Give the board's name from a title's tokens, of which ``start`` to ``end`` are the chipset ``chip``.

    Brackets hold remarks, and what follows a comma or "graphics card" is description, not name. A colour behind the
    memory is a description too, save white, which is an edition of its own with its own price. The memory's type
    counts where the chipset was sold with several.
    """
    words: list[str] = []
    depth = 0
    behind_memory = False
    for at, token in enumerate(tokens):
        kind = token.kind
        if kind == _OPEN:
            depth += 1
        elif kind == _CLOSE:
            depth = max(0, depth - 1)
        elif depth or start <= at < end:
            continue
        elif kind in (_NOUN, _COMMA):
            if at >= end and words:
                break
        elif kind in (_VRAM, _MEMORY):
            behind_memory = True
        elif kind <= _WHITE or kind in (_REJECT, _PART):
            if kind == _NAME or kind == _SERIES or _belongs(tokens, at, end, behind_memory):
                if token.show and token.show not in words:
                    words.append(token.show)
    if len(chip.memory) > 1:
        words.extend(_memory_type(tokens, chip))
    return " ".join(words)


def _belongs(tokens: list[Token], at: int, end: int, behind_memory: bool) -> bool:
    """Decide about a colour, a fitted part, and letters glued to the chipset's number."""
    token = tokens[at]
    if token.kind == _COLOUR:
        return not behind_memory
    if token.kind == _WHITE:
        return not (behind_memory and at and tokens[at - 1].kind == _SLASH)
    if token.kind == _PART:
        # "GT1030DP" and "GT730K": one or two letters tell a variant, longer tails are part numbers.
        return at == end and token.joined and token.text.isalpha() and len(token.text) <= 2
    return True


def _memory_type(tokens: list[Token], chip: Chipset) -> list[str]:
    named = (token.value for token in tokens if token.kind == _MEMORY)
    return next(([name] for name in named if name in chip.memory), [])
