"""Is a day's crawl the market, or is the crawler blind?

Belongs here: the thresholds that a day must pass before it is published, and the sentence for each that fails. Does not
belong here: counting (``sightings``), or what happens to a refused day (``assets``).

The thresholds were measured on 661 days of the whole Danawa list, 13 of them bad (4 absent, 9 with 40 % of the rows):
together they catch all 13 with no false alarm; ``benchmarks/gates.py`` shows it, and what they see of losses made up:
every loss of 10 % of the rows at random or by chipset, 19 of 20 by page. They were chosen on the same days, at about
twice what a genuine day showed, so a market unlike those two years may ring an alarm: a person's word lets it through.
The finest of them counts listings that five shops or more offered the day before: of those never more than 1.6 %
vanished within a day, of all listings up to 9.6 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

GATE = "gate"
"""The part under which coverage tells whether a day that was read whole is also published."""
MIN_ROWS_SHARE = 0.80
"""Of the median rows of the last accepted days. The lowest genuine day was 0.811."""
MAX_UNREADABLE_SHARE = 0.02
"""Rows whose price was there and could not be read, 0 won included: on real pages there is next to none."""
MAX_SLIPS_SHARE = 0.015
"""Prices off by a digit (``suspects``); at most 0.2 % on a genuine day."""
MAX_SUSPECT_SHARE = 0.10
"""Prices that are not believed at first sight. A usual day has one or two among a thousand, 2026-01-28 had 58 of 982:
a fifth off everywhere, for one day. They are held one by one, so the day itself may pass."""
MAX_VANISHED_SHARE = 0.12
MAX_PRICELESS_SHARE = 0.12
MAX_LOST_PRICE_SHARE = 0.01
"""Listings of both days whose price is gone; at most 0.27 % on a genuine day, at most 0.6 % over four weeks."""
MIN_LOST_PRICES = 5
"""Fewer are chance, however short the list: of the 136 listings with the fewest shops up to 2 lost theirs within a day,
up to 4 over four weeks. A least number, not a shortest list: a short one that loses many is refused all the same."""
WELL_SOLD_FROM = 5
"""Shops from which on a listing counts as well sold."""
MAX_WELL_SOLD_VANISHED_SHARE = 0.03
"""At most 1.6 % on a genuine day."""
MIN_WELL_SOLD = 200
"""Of a shorter list a few that go at once are chance: 5 of 117 on one of 75 genuine days."""
MAX_CHIPSET_VANISHED_SHARE = 0.35
"""Of a chipset's well-sold listings, where it has :data:`MIN_CHIPSET_LISTINGS`; at most 20 % on a genuine day."""
MIN_CHIPSET_LISTINGS = 8
MAX_PAGE_DOUBTFUL_SHARE = 0.20
"""Of one page's rows: unreadable, off by a digit, or without the price they had the day before."""
MIN_PAGE_ROWS = 10
MAX_REREAD_LOSS = 0.005
"""Of the rows that the crawl read: a parser that reads fewer from the same pages has lost something."""
MAX_UNCHANGED_SHARE = 0.95
MIN_HOURS_FOR_UNCHANGED = 12.0
"""Two crawls closer together may well find the same prices."""
MAX_MOVED_SHARE = 0.25
MOVED_BY = 0.10
"""From which relative change a price counts as moved."""
MIN_ROWS_FOR_SHARES = 30
"""Below this many rows a share says nothing."""

PER_DAY_VANISHED = 0.02
PER_DAY_WELL_SOLD_VANISHED = 0.0125
PER_DAY_MOVED = 0.03
"""By how much a limit widens with every further day since the last accepted one: a market that was not looked at for
a fortnight has changed. Genuine maxima after 7 and 14 days: 21 and 28 % vanished, 5 and 11 % of the well sold, 37 and
48 % moved."""

REFUSALS_BEFORE_ASKING = 3
"""Refused days in a row from which on a person is asked: it may be the market that has changed."""


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many of a chipset's listings, or of a page's rows, are in question."""

    name: str
    whole: int
    in_question: int


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What a crawl found, compared with the last accepted day (``None`` where there is none)."""

    rows: int
    priceless: int
    """Rows without a price: status words, or nothing."""
    unreadable: int = 0
    """Rows that were refused in part or whole."""
    suspect: int = 0
    """Rows whose price is not believed yet."""
    slips: int = 0
    """Of those, off by a digit."""
    rows_at_crawl: int | None = None
    """Rows of the site's list that the crawl had read."""
    rows_reread: int | None = None
    """The same, as read from the stored pages now."""
    previous_rows: int | None = None
    days_since_previous: int = 1
    vanished: int = 0
    """Listings of the previous day that are absent."""
    well_sold: int = 0
    """Listings that :data:`WELL_SOLD_FROM` shops or more offered on the previous day."""
    well_sold_vanished: int = 0
    common: int = 0
    """Listings of both days."""
    lost_price: int = 0
    """Of those, priced before and not now."""
    compared: int = 0
    """Listings priced on both days."""
    unchanged: int = 0
    moved: int = 0
    """Of those compared, changed by more than :data:`MOVED_BY`."""
    hours_since_previous: float | None = None
    chipsets: Sequence[PartCount] = ()
    """Well-sold listings of the previous day by chipset, and how many vanished."""
    pages: Sequence[PartCount] = ()
    """Rows by page, and how many of them are doubtful."""


def blindness(day: DayCounts, accepted_rows: Sequence[int]) -> list[str]:
    """Why a day should not be published, a sentence a reason; empty when it should.

    ``accepted_rows`` are the row counts of the last accepted days, 28 at most, in any order.
    """
    if day.rows == 0:
        return ["no rows at all"]
    return [*_rows(day, accepted_rows), *_readable(day), *_against_previous(day)]


def _rows(day: DayCounts, accepted_rows: Sequence[int]) -> list[str]:
    reasons = []
    if accepted_rows and day.rows < MIN_ROWS_SHARE * (usual := median(accepted_rows)):
        reasons.append(f"{day.rows:,} rows against a median of {usual:,.0f} (at least {MIN_ROWS_SHARE:.0%})")
    reread, at_crawl = day.rows_reread, day.rows_at_crawl
    if reread is not None and at_crawl is not None and reread < (1 - MAX_REREAD_LOSS) * at_crawl:
        reasons.append(f"{reread:,} rows read from pages that held {at_crawl:,} when they came")
    return reasons


def _readable(day: DayCounts) -> list[str]:
    reasons = _too_many("without a price", day.priceless, day.rows, MAX_PRICELESS_SHARE)
    reasons += _too_many("with a price that cannot be read", day.unreadable, day.rows, MAX_UNREADABLE_SHARE)
    reasons += _too_many("with a price that is not credible", day.slips, day.rows, MAX_SLIPS_SHARE)
    reasons += _too_many("with a price that nothing confirms yet", day.suspect, day.rows, MAX_SUSPECT_SHARE)
    for page in day.pages:
        what = f"of the prices on {page.name} are doubtful"
        reasons += _too_many(what, page.in_question, page.whole, MAX_PAGE_DOUBTFUL_SHARE, MIN_PAGE_ROWS)
    return reasons


def _against_previous(day: DayCounts) -> list[str]:
    more_days = max(0, day.days_since_previous - 1)
    reasons = _too_many(
        "of the last day's listings vanished",
        day.vanished,
        day.previous_rows or 0,
        MAX_VANISHED_SHARE + PER_DAY_VANISHED * more_days,
    )
    reasons += _too_many(
        f"of the last day's listings of {WELL_SOLD_FROM} shops and more vanished",
        day.well_sold_vanished,
        day.well_sold,
        MAX_WELL_SOLD_VANISHED_SHARE + PER_DAY_WELL_SOLD_VANISHED * more_days,
        MIN_WELL_SOLD,
    )
    for chipset in day.chipsets if not more_days else ():
        what = f"of the last day's {chipset.name} listings of {WELL_SOLD_FROM} shops and more vanished"
        limit = MAX_CHIPSET_VANISHED_SHARE
        reasons += _too_many(what, chipset.in_question, chipset.whole, limit, MIN_CHIPSET_LISTINGS)
    if day.lost_price >= MIN_LOST_PRICES:
        reasons += _too_many("of the listings lost their price", day.lost_price, day.common, MAX_LOST_PRICE_SHARE)
    limit = MAX_MOVED_SHARE + PER_DAY_MOVED * more_days
    reasons += _too_many(f"of the prices moved by more than {MOVED_BY:.0%}", day.moved, day.compared, limit)
    if (day.hours_since_previous or 0) >= MIN_HOURS_FOR_UNCHANGED:
        reasons += _too_many(
            "of the prices are exactly the last day's", day.unchanged, day.compared, MAX_UNCHANGED_SHARE
        )
    return reasons


def _too_many(what: str, part: int, whole: int, limit: float, at_least: int = MIN_ROWS_FOR_SHARES) -> list[str]:
    if whole < at_least or part <= limit * whole:
        return []
    return [f"{_percent(part / whole)} {what} ({part:,} of {whole:,}; at most {_percent(limit)})"]


def _percent(share: float) -> str:
    """With one decimal where it is small."""
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}".replace(".0%", "%")
