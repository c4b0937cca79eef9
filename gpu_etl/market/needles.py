"""What a text must hold for a pattern to match in it: plain strings, looked for before the pattern is tried.

Belongs here: deriving those strings from a regular expression. Does not belong here: searching with them
(``haystack``), the patterns (``keywords.yaml``), what a match means (``signals``).

Python's ``re`` tries every alternative at every letter: 4 ms for a post and all keywords. Looking for a string takes
less than a microsecond. The strings are derived from the pattern as Python itself parses it, never written by hand, so
none can be forgotten: where nothing is sure about a part of a pattern, nothing is asked of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from re import _constants as code  # type: ignore[attr-defined]  # private, and the one parser that agrees with re
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Texts = frozenset[str]

MOST_TEXTS = 200
"""Strings that a part of a pattern may stand for before they are no longer listed."""
MOST_LOOKED_FOR = 40
"""Strings of which a text must hold one; more are not worth the time."""
MOST_BEGINNINGS = 40
"""Beginnings that are looked for; more are cut shorter, which makes them fewer and more common."""
SHORTEST_NEED = 2
"""A single letter is in every text: not worth looking for."""
LAST_ALIKE = 0x1FFFF
"""The last letter that may be a blank or a digit: beyond are the planes of ideographs, tags and private letters, and
looking at them too takes ten times as long."""
LONG_ENOUGH = 5
"""Letters after which a string is hardly rarer, while many share their first ones."""


@cache
def _alike() -> dict[int, str]:
    """What one ASCII letter, digit or blank of a pattern may match besides upper and lower case: blanks of all kinds
    for ``\\s``, digits of all scripts for ``\\d``, and four letters that case-blind matching takes for i, s and k."""
    table = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}
    for number in range(LAST_ALIKE + 1):
        letter = chr(number)
        if letter.isspace():
            table[number] = " "
        elif letter.isdecimal():
            table[number] = str(int(letter))
    return table


def folded(text: str) -> str:
    """``text`` letter by letter in one spelling: what an ASCII letter of a pattern may match is then that letter."""
    return text.translate(_alike()).lower()


@dataclass(frozen=True, slots=True)
class Needle:
    """A pattern together with what a text must hold for it, folded."""

    pattern: re.Pattern[str]
    begins: Texts | None
    """Every match begins with one of these; ``None`` where that is not known."""
    needs: tuple[Texts, ...]
    """Of each of these, every match holds at least one."""


def needle(pattern: str) -> Needle:
    """Compile a pattern for which case does not matter, and derive what its matches hold.

    A pattern that may match nothing at all has no ``begins``.
    """
    part = _of_sequence(_parser.parse(pattern, re.IGNORECASE))
    needs = {_few(texts): None for texts in _needs_of(part)}
    return Needle(
        re.compile(pattern, re.IGNORECASE),
        _few_beginnings(part.begins) if part.begins and "" not in part.begins else None,
        tuple(texts for texts in needs if len(texts) <= MOST_LOOKED_FOR),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of the texts that a part of a pattern matches, folded."""

    exactly: Texts | None = None
    """All of them, where they can be listed."""
    begins: Texts | None = None
    """Each begins with one of these."""
    needs: tuple[Texts, ...] = ()
    """Each holds at least one of each of these."""


_ANYTHING = _Part()
_NOTHING = _Part(frozenset({""}), frozenset({""}))


def _of_sequence(parsed: Iterable[tuple[Any, Any]]) -> _Part:
    """One part after the other; neighbours that can be listed are listed together before the rest is added."""
    whole = run = _NOTHING
    for operation, argument in parsed:
        part = _of(operation, argument)
        together = _crossed(run.exactly, part.exactly)
        if together is None:
            whole, run = _then(whole, run), part
        else:
            run = _Part(together, together)
    return _then(whole, run)


def _then(one: _Part, other: _Part) -> _Part:
    exactly = _crossed(one.exactly, other.exactly)
    if exactly is not None:
        return _Part(exactly, exactly)
    begins = one.begins if one.exactly is None else _crossed(one.exactly, other.begins) or one.exactly
    return _Part(None, begins, (*_needs_of(one), *_needs_of(other)))


def _crossed(one: Texts | None, other: Texts | None) -> Texts | None:
    if one is None or other is None or len(one) * len(other) > MOST_TEXTS:
        return None
    return frozenset(a + b for a in one for b in other)


def _needs_of(part: _Part) -> list[Texts]:
    return [texts for texts in (*part.needs, part.exactly) if texts and _worth(texts)]


def _worth(texts: Texts) -> int:
    """The length of the shortest; 0 when one is too short to be worth looking for. The mark of a thing is a word."""
    return min(len(text) if len(text) >= SHORTEST_NEED or _is_private(text) else 0 for text in texts)


def _rarity(texts: Texts) -> tuple[bool, int, int]:
    """How well it tells texts apart to look for these, for choosing among several."""
    few = _few(texts)
    return len(few) <= MOST_LOOKED_FOR // 2, _worth(few), -len(few)


def _is_private(text: str) -> bool:
    return "\ue000" <= text <= "\uf8ff"


def _few(texts: Texts) -> Texts:
    """Fewer strings of which a text holds one if it holds one of ``texts``."""
    return _innermost(frozenset(text[:LONG_ENOUGH] for text in _innermost(texts)))


def _innermost(texts: Texts) -> Texts:
    """Without those that hold another one."""
    return frozenset(text for text in texts if not any(other in text for other in texts - {text}))


def _few_beginnings(texts: Texts) -> Texts:
    """Fewer and shorter strings with which a text begins if it begins with one of ``texts``; of digits the first."""
    for length in (LONG_ENOUGH, 3, 2, 1):
        cut = frozenset(text[: 1 if text[0].isdigit() else length] for text in texts)
        if len(cut) <= MOST_BEGINNINGS:
            break
    return frozenset(text for text in cut if not any(text[:end] in cut for end in range(1, len(text))))


def _of(operation: Any, argument: Any) -> _Part:
    if operation is code.LITERAL:
        return _of_letters([chr(argument)])
    if operation is code.IN:
        return _of_letters([letter for kind, value in argument for letter in _letters(kind, value)])
    if operation is code.SUBPATTERN:
        return _of_sequence(argument[3])
    if operation is code.BRANCH:
        return _of_branches([_of_sequence(branch) for branch in argument[1]])
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT):
        return _of_repeat(argument[0], argument[1], _of_sequence(argument[2]))
    if operation in (code.AT, code.ASSERT, code.ASSERT_NOT):
        return _NOTHING  # takes no room; what it asks beyond that is left to the pattern
    return _ANYTHING


def _letters(kind: Any, value: Any) -> Sequence[str | None]:
    """The letters, folded, that a member of a class such as ``[a-c_]`` stands for; ``None`` for uncounted ones."""
    if kind is code.LITERAL:
        return [chr(value)]
    if kind is code.RANGE and value[1] - value[0] < MOST_TEXTS:
        return list(map(chr, range(value[0], value[1] + 1)))
    if kind is code.CATEGORY and value is code.CATEGORY_DIGIT:
        return list("0123456789")
    if kind is code.CATEGORY and value is code.CATEGORY_SPACE:
        return [" "]
    return [None]


def _of_letters(letters: Sequence[str | None]) -> _Part:
    """One of some letters. Beyond ASCII only what has no case is sure to match nothing but itself."""
    known = [letter for letter in letters if letter and (letter.isascii() or letter.lower() == letter.upper())]
    if len(known) < len(letters):
        return _ANYTHING
    texts = frozenset(map(folded, known))
    return _Part(texts, texts)


def _of_branches(branches: Sequence[_Part]) -> _Part:
    exactly = _united([branch.exactly for branch in branches])
    if exactly is not None and len(exactly) <= MOST_TEXTS:
        return _Part(exactly, exactly)
    begins = _united([branch.begins for branch in branches])
    best = [max(_needs_of(branch), key=_rarity, default=None) for branch in branches]
    return _Part(None, begins, tuple(filter(None, [_united(best)])))


def _united(parts: Sequence[Texts | None]) -> Texts | None:
    """All together; ``None`` when one is not known."""
    known = [part for part in parts if part is not None]
    return frozenset(chain.from_iterable(known)) if len(known) == len(parts) else None


def _of_repeat(least: int, most: Any, part: _Part) -> _Part:
    if least == most == 1:
        return part
    if least:
        return _Part(None, part.begins, tuple(_needs_of(part)))
    optional = part.exactly if most == 1 else None
    return _Part(optional | {""}, optional | {""}) if optional is not None else _Part(None, frozenset({""}))
