"""Which chipsets another one follows: those whose prices its launch may press on.

Belongs here: that relation. Does not belong here: what a launch did to prices (``market``), what is expected
(``expected``).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from gpu_etl.catalog.chipsets import Chipset, chipsets
from gpu_etl.catalog.expected import expected

NEW_FOR = timedelta(days=90)
"""For so long after its launch a fall of its predecessor is put down to a chipset."""


@cache
def predecessors(name: str) -> list[str]:
    """The chipsets that one follows, in the order of the table; empty for the first of its kind.

    Those that the table names it as successor of, and its plain sibling: an RTX 4070 SUPER follows the RTX 4070 though
    both have the RTX 5070 as successor.
    """
    plain = name.removesuffix(" SUPER")
    return [
        chip.name
        for chip in chipsets()
        if chip.name != name and (chip.successor == name or (plain != name and chip.name == plain))
    ]


def new_successor(name: str, day: date) -> str | None:
    """The chipset that follows one and was launched in the :data:`NEW_FOR` before a day; the latest of several."""
    found = [
        (chip.launched, chip.name)
        for chip in chipsets()
        if chip.launched and timedelta() <= day - chip.launched <= NEW_FOR and name in predecessors(chip.name)
    ]
    return max(found)[1] if found else None


@cache
def followers(chip: Chipset) -> tuple[str, ...]:
    """The chipsets that follow one, launched or not, and the series expected after its generation."""
    known = [other.name for other in chipsets() if chip.name in predecessors(other.name)]
    return (*known, *(series.name for series in expected() if series.follows == chip.generation))
