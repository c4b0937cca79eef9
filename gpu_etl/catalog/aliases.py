"""Under which spellings a chipset is found: every full name, and the bare numbers people use.

Belongs here: deriving spellings from ``chipsets.csv`` and the two look-up trees. Does not belong here: cutting text
into words, or deciding whether a text is about a card.

A tree maps a word to the tree of the words that may follow; the key ``""`` ends a name and holds its chipsets. Two
chipsets may share a spelling ("RTX 6000" is a Quadro of 24 GB and an Ada card of 48 GB); who looks it up must choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from gpu_etl.catalog.chipsets import Chipset, chipsets
from gpu_etl.catalog.text import chip_key

Tree = dict[str, Any]
"""Nested: word to ``Tree``; ``""`` to a tuple of ``Chipset``."""
Key = tuple[str, ...]

_BARE_LINES = ("GeForce RTX", "GeForce GTX", "Radeon RX", "Radeon HD", "Arc", "RTX A", "Radeon PRO", "Radeon AI PRO")


def full_spellings(chip: Chipset) -> Iterator[Key]:
    """Yield the spellings that say on their own which chipset is meant."""
    key = chip_key(chip.name)
    if not _is_short(key):
        yield key
    for other in chip.also:
        yield chip_key(other)
    for old, new in _SHORTER:
        if key[: len(old)] == old:
            yield (*new, *key[len(old) :])
    if chip.line == "RTX PRO":
        yield from _rtx_pro(key)
    if key[2:] == ("sff", "ada"):
        yield (*key[:2], "ada", "sff")


# Whoever writes "GTX 3060" means the one card of that number, so the prefix GeForce cards wear may be mixed up.
_SHORTER: tuple[tuple[Key, Key], ...] = (
    (("geforce", "rtx"), ("rtx",)),
    (("geforce", "rtx"), ("geforce",)),
    (("geforce", "rtx"), ("gtx",)),
    (("geforce", "rtx"), ("geforce", "gtx")),
    (("geforce", "rtx"), ("nvidia",)),
    (("geforce", "gtx"), ("gtx",)),
    (("geforce", "gtx"), ("geforce",)),
    (("geforce", "gtx"), ("rtx",)),
    (("geforce", "gtx"), ("nvidia",)),
    (("geforce", "gts"), ("gts",)),
    (("geforce", "gt"), ("gt",)),
    (("radeon", "rx"), ("rx",)),
    (("radeon", "rx"), ("radeon",)),
    (("radeon", "rx"), ("amd",)),
    (("radeon", "hd"), ("hd",)),
    (("radeon", "hd"), ("radeon",)),
    (("radeon", "r7"), ("r7",)),
    (("radeon", "r9"), ("r9",)),
    (("radeon", "r5"), ("r5",)),
    (("radeon", "ai", "pro"), ("ai", "pro")),
    (("radeon", "ai", "pro"), ("radeon",)),
    (("radeon", "pro"), ("pro",)),
    (("radeon", "pro", "wx"), ("wx",)),
    (("radeon", "pro"), ("radeon",)),
    (("radeon", "pro", "duo"), ("pro", "duo")),
    (("arc", "pro"), ("intel", "pro")),
    (("arc",), ("intel",)),
    (("rtx", "a"), ("quadro", "rtx", "a")),
    (("rtx", "a"), ("nvidia", "a")),
    (("rtx", "a"), ("quadro", "a")),
    (("t",), ("nvidia", "t")),
    (("t",), ("quadro", "t")),
    (("a",), ("tesla", "a")),
    (("v",), ("tesla", "v")),
    (("h",), ("tesla", "h")),
    (("vega",), ("radeon", "vega")),
)


def _rtx_pro(key: Key) -> Iterator[Key]:
    number = key[2]
    middle = ("sff",) if "sff" in key else ()
    yield ("rtx", "pro", number, *middle)
    yield ("rtx", number, "pro", *middle)
    yield ("rtx", number, "pro", "blackwell", *middle)
    yield ("rtx", number, "blackwell", *middle)
    yield ("pro", number, *middle, "blackwell")


def bare_spelling(chip: Chipset) -> Key | None:
    """Give the number people call the chipset by ("4070 Ti", "9070 XT"), if it says enough with other evidence."""
    if chip.line not in _BARE_LINES:
        return None
    key = chip_key(chip.name)
    start = next((at for at, part in enumerate(key) if part.isdigit() or re.fullmatch(r"a|w|wx|r", part)), None)
    if chip.line == "Arc":
        start = 1
    if start is None:
        return None
    number = next(part for part in key if part.isdigit())
    if len(number) < 4 and chip.line not in ("Arc", "RTX A"):
        return None
    return key[start:]


def _insert(tree: Tree, key: Key, chip: Chipset) -> None:
    for part in key:
        tree = tree.setdefault(part, {})
    known: tuple[Chipset, ...] = tree.get("", ())
    if chip not in known:
        tree[""] = (*known, chip)


@cache
def full_tree() -> Tree:
    """Spellings that suffice on their own."""
    tree: Tree = {}
    derived: dict[Key, list[Chipset]] = {}
    for chip in chipsets():
        for key in full_spellings(chip):
            derived.setdefault(key, []).append(chip)
    for key, chips in derived.items():
        # A name of one chipset is never the shortened name of another: "Quadro 4000" is not "Quadro RTX 4000".
        exact = [chip for chip in chips if key in {chip_key(chip.name), *map(chip_key, chip.also)}]
        for chip in exact or chips:
            _insert(tree, key, chip)
    return tree


@cache
def bare_tree() -> Tree:
    """Bare numbers, which need other evidence that a card is meant."""
    tree: Tree = {}
    for chip in chipsets():
        key = bare_spelling(chip)
        if key:
            _insert(tree, key, chip)
    return tree


def _is_short(key: Key) -> bool:
    """Tell names too short to mean a chipset wherever they stand ("A2", "L40")."""
    return len("".join(key)) <= 3


@cache
def short_names() -> dict[Key, Chipset]:
    """Names that mean a chipset only where nothing else is said."""
    return {
        chip_key(chip.name): chip
        for chip in chipsets()
        if len(chip_key(chip.name)) == 1 or _is_short(chip_key(chip.name))
    }


FAMILIES = frozenset({"geforce", "rtx", "gtx", "gt", "radeon", "rx", "hd", "arc", "quadro"})
"""Words that open a chipset's name and nothing else."""


@cache
def chip_numbers() -> frozenset[str]:
    """Numbers of three or more digits that occur in chipset names."""
    return frozenset(part for chip in chipsets() for part in chip_key(chip.name) if part.isdigit() and len(part) > 2)


@cache
def chip_pieces() -> frozenset[str]:
    """Words of chipset names that join letters and digits: ``a2000``, ``b580``, ``l4``, ``w7600`` and the like."""
    names = [name for chip in chipsets() for name in (chip.name, *chip.also)]
    words = {word for name in names for word in name.casefold().split()}
    return frozenset(word for word in words if re.search(r"[a-z][0-9]|[0-9][a-z]", word))


def longest(tree: Tree, words: list[str], start: int) -> tuple[int, tuple[Chipset, ...]]:
    """Find the longest spelling that begins at ``start``: the index behind it and its chipsets, or ``(start, ())``."""
    end, found = start, ()
    for at in range(start, len(words)):
        tree = tree.get(words[at], {})
        if "" in tree:
            end, found = at + 1, tree[""]
        elif not tree:
            break
    return end, found
