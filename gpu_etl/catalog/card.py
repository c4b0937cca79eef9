"""What identifying a title yields: a card, or the reason why it is none.

Belongs here: the two answers of ``identify`` and the vocabulary of conditions. Does not belong here: how the answer is
found (``identify``), or how it is stored (``database``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """In what state, and by which road, a card comes to the buyer. Their prices are never mixed."""

    NEW = "new"
    USED = "used"
    REFURBISHED = "refurbished"
    IMPORT = "import"
    BULK = "bulk"


class RejectCode(StrEnum):
    """Why a title is no card: short, stable, countable."""

    EMPTY = "empty"
    ACCESSORY = "accessory"
    EXTERNAL_BOX = "external_box"
    COMPUTER = "computer"
    LAPTOP = "laptop"
    DEFECTIVE = "defective"
    OTHER_PRODUCT = "other_product"
    UNKNOWN_CHIPSET = "unknown_chipset"
    NO_CHIPSET = "no_chipset"
    TOO_LITTLE = "too_little"
    OVERRIDDEN = "overridden"


SkuKey = tuple[str | None, str, str, int | float | None, bool]


@dataclass(frozen=True, slots=True)
class Card:
    """One graphics card as its title describes it.

    ``brand`` is the maker in upper case, never the distributor; ``None`` when the title names none.
    ``vram_gb`` is in GiB, an ``int`` when whole; ``None`` when the title is silent and the chipset had several sizes.
    ``model_name`` is what tells this board from its siblings, upper case, spelled the same in Korean and English;
    empty for a plain board.
    """

    brand: str | None
    chipset: str
    vram_gb: int | float | None
    is_oc: bool
    model_name: str
    condition: Condition = Condition.NEW

    @property
    def sku_key(self) -> SkuKey:
        """The identity under which listings are one SKU.

        The condition is not part of it: a used board is the same board. It belongs to the listing, whose price says
        nothing about a new one's.
        """
        return (self.brand, self.chipset, self.model_name, self.vram_gb, self.is_oc)


@dataclass(frozen=True, slots=True)
class NotACard:
    """A title that is not one graphics card: ``code`` for counting, ``reason`` for reading."""

    code: RejectCode
    reason: str
