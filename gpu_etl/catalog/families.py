"""Which chipsets are siblings: what a buyer weighs against each other under one number, 4070 against SUPER and Ti.

Belongs here: the table of families and its checks. Does not belong here: successors (``chipsets``), what siblings cost
(``market.worth``).

A family is what ``families.csv`` says, one a line; names are never taken apart for it. The order is the makers' own,
the plainest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from gpu_etl.catalog.chipsets import chipsets
from gpu_etl.catalog.tables import Table, packaged

COLUMNS = ("name", "chipsets")


def read_families(table: Table, known: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """Each chipset's family, itself included; raises ``TableError`` at the first bad line."""
    families: dict[str, Sequence[str]] = {}
    for row in table.rows(COLUMNS):
        row.text("name")
        members = row.words("chipsets")
        for name in members:
            if name not in known:
                raise row.fail(f"chipset {name!r} is not in chipsets.csv")
            if name in families:
                raise row.fail(f"chipset {name!r} is in two families")
            families[name] = members
    return families


@cache
def _families() -> Mapping[str, Sequence[str]]:
    return read_families(packaged("families.csv"), frozenset(chip.name for chip in chipsets()))


def siblings(chipset: str) -> Sequence[str]:
    """The other chipsets of its family; empty where it has none."""
    return [name for name in _families().get(chipset, ()) if name != chipset]
