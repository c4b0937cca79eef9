"""Which products the simulated shop sells: titles composed from makers, chipsets, lines, memory and distributors.

Belongs here: what exists and what it costs at rest. Does not belong here: what it costs on a day (``market``), how a
page shows it (``site``).

How Danawa writes a title and what a chipset roughly costs are facts; which maker sells which line here is drawn by lot.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

VGA = "112753"
NVIDIA = "1131480"
AMD = "1131521"
RTX_50 = "11255541"
RX_9000 = "11255542"
COMPATIBLE_PARTS = "11355606"
"""A sub-category of power supplies and cases; it holds no product of this market."""

CATEGORIES = {
    VGA: "그래픽카드(VGA)",
    NVIDIA: "NVIDIA",
    AMD: "AMD",
    RTX_50: "RTX50 시리즈",
    RX_9000: "RX9000 시리즈",
    COMPATIBLE_PARTS: "RTX50 호환 부품",
}

USED = "(중고)"
IMPORT = "(해외구매)"


@dataclass(frozen=True, slots=True)
class Chipset:
    """A chipset as Danawa writes it; ``won`` is what a plain board of each memory size costs."""

    name: str
    memory: str
    won: dict[int, int]
    boards: int
    watts: int
    released: str
    popularity: float


CHIPSETS = (
    Chipset("지포스 RTX 5090", "D7", {32: 4_650_000}, 4, 575, "25.01.", 3),
    Chipset("지포스 RTX 5080", "D7", {16: 1_890_000}, 6, 360, "25.01.", 6),
    Chipset("지포스 RTX 5070 Ti", "D7", {16: 1_390_000}, 11, 300, "25.02.", 10),
    Chipset("지포스 RTX 5070", "D7", {12: 985_000}, 12, 250, "25.03.", 12),
    Chipset("지포스 RTX 5060 Ti", "D7", {16: 762_000, 8: 588_000}, 11, 180, "25.04.", 11),
    Chipset("지포스 RTX 5060", "D7", {8: 465_000}, 6, 145, "25.05.", 9),
    Chipset("지포스 RTX 5050", "D6", {8: 364_000}, 3, 130, "25.07.", 5),
    Chipset("지포스 RTX 4090", "D6X", {24: 4_380_000}, 2, 450, "22.10.", 0.5),
    Chipset("지포스 RTX 4080 SUPER", "D6X", {16: 2_060_000}, 2, 320, "24.01.", 0.5),
    Chipset("지포스 RTX 4070 Ti SUPER", "D6X", {16: 1_480_000}, 3, 285, "24.01.", 1),
    Chipset("지포스 RTX 4070 SUPER", "D6X", {12: 1_090_000}, 4, 220, "24.01.", 1.5),
    Chipset("지포스 RTX 4070", "D6X", {12: 889_000}, 3, 200, "23.04.", 1),
    Chipset("지포스 RTX 4060 Ti", "D6", {8: 560_000, 16: 715_000}, 3, 160, "23.05.", 2),
    Chipset("지포스 RTX 4060", "D6", {8: 428_000}, 3, 115, "23.06.", 3),
    Chipset("지포스 RTX 3060 Ti", "D6", {8: 452_000}, 1, 200, "20.12.", 0.4),
    Chipset("지포스 RTX 3060", "D6", {12: 386_000}, 3, 170, "21.02.", 2),
    Chipset("지포스 RTX 3050", "D6", {6: 262_000}, 3, 70, "24.02.", 3),
    Chipset("라데온 RX 9070 XT", "D6", {16: 1_049_000}, 11, 304, "25.03.", 10),
    Chipset("라데온 RX 9070", "D6", {16: 918_000}, 3, 220, "25.03.", 4),
    Chipset("라데온 RX 9060 XT", "D6", {16: 589_000, 8: 479_000}, 6, 160, "25.06.", 7),
    Chipset("라데온 RX 7900 XTX", "D6", {24: 1_520_000}, 2, 355, "22.12.", 0.6),
    Chipset("라데온 RX 7800 XT", "D6", {16: 792_000}, 3, 263, "23.09.", 1.2),
    Chipset("라데온 RX 7700 XT", "D6", {12: 611_000}, 2, 245, "23.09.", 0.8),
    Chipset("라데온 RX 7600", "D6", {8: 372_000}, 2, 165, "23.05.", 2),
    Chipset("라데온 RX 6600", "D6", {8: 297_000}, 2, 132, "21.10.", 2),
    Chipset("라데온 RX 6500 XT", "D6", {4: 189_000}, 1, 107, "22.01.", 0.5),
    Chipset("인텔 아크 B580", "D6", {12: 405_000}, 3, 190, "24.12.", 3),
    Chipset("인텔 아크 B570", "D6", {10: 336_000}, 2, 150, "25.01.", 1.5),
    Chipset("인텔 아크 A750", "D6", {8: 298_000}, 1, 225, "22.10.", 0.5),
    Chipset("인텔 아크 A380", "D6", {6: 188_000}, 1, 75, "22.08.", 0.5),
)

_GEFORCE = {
    "MSI": {"쉐도우 2X OC": 0.97, "벤투스 2X OC": 0.98, "인스파이어 3X OC": 1.02, "게이밍 트리오 OC": 1.07},
    "ASUS": {"DUAL OC": 1.0, "PRIME OC": 1.02, "TUF Gaming OC": 1.08, "ROG STRIX OC": 1.16},
    "GIGABYTE": {"WINDFORCE OC": 0.99, "EAGLE OC": 1.0, "GAMING OC": 1.05, "AERO OC": 1.08},
    "ZOTAC GAMING": {"TWIN Edge": 0.97, "SOLID OC": 1.01, "AMP WHITE Edition": 1.05},
    "PALIT": {"DUAL": 0.95, "GAMINGPRO OC": 1.0, "Infinity 3": 0.98},
    "갤럭시 GALAX": {"BLACK OC": 0.98, "EX GAMER WHITE OC": 1.04, "1-Click OC": 0.97},
    "이엠텍": {"STORM X Dual OC": 0.97, "MIRACLE X3 WHITE": 1.03},
    "INNO3D": {"X3 OC": 0.98, "TWIN X2": 0.95, "iCHILL X3": 1.03},
    "COLORFUL": {"토마호크 EX": 0.96, "iGAME ULTRA W OC": 1.03},
    "GAINWARD": {"고스트": 0.96, "파이톤 III OC": 1.0},
}
_RADEON = {
    "SAPPHIRE": {"PULSE": 0.98, "PURE OC": 1.03, "NITRO+ OC": 1.09},
    "PowerColor": {"REAPER": 0.97, "HELLHOUND OC": 1.02, "RED DEVIL OC": 1.08},
    "ASRock": {"Challenger OC": 0.97, "Steel Legend OC": 1.01, "Taichi OC": 1.1},
    "XFX": {"SWIFT TRIPLE": 0.98, "QUICKSILVER OC": 1.02},
    "GIGABYTE": {"GAMING OC": 1.03},
    "ASUS": {"PRIME OC": 1.02, "TUF Gaming OC": 1.08},
}
_ARC = {
    "ASRock": {"Challenger OC": 1.0, "Steel Legend OC": 1.05},
    "SPARKLE": {"GUARDIAN OC": 0.99, "TITAN OC": 1.06},
}
_DISTRIBUTORS = {
    "MSI": ("", "대원씨티에스", "인텍앤컴퍼니"),
    "ASUS": ("대원씨티에스", "인텍앤컴퍼니", "코잇"),
    "GIGABYTE": ("피씨디렉트", "제이씨현"),
    "PALIT": ("이엠텍",),
    "GAINWARD": ("디앤디컴",),
    "PowerColor": ("대원씨티에스",),
    "ASRock": ("에즈윈", "대원씨티에스"),
    "SAPPHIRE": ("이엠텍",),
}


@dataclass(frozen=True, slots=True)
class Product:
    """One thing that the shop lists under a pcode of its own; ``label`` tells a variant from its row."""

    pcode: str
    title: str
    chipset: str | None
    won: int
    popularity: float
    watts: int = 0
    released: str = ""
    variant_of: str | None = None
    label: str = ""
    categories: frozenset[str] = field(default=frozenset({VGA}))

    @property
    def full_title(self) -> str:
        """The title by which a list is read: the row's own, followed by what tells a variant from it."""
        return f"{self.title} {self.label}" if self.variant_of else self.title


_OTHER_CARDS = (
    (f"MSI 지포스 RTX 3080 게이밍 Z 트리오 D6X 10GB {USED}", "지포스 RTX 3080", 430_000),
    (f"ASUS TUF Gaming 지포스 RTX 3070 OC D6 8GB {USED}", "지포스 RTX 3070", 298_000),
    (f"SAPPHIRE 라데온 RX 6800 XT NITRO+ OC D6 16GB {USED}", "라데온 RX 6800 XT", 395_000),
    (f"GIGABYTE 지포스 RTX 4090 GAMING OC D6X 24GB {USED}", "지포스 RTX 4090", 3_150_000),
    (f"ZOTAC GAMING 지포스 RTX 5090 SOLID D7 32GB {IMPORT}", "지포스 RTX 5090", 4_420_000),
    (f"XFX 라데온 RX 9070 XT MERCURY OC D6 16GB {IMPORT}", "라데온 RX 9070 XT", 990_000),
    (f"SPARKLE 인텔 아크 A770 TITAN OC D6 16GB {IMPORT}", "인텔 아크 A770", 455_000),
)
_NOT_CARDS = (
    ("가람컴퓨터 게이밍PC 라이젠7 9700X RTX 5070 (32GB, M.2 1TB)", 2_290_000),
    ("바로텍 AQUA 그래픽카드 워터블럭 RTX 5080 백플레이트 포함", 289_000),
    ("바로텍 Thunderbolt 5 외장 그래픽카드 독 eGPU Box 850W", 468_000),
    ("바로텍 PCIe 5.0 x16 라이저 케이블 (30cm)", 74_000),
    ("바로텍 그래픽카드 지지대 ARGB", 19_800),
)
_VARIANT_CHIPSETS = ("지포스 RTX 5060", "지포스 RTX 3050", "라데온 RX 7600")
BULK = "벌크"


def products(random: Random) -> list[Product]:
    """All products in the order of their popularity, each variant right after its row."""
    codes = _Pcodes(random)
    rows = [product for chipset in CHIPSETS for product in _boards(random, chipset, codes)]
    rows += _sold_by_others(random, rows, codes)
    rows += [_other_card(title, chipset, won, codes) for title, chipset, won in _OTHER_CARDS]
    rows += [Product(codes.next("other"), title, None, won, 0.3) for title, won in _NOT_CARDS]
    rows.sort(key=lambda product: (-product.popularity * random.lognormvariate(0, 0.7), product.pcode))
    variants = {row.pcode: _bulk(row, codes) for chipset in _VARIANT_CHIPSETS if (row := _first_of(rows, chipset))}
    return [product for row in rows for product in (row, variants.get(row.pcode)) if product]


_GENERATIONS = {
    "RTX 3": 13_000_000,
    "RTX 4": 19_000_000,
    "RTX 5": 71_000_000,
    "RX 6": 15_000_000,
    "RX 7": 20_000_000,
    "RX 9": 75_000_000,
    "아크 A": 18_000_000,
    "아크 B": 68_000_000,
}
"""Where the numbers of a generation's listings begin."""


class _Pcodes:
    """Numbers that grow with the age of the generation, as Danawa's do."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0
        self._taken: set[int] = set()

    def next(self, chipset: str) -> str:
        base = next((base for part, base in _GENERATIONS.items() if part in chipset), 50_000_000)
        while True:
            code = base + self._random.randrange(3_000_000)
            if code not in self._taken:
                self._taken.add(code)
                return str(code)


def _boards(random: Random, chipset: Chipset, codes: _Pcodes) -> list[Product]:
    makers = _GEFORCE if "지포스" in chipset.name else _RADEON if "라데온" in chipset.name else _ARC
    boards = [
        (maker, line, premium, vram)
        for maker, lines in makers.items()
        for line, premium in lines.items()
        for vram in chipset.won
    ]
    return [_board(random, chipset, board, codes) for board in random.sample(boards, chipset.boards)]


def _board(random: Random, chipset: Chipset, board: tuple[str, str, float, int], codes: _Pcodes) -> Product:
    maker, line, premium, vram = board
    distributor = random.choice(_DISTRIBUTORS.get(maker, ("",)))
    title = f"{maker} {chipset.name} {line} {chipset.memory} {vram}GB {distributor}".rstrip()
    return Product(
        pcode=codes.next(chipset.name),
        title=title,
        chipset=chipset.name,
        won=round(chipset.won[vram] * premium * random.uniform(0.98, 1.02)),
        popularity=chipset.popularity,
        watts=chipset.watts,
        released=chipset.released,
        categories=_categories(chipset.name),
    )


def _sold_by_others(random: Random, boards: list[Product], codes: _Pcodes, most: int = 4) -> list[Product]:
    """Some boards once more under another distributor's name, which is a listing of its own."""
    again: list[Product] = []
    for board in random.sample(boards, len(boards)):
        distributors = next((names for maker, names in _DISTRIBUTORS.items() if board.title.startswith(maker)), ())
        present = next((name for name in distributors if name and board.title.endswith(name)), None)
        if present is None or len(set(distributors) - {"", present}) == 0 or len(again) == most:
            continue
        other = random.choice([name for name in distributors if name and name != present])
        title = board.title.removesuffix(present) + other
        won = round(board.won * random.uniform(0.99, 1.03))
        again.append(replace(board, pcode=codes.next(board.chipset or ""), title=title, won=won))
    return again


def _other_card(title: str, chipset: str, won: int, codes: _Pcodes) -> Product:
    return Product(codes.next(chipset), title, chipset, won, 0.4, categories=_categories(chipset))


def _bulk(row: Product, codes: _Pcodes) -> Product:
    """The same board without its box, a listing of its own in the same row."""
    won = round(row.won * 0.96)
    return replace(row, pcode=codes.next(row.chipset or ""), won=won, variant_of=row.pcode, label=BULK)


def _first_of(rows: list[Product], chipset: str) -> Product | None:
    return next((row for row in rows if row.chipset == chipset), None)


def _categories(chipset: str) -> frozenset[str]:
    parts = {"지포스": NVIDIA, "라데온": AMD, "RTX 50": RTX_50, "RX 90": RX_9000}
    return frozenset({VGA, *(code for part, code in parts.items() if part in chipset)})
