"""The simulated market's past as a file of the public Danawa crawlers, so that it comes in by the ordinary import.

Belongs here: that one file. Does not belong here: reading it (``sources.crawler_csv``).
"""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

from gpu_etl.demo.market import Listing, Market

CRAWLED_AT = time(9, 0)
NOT_LISTED = 0


def write_history(market: Market, path: Path) -> int:
    """Write every day before the market's today to ``path``: a row a listing, a column a day; returns the days.

    A cell is the price with its thousands set off, the word that stands in its place, or 0 where the listing was not
    there. The number of malls is not in such a file.
    """
    days = [market.first_day + timedelta(days=number) for number in range(market.days)]
    titles: dict[str, str] = {}
    cells: dict[str, dict[date, str]] = {}
    for day in days:
        for listing in market.listings(day):
            titles[listing.pcode] = listing.title
            cells.setdefault(listing.pcode, {})[day] = _cell(listing)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Id", "Name", *(_heading(day) for day in days)])
        for pcode, title in titles.items():
            writer.writerow([pcode, title, *(cells[pcode].get(day, NOT_LISTED) for day in days)])
    return len(days)


def _heading(day: date) -> str:
    """Crawls begin on the hour and take their time; the second differs from day to day."""
    begun = datetime.combine(day, CRAWLED_AT) + timedelta(seconds=120 + day.toordinal() * 37 % 180)
    return f"{begun:%Y-%m-%d %H:%M:%S}"


def _cell(listing: Listing) -> str:
    return listing.status or f"{listing.price:,}"
