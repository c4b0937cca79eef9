"""Is a day's crawl the market, or is the crawler blind?

Belongs here: the thresholds that a day must pass before it is published, and the sentence for each that fails. Does not
belong here: counting (the caller's query), or what happens to a refused day (``assets``).

The thresholds were measured on 661 days of the whole Danawa list, 13 of them bad (4 absent, 9 with 40 % of the rows):
together they catch all 13 with no false alarm. Their limit: a fault that takes less than an eighth of the rows passes;
the crawl's own comparison with the total that the site names (``sources.danawa_crawl``) is the finer net.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MIN_ROWS_SHARE = 0.80
"""Of the median rows of the last accepted days. The lowest genuine day was 0.811."""
MAX_UNREADABLE_SHARE = 0.02
"""Rows whose price was there and could not be read, 0 won included: on real pages there is next to none."""
MAX_SUSPECT_SHARE = 0.03
"""Prices that are not believed at first sight (``suspects``): a real day has one or two among a thousand."""
MAX_VANISHED_SHARE = 0.12
MAX_PRICELESS_SHARE = 0.12
MAX_UNCHANGED_SHARE = 0.95
MIN_HOURS_FOR_UNCHANGED = 12.0
"""Two crawls closer together may well find the same prices."""
MAX_MOVED_SHARE = 0.25
MOVED_BY = 0.10
"""From which relative change a price counts as moved."""
MIN_ROWS_FOR_SHARES = 30
"""Below this many rows a share says nothing."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What a crawl found, compared with the last accepted day (``None`` where there is none)."""

    rows: int
    priceless: int
    """Rows without a price: status words, or nothing."""
    unreadable: int = 0
    """Rows that were refused in part or whole."""
    suspect: int = 0
    previous_rows: int | None = None
    vanished: int = 0
    """Listings of the previous day that are absent."""
    compared: int = 0
    """Listings priced on both days."""
    unchanged: int = 0
    moved: int = 0
    """Of those compared, changed by more than :data:`MOVED_BY`."""
    hours_since_previous: float | None = None


def blindness(day: DayCounts, accepted_rows: Sequence[int]) -> list[str]:
    """Why a day should not be published, a sentence a reason; empty when it should.

    ``accepted_rows`` are the row counts of the last accepted days, 28 at most, in any order.
    """
    if day.rows == 0:
        return ["no rows at all"]
    reasons = []
    if accepted_rows and day.rows < MIN_ROWS_SHARE * (usual := median(accepted_rows)):
        reasons.append(f"{day.rows:,} rows against a median of {usual:,.0f} (at least {MIN_ROWS_SHARE:.0%})")
    reasons += _too_many("without a price", day.priceless, day.rows, MAX_PRICELESS_SHARE)
    reasons += _too_many("with a price that cannot be read", day.unreadable, day.rows, MAX_UNREADABLE_SHARE)
    reasons += _too_many("with a price that is not credible", day.suspect, day.rows, MAX_SUSPECT_SHARE)
    if day.previous_rows:
        reasons += _too_many("of the last day's listings vanished", day.vanished, day.previous_rows, MAX_VANISHED_SHARE)
    reasons += _too_many(f"of the prices moved by more than {MOVED_BY:.0%}", day.moved, day.compared, MAX_MOVED_SHARE)
    if (day.hours_since_previous or 0) >= MIN_HOURS_FOR_UNCHANGED:
        reasons += _too_many(
            "of the prices are exactly the last day's", day.unchanged, day.compared, MAX_UNCHANGED_SHARE
        )
    return reasons


def _too_many(what: str, part: int, whole: int, limit: float) -> list[str]:
    if whole < MIN_ROWS_FOR_SHARES or part <= limit * whole:
        return []
    return [f"{part / whole:.0%} {what} ({part:,} of {whole:,}; at most {limit:.0%})"]
