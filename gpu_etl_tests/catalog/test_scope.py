import pytest

from gpu_etl.catalog import RTX_4070_SERIES, chipset, chipsets, recent, scope


def test_default_is_the_last_four_generations() -> None:
    names = scope("")
    assert names == recent() == scope(" , ")
    assert {
        "GeForce RTX 2060",
        "GeForce RTX 5090",
        "Radeon RX 5700",
        "Radeon RX 9070 XT",
        "Arc A380",
        "Arc B580",
    } <= names
    assert names.isdisjoint({"GeForce GTX 1660", "Radeon RX 590", "Radeon RX Vega 64", "RTX A4000", "Quadro RTX 4000"})


def test_fewer_generations() -> None:
    assert "GeForce RTX 4090" not in recent(1)
    assert {"GeForce RTX 5090", "Radeon RX 9060", "Arc B570"} <= recent(1)


def test_all() -> None:
    assert scope("all") == scope(" ALL ") == {chip.name for chip in chipsets()}


def test_the_four() -> None:
    assert scope("rtx-4070-series") == RTX_4070_SERIES
    assert sorted(RTX_4070_SERIES) == [
        "GeForce RTX 4070",
        "GeForce RTX 4070 SUPER",
        "GeForce RTX 4070 Ti",
        "GeForce RTX 4070 Ti SUPER",
    ]


def test_names_long_short_and_mixed() -> None:
    assert scope("GeForce RTX 4070, rtx 5070 ti,9070xt") == {
        "GeForce RTX 4070",
        "GeForce RTX 5070 Ti",
        "Radeon RX 9070 XT",
    }
    assert scope("rtx-4070-series,Arc B580") == RTX_4070_SERIES | {"Arc B580"}


@pytest.mark.parametrize("name", ["GeForce RTX 4075", "rtx 4070 tii", "graphics", "RTX 6000", "RTX 4070 12GB"])
def test_an_unknown_name_is_named_with_its_neighbours(name: str) -> None:
    with pytest.raises(ValueError, match="unknown chipset") as error:
        scope(f"GeForce RTX 4070,{name}")
    assert repr(name) in str(error.value)
    assert "\n" not in str(error.value)


def test_nearest_names() -> None:
    with pytest.raises(ValueError, match="nearest known: GeForce RTX 40"):
        chipset("GeForce RTX 4065")


def test_every_name_finds_its_chipset() -> None:
    for chip in chipsets():
        assert chipset(chip.name.lower()) is chip
