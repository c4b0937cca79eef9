"""Titles made up for the tests, in the manner of the shops, with what a person who sells cards would say they are."""

from gpu_etl.catalog import Card, Condition, RejectCode

USED, IMPORT, BULK, REFURBISHED = Condition.USED, Condition.IMPORT, Condition.BULK, Condition.REFURBISHED


def _card(brand: str | None, chipset: str, vram: float | None, oc: bool, name: str, condition: str = "new") -> Card:
    return Card(brand, chipset, vram, oc, name, Condition(condition))


CARDS: dict[str, Card] = {
    # Korean shop titles
    "조텍 지포스 RTX4070Ti 트리니티 OC D6X 12GB": _card("ZOTAC", "GeForce RTX 4070 Ti", 12, True, "TRINITY"),
    "기가바이트 지포스 RTX 4070 윈드포스 D6X 12GB 제이씨현": _card(
        "GIGABYTE", "GeForce RTX 4070", 12, False, "WINDFORCE GDDR6X"
    ),
    "MSI 지포스 RTX 4070 Ti 슈퍼 게이밍 X 슬림 화이트 D6X 16GB": _card(
        "MSI", "GeForce RTX 4070 Ti SUPER", 16, False, "GAMING X SLIM WHITE"
    ),
    "이엠텍 지포스 RTX 5070 미라클 D7 12GB": _card("EMTEK", "GeForce RTX 5070", 12, False, "MIRACLE"),
    "PALIT 지포스 RTX 5080 GAMINGPRO D7 16GB 이엠텍": _card("PALIT", "GeForce RTX 5080", 16, False, "GAMINGPRO"),
    "PNY 지포스 RTX 5060 Ti OC D7 16GB Dual Fan 한성컴퓨터": _card("PNY", "GeForce RTX 5060 Ti", 16, True, "DUAL FAN"),
    "갤럭시 GALAX 지포스 RTX 3060 EX WHITE V2 D6 8GB": _card("GALAX", "GeForce RTX 3060", 8, False, "EX WHITE V2"),
    "애즈락 라데온 RX 9070 XT 스틸레전드 D6 16GB 대원씨티에스": _card(
        "ASROCK", "Radeon RX 9070 XT", 16, False, "STEEL LEGEND"
    ),
    "파워컬러 라데온 RX 7900GRE 헬하운드 D6 16GB": _card("POWERCOLOR", "Radeon RX 7900 GRE", 16, False, "HELLHOUND"),
    "인텔 Arc B580 D6 12GB": _card("INTEL", "Arc B580", 12, False, ""),
    "GIGABYTE AORUS 지포스 RTX 5090 XTREME 워터블럭 D7 32GB": _card(
        "GIGABYTE", "GeForce RTX 5090", 32, False, "AORUS XTREME WATERBLOCK"
    ),
    "ASUS DUAL 지포스 RTX 4060 O8G D6 8GB": _card("ASUS", "GeForce RTX 4060", 8, True, "DUAL"),
    "지포스 RTX 3080 D6X 10GB (중고)": _card(None, "GeForce RTX 3080", 10, False, "", "used"),
    "NVIDIA RTX A4000 D6 16GB (병행수입)": _card("NVIDIA", "RTX A4000", 16, False, "", "import"),
    "ZOTAC 지포스 RTX 4080 D6X 16GB 해외구매": _card("ZOTAC", "GeForce RTX 4080", 16, False, "", "import"),
    "리드텍 RTX PRO 4500 블랙웰 D7 32GB 서린 (벌크)": _card("LEADTEK", "RTX PRO 4500 Blackwell", 32, False, "", "bulk"),
    "컬러풀 지포스 GT730K 토마호크 D3 2GB LP": _card("COLORFUL", "GeForce GT 730", 2, False, "K TOMAHAWK LP DDR3"),
    # English shop titles
    "Gigabyte GeForce RTX™ 4070 SUPER™ AERO OC 12G Graphics Card, 3x Fans, HDMI": _card(
        "GIGABYTE", "GeForce RTX 4070 SUPER", 12, True, "AERO"
    ),
    "SAPPHIRE NITRO+ AMD Radeon RX 7800XT 16GB GDDR6 Black / Silver": _card(
        "SAPPHIRE", "Radeon RX 7800 XT", 16, False, "NITRO+"
    ),
    "KFA2 GeForce RTX 4060 Ti EX (1-Click OC) 8192MB": _card("KFA2", "GeForce RTX 4060 Ti", 8, False, "EX"),
    "Sparkle TITAN Arc A770 16 GB": _card("SPARKLE", "Arc A770", 16, False, "TITAN"),
    "Asus TUF-GTX1660S-O6G-GAMING": _card("ASUS", "GeForce GTX 1660 SUPER", 6, True, "TUF GAMING"),
    "XFX RX-470P8DBD6": _card("XFX", "Radeon RX 470", 8, False, ""),
    "Inno3D RTX 3070 Twin X2 8GB renewed": _card("INNO3D", "GeForce RTX 3070", 8, False, "TWIN X2", "refurbished"),
    "MSI GeForce RTX 5080 16G SUPRIM SOC": _card("MSI", "GeForce RTX 5080", 16, True, "SUPRIM SOC"),
    "Quadro RTX 6000 24GB": _card(None, "Quadro RTX 6000", 24, False, ""),
    "PNY RTX 6000 Ada Generation 48GB GDDR6": _card("PNY", "RTX 6000 Ada", 48, False, ""),
    "PNY RTX 6000 48GB": _card("PNY", "RTX 6000 Ada", 48, False, ""),
    "PNY RTX 6000 24GB": _card("PNY", "Quadro RTX 6000", 24, False, ""),
    "Gainward GeForce RTX 3050 Ghost": _card("GAINWARD", "GeForce RTX 3050", None, False, "GHOST"),
    "EVGA GeForce GTX 570 1280 MB": _card("EVGA", "GeForce GTX 570", 1.25, False, ""),
}

NO_CARDS: dict[str, RejectCode] = {
    "": RejectCode.EMPTY,
    " \t\u3000": RejectCode.EMPTY,
    "ALPHACOOL Eisblock 지포스 RTX 4080 워터블럭": RejectCode.ACCESSORY,
    "조이쿨 RTX 4090 그래픽카드 지지대": RejectCode.ACCESSORY,
    "EVGA 지포스 RTX NV링크 브릿지 3-Slot": RejectCode.ACCESSORY,
    "GIGABYTE AORUS 지포스 RTX 3080 D6X 10GB Gaming Box": RejectCode.EXTERNAL_BOX,
    "RTX 4060 게이밍 노트북 16인치": RejectCode.LAPTOP,
    "ASUS Zenbook RTX 4060 32GB": RejectCode.LAPTOP,
    "온누리컴퓨터 라이징 7800X3D RTX5070": RejectCode.COMPUTER,
    "MSI MAG Codex RTX 5070 Ti": RejectCode.COMPUTER,
    "HP 엔비 TE02 RTX4060": RejectCode.COMPUTER,
    'Acer Swift X 14": OLED, RTX 4060': RejectCode.LAPTOP,
    "ASUS ROG 제피러스 G16 RTX 4070": RejectCode.LAPTOP,
    "MSI MPG Trident AS RTX 4060": RejectCode.COMPUTER,
    "가나다 게이밍 R5 5600 RTX3050": RejectCode.COMPUTER,
    "Gaming PC i7-14700F RTX 4070 32GB DDR5 1TB SSD": RejectCode.COMPUTER,
    "가나다 퍼플랩 RTX5060": RejectCode.TOO_LITTLE,
    "MSI RTX 4070 12GB for parts": RejectCode.DEFECTIVE,
    "삼성 갤럭시 S25 울트라 256GB": RejectCode.NO_CHIPSET,
    "ASUS PRIME B650M-A 메인보드": RejectCode.OTHER_PRODUCT,
    "CORSAIR iCUE LINK RX120 RGB": RejectCode.NO_CHIPSET,
    "MSI 지포스 RTX 9990 D9 64GB": RejectCode.UNKNOWN_CHIPSET,
    "NVIDIA GeForce RTX 9990": RejectCode.UNKNOWN_CHIPSET,
}

SAME_BOARD: tuple[tuple[str, ...], ...] = (
    (
        "ASUS PRIME 지포스 RTX 5070 OC D7 12GB 인텍앤컴퍼니",
        "ASUS PRIME 지포스 RTX 5070 OC D7 12GB 대원씨티에스",
        "아수스 프라임 지포스 RTX5070 OC D7 12GB",
        "Asus Prime GeForce RTX 5070 OC Edition 12GB GDDR7",
    ),
    ("MSI 지포스 RTX 4080 벤투스 3X D6X 16GB 트라이프로져2", "MSI GeForce RTX 4080 VENTUS 3X 16G"),
    ("SAPPHIRE 라데온 RX 7600 PULSE D6 8GB", "사파이어 라데온 RX 7600 펄스 D6 8GB"),
)

SIBLINGS: tuple[tuple[str, ...], ...] = (
    (
        "GIGABYTE 지포스 RTX 4070 WINDFORCE D6X 12GB",
        "GIGABYTE 지포스 RTX 4070 WINDFORCE OC D6X 12GB",
        "GIGABYTE 지포스 RTX 4070 SUPER WINDFORCE OC D6X 12GB",
        "GIGABYTE 지포스 RTX 4070 WINDFORCE OC D6 12GB",
        "GIGABYTE 지포스 RTX 4070 WINDFORCE OC V2 D6X 12GB",
    ),
    ("ASUS PRIME 지포스 RTX 5080 D7 16GB", "ASUS PRIME 지포스 RTX 5080 D7 16GB White"),
    ("MSI 지포스 RTX 5060 Ti 벤투스 2X D7 8GB", "MSI 지포스 RTX 5060 Ti 벤투스 2X D7 16GB"),
    ("XFX 라데온 RX 6600 SWFT 210 D6 8GB", "XFX 라데온 RX 6600 SWFT 309 D6 8GB"),
)
