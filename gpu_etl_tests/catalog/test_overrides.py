import pytest

from gpu_etl.catalog import Card, Condition, NotACard, RejectCode, identify
from gpu_etl.catalog.overrides import COLUMNS, OverrideError, apply, read

HEADER = ",".join(COLUMNS)
TITLE = "MSI 지포스 RTX 4070 벤투스 D6X 12GB"


def rows(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def correct(text: str, title: str = TITLE, listing_id: str = "7") -> Card | NotACard:
    return apply(read(text), identify(title), source="danawa", listing_id=listing_id, title=title)


def test_nothing_to_correct() -> None:
    assert correct("") == correct(HEADER) == correct(rows("danawa,8,,yes,,,,,,,")) == identify(TITLE)


def test_a_listing_is_corrected_field_by_field() -> None:
    card = correct(rows("danawa,7,,,,rtx 4070 ti,gaming  x slim,,yes,used,seen on the photo"))
    assert card == Card("MSI", "GeForce RTX 4070 Ti", 12, True, "GAMING X SLIM", Condition.USED)


def test_a_title_is_corrected_in_any_case_and_width() -> None:
    text = rows(",,msi 지포스　rtx 4070 벤투스  d6x 12gb,,,,,16,,,")
    card = correct(text, listing_id="99")
    assert isinstance(card, Card)
    assert card.vram_gb == 16


def test_the_listing_wins_over_the_title() -> None:
    text = rows(f",,{TITLE},yes,,,,,,,", "danawa,7,,,asus,,,,,,")
    card = correct(text)
    assert isinstance(card, Card)
    assert card.brand == "ASUS"
    assert isinstance(correct(text, listing_id="8"), NotACard)


def test_not_a_card() -> None:
    assert correct(rows("danawa,7,,yes,,,,,,,only the box")) == NotACard(
        RejectCode.OVERRIDDEN, "corrected by hand: only the box"
    )


def test_a_rejected_title_becomes_a_card_only_with_a_chipset() -> None:
    box = "MSI 그래픽카드 지지대"
    assert correct(rows("danawa,7,,,MSI,GeForce RTX 3060,,12,no,,"), box) == Card(
        "MSI", "GeForce RTX 3060", 12, False, ""
    )
    assert correct(rows("danawa,7,,,MSI,,,,,,"), box) == identify(box)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("danawa,7,,,,RTX 4075,,,,,", "unknown chipset 'RTX 4075'"),
        ("danawa,7,,,,,,12|16,,,", "vram_gb '12|16' is not one number"),
        ("danawa,7,,,,,,much,,,", "vram_gb 'much' is not a number"),
        ("danawa,7,,,,,,,maybe,,", "is_oc 'maybe' is none of"),
        ("danawa,7,,,,,,,,broken,", "condition 'broken' is none of"),
        ("danawa,7,,no,,,,,,,", "a row either says not_a_card or corrects at least one field"),
        ("danawa,7,,yes,MSI,,,,,,", "a row either says not_a_card or corrects at least one field"),
        ("danawa,,,yes,,,,,,,", "a row names a listing by source and listing_id, or by title alone"),
        ("danawa,7,x,yes,,,,,,,", "a row names a listing by source and listing_id, or by title alone"),
        (",,,yes,,,,,,,", "a row names a listing by source and listing_id, or by title alone"),
        ("danawa,1,,yes,,,,,,,", "listing danawa 1 is corrected twice"),
        ("danawa,7", "2 cells instead of 11"),
    ],
)
def test_a_malformed_row_is_named(line: str, problem: str) -> None:
    with pytest.raises(OverrideError) as error:
        read(rows("danawa,1,,yes,,,,,,,", line))
    assert str(error.value).startswith(f"overrides.csv:3: {problem}")
    assert "\n" not in str(error.value)


def test_a_byte_order_mark_is_no_problem() -> None:
    assert read("\ufeff" + rows("danawa,1,,yes,,,,,,,")).find("danawa", "1", "") is not None
