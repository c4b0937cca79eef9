"""What the ``CHIPSETS`` setting means.

Belongs here: sets of chipsets that somebody may ask for. Does not belong here: the facts about them (``chipsets``).
"""

from __future__ import annotations

import difflib
from datetime import date
from functools import cache

from gpu_etl.catalog.aliases import bare_tree, full_tree, longest, short_names
from gpu_etl.catalog.chipsets import Chipset, chipsets
from gpu_etl.catalog.text import chip_key

CONSUMER_LINES = ("GeForce RTX", "Radeon RX", "Arc")
"""The lines whose generations the default scope counts."""
RECENT_GENERATIONS = 4
RTX_4070_SERIES = frozenset(f"GeForce RTX 4070{suffix}" for suffix in ("", " SUPER", " Ti", " Ti SUPER"))


def chipset(name: str) -> Chipset:
    """Look a chipset up by its canonical name or a shorter one ("RTX 4070 Ti", "9070 XT").

    Raises ``ValueError`` naming the nearest known ones.
    """
    key = list(chip_key(name))
    short = short_names().get(tuple(key))
    if short:
        return short
    for tree in (full_tree(), bare_tree()):
        end, found = longest(tree, key, 0)
        if key and end == len(key) and len(found) == 1:
            return found[0]
    raise ValueError(f"unknown chipset {name!r}; {_nearest(name)}")


def _nearest(name: str) -> str:
    names = {chip.name.casefold(): chip.name for chip in chipsets()}
    close = difflib.get_close_matches(" ".join(name.split()).casefold(), names, n=3, cutoff=0.5)
    if not close:
        return "a full name such as 'GeForce RTX 4070 Ti' is wanted"
    return "nearest known: " + ", ".join(names[match] for match in close)


@cache
def recent(generations: int = RECENT_GENERATIONS) -> frozenset[str]:
    """Names of the desktop chipsets of the newest ``generations`` of each consumer line, newest by first launch."""
    names: set[str] = set()
    for line in CONSUMER_LINES:
        members = [chip for chip in chipsets() if chip.line == line and chip.segment == "desktop"]
        first: dict[str, date] = {}
        for chip in members:
            if chip.launched:
                first[chip.generation] = min(chip.launched, first.get(chip.generation, chip.launched))
        newest = sorted(first, key=lambda generation: first[generation], reverse=True)[:generations]
        names.update(chip.name for chip in members if chip.generation in newest)
    return frozenset(names)


def scope(setting: str) -> frozenset[str]:
    """Resolve the ``CHIPSETS`` setting to canonical names.

    Empty: the last four generations of GeForce RTX, Radeon RX and Arc. ``all``: every chipset. ``rtx-4070-series``:
    the four cards of that name. Otherwise names, separated by commas. Raises ``ValueError`` naming the unknown one.
    """
    parts = [part for part in (" ".join(part.split()) for part in setting.split(",")) if part]
    if not parts:
        return recent()
    names: set[str] = set()
    for part in parts:
        match part.casefold():
            case "all":
                names.update(chip.name for chip in chipsets())
            case "rtx-4070-series":
                names |= RTX_4070_SERIES
            case _:
                names.add(chipset(part).name)
    return frozenset(names)
