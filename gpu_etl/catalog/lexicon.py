"""Cutting a folded title into tokens, and knowing each word the second time it comes.

Belongs here: the grammar of one word ("DUAL-RTX3060TI-O8G-V2", "8192MB", "(중고)"). Does not belong here: what the words
of a title mean together (``identify``).

Titles draw on a few thousand words, so each word is analysed once and remembered; the memory is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from gpu_etl.catalog.aliases import bare_tree, chip_numbers, chip_pieces, full_tree
from gpu_etl.catalog.card import RejectCode
from gpu_etl.catalog.text import fine
from gpu_etl.catalog.vocabulary import Kind, Meaning, Reject, chip_words, vocabulary

MOST_WORDS = 50_000
"""Words remembered at once; then the memory starts afresh."""
LONGEST_WORD = 60
"""Longer words are looked at, not remembered."""

# Bits that tell at a glance what a title holds.
HAS_MEMORY, HAS_REJECT, HAS_OC, HAS_CONDITION, HAS_BARE, HAS_PHRASE, HAS_RYZEN_MARK, HAS_UNIT, HAS_NOUN = (
    1 << at for at in range(9)
)


class Token:
    """One word or piece of a word, with everything known about it alone."""

    __slots__ = ("bits", "joined", "kind", "node", "phrases", "reject", "show", "text", "value")

    def __init__(
        self,
        text: str,
        kind: Kind = Kind.NAME,
        *,
        value: Any = None,
        show: str = "",
        reject: Reject | None = None,
        joined: bool = False,
    ) -> None:
        self.text = text
        self.kind = int(kind)
        self.value = value
        self.show = show
        self.reject = reject
        self.joined = joined
        self.node = full_tree().get(text)
        self.phrases = _phrases().get(text)
        self.bits = self._look()

    def _look(self) -> int:
        bits = _KIND_BITS.get(Kind(self.kind), 0)
        if self.reject:
            bits |= HAS_REJECT
        if self.phrases:
            bits |= HAS_PHRASE
        if self.text in bare_tree():
            bits |= HAS_BARE
        if self.text in ("r3", "r5", "r7", "r9"):
            bits |= HAS_RYZEN_MARK
        return bits

    def __repr__(self) -> str:
        return f"Token({self.text!r}, {Kind(self.kind).name}, {self.value!r})"


_KIND_BITS = {
    Kind.VRAM: HAS_MEMORY,
    Kind.MEMORY: HAS_MEMORY,
    Kind.OC: HAS_OC,
    Kind.CONDITION: HAS_CONDITION,
    Kind.UNIT: HAS_UNIT,
    Kind.NOUN: HAS_NOUN,
}

_VRAM = re.compile(
    r"(?P<mark>[a-z]?)(?P<size>[0-9]{1,5}(?:\.[0-9]{1,3})?)"
    r"(?:(?P<mega>mb|m(?=g?d))|gib|gb|go|gt|g|기가)"
    r"(?:(?:g?ddr|d)[0-9]?x?)?[a-z]{0,2}"
)
_MEMORY = re.compile(r"g?ddr[0-9]?x?|gdrr[0-9]x?|d[3-7]x?|g[56]x?|hbm[0-9]?e?")
_CPU = re.compile(
    r"i[3579](?:-?[0-9]{4,5}[a-z]{0,3})?|[0-9]{4}x3d|[0-9]{4,5}(?:f|kf?|ks|x|ge?|hx|hs|h|u)|2[0-9]{2}(?:kf?|ks|f|t)"
    r"|r[3579]-[0-9]{4}[a-z0-9]*|u[3579]-[0-9]{3}[a-z]*|ultra-?[3579]|코어i[3579]|(?:라이젠|ryzen)-?[3579]?|라이젠.*|n(?:95|100|150|200|305)"
)
_COMPUTER_NAME = re.compile(
    r".*(?:컴퓨터|데스크탑[0-9]?|데스크톱|[가-힣]pc)|.+시리즈용|win1[01][a-z]*|ddr[45]램|[0-9]+gb램"
)
_SCREEN = re.compile(r"[0-9]{2}(?:\.[0-9])?(?:인치|\"|″)")
_STORAGE = re.compile(r"[0-9]{1,2}tb|ssd[0-9]+(?:g|gb|t|tb)|(?:240|256|480|500|512|960)gb?")
_SPLIT = re.compile(r"([()\[\]{}<>,;/|_~*:!?\"'’+=&·•]|(?<![a-z0-9])-|-)")
_PUNCTUATION = {
    "(": Kind.OPEN, "[": Kind.OPEN, "{": Kind.OPEN, ")": Kind.CLOSE, "]": Kind.CLOSE, "}": Kind.CLOSE,
    ",": Kind.COMMA, ";": Kind.COMMA, "|": Kind.COMMA, "/": Kind.SLASH,
}  # fmt: skip
_CHIP_SUFFIX = re.compile(r"(tisuper|ti|super|xtx|xt|gre)(.*)")
_CHIP_PREFIX = re.compile(r"(.*?)(geforcertx|geforcegtx|radeonrx|geforce|radeon|quadro|rtx|gtx|gts|gt|rx|hd)")
_ALPHA_CHIPS = re.compile(r"(?:geforce)?(gtx|rtx)(titan)(black|x|xp|z|v)?")
_XFX_MEMORY = re.compile(r"p([0-9]{1,2})[a-z].*")


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], Meaning]]]:
    """First word of every phrase: the words that must follow, longest first, and what the phrase means."""
    found: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
    for spelling, meaning in vocabulary().items():
        first, *rest = spelling.split(" ")
        if rest:
            found.setdefault(first, []).append((tuple(rest), meaning))
    for phrases in found.values():
        phrases.sort(key=lambda phrase: len(phrase[0]), reverse=True)
    return found


def token_of(text: str, meaning: Meaning, *, joined: bool = False) -> Token:
    """Build the token of a known word or phrase."""
    show = meaning.name or (text.upper() if meaning.kind in (Kind.COLOUR, Kind.REJECT) else "")
    if meaning.kind is Kind.WHITE:
        show = "WHITE"
    return Token(text, meaning.kind, value=meaning.value, show=show, reject=meaning.reject, joined=joined)


class Lexicon(dict[str, tuple[Token, ...]]):
    """Folded words and their tokens; unknown words are analysed when asked for."""

    def __missing__(self, word: str) -> tuple[Token, ...]:
        tokens = tuple(analyse(word))
        if len(word) <= LONGEST_WORD:
            if len(self) >= MOST_WORDS:
                self.clear()
            self[word] = tokens
        return tokens


@cache
def lexicon() -> Lexicon:
    """The one lexicon of this process."""
    return Lexicon()


def analyse(word: str) -> Iterator[Token]:
    """Cut one folded word into tokens."""
    whole = _known(word)
    if whole:
        yield whole
        return
    pieces = [piece for piece in _SPLIT.split(word) if piece]
    core = [piece for piece in pieces if piece not in _PUNCTUATION]
    if len(core) > 1 and not _worth_splitting(core):
        yield from _kept_whole(word, pieces)
        return
    for at, piece in enumerate(pieces):
        yield from _piece(piece, joined=at > 0, part_of=word)


def _kept_whole(word: str, pieces: list[str]) -> Iterator[Token]:
    """Keep "vapor-x" one word, its brackets and commas apart."""
    lead = 0
    while pieces[lead] in _PUNCTUATION:
        yield Token(pieces[lead], _PUNCTUATION[pieces[lead]])
        lead += 1
    tail = len(pieces)
    while pieces[tail - 1] in _PUNCTUATION:
        tail -= 1
    inner = "".join(pieces[lead:tail])
    yield _known(inner) or _unknown(inner)
    for piece in pieces[tail:]:
        yield Token(piece, _PUNCTUATION[piece])


def _worth_splitting(core: list[str]) -> bool:
    """Tell whether a compound holds something that is read by itself."""
    return any(_known(piece) or _reads(piece) or _has_chip_number(piece) for piece in core if piece != "-")


def _reads(piece: str) -> bool:
    return bool(_VRAM.fullmatch(piece) or _MEMORY.fullmatch(piece) or _CPU.fullmatch(piece))


def _has_chip_number(piece: str) -> bool:
    if piece in chip_pieces() or _ALPHA_CHIPS.fullmatch(piece):
        return True
    return any(part in chip_numbers() for part in fine(piece))


def _known(word: str) -> Token | None:
    """Look a word up in the tables and the patterns that need no neighbour."""
    word = chip_words().get(word, word)
    meaning = vocabulary().get(word)
    if meaning:
        return token_of(word, meaning)
    if word in _UNITS:
        return Token(word, Kind.UNIT, value=_UNITS[word])
    if word in full_tree() and not word.isdigit():
        return Token(word, Kind.NAME, show=word.upper())
    return None


_UNITS = {"gb": 1.0, "g": 1.0, "gib": 1.0, "mb": 1 / 1024, "기가": 1.0}


def _piece(piece: str, *, joined: bool, part_of: str) -> Iterator[Token]:
    if piece in _PUNCTUATION:
        yield Token(piece, _PUNCTUATION[piece])
        return
    if piece == "-" or _SPLIT.fullmatch(piece):
        return
    known = _known(piece)
    if known:
        known.joined = joined
        yield known
        return
    yield from (
        _computer_part(piece) or _memory_part(piece) or _chip_part(piece, joined=joined) or [_unknown(piece, part_of)]
    )


def _computer_part(piece: str) -> list[Token]:
    if _CPU.fullmatch(piece) or _COMPUTER_NAME.fullmatch(piece) or _STORAGE.fullmatch(piece):
        return [Token(piece, Kind.REJECT, reject=Reject(RejectCode.COMPUTER))]
    if _SCREEN.fullmatch(piece):
        return [Token(piece, Kind.REJECT, reject=Reject(RejectCode.LAPTOP))]
    return []


def _memory_part(piece: str) -> list[Token]:
    if _MEMORY.fullmatch(piece):
        return [Token(piece, Kind.MEMORY, value=_memory_name(piece))]
    match = _VRAM.fullmatch(piece)
    if not match:
        return []
    size = float(match["size"]) / (1024 if match["mega"] else 1)
    tokens = [Token(piece, Kind.VRAM, value=round(size, 3))]
    if match["mark"] == "o":
        tokens.append(Token("oc", Kind.OC))
    elif match["mark"] in ("x", "z"):
        tokens.insert(0, Token(match["mark"], Kind.NAME, show=match["mark"].upper()))
    return tokens


def _memory_name(piece: str) -> str:
    digits = "".join(char for char in piece if char.isdigit())
    if piece.startswith("hbm"):
        return piece.upper()
    return f"DDR{digits}" if digits in ("2", "3", "4") else f"GDDR{digits}" + ("X" if piece.endswith("x") else "")


def _chip_part(piece: str, *, joined: bool) -> list[Token]:
    """Split a piece that holds a chipset number, so that the name can be matched part by part."""
    alpha = _ALPHA_CHIPS.fullmatch(piece)
    parts = [part for part in alpha.groups() if part] if alpha else []
    if not parts and _has_chip_number(piece):
        parts = [word for part in fine(piece) for word in _chip_words(part)]
        parts = _super(parts)
    if len(parts) < 2 and not (parts and parts[0].isdigit()):
        return []
    tokens = [
        Token(part, Kind.PART, show=part.upper(), joined=joined or at > 0)
        for at, part in enumerate(chip_words().get(part, part) for part in parts)
    ]
    memory = next((match for match in map(_XFX_MEMORY.fullmatch, [_tail(piece)]) if match), None)
    if memory:
        tokens.append(Token(piece, Kind.VRAM, value=float(memory[1])))
    return tokens


def _tail(piece: str) -> str:
    """Give what follows the first chipset number: XFX writes the memory there ("RX-460P4SFG5")."""
    match = re.match(r"[0-9]{3}(.*)", piece)
    return match[1] if match else ""


def _chip_words(part: str) -> list[str]:
    """Split letters glued to a number: "engtx" is en gtx, "tisuper" is ti super, "tigaming" is ti gaming."""
    if not part.isalpha() or not part.isascii():
        return [part]
    prefix = _CHIP_PREFIX.fullmatch(part)
    if prefix:
        family = prefix[2]
        words = [family] if len(family) < 7 else [family.removesuffix("rtx").removesuffix("gtx").removesuffix("rx")]
        if words[0] != family:
            words.append(family.removeprefix(words[0]))
        return [prefix[1], *words] if prefix[1] else words
    suffix = _CHIP_SUFFIX.fullmatch(part)
    if suffix:
        words = ["ti", "super"] if suffix[1] == "tisuper" else [suffix[1]]
        return [*words, suffix[2]] if suffix[2] else words
    return [part]


def _super(parts: list[str]) -> list[str]:
    """Read the S in "1660S" as SUPER, where such a card exists."""
    return [
        "super" if part == "s" and at and parts[at - 1] in _super_numbers() else part for at, part in enumerate(parts)
    ]


@cache
def _super_numbers() -> frozenset[str]:
    return frozenset(number for number in chip_numbers() if "super" in full_tree()["geforce"].get(number, {}))


def _unknown(word: str, part_of: str = "") -> Token:
    """Take an unknown word for a name, or for a part number if it looks like one."""
    word = word.strip(".-")
    digits = sum(char.isdigit() for char in word)
    if (digits >= 3 and len(word) >= 6) or (digits >= 4 and not word.isdigit()):
        return Token(word, Kind.CODE)
    if not word or (word.isdigit() and len(word) > 4):
        return Token(word, Kind.NOISE)
    if part_of and "-" in part_of and sum(char.isdigit() for char in part_of) >= 4 and digits:
        return Token(word, Kind.CODE)
    return Token(word, Kind.NAME, show=word.upper())
