"""The chipsets we know.

Belongs here: the table of facts and its checks. Does not belong here: finding a chipset in a title (``identify``) or in
a post (``mentions``), or sets of chipsets (``scope``).

``chipsets.csv`` holds one chipset a line; next year's card is one line more. Launch prices are in US dollars, of the
smallest memory size, and empty where they are not known for certain; so are launch dates of cards older than 2012.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from gpu_etl.catalog.tables import Table, TableError, packaged

COLUMNS = (
    "name", "vendor", "line", "generation", "segment", "vram_gb", "memory", "launched", "price_usd", "g3d_mark",
    "successor", "also",
)  # fmt: skip
VENDORS = ("NVIDIA", "AMD", "Intel")
SEGMENTS = ("desktop", "workstation", "datacenter", "mining")


@dataclass(frozen=True, slots=True)
class Chipset:
    """One graphics chipset as its maker names it."""

    name: str
    vendor: str
    line: str
    """The family it is sold in: ``GeForce RTX``, ``Radeon RX``, ``Arc``, ``Quadro`` …"""
    generation: str
    segment: str
    """desktop, workstation, datacenter or mining."""
    vram_gb: tuple[int | float, ...]
    """Every memory size it was sold with, in GiB."""
    memory: tuple[str, ...] = ()
    """Every memory type it was sold with; more than one makes the type part of the board's name."""
    launched: date | None = None
    price_usd: int | None = None
    g3d_mark: int | None = None
    """PassMark G3D, as published in 2026."""
    successor: str | None = None
    also: tuple[str, ...] = ()
    """Other spellings, folded."""


def read_chipsets(table: Table) -> tuple[Chipset, ...]:
    """Build the chipsets of a table with the columns ``COLUMNS``; raises ``TableError`` at the first bad line."""
    found: dict[str, Chipset] = {}
    successors: list[tuple[int, str]] = []
    for row in table.rows(COLUMNS):
        chip = Chipset(
            name=row.text("name"),
            vendor=row.one_of("vendor", VENDORS),
            line=row.text("line"),
            generation=row.text("generation"),
            segment=row.one_of("segment", SEGMENTS),
            vram_gb=row.numbers("vram_gb"),
            memory=row.words("memory"),
            launched=row.day("launched"),
            price_usd=row.whole("price_usd"),
            g3d_mark=row.whole("g3d_mark"),
            successor=row.get("successor") or None,
            also=row.words("also"),
        )
        if chip.name in found:
            raise TableError(table.name, row.line, f"{chip.name!r} is listed twice")
        if chip.successor:
            successors.append((row.line, chip.successor))
        found[chip.name] = chip
    for line, successor in successors:
        if successor not in found:
            raise TableError(table.name, line, f"successor {successor!r} is not in the table")
    return tuple(found.values())


@cache
def chipsets() -> Sequence[Chipset]:
    """Every chipset we know, in the order of the table."""
    return read_chipsets(packaged("chipsets.csv"))
