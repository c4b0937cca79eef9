import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_etl.catalog import chipsets, mentions
from gpu_etl.catalog.expected import expected

R = "Radeon RX "
SUPER = "GeForce RTX 50 SUPER"
G = "GeForce RTX "

POSTS: dict[str, list[str]] = {
    "5070ti or 9070xt?": [G + "5070 Ti", R + "9070 XT"],
    "3080/3090": [G + "3080", G + "3090"],
    "dual 3090": [G + "3090"],
    "2x3090 vs 4x 5090's": [G + "3090", G + "5090"],
    "4060 8gb vs 16gb": [G + "4060"],
    "4080+3090, then the 4080 again": [G + "4080", G + "3090"],
    "RTX 5070/5070ti/5080": [G + "5070", G + "5070 Ti", G + "5080"],
    "rx 6800xt/6900xt": [R + "6800 XT", R + "6900 XT"],
    "on a 9070 XT/RAM?": [R + "9070 XT"],
    "7900XTX vs. 4080S": [R + "7900 XTX", G + "4080 SUPER"],
    "rtx4070tisuper": [G + "4070 Ti SUPER"],
    "지포스 4070 슈퍼 삽니다": [G + "4070 SUPER"],
    "Arc b580 or a770": ["Arc B580", "Arc A770"],
    "RTX 6000 Pro or RTX 6000 Ada": ["RTX PRO 6000 Blackwell", "RTX 6000 Ada"],
    "XFX 7970 for sale": ["Radeon HD 7970"],
    "Ryzen 5 7600 with an rx 7600": [R + "7600"],
    "gaming laptop + RTX 5060 Ti eGPU": [G + "5060 Ti"],
    "RTX5090-FE in stock": [G + "5090"],
    # what is expected, and no card that is sold
    "RTX 5070 SUPER leak": [SUPER],
    "is the 5070 Ti super (or rtx5080super) worth waiting for over a 5070 Ti?": [G + "5070 Ti", SUPER],
    "RTX 50 Super series delayed, RTX-60 in 2027": [SUPER, G + "60"],
    "RTX 6090 and RTX 60xx": [G + "60"],
    "RDNA5 or rdna-5 after the 9070 XT": [R + "9070 XT", "Radeon RDNA 5"],
    "Intel Celestial, not the celestial sphere": ["Arc Celestial"],
    # what only looks like one
    "got 3080 points in an hour": [],
    "RTX 4000 kr": [],
    "RTX 5000 series rumours": [],
    "RTX 6000 Pro or RX 6060": ["RTX PRO 6000 Blackwell"],
    "RTX 6000 series": [],
    "the $50 super deal, 60 series of tests": [],
    "it costs $4080, or 4090 USD": [],
    "1080p, 2560x1440, 1080 monitors": [],
    "i5-6600 and Ryzen 7 5700 XT-series": [],
    "laptop with a 4070": [],
    "4090M and 4080 laptop": [],
    "the B580 bus to A380 airport": [],
    "founded in 1660, sold for 3050 won": ["GeForce GTX 1660"],
    "Arc Prize": [],
    "": [],
}


@pytest.mark.parametrize("post", POSTS)
def test_mentions(post: str) -> None:
    assert mentions(post) == POSTS[post]


@pytest.mark.parametrize("chip", chipsets(), ids=lambda chip: str(chip.name))
def test_every_canonical_name_is_found(chip: object) -> None:
    name = getattr(chip, "name", "")
    assert mentions(name) == [name]
    assert mentions(name.lower()) == [name]


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_never_raises_and_names_what_is_known_once(text: str) -> None:
    found = mentions(text)
    assert set(found) <= {chip.name for chip in chipsets()} | {series.name for series in expected()}
    assert len(found) == len(set(found))


@given(st.lists(st.sampled_from(sorted({word for post in POSTS for word in post.split()})), max_size=15))
def test_never_raises_on_shuffled_posts(words: list[str]) -> None:
    found = mentions(" ".join(words))
    assert found == mentions("  ".join(words).upper())
