import pytest

from gpu_etl.catalog import chipsets
from gpu_etl.catalog.chipsets import COLUMNS, SEGMENTS, VENDORS, read_chipsets
from gpu_etl.catalog.dollars import read_rates
from gpu_etl.catalog.expected import read_expected
from gpu_etl.catalog.families import read_families
from gpu_etl.catalog.tables import Table, TableError
from gpu_etl.catalog.vocabulary import Kind, merge, read_brands, read_chip_words, read_series, read_words

HEADER = ",".join(COLUMNS)
GOOD = "GeForce RTX 6070,NVIDIA,GeForce RTX,GeForce RTX 60,desktop,12|18,GDDR7,2027-03-04,599,,,"


def chipset_table(*lines: str) -> Table:
    return Table("chipsets.csv", "\n".join((HEADER, *lines)) + "\n")


def test_next_years_chipset_is_one_line() -> None:
    (chip,) = read_chipsets(chipset_table(GOOD))
    assert (chip.name, chip.vram_gb, chip.price_usd, str(chip.launched)) == (
        "GeForce RTX 6070",
        (12, 18),
        599,
        "2027-03-04",
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (GOOD.replace("NVIDIA", "Nvidia"), "vendor 'Nvidia' is none of NVIDIA, AMD, Intel"),
        (GOOD.replace("desktop", "toy"), "segment 'toy' is none of desktop, workstation, datacenter, mining"),
        (GOOD.replace("12|18", ""), "vram_gb '' is not an ascending list such as 8|16"),
        (GOOD.replace("12|18", "18|12"), "vram_gb '18|12' is not an ascending list such as 8|16"),
        (GOOD.replace("12|18", "12GB"), "vram_gb '12GB' is not a number"),
        (GOOD.replace("12|18", "nan"), "vram_gb 'nan' is not a number above 0"),
        (GOOD.replace("2027-03-04", "March 2027"), "launched 'March 2027' is not a day such as 2025-01-30"),
        (GOOD.replace("599", "$599"), "price_usd '$599' is not a whole number above 0"),
        (GOOD.replace("599", "0"), "price_usd '0' is not a whole number above 0"),
        (GOOD.replace("GeForce RTX 6070", " "), "name is empty"),
        (GOOD + ",", "13 cells instead of 12"),
        (GOOD.removesuffix(","), "11 cells instead of 12"),
        (GOOD.replace("6070", "6080")[:-1] + "GeForce RTX 7070,", "successor 'GeForce RTX 7070' is not in the table"),
        (GOOD, "'GeForce RTX 6070' is listed twice"),
        ('"' + GOOD, "unexpected end of data"),
    ],
)
def test_a_malformed_line_is_named(line: str, problem: str) -> None:
    with pytest.raises(TableError) as error:
        read_chipsets(chipset_table(GOOD, line))
    assert error.value.line == 3
    assert str(error.value) == f"chipsets.csv:3: {problem}"


def test_a_wrong_header_is_named() -> None:
    with pytest.raises(TableError, match=r"^chipsets.csv:1: the header must read name,vendor,"):
        read_chipsets(Table("chipsets.csv", "name,vendor\n"))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("ASUS,shop,asus", "brands.csv:2: kind 'shop' is none of maker, chip_vendor, distributor"),
        ("ASUS,maker,", "brands.csv:2: spellings is empty"),
        ("ASUS,maker,Asus", "brands.csv:2: spelling 'Asus' must be lower case and plain width: 'asus'"),
        ("ASUS,maker,asus\nMSI,maker,msi|asus", "brands.csv:3: spelling 'asus' is listed twice"),
    ],
)
def test_brand_lines_are_checked(lines: str, problem: str) -> None:
    with pytest.raises(TableError) as error:
        read_brands(Table("brands.csv", f"brand,kind,spellings\n{lines}\n"))
    assert str(error.value) == problem


def test_series_name_known_makers() -> None:
    with pytest.raises(TableError, match=r"^series.csv:2: brand 'ASSUS' is not in brands.csv$"):
        read_series(Table("series.csv", "name,spellings,brand\nROG,rog,ASSUS\n"), frozenset({"ASUS"}))


def test_words_have_a_known_meaning() -> None:
    with pytest.raises(TableError, match=r"^words.csv:2: meaning 'nice' is none of "):
        read_words(Table("words.csv", "meaning,spellings\nnice,nice\n"))


def test_chip_words_are_listed_once() -> None:
    with pytest.raises(TableError, match=r"^chip_words.csv:3: spelling '슈퍼' is listed twice$"):
        read_chip_words(Table("chip_words.csv", "word,spellings\nsuper,슈퍼\nti,슈퍼\n"))


def test_two_tables_may_not_claim_one_word_unless_one_only_rules_out() -> None:
    brands = read_brands(Table("brands.csv", "brand,kind,spellings\nHIS,maker,his\n"))
    series = read_series(Table("series.csv", "name,spellings,brand\nWATERBLOCK,워터블럭,\n"), frozenset())
    words = read_words(Table("words.csv", "meaning,spellings\naccessory_unless_memory,워터블럭\n"))
    both = merge(("brands.csv", brands), ("series.csv", series), ("words.csv", words))["워터블럭"]
    assert both.kind is Kind.SERIES
    assert both.reject
    with pytest.raises(TableError, match=r"^words.csv:1: spelling 'his' is in another table too$"):
        merge(("brands.csv", brands), ("words.csv", read_words(Table("words.csv", "meaning,spellings\nnoise,his\n"))))


def test_the_packaged_chipsets_are_plausible() -> None:
    names = {chip.name for chip in chipsets()}
    assert len(names) > 400
    assert {chip.vendor for chip in chipsets()} == set(VENDORS)
    assert {chip.segment for chip in chipsets()} == set(SEGMENTS)
    for chip in chipsets():
        assert chip.launched is None or chip.launched.year >= 2012, chip.name
        assert max(chip.vram_gb) <= 192, chip.name
        successor = next((other for other in chipsets() if other.name == chip.successor), None)
        if successor and successor.launched and chip.launched:
            assert successor.launched > chip.launched, chip.name


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("RTX 6070,GeForce RTX 6070|GeForce RTX 6070 Ti", "families.csv:2: chipset 'GeForce RTX 6070 Ti' is not in"),
        ("one,GeForce RTX 6070\ntwo,GeForce RTX 6070", "families.csv:3: chipset 'GeForce RTX 6070' is in two families"),
        (",GeForce RTX 6070", "families.csv:2: name is empty"),
    ],
)
def test_families_are_checked(lines: str, problem: str) -> None:
    with pytest.raises(TableError) as error:
        read_families(Table("families.csv", f"name,chipsets\n{lines}\n"), frozenset({"GeForce RTX 6070"}))
    assert str(error.value).startswith(problem)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("2025-13,1400", "dollars.csv:2: '2025-13', '1400' is not a month such as 2025-01 and a rate"),
        ("2025-01,many", "dollars.csv:2: '2025-01', 'many' is not a month such as 2025-01 and a rate"),
        ("2025-01,-1400", "dollars.csv:2: won_per_dollar '-1400' is not a number above 0"),
        ("2025-01,nan", "dollars.csv:2: won_per_dollar 'nan' is not a number above 0"),
        ("2025-01,1400\n2025-01,1401", "dollars.csv:3: month 2025-01 is listed twice"),
    ],
)
def test_rates_are_checked(lines: str, problem: str) -> None:
    with pytest.raises(TableError) as error:
        read_rates(Table("dollars.csv", f"month,won_per_dollar\n{lines}\n"))
    assert str(error.value) == problem


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("RTX 60,RTX 50,rtx 60\nRTX 60,RTX 50,rtx 6090", "expected.csv:3: 'RTX 60' is listed twice"),
        ("RTX 60,RTX 40,rtx 60", "expected.csv:2: generation 'RTX 40' is not in chipsets.csv"),
        ("RTX 60,RTX 50,", "expected.csv:2: spellings is empty"),
    ],
)
def test_a_malformed_expectation_is_named(lines: str, problem: str) -> None:
    with pytest.raises(TableError) as error:
        read_expected(Table("expected.csv", f"name,follows,spellings\n{lines}\n"), frozenset({"RTX 50"}))
    assert str(error.value) == problem
