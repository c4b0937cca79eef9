"""Which card a shop title describes, or why it is none.

Belongs here: what the words of one title mean together. Does not belong here: the words (``lexicon`` and the tables),
chipsets in running text (``mentions``), corrections by hand (``overrides``).

The order of the questions: Is something named that is sold with or around cards, or that contains one? Which chipset?
How much memory? Who made it? What is left over is the board's name.
"""

from __future__ import annotations

from datetime import date
from itertools import chain

from gpu_etl.catalog.aliases import Tree, bare_tree
from gpu_etl.catalog.card import Card, Condition, NotACard, RejectCode
from gpu_etl.catalog.chipsets import Chipset
from gpu_etl.catalog.lexicon import (
    HAS_BARE,
    HAS_CONDITION,
    HAS_MEMORY,
    HAS_NOUN,
    HAS_OC,
    HAS_PHRASE,
    HAS_REJECT,
    HAS_RYZEN_MARK,
    HAS_UNIT,
    Token,
    lexicon,
    token_of,
)
from gpu_etl.catalog.naming import model_name
from gpu_etl.catalog.text import fold
from gpu_etl.catalog.vocabulary import Kind

LONGEST_TITLE = 600
"""Characters read; no shop writes the card's name behind that."""

MOST_VRAM_GB = 256

Found = tuple[int, int, tuple[Chipset, ...]]
"""Where a chipset's name begins and ends among the tokens, and which chipsets go by it."""

_REASONS = {
    RejectCode.ACCESSORY: "made for a card, not a card",
    RejectCode.EXTERNAL_BOX: "an external box, not a card",
    RejectCode.COMPUTER: "a computer with a card in it",
    RejectCode.LAPTOP: "a laptop",
    RejectCode.DEFECTIVE: "sold as defective or for parts",
    RejectCode.OTHER_PRODUCT: "another kind of product",
}
_MAKER, _CHIP_VENDOR, _SERIES = int(Kind.MAKER), int(Kind.CHIP_VENDOR), int(Kind.SERIES)
_VRAM, _MEMORY, _UNIT = int(Kind.VRAM), int(Kind.MEMORY), int(Kind.UNIT)
_CONDITION_RANK = (Condition.USED, Condition.REFURBISHED, Condition.IMPORT, Condition.BULK)
_COMPUTER_BRANDS = ("HP", "DELL", "LENOVO")
"""Makers whose titles name a card far more often as part of a computer than by itself."""


def identify(title: str) -> Card | NotACard:
    """Read one shop title. Pure, and never raises on any text."""
    tokens = list(chain.from_iterable(map(lexicon().__getitem__, fold(title[:LONGEST_TITLE]).split())))
    bits = 0
    for token in tokens:
        bits |= token.bits
    if bits & HAS_PHRASE:
        tokens, bits = _join_phrases(tokens)
    if bits & HAS_UNIT:
        bits |= _join_units(tokens)
    found = _find(tokens)
    if bits & HAS_REJECT or bits & HAS_RYZEN_MARK:
        rejected = _rejected(tokens, bits, found)
        if rejected:
            return rejected
    if found is None and bits & HAS_BARE and bits & (HAS_MEMORY | HAS_NOUN):
        found = _find_bare(tokens)
    if found is None:
        return _no_chipset(tokens, bits)
    return _card(tokens, bits, found)


def _join_phrases(tokens: list[Token]) -> tuple[list[Token], int]:
    """Put one token in the place of every phrase of several words."""
    joined: list[Token] = []
    bits = at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        for rest, meaning in token.phrases or ():
            if all(at + k < len(tokens) and tokens[at + k].text == word for k, word in enumerate(rest)):
                token = token_of(" ".join((token.text, *rest)), meaning)
                at += len(rest)
                break
        joined.append(token)
        bits |= token.bits
    return joined, bits


def _join_units(tokens: list[Token]) -> int:
    """Read "12 GB" and "8192 MB" in place; gives the bits this adds."""
    bits = 0
    for at in range(1, len(tokens)):
        unit = tokens[at]
        number = tokens[at - 1].text
        if unit.kind == _UNIT and number.replace(".", "", 1).isdecimal():
            size = float(number) * unit.value
            if 0 < size <= MOST_VRAM_GB:
                tokens[at - 1] = Token(number, Kind.VRAM, value=round(size, 3))
                bits = HAS_MEMORY
    return bits


def _find(tokens: list[Token]) -> Found | None:
    """Find the first full chipset name; a name without a number ("TITAN") yields to one with a number."""
    wordy: Found | None = None
    for at, token in enumerate(tokens):
        if token.node is not None:
            end, chips = _walk(token.node, tokens, at)
            if chips and not _is_family(tokens, end):
                if end > at + 1 or wordy:
                    return at, end, chips
                wordy = at, end, chips
    return wordy


def find_all(tokens: list[Token]) -> list[Found]:
    """Find every full chipset name, left to right."""
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        node = tokens[at].node
        end, chips = _walk(node, tokens, at) if node is not None else (at, ())
        if chips and not _is_family(tokens, end):
            found.append((at, end, chips))
            at = end
        else:
            at += 1
    return found


def _find_bare(tokens: list[Token]) -> Found | None:
    """Find the first chipset named by its number alone."""
    tree = bare_tree()
    for at, token in enumerate(tokens):
        node = tree.get(token.text)
        if node is not None:
            end, chips = _walk(node, tokens, at)
            if chips and not _is_family(tokens, end):
                return at, end, chips
    return None


def _walk(node: Tree, tokens: list[Token], at: int) -> tuple[int, tuple[Chipset, ...]]:
    """Follow the tree from the token at ``at``, whose node it is, to the longest name."""
    end, chips = at, node.get("", ())
    if chips:
        end = at + 1
    for next_at in range(at + 1, len(tokens)):
        node = node.get(tokens[next_at].text)
        if node is None:
            break
        if "" in node:
            end, chips = next_at + 1, node[""]
    return end, chips


def _is_family(tokens: list[Token], end: int) -> bool:
    """Tell whether what follows makes the name a whole series ("RTX 4000 series") or a laptop's chip ("RX 7800M")."""
    if end == len(tokens):
        return False
    after = tokens[end]
    return after.text in ("series", "시리즈") or (after.joined and after.text in ("m", "mobile"))


def _rejected(tokens: list[Token], bits: int, found: Found | None) -> NotACard | None:
    """Find a word that says the title is about something else."""
    has_card = found is not None and bool(bits & HAS_MEMORY)
    for at, token in enumerate(tokens):
        reject = token.reject
        if reject and not (reject.unless_memory and has_card):
            if reject.code is RejectCode.OTHER_PRODUCT and found:
                continue
            return NotACard(reject.code, f"{_REASONS[reject.code]}: it says {token.text!r}")
        if token.text in ("r3", "r5", "r7", "r9") and _is_ryzen(tokens, at):
            return NotACard(RejectCode.COMPUTER, f"{_REASONS[RejectCode.COMPUTER]}: it names a processor")
    return None


def _is_ryzen(tokens: list[Token], at: int) -> bool:
    """Tell "R5 5600" (a processor, four digits) from "R9 290" (a Radeon, three)."""
    if at + 1 == len(tokens):
        return False
    number = tokens[at + 1].text
    return len(number) == 4 and number.isdigit()


def _no_chipset(tokens: list[Token], bits: int) -> NotACard:
    if not tokens:
        return NotACard(RejectCode.EMPTY, "the title is empty")
    if any(token.kind == _MEMORY for token in tokens) and any(token.kind == _VRAM for token in tokens):
        return NotACard(RejectCode.UNKNOWN_CHIPSET, "reads like a card, but its chipset is not in chipsets.csv")
    return NotACard(RejectCode.NO_CHIPSET, "names no chipset of a graphics card")


def _card(tokens: list[Token], bits: int, found: Found) -> Card | NotACard:
    start, end, chips = found
    brand = _brand(tokens)
    if not bits & (HAS_MEMORY | HAS_NOUN):
        if brand in _COMPUTER_BRANDS:
            return NotACard(RejectCode.COMPUTER, f"{_REASONS[RejectCode.COMPUTER]}: {brand} and no memory stated")
        if brand is None and start > 0 and not any(token.kind == _SERIES for token in tokens):
            return NotACard(RejectCode.TOO_LITTLE, "names a chipset, but neither a maker nor the memory of a card")
    sizes = [token.value for token in tokens if token.kind == _VRAM] if bits & HAS_MEMORY else []
    chip = chips[0] if len(chips) == 1 else _settle(chips, sizes)
    return Card(
        brand,
        chip.name,
        _vram(chip, tokens, sizes),
        bool(bits & HAS_OC),
        model_name(tokens, start, end, chip),
        _condition(tokens) if bits & HAS_CONDITION else Condition.NEW,
    )


def _brand(tokens: list[Token]) -> str | None:
    """Name the maker: the first one named, else whose sub-brand it is, else the chip's vendor."""
    implied: str | None = None
    vendor: str | None = None
    for token in tokens:
        kind = token.kind
        if kind == _MAKER:
            return str(token.value)
        if kind == _SERIES:
            implied = implied or token.value
        elif kind == _CHIP_VENDOR:
            vendor = vendor or token.value
    return implied or vendor


def _settle(chips: tuple[Chipset, ...], sizes: list[float]) -> Chipset:
    """Choose among chipsets of one spelling by the memory stated, else the newest."""
    for chip in chips:
        if any(size in chip.vram_gb for size in sizes):
            return chip
    return max(chips, key=lambda chip: chip.launched or date.min)


def _vram(chip: Chipset, tokens: list[Token], sizes: list[float]) -> int | float | None:
    """Give the memory in GiB: a size the chipset was sold with, else the one stated next to the memory's type."""
    if not sizes:
        return chip.vram_gb[0] if len(chip.vram_gb) == 1 else None
    size = next((size for size in sizes if size in chip.vram_gb), None)
    if size is None:
        beside = (
            token.value
            for at, token in enumerate(tokens)
            if token.kind == _VRAM and any(near.kind == _MEMORY for near in tokens[max(at - 1, 0) : at + 2])
        )
        size = next(beside, sizes[0])
    return int(size) if float(size).is_integer() else size


def _condition(tokens: list[Token]) -> Condition:
    """Give the condition that lowers the price most, of those named."""
    named = {token.value for token in tokens if token.kind == Kind.CONDITION}
    return next(condition for condition in _CONDITION_RANK if condition in named)
