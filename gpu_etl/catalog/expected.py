"""What is expected to follow the cards on sale: series that are rumoured or announced and not launched.

Belongs here: the table of them, and finding them in a post. Does not belong here: chipsets that one can buy
(``chipsets``, ``mentions``), what the talk of them means for prices (``market.fall.talk``).

``expected.csv`` holds one series a line, under the name it goes by, with the generation it follows and how people write
it. A rumour speaks of a series more often than of one of its cards, and names of cards change until they are launched,
so a named card of it counts as the series. When the first is launched, its line gives way to lines of ``chipsets.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from gpu_etl.catalog.chipsets import chipsets
from gpu_etl.catalog.tables import Table, packaged
from gpu_etl.catalog.text import fold

COLUMNS = ("name", "follows", "spellings")


@dataclass(frozen=True, slots=True)
class Expected:
    """A series that nobody can buy yet."""

    name: str
    follows: str
    """The generation whose cards it makes older."""
    spelled: re.Pattern[str]
    """Finds it in folded text."""


def read_expected(table: Table, generations: frozenset[str]) -> Sequence[Expected]:
    """Build the series of a table with the columns ``COLUMNS``; raises ``TableError`` at the first bad line."""
    found: dict[str, Expected] = {}
    for row in table.rows(COLUMNS):
        name, follows = row.text("name"), row.text("follows")
        if name in found:
            raise row.fail(f"{name!r} is listed twice")
        if follows not in generations:
            raise row.fail(f"generation {follows!r} is not in chipsets.csv")
        row.text("spellings")
        found[name] = Expected(name, follows, _spelled(row.words("spellings")))
    return tuple(found.values())


def _spelled(spellings: Iterable[str]) -> re.Pattern[str]:
    """Words stand apart, joined by a hyphen or glued: "RDNA 5", "rdna-5", "rdna5"."""
    # The longest first, for "rtx 60xx" begins as "rtx 60" does.
    ways = "|".join(r"[\s-]*".join(map(re.escape, fold(each).split())) for each in sorted(spellings, key=len)[::-1])
    return re.compile(rf"(?<![a-z0-9])(?:{ways})(?![a-z0-9])")


@cache
def expected() -> Sequence[Expected]:
    """Every series that is expected, in the order of the table."""
    return read_expected(packaged("expected.csv"), frozenset(chip.generation for chip in chipsets()))


def expected_in(text: str) -> tuple[list[str], str]:
    """The expected series that a folded text names, and the text without them: a "5070 SUPER" is no RTX 5070."""
    names: list[str] = []
    for series in expected():
        text, times = series.spelled.subn(" / ", text)
        if times:
            names.append(series.name)
    return names, text
