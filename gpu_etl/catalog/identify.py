"""Which card a shop title describes, or why it is none.

Belongs here: what the words of one title mean together. Does not belong here: the words (``lexicon`` and the tables),
chipsets in running text (``mentions``), corrections by hand (``overrides``).

The order of the questions: Is something named that is sold with or around cards, or that contains one? Which chipset?
How much memory? Who made it? What is left over is the board's name.
"""

from __future__ import annotations

from datetime import date
from itertools import chain, pairwise

from gpu_etl.catalog.aliases import FAMILIES, Tree, bare_tree, short_names
from gpu_etl.catalog.card import Card, Condition, NotACard, RejectCode
from gpu_etl.catalog.chipsets import Chipset
from gpu_etl.catalog.lexicon import lexicon
from gpu_etl.catalog.naming import model_name
from gpu_etl.catalog.text import fold
from gpu_etl.catalog.tokens import (
    HAS_BARE,
    HAS_CONDITION,
    HAS_MEMORY,
    HAS_NOUN,
    HAS_OC,
    HAS_PHRASE,
    HAS_REJECT,
    HAS_RYZEN_MARK,
    HAS_UNIT,
    RYZEN_MARKS,
    Phrases,
    Token,
    token_of,
)
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
_MAKER, _CHIP_VENDOR, _SERIES = map(int, (Kind.MAKER, Kind.CHIP_VENDOR, Kind.SERIES))
_VRAM, _MEMORY, _UNIT, _PART = map(int, (Kind.VRAM, Kind.MEMORY, Kind.UNIT, Kind.PART))
_NOWHERE: Tree = {}
_ASIDE = frozenset(map(int, (Kind.VRAM, Kind.MEMORY, Kind.UNIT, Kind.CONDITION, Kind.OPEN, Kind.CLOSE)))
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
        bits = _join_phrases(tokens, bits)
    if bits & HAS_UNIT:
        bits |= _join_units(tokens)
    found = _find(tokens)
    if bits & HAS_REJECT or bits & HAS_RYZEN_MARK:
        rejected = _rejected(tokens, bits, found)
        if rejected:
            return rejected
    if found is None and bits & HAS_BARE and bits & (HAS_MEMORY | HAS_NOUN):
        found = _find_bare(tokens)
    found = found or _find_short(tokens)
    if found is None:
        return _no_chipset(tokens)
    return _card(tokens, bits, found)


def _join_phrases(tokens: list[Token], bits: int) -> int:
    """Put one token in the place of every phrase of several words; gives the bits of what is left."""
    joined = False
    for at in range(len(tokens) - 1):
        if at + 1 < len(tokens):
            phrases = tokens[at].phrases
            if phrases and tokens[at + 1].text in phrases:
                joined |= _join_phrase(tokens, at, phrases[tokens[at + 1].text])
    if joined:
        bits = 0
        for token in tokens:
            bits |= token.bits
    return bits


def _join_phrase(tokens: list[Token], at: int, phrases: Phrases) -> bool:
    for words, meaning in phrases:
        stop = at + len(words)
        if [token.text for token in tokens[at:stop]] == words:
            tokens[at:stop] = [token_of(" ".join(words), meaning)]
            return True
    return False


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
    """Find the first chipset named; one that may be something else counts only if no other follows.

    "TITAN" alone is also a sub-brand, and "VCGGTX560TXPB" is a part number whose T means Ti: the name spelled out
    behind it is surer.
    """
    doubtful: Found | None = None
    for at, token in enumerate(tokens):
        if token.node is not None:
            end, chips = walk(token.node, tokens, at)
            if chips and not is_family(tokens, end):
                if end > at + 1 and not _in_part_number(tokens, at, end):
                    return at, end, chips
                doubtful = doubtful or (at, end, chips)
    return doubtful


def _in_part_number(tokens: list[Token], at: int, end: int) -> bool:
    """Tell whether the name is glued to letters that are no part of it."""
    if tokens[at].joined and tokens[at - 1].kind == _PART:
        return True
    return end < len(tokens) and tokens[end].kind == _PART and tokens[end].joined


def _find_bare(tokens: list[Token]) -> Found | None:
    """Find the first chipset named by its number alone."""
    tree = bare_tree()
    for at, token in enumerate(tokens):
        node = tree.get(token.text)
        if node is not None:
            end, chips = walk(node, tokens, at)
            if chips and not is_family(tokens, end):
                return at, end, chips
    return None


def _find_short(tokens: list[Token]) -> Found | None:
    """Take "A10" or "L4 24GB" for a chipset: a name so short counts if little is said besides."""
    said = [token for token in tokens if token.kind not in _ASIDE]
    chip = short_names().get(tuple(token.text for token in said))
    return (0, len(said), (chip,)) if chip and tokens[: len(said)] == said else None


def walk(node: Tree, tokens: list[Token], at: int) -> tuple[int, tuple[Chipset, ...]]:
    """Follow the tree from the token at ``at``, whose node it is, to the longest name: its end and its chipsets."""
    chips: tuple[Chipset, ...] = node.get("", ())
    end = at + 1 if chips else at
    for next_at in range(at + 1, len(tokens)):
        node = node.get(tokens[next_at].text, _NOWHERE)
        if "" in node:
            end, chips = next_at + 1, node[""]
        elif not node:
            break
    return end, chips


def is_family(tokens: list[Token], end: int) -> bool:
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
        if token.text in RYZEN_MARKS and _is_ryzen(tokens, at):
            return NotACard(RejectCode.COMPUTER, f"{_REASONS[RejectCode.COMPUTER]}: it names a processor")
    return None


def _is_ryzen(tokens: list[Token], at: int) -> bool:
    """Tell "R5 5600" (a processor, four digits) from "R9 290" (a Radeon, three)."""
    if at + 1 == len(tokens):
        return False
    number = tokens[at + 1].text
    return len(number) == 4 and number.isdigit()


def _no_chipset(tokens: list[Token]) -> NotACard:
    if not tokens:
        return NotACard(RejectCode.EMPTY, "the title is empty")
    stated = {token.kind for token in tokens}
    numbered = any(token.text in FAMILIES and _is_number(after) for token, after in pairwise(tokens))
    if numbered or {_MEMORY, _VRAM} <= stated:
        return NotACard(RejectCode.UNKNOWN_CHIPSET, "reads like a card, but its chipset is not in chipsets.csv")
    return NotACard(RejectCode.NO_CHIPSET, "names no chipset of a graphics card")


def _is_number(token: Token) -> bool:
    return token.text.isdigit() and 3 <= len(token.text) <= 4


def _card(tokens: list[Token], bits: int, found: Found) -> Card | NotACard:
    start, end, chips = found
    brand = _brand(tokens, chips[0].vendor)
    if not bits & (HAS_MEMORY | HAS_NOUN):
        if brand in _COMPUTER_BRANDS:
            return NotACard(RejectCode.COMPUTER, f"{_REASONS[RejectCode.COMPUTER]}: {brand} and no memory stated")
        if brand is None and start > 0:
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


def _brand(tokens: list[Token], vendor: str) -> str | None:
    """Name the maker: the first one named, else whose sub-brand it is, else the chipset's own vendor."""
    implied: str | None = None
    own: str | None = None
    for token in tokens:
        kind = token.kind
        if kind == _MAKER:
            return str(token.value)
        if kind == _SERIES:
            implied = implied or token.value
        elif kind == _CHIP_VENDOR and token.value == vendor.upper():
            # "인텔 게이밍 RX560Ti" names the processor's vendor: nobody but AMD and its partners makes a Radeon.
            own = token.value
    return implied or own


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
    size = sizes[0]
    if len(sizes) > 1 or size not in chip.vram_gb:
        size = _surest_size(chip, tokens)
    return int(size) if size == int(size) else size


def _surest_size(chip: Chipset, tokens: list[Token]) -> float:
    """Choose among several sizes: spelled out before coded, known for the chipset before unknown."""
    stated = [(at, token) for at, token in enumerate(tokens) if token.kind == _VRAM]

    def doubt(item: tuple[int, Token]) -> tuple[bool, bool, bool]:
        at, token = item
        beside_type = any(near.kind == _MEMORY for near in tokens[max(at - 1, 0) : at + 2])
        return token.value not in chip.vram_gb, token.joined, not beside_type

    return float(min(stated, key=doubt)[1].value)


def _condition(tokens: list[Token]) -> Condition:
    """Give the condition that lowers the price most, of those named."""
    named = {token.value for token in tokens if token.kind == Kind.CONDITION}
    return next(condition for condition in _CONDITION_RANK if condition in named)
