"""What follows a chipset: launched chipsets, and series that are expected."""

from __future__ import annotations

import pytest

from gpu_etl.catalog import chipset, followers

SUPER, NEXT = "GeForce RTX 50 SUPER", "GeForce RTX 60"


@pytest.mark.parametrize(
    ("name", "follow"),
    [
        ("GeForce RTX 4070", {"GeForce RTX 4070 SUPER", "GeForce RTX 5070"}),
        ("GeForce RTX 4070 SUPER", {"GeForce RTX 5070"}),
        ("GeForce RTX 5070", {SUPER, NEXT}),
        ("GeForce RTX 5090 D V2", {SUPER, NEXT}),
        ("Radeon RX 9070 XT", {"Radeon RDNA 5"}),
        ("Arc B580", {"Arc Celestial"}),
        ("RTX PRO 6000 Blackwell", set()),
    ],
)
def test_followers(name: str, follow: set[str]) -> None:
    assert set(followers(chipset(name))) == follow
