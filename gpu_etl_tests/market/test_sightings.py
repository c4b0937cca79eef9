from gpu_etl.market.gates import PartCount
from gpu_etl.market.sightings import Before, Seen, count

BEFORE = {
    "same": Before(100, 9, "Arc B580"),
    "moved": Before(100, 9, "Arc B580"),
    "a little": Before(100, 2, "Arc B580"),
    "lost its price": Before(100, 9, None),
    "sold out before": Before(None, 0, "Arc B580"),
    "gone, well sold": Before(100, 5, "Arc B580"),
    "gone, hardly sold": Before(100, 4, "Arc B580"),
    "gone, not told": Before(100, None, "Arc B580"),
}
NOW = [
    Seen("same", 100, "page 1"),
    Seen("moved", 80, "page 1", is_suspect=True, is_slip=True),
    Seen("a little", 105, "page 1"),
    Seen("lost its price", None, "page 2"),
    Seen("sold out before", None, "page 2"),
    Seen("new", 50, "page 2"),
]


def test_a_day_is_counted_against_the_last_one() -> None:
    day = count(NOW, BEFORE, unreadable={"new"}, days_since=2, hours_since=48.0)
    assert (day.rows, day.priceless, day.suspect, day.slips, day.unreadable) == (6, 2, 1, 1, 1)
    assert (day.previous_rows, day.vanished, day.well_sold, day.well_sold_vanished) == (8, 3, 4, 1)
    assert (day.common, day.lost_price, day.compared, day.unchanged, day.moved) == (5, 1, 3, 1, 1)
    assert (day.days_since_previous, day.hours_since_previous) == (2, 48.0)
    assert day.chipsets == (PartCount("Arc B580", 3, 1),)
    assert day.pages == (PartCount("page 1", 3, 1), PartCount("page 2", 3, 2))


def test_the_first_day_has_nothing_to_be_compared_with() -> None:
    day = count(NOW, {})
    assert (day.rows, day.previous_rows, day.compared, day.chipsets) == (6, None, 0, ())
