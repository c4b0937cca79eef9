"""What the blindness gate sees: ``python benchmarks/gates.py [SERIES.csv.gz]``.

Replays a real series (columns date, crawl_time_kst, product_id, name, price_krw, mall_raw; one crawl a day) through
``market.gates`` day by day, as the daily run would, and prints every refused day. Then damages good days in several
ways and prints how often the gate sees it: all of it, and in brackets by the row count and the vanished share alone.

What the series cannot show: the total that the site's page names. Where that is honest, the crawl itself notices a loss
of more than half a percent (``sources.danawa_crawl``), whatever its pattern.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import statistics
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from gpu_etl.catalog import Card, identify
from gpu_etl.market.gates import blindness
from gpu_etl.market.sightings import Before, Seen, count
from gpu_etl.market.suspects import RecentPrices, slip_reason, suspect_reason

SERIES = Path(__file__).resolve().parents[2] / "shared" / "data" / "danawa_daily"
LOST_HALF = (date(2025, 12, 25), date(2026, 1, 2))
"""The spell of 9 days with 390 of about 960 rows; the other 4 bad days are absent from the series."""
PAGE = 30
SAMPLE_EVERY = 9
WINDOW = timedelta(days=14)


@dataclass
class Day:
    """One day's crawl: each listing once."""

    day: date
    read_at: datetime
    listings: dict[str, Before] = field(default_factory=dict)


@dataclass
class Comparison:
    """All that the gate is told about one day's past."""

    before: Mapping[str, Before]
    accepted_rows: Sequence[int]
    recent: Mapping[str, RecentPrices]
    days_since: int
    hours_since: float


@cache
def chipset_of(title: str) -> str | None:
    """Name the chipset of a title."""
    card = identify(title)
    return card.chipset if isinstance(card, Card) else None


def read(path: Path) -> list[Day]:
    """Read the days of a series, in order; a price that is a word is none."""
    days: dict[str, Day] = {}
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            day = days.get(row["date"])
            if day is None:
                read_at = datetime.fromisoformat(row["crawl_time_kst"])
                day = days[row["date"]] = Day(date.fromisoformat(row["date"]), read_at)
            price = int(row["price_krw"]) if row["price_krw"].isdecimal() else 0
            malls = re.search(r"\d+", row["mall_raw"])
            found = Before(price or None, int(malls.group()) if malls else None, chipset_of(row["name"]))
            day.listings.setdefault(row["product_id"], found)
    return [days[key] for key in sorted(days)]


class Replay:
    """Judges day after day, and remembers those it has accepted."""

    def __init__(self) -> None:
        self._last: Day | None = None
        self._rows: deque[int] = deque(maxlen=28)
        self._prices: dict[str, deque[tuple[date, int, bool]]] = defaultdict(deque)

    def comparison(self, day: Day) -> Comparison:
        """Collect what a day is compared with."""
        last = self._last
        return Comparison(
            before=last.listings if last else {},
            accepted_rows=list(self._rows),
            recent={key: found for key in day.listings if (found := self._recent(key, day.day))},
            days_since=(day.day - last.day).days if last else 1,
            hours_since=(day.read_at - last.read_at).total_seconds() / 3600 if last else 0.0,
        )

    def accept(self, day: Day, suspects: Sequence[str]) -> None:
        """Take a day for the market."""
        self._last = day
        self._rows.append(len(day.listings))
        held = set(suspects)
        for key, listing in day.listings.items():
            if listing.price:
                self._prices[key].append((day.day, listing.price, key not in held))

    def _recent(self, key: str, day: date) -> RecentPrices | None:
        prices = self._prices[key]
        while prices and prices[0][0] < day - WINDOW:
            prices.popleft()
        if not prices:
            return None
        trusted = [price for _, price, is_trusted in prices if is_trusted]
        return RecentPrices(statistics.median(trusted) if trusted else 0, prices[-1][1], len(trusted))


def judge(day: Day, past: Comparison) -> tuple[list[str], list[str]]:
    """Why a day is refused, and which of its prices are not believed."""
    suspects = [
        key
        for key, listing in day.listings.items()
        if listing.price and listing.price > 0 and suspect_reason(listing.price, past.recent.get(key))
    ]
    slips = {key for key in suspects if slip_reason(day.listings[key].price or 0, past.recent.get(key))}
    held, order = set(suspects), _by_popularity(day)
    seen = [
        Seen(key, day.listings[key].price, f"page {place // PAGE + 1}", key in held, key in slips)
        for place, key in enumerate(order)
    ]
    unreadable = [key for key, listing in day.listings.items() if listing.price == UNREADABLE]
    seen = [replace(one, price=None) if one.price == UNREADABLE else one for one in seen]
    counts = count(seen, past.before, unreadable=unreadable, days_since=past.days_since, hours_since=past.hours_since)
    return blindness(counts, past.accepted_rows), suspects


def _by_popularity(day: Day) -> list[str]:
    return sorted(day.listings, key=lambda key: (-(day.listings[key].seller_count or 0), key))


UNREADABLE = -1
"""Stands for a price that could not be read."""


# --- ways to lose something -------------------------------------------------------------------------------------------
Damage = Callable[[Day, float, random.Random], dict[str, Before]]


def lose_at_random(day: Day, share: float, dice: random.Random) -> dict[str, Before]:
    """Lose rows here and there."""
    kept = set(dice.sample(sorted(day.listings), round(len(day.listings) * (1 - share))))
    return {key: listing for key, listing in day.listings.items() if key in kept}


def lose_chipsets(day: Day, share: float, dice: random.Random) -> dict[str, Before]:
    """Lose whole chipsets, until so many rows are lost or the next one would be too many."""
    sizes: dict[str, int] = defaultdict(int)
    for listing in day.listings.values():
        sizes[listing.chipset or ""] += 1
    lost: set[str] = set()
    room = share * len(day.listings)
    for chipset in dice.sample(sorted(sizes), len(sizes)):
        if chipset and sizes[chipset] <= room:
            lost.add(chipset)
            room -= sizes[chipset]
    return {key: listing for key, listing in day.listings.items() if (listing.chipset or "") not in lost}


def lose_pages(day: Day, share: float, dice: random.Random) -> dict[str, Before]:
    """Lose pages of 30 rows, in the order of popularity."""
    order = _by_popularity(day)
    pages = [order[start : start + PAGE] for start in range(0, len(order), PAGE)]
    lost = {key for page in dice.sample(pages, max(1, round(len(pages) * share))) for key in page}
    return {key: listing for key, listing in day.listings.items() if key not in lost}


def _damaged(change: Callable[[Before], Before]) -> Damage:
    def damage(day: Day, share: float, dice: random.Random) -> dict[str, Before]:
        struck = set(dice.sample(sorted(day.listings), round(len(day.listings) * share)))
        return {
            key: change(listing) if key in struck and listing.price else listing
            for key, listing in day.listings.items()
        }

    return damage


DAMAGES: dict[str, Damage] = {
    "rows at random": lose_at_random,
    "whole chipsets": lose_chipsets,
    "whole pages": lose_pages,
    "prices vanish": _damaged(lambda listing: replace(listing, price=None)),
    "prices unreadable": _damaged(lambda listing: replace(listing, price=UNREADABLE)),
    "prices x 10": _damaged(lambda listing: replace(listing, price=(listing.price or 0) * 10)),
    "prices x 0.6": _damaged(lambda listing: replace(listing, price=(listing.price or 0) * 6 // 10)),
    "prices x 1.3": _damaged(lambda listing: replace(listing, price=(listing.price or 0) * 13 // 10)),
}
SHARES = (0.02, 0.05, 0.10, 0.15, 0.25)


def is_coarse(reason: str) -> bool:
    """Tell whether the row count or the vanished share alone would have said so."""
    return " rows against a median" in reason or "of the last day's listings vanished" in reason


@dataclass
class Report:
    """What a replay came to."""

    days: int = 0
    refused: dict[date, list[str]] = field(default_factory=dict)
    false_alarms: list[date] = field(default_factory=list)
    missed: list[date] = field(default_factory=list)
    held: int = 0
    seen: dict[tuple[str, float], int] = field(default_factory=lambda: defaultdict(int))
    seen_coarsely: dict[tuple[str, float], int] = field(default_factory=lambda: defaultdict(int))
    sampled: int = 0


def is_bad(day: date) -> bool:
    """Tell whether a day with rows is known to be bad."""
    return LOST_HALF[0] <= day <= LOST_HALF[1]


def run(days: Sequence[Day], *, sample_every: int = SAMPLE_EVERY) -> Report:
    """Replay the series; every so many good days are also damaged in every way."""
    report, replay, dice = Report(), Replay(), random.Random(661)
    by_day = {day.day: day for day in days}
    for today in _calendar(days[0].day, days[-1].day):
        report.days += 1
        day = by_day.get(today)
        if day is None:
            report.refused[today] = ["no rows at all"]
            continue
        past = replay.comparison(day)
        reasons, suspects = judge(day, past)
        if reasons:
            report.refused[today] = reasons
            if not is_bad(today):
                report.false_alarms.append(today)
            continue
        if is_bad(today):
            report.missed.append(today)
        report.held += len(suspects)
        if sample_every and report.days > 30 and report.days % sample_every == 0:
            _try_damages(report, day, past, dice)
        replay.accept(day, suspects)
    return report


def _calendar(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=back) for back in range((last - first).days + 1))


def _try_damages(report: Report, day: Day, past: Comparison, dice: random.Random) -> None:
    report.sampled += 1
    for name, damage in DAMAGES.items():
        for share in SHARES:
            reasons, _ = judge(replace(day, listings=damage(day, share, dice)), past)
            report.seen[name, share] += bool(reasons)
            report.seen_coarsely[name, share] += any(map(is_coarse, reasons))


def main(arguments: Sequence[str]) -> int:
    """Print the report; 0 when every bad day was refused and no other."""
    path = Path(arguments[0]) if arguments else next(SERIES.glob("vga_*.csv.gz"))
    report = run(read(path))
    print(f"{report.days} days, {len(report.refused)} refused, {report.held / report.days:.2f} prices held a day")
    for day, reasons in report.refused.items():
        print(f"  {day} {'FALSE ALARM ' if day in report.false_alarms else ''}{reasons[0]} (+{len(reasons) - 1} more)")
    print(f"\nseen of {report.sampled} damaged days, in % (by row count and vanished share alone)")
    print(f"{'':20}" + "".join(f"{share:>12.0%}" for share in SHARES))
    for name in DAMAGES:
        cells = (
            f"{100 * report.seen[name, share] / report.sampled:.0f} "
            f"({100 * report.seen_coarsely[name, share] / report.sampled:.0f})"
            for share in SHARES
        )
        print(f"{name:20}" + "".join(f"{cell:>12}" for cell in cells))
    print(f"\nmissed: {len(report.missed)}, false alarms: {len(report.false_alarms)}")
    return 1 if report.missed or report.false_alarms else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
