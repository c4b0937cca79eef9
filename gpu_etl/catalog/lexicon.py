"""Cutting a folded title into tokens, and knowing each word the second time it comes.

Belongs here: the grammar of one word ("DUAL-RTX3060TI-O8G-V2", "8192MB", "(중고)"). Does not belong here: what the
words of a title mean together (``identify``).

Titles draw on a few thousand words, so each word is analysed once and remembered; the memory is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from gpu_etl.catalog.aliases import chip_numbers, chip_pieces, full_tree
from gpu_etl.catalog.card import RejectCode
from gpu_etl.catalog.text import fine
from gpu_etl.catalog.tokens import Token, token_of
from gpu_etl.catalog.vocabulary import Kind, Reject, chip_words, vocabulary

MOST_WORDS = 50_000
"""Words remembered at once; then the memory starts afresh."""
LONGEST_WORD = 60
"""Longer words are looked at, not remembered."""

# What can be told from the shape of a piece alone. MSI writes 4GT, ASRock 12GO, ASUS O8G (factory overclocked), A8G and
# T6G, PowerColor 8GBD6, MSI again 2GD5T.
_SHAPE = re.compile(
    r"(?P<vram>(?P<mark>[aotxz]|md)?(?P<size>[0-9]{1,3}(?:\.[0-9]{1,3})?)(?:gib|gb|go|gt|gi|g|기가)"
    r"(?P<kind>(?:g?ddr|d)[0-9]?x?)?[htolrk]?)"
    r"|(?P<mega>(?P<megasize>[0-9]{3,5})(?:mb|m(?=g?d))(?:(?:g?ddr|d)[0-9]?x?)?)"
    r"|(?P<memory>g?ddr[0-9]?x?|gdrr[0-9]x?|d[3-7]x?|g[56]x?|hbm[0-9]?e?)"
    r"|(?P<cpu>i[3579](?:-?[0-9]{4,5}[a-z]{0,3})?|[0-9]{4}x3d|[0-9]{4,5}(?:f|kf?|ks|x|ge?|hx|hs|h|u)"
    r"|2[0-9]{2}(?:kf?|ks|f|t)|u[3579]-[0-9]{3}[a-z]*|ultra-?[3579]|n(?:95|100|150|200|305)|ryzen[3579])"
    r"|(?P<computer>win1[01][a-z]*|ddr[45]램|[0-9]+gb램|[0-9]{1,2}tb|ssd[0-9]+(?:g|gb|t|tb)"
    r"|(?:240|256|480|500|512|960)gb?)"
    r"|(?P<screen>[0-9]{2}(?:\.[0-9])?인치)"
)
_INCHES = re.compile(r"\(?1[3-8](?:\.[0-9])?\"[,:)]*")
_COMPUTER_NAME = re.compile(r".*(?:컴퓨터|데스크탑[0-9]?|데스크톱[0-9]?|[가-힣]pc)|라이젠.*|코어i[3579]")
_SPLIT = re.compile(r"([()\[\]{}<>,;/|_~*:!?\"'’+=&·•-])")
_PUNCTUATION = {
    "(": Kind.OPEN, "[": Kind.OPEN, "{": Kind.OPEN, ")": Kind.CLOSE, "]": Kind.CLOSE, "}": Kind.CLOSE,
    ",": Kind.COMMA, ";": Kind.COMMA, "|": Kind.COMMA, "/": Kind.SLASH, "+": Kind.SLASH,
}  # fmt: skip
_DIGITS = re.compile("[0-9]+")
_R_NUMBER = re.compile("r[579][0-9]{3}(?![0-9])")
_CHIP_SUFFIX = re.compile(r"(tisuper|ti|super|xtx|xt|gre)(.*)")
_CHIP_PREFIX = re.compile(r"(.*?)(?:(geforce|radeon)(rtx|gtx|gts|gt|rx|hd)?|(rtx|gtx|gts|gt|rx|hd|quadro))")
_TITAN = re.compile(r"(?:geforce)?(gtx|rtx)(titan)(black|x|xp|z|v)?")
_XFX_MEMORY = re.compile(r"[0-9]{3}p([0-9]{1,2})[a-z].*")
_NAMES = frozenset({int(Kind.NAME), int(Kind.SERIES), int(Kind.COLOUR), int(Kind.WHITE), int(Kind.NOISE)})
_UNITS = {"gb": 1.0, "g": 1.0, "gib": 1.0, "기가": 1.0, "mb": 1 / 1024}


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
    known = _known(word)
    if known:
        yield known
    elif word.isascii() and word.isalpha() and "titan" not in word:
        yield Token(word, show=word.upper())
    elif _INCHES.fullmatch(word):
        yield Token(word, Kind.REJECT, reject=Reject(RejectCode.LAPTOP))
    elif word[-1] == "+" and word[:-1].isalnum() and not _known(word[:-1]):
        yield _name(word)  # "ULTRA+" is a step above "ULTRA"
    else:
        yield from _compound(word)


def _known(word: str) -> Token | None:
    """Look a word up in the tables."""
    chip_word = chip_words().get(word)
    if chip_word:
        return Token(chip_word, show=chip_word.upper())
    meaning = vocabulary().get(word)
    if meaning:
        return token_of(word, meaning)
    if word in _UNITS:
        return Token(word, Kind.UNIT, value=_UNITS[word])
    if word in full_tree() and not word.isdigit():
        return Token(word, show=word.upper())
    return None


def _compound(word: str) -> Iterator[Token]:
    """Cut at punctuation, but leave "vapor-x" one word: only what holds something to read is cut at its hyphens."""
    pieces = [piece for piece in _SPLIT.split(word.rstrip(".")) if piece]
    first, last = 0, len(pieces)
    while first < last and pieces[first] in _PUNCTUATION:
        first += 1
    while last > first and pieces[last - 1] in _PUNCTUATION:
        last -= 1
    core = [piece for piece in pieces[first:last] if not _SPLIT.fullmatch(piece)]
    for piece in pieces[:first]:
        yield Token(piece, _PUNCTUATION[piece])
    if len(core) == 1:
        yield from _piece(core[0])
    elif core:
        inner = "".join(pieces[first:last])
        known = _known(inner)
        if known:
            yield known
        elif not _PUNCTUATION.keys().isdisjoint(pieces[first:last]) or any(map(_readable, core)):
            yield from _parts(pieces[first:last], coded=sum(map(str.isdigit, inner)) > 3)
        else:
            yield _name(inner)
    for piece in pieces[last:]:
        yield Token(piece, _PUNCTUATION[piece])


def _readable(piece: str) -> bool:
    """Tell whether a piece means something by itself; "dual" in "dual-x" is but a name."""
    known = _known(piece)
    if known:
        return known.kind not in _NAMES or known.value is not None
    return _SHAPE.fullmatch(piece) is not None or _holds_chipset(piece)


def _parts(pieces: list[str], *, coded: bool) -> Iterator[Token]:
    """Read the pieces of a compound; in a part number ("1020G", "1042F") no piece is a processor."""
    for at, piece in enumerate(pieces):
        if piece in _PUNCTUATION:
            yield Token(piece, _PUNCTUATION[piece])
        elif not _SPLIT.fullmatch(piece):
            yield from _piece(piece, joined=at > 0, compound=True, coded=coded)


def _piece(piece: str, *, joined: bool = False, compound: bool = False, coded: bool = False) -> list[Token]:
    """Read one piece between punctuation."""
    known = _known(piece)
    if known:
        known.joined = joined
        return [known]
    shape = _SHAPE.fullmatch(piece)
    if shape and not (coded and shape.lastgroup == "cpu" and piece[0].isdigit()):
        return _shaped(piece, shape, compound)
    if _holds_chipset(piece):
        return _chip_parts(piece, joined)
    if not piece.isascii():
        if _COMPUTER_NAME.fullmatch(piece):
            return [Token(piece, Kind.REJECT, reject=Reject(RejectCode.COMPUTER))]
        parts = fine(piece)
        if len(parts) > 1 and any(part in chip_words() for part in parts):
            return [token for part in parts for token in _piece(part, joined=joined)]
    return [_name(piece, coded=coded)]


def _shaped(piece: str, shape: re.Match[str], compound: bool) -> list[Token]:
    match shape.lastgroup:
        case "vram":
            tokens = [Token(piece, Kind.VRAM, value=round(float(shape["size"]), 3), joined=compound)]
            if shape["kind"]:
                tokens.append(Token(piece, Kind.MEMORY, value=_memory_name(shape["kind"])))
            if shape["mark"] == "o":
                tokens.append(Token("oc", Kind.OC))
            elif shape["mark"] in ("x", "z"):
                tokens.insert(0, Token(shape["mark"], show=shape["mark"].upper()))
            return tokens
        case "mega":
            return [Token(piece, Kind.VRAM, value=round(float(shape["megasize"]) / 1024, 3), joined=compound)]
        case "memory":
            return [Token(piece, Kind.MEMORY, value=_memory_name(piece))]
        case "screen":
            return [Token(piece, Kind.REJECT, reject=Reject(RejectCode.LAPTOP))]
    return [Token(piece, Kind.REJECT, reject=Reject(RejectCode.COMPUTER))]


def _memory_name(piece: str) -> str:
    if piece.startswith("hbm"):
        return piece.upper()
    digits = "".join(char for char in piece if char.isdigit())
    return f"DDR{digits}" if digits in ("2", "3", "4") else f"GDDR{digits}" + ("X" if piece.endswith("x") else "")


def _holds_chipset(piece: str) -> bool:
    if piece in chip_pieces() or not chip_numbers().isdisjoint(_DIGITS.findall(piece)):
        return True
    return bool("titan" in piece and _TITAN.fullmatch(piece)) or bool(_R_NUMBER.search(piece))


def _chip_parts(piece: str, joined: bool) -> list[Token]:
    """Split a piece that holds a chipset number, so that the name can be matched part by part."""
    titan = _TITAN.fullmatch(piece)
    parts = [part for part in titan.groups() if part] if titan else [w for p in fine(piece) for w in _chip_words(p)]
    for at in range(1, len(parts)):
        if parts[at] == "s" and parts[at - 1] in _super_numbers():
            parts[at] = "super"
    if len(parts) == 1 and not parts[0].isdigit():
        return [_name(piece)]
    tokens = [
        Token(chip_words().get(part, part), Kind.PART, show=part.upper(), joined=joined or at > 0)
        for at, part in enumerate(parts)
    ]
    memory = _XFX_MEMORY.fullmatch(piece)
    if memory:
        tokens.append(Token(piece, Kind.VRAM, value=float(memory[1]), joined=True))
    return tokens


def _chip_words(part: str) -> list[str]:
    """Split letters glued to a number: "engtx" is en gtx, "tisuper" is ti super, "tigaming" is ti gaming."""
    if not (part.isascii() and part.isalpha()):
        return [part]
    prefix = _CHIP_PREFIX.fullmatch(part)
    if prefix:
        return [word for word in prefix.groups() if word]
    suffix = _CHIP_SUFFIX.fullmatch(part)
    if suffix:
        words = ["ti", "super"] if suffix[1] == "tisuper" else [suffix[1]]
        return [*words, suffix[2]] if suffix[2] else words
    return [part]


@cache
def _super_numbers() -> frozenset[str]:
    """Numbers whose S means SUPER ("1660S"), because such a card exists."""
    return frozenset(number for number in chip_numbers() if "super" in full_tree()["geforce"].get(number, {}))


def _name(word: str, *, coded: bool = False) -> Token:
    """Take an unknown word for a name, or for a part number if it looks like one."""
    word = word.strip(".-")
    digits = sum(map(str.isdigit, word))
    if (digits >= 3 and len(word) >= 6) or (digits >= 4 and not word.isdigit()) or (coded and digits):
        return Token(word, Kind.CODE)
    if not word or (word.isdigit() and len(word) > 4):
        return Token(word, Kind.NOISE)
    return Token(word, show=word.upper())
