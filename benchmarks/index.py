"""How true the chipset index is: ``python benchmarks/index.py [SERIES.csv.gz]``.

Replays a real series (columns date, product_id, name, price_krw, mall_raw; one crawl a day) through ``market.index``
day by day, as the daily run would, and beside it the chain of clipped mean daily changes that it replaced. The days
that lost half of their rows are left out, as the blindness gate leaves them out.

The truth that both are held against: over 28, 90 and 270 days, the geometric mean change of the cards that both ends
have, each card's price the median of 7 days, where those are at least 10 cards and half of the first end's. Both series
are smoothed by the same 7 days, so that a day's noise is not counted as an error of the method. Printed for chipsets
with at least 12 cards and 200 days; errors in points (1 point is 1 %).
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import log, sqrt
from pathlib import Path
from statistics import fmean, median

import numpy as np

from benchmarks.gates import SERIES, is_bad
from gpu_etl.catalog import Card, Condition, identify, recent
from gpu_etl.market.index import COHORT_DAYS, WINDOW_DAYS, CardPrice, IndexRow, Level, Past, chipset_index

SPANS = (28, 90, 270)
EVERY = 7
"""Comparisons begin every so many days."""
SMOOTHED = 3
"""Days on either side of a comparison's end."""
Market = dict[str, dict[date, dict[str, CardPrice]]]
"""Prices by chipset, day and card."""


@cache
def card_of(title: str) -> tuple[str, str] | None:
    """The chipset and the card of a new listing's title."""
    card = identify(title)
    if not isinstance(card, Card) or card.condition is not Condition.NEW or card.chipset not in recent():
        return None
    return card.chipset, repr(card.sku_key)


def read(path: Path) -> Market:
    """Each card's cheapest listing of each day."""
    market: Market = defaultdict(lambda: defaultdict(dict))
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            day, found = date.fromisoformat(row["date"]), card_of(row["name"])
            if found is None or not row["price_krw"].isdecimal() or is_bad(day):
                continue
            chipset, card = found
            malls = re.search(r"\d+", row["mall_raw"])
            price = CardPrice(card, int(row["price_krw"]), int(malls.group()) if malls else None)
            known = market[chipset][day].get(card)
            sellers = (price.sellers or 0) + ((known.sellers or 0) if known else 0)
            cheapest = min(price.price, known.price) if known else price.price
            market[chipset][day][card] = CardPrice(card, cheapest, sellers)
    return market


def replay(days: Mapping[date, Mapping[str, CardPrice]]) -> dict[date, IndexRow]:
    """One chipset's rows, each computed from the rows before it."""
    rows: dict[date, IndexRow] = {}
    levels: dict[date, Level] = {}
    prices = {day: {card: found.price for card, found in cards.items()} for day, cards in days.items()}
    for day in sorted(days):
        first = day - timedelta(days=WINDOW_DAYS - 1)
        window = [earlier for earlier in _days(first, day) if earlier in levels]
        past = past_of({each: levels[each] for each in window}, {each: prices[each] for each in window})
        cohort = next((prices[d] for d in _days_back(day - timedelta(days=COHORT_DAYS)) if d in prices), {})
        row = rows[day] = chipset_index(day, list(days[day].values()), past, frozenset(cohort))
        if row.index_value is not None and row.base_day is not None:
            levels[day] = Level(row.index_value, row.base_day, row.median_price)
    return rows


def past_of(levels: Mapping[date, Level], prices: Mapping[date, Mapping[str, int]]) -> Past:
    """A past from the prices of each day by card."""
    days, cards = sorted(prices), sorted({card for priced in prices.values() for card in priced})
    table = [[prices[day].get(card, np.nan) for card in cards] for day in days]
    return Past(levels, days, cards, np.array(table, dtype=np.float64).reshape(len(days), len(cards)))


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=after) for after in range((end - first).days))


def _days_back(day: date, tolerance: int = 3) -> Iterator[date]:
    return (day - timedelta(days=back) for back in range(tolerance + 1))


def chained(days: Mapping[date, Mapping[str, CardPrice]], clipped_at: float = 0.25) -> dict[date, float]:
    """The chain that the index replaced: each day's mean of clipped changes of the cards that the day before has."""
    levels: dict[date, float] = {}
    level, before = 100.0, None
    for day in sorted(days):
        if before is not None:
            changes = [
                max(-clipped_at, min(clipped_at, found.price / days[before][card].price - 1))
                for card, found in days[day].items()
                if card in days[before]
            ]
            level *= 1 + (fmean(changes) if changes else 0.0)
        levels[day], before = level, day
    return levels


@dataclass
class Report:
    """What the replay came to: errors by method and span, and what was published."""

    chipsets: int = 0
    errors: dict[tuple[str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[str, dict[date, IndexRow]] = field(default_factory=dict)


def run(market: Market) -> Report:
    """Replay every chipset."""
    report = Report()
    for chipset, days in sorted(market.items()):
        rows = report.rows[chipset] = replay(days)
        if max(len(cards) for cards in days.values()) < 12 or len(days) < 200:
            continue
        report.chipsets += 1
        series = {
            "chained mean": chained(days),
            "GEKS": {day: row.index_value for day, row in rows.items() if row.index_value is not None},
        }
        smooth = _smoothed_cards(days)
        for method, levels in series.items():
            _hold_against_truth(report, method, levels, smooth)
            ordered = sorted(levels)
            report.steps[method] += [
                100 * abs(levels[day] / levels[before] - 1) for before, day in pairwise(ordered) if len(days[day]) >= 10
            ]
    return report


def _smoothed_cards(days: Mapping[date, Mapping[str, CardPrice]]) -> dict[date, dict[str, float]]:
    smooth = {}
    for day in days:
        around: dict[str, list[int]] = defaultdict(list)
        for each in _around(day):
            for card, found in days.get(each, {}).items():
                around[card].append(found.price)
        smooth[day] = {card: log(median(prices)) for card, prices in around.items() if len(prices) > SMOOTHED}
    return smooth


def _around(day: date) -> Iterator[date]:
    return (day + timedelta(days=after) for after in range(-SMOOTHED, SMOOTHED + 1))


def _hold_against_truth(
    report: Report, method: str, levels: Mapping[date, float], smooth: Mapping[date, Mapping[str, float]]
) -> None:
    def level(day: date) -> float:
        middle: float = median(levels[each] for each in _around(day) if each in levels)
        return log(middle)

    ordered = sorted(levels)
    for span in SPANS:
        for start in ordered[::EVERY]:
            end = start + timedelta(days=span)
            if end not in levels:
                continue
            both = smooth[start].keys() & smooth[end].keys()
            if len(both) >= 10 and len(both) >= 0.5 * len(smooth[start]):
                truth = fmean(smooth[end][card] - smooth[start][card] for card in both)
                report.errors[method, span].append(100 * (level(end) - level(start) - truth))


def root_mean_square(errors: Sequence[float]) -> float:
    """The typical size of an error."""
    return sqrt(fmean(error * error for error in errors))


def main(arguments: Sequence[str]) -> int:
    """Print the report; 0 when the index is nearer to the truth over every span."""
    path = Path(arguments[0]) if arguments else next(SERIES.glob("vga_*.csv.gz"))
    report = run(read(path))
    print(f"{report.chipsets} chipsets; error against like-for-like truth in points: typical (mean, 95 % below)")
    print(f"{'':16}" + "".join(f"{f'{span} days':>26}" for span in SPANS) + f"{'days that move > 3 %':>24}")
    for method, steps in report.steps.items():
        cells = []
        for span in SPANS:
            errors = report.errors[method, span]
            high = sorted(map(abs, errors))[int(0.95 * len(errors))]
            cells.append(f"{root_mean_square(errors):.2f} ({fmean(errors):+.2f}, {high:.2f})")
        moved = f"{100 * sum(step > 3 for step in steps) / len(steps):.2f} %"
        print(f"{method:16}" + "".join(f"{cell:>26}" for cell in cells) + f"{moved:>24}")
    print("\ndays by status, and what the RTX 4070 SUPER's ghosts would have said")
    print(dict(Counter(row.status for rows in report.rows.values() for row in rows.values())))
    for day, row in list(report.rows["GeForce RTX 4070 SUPER"].items())[::60]:
        print(f"  {day} {row.status:12} {row.cards:3} cards, median {row.median_price:,}  {row.reason or ''}")
    better = all(
        root_mean_square(report.errors["GEKS", span]) < root_mean_square(report.errors["chained mean", span])
        for span in SPANS
    )
    return 0 if better else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
