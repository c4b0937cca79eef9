"""Which chipsets a running text names, and which series that is still expected.

Belongs here: chipsets in posts and comments, where people write "5070ti" and "dual 3090". Does not belong here: shop
titles (``identify``), which name one card, how expected series are written (``expected``), and what a post says about
the chipset (``market``).

A full name counts wherever it stands. A bare number counts only if it can be nothing else: not a price, a score, a
resolution, a processor, a laptop's chip.
"""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import chain

from gpu_etl.catalog.aliases import bare_tree, short_names
from gpu_etl.catalog.chipsets import Chipset
from gpu_etl.catalog.expected import expected_in
from gpu_etl.catalog.identify import is_family, walk
from gpu_etl.catalog.lexicon import lexicon
from gpu_etl.catalog.tables import packaged
from gpu_etl.catalog.text import fold
from gpu_etl.catalog.tokens import RYZEN_MARKS, Token
from gpu_etl.catalog.vocabulary import Kind

LAPTOP_REACH = 4
"""How many words behind "laptop" a chipset is still the laptop's: "laptop benchmark for a 4070"."""

_QUANTITIES = frozenset(
    word
    for line in (
        "points pts score scores posts users people karma upvotes comments views hours days years miles km",
        "mhz ghz hz rpm w watts mb mbps kb tb px pixels x cores cuda tokens t/s steps frames words lines",
        "usd eur gbp cad aud dollars bucks euro euros pounds won krw kr sek nok dkk pln zl yen jpy rs inr",
        "원 만원 달러 점 명 개 시간 년 € £ $ ₩ ¥ %",
    )
    for word in line.split()
)
_LAPTOPS = frozenset({"laptop", "notebook", "노트북", "max-q", "mobile"})
_ARC_CONTEXT = frozenset({"arc", "intel", "인텔", "battlemage", "alchemist"})
# As a bare number these are first of all something else: 1080 a resolution.
_OTHER_MEANINGS = frozenset({"1080"})


def mentions(text: str) -> list[str]:
    """Name the chipsets in ``text``: canonical names, in order, no repeats; then the series expected after them.

    Never raises on any text.
    """
    awaited, rest = expected_in(fold(text))
    return [*_chipsets(rest), *awaited]


@cache
def mentions_version() -> str:
    """Twelve hex digits, a digest of the tables that decide what is named: a new line searches texts anew."""
    text = "".join(packaged(name).text for name in ("chipsets.csv", "chip_words.csv", "expected.csv"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _chipsets(folded: str) -> list[str]:
    tokens = list(chain.from_iterable(map(lexicon().__getitem__, folded.split())))
    about_arc = any(token.text in _ARC_CONTEXT for token in tokens)
    bare = bare_tree()
    names: dict[str, None] = {}
    end = 0
    for at, token in enumerate(tokens):
        if at < end or (token.node is None and token.text not in bare):
            continue
        end, chips = _full(tokens, at) or _bare(tokens, at, about_arc) or (at + 1, ())
        if len(chips) == 1 and not _in_laptop(tokens, at, end):
            names[chips[0].name] = None
    if not names:
        whole = short_names().get(tuple(token.text for token in tokens))
        return [whole.name] if whole else []
    return list(names)


def _full(tokens: list[Token], at: int) -> tuple[int, tuple[Chipset, ...]] | None:
    """Read a full name; one that several chipsets share names none of them."""
    node = tokens[at].node
    if node is None:
        return None
    end, chips = walk(node, tokens, at)
    # A lone word ("titan") is too common to be a chipset in running text.
    if not chips or end == at + 1 or is_family(tokens, end):
        return None
    return end, chips


def _bare(tokens: list[Token], at: int, about_arc: bool) -> tuple[int, tuple[Chipset, ...]] | None:
    """Read a bare number and its suffix."""
    node = bare_tree().get(tokens[at].text)
    if node is None or _glued_before(tokens, at) or _processor_before(tokens, at):
        return None
    end, chips = walk(node, tokens, at)
    if not chips or is_family(tokens, end) or _glued_behind(tokens, end):
        return None
    chip = chips[0]
    if chip.line == "Arc" and not about_arc:
        return None
    made_by = at > 0 and tokens[at - 1].kind == Kind.MAKER
    if end == at + 1 and not made_by and (_is_also_something_else(tokens[at].text, chip) or _counts(tokens, end)):
        return None
    return end, chips


def _glued_before(tokens: list[Token], at: int) -> bool:
    """Tell "$3080" and "GA-3080" from "4080+3090" and "2x3090"."""
    if not tokens[at].joined or at == 0:
        return False
    before = tokens[at - 1]
    if before.kind in (Kind.SLASH, Kind.COMMA, Kind.OPEN, Kind.CLOSE) or before.text == "x":
        return False
    return before.kind in (Kind.NAME, Kind.CODE, Kind.REJECT, Kind.PART) and not before.text.isdigit()


def _glued_behind(tokens: list[Token], end: int) -> bool:
    """Tell "1080p" and "3080kr" from "3090s"."""
    if end == len(tokens):
        return False
    behind = tokens[end]
    return behind.joined and behind.kind == Kind.PART and not behind.text.isdigit() and behind.text != "s"


def _processor_before(tokens: list[Token], at: int) -> bool:
    before = {token.text for token in tokens[max(0, at - 2) : at]}
    return bool(before & RYZEN_MARKS) or any(text.startswith(("ryzen", "라이젠")) for text in before)


def _is_also_something_else(number: str, chip: Chipset) -> bool:
    """Tell numbers that need a suffix or "RX": round ones are processors' numbers too (Ryzen 7600, Core i5-6600)."""
    return number in _OTHER_MEANINGS or number.endswith("00") or chip.line == "Radeon HD"


def _counts(tokens: list[Token], end: int) -> bool:
    """Tell whether the number counts something: "3080 points", "5090 kr"."""
    return end < len(tokens) and tokens[end].text in _QUANTITIES


def _in_laptop(tokens: list[Token], at: int, end: int) -> bool:
    """Tell a laptop's chip, which shares the card's name and little else."""
    before = tokens[max(0, at - LAPTOP_REACH) : at]
    apart = max((k for k, token in enumerate(before) if token.kind == Kind.SLASH), default=-1)
    return any(token.text in _LAPTOPS for token in (*before[apart + 1 :], *tokens[end : end + 1]))
