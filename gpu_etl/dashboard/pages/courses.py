"""What the charts of cards and chipsets have in common: hover texts, launches, gaps.

Belongs here: from rows to the pieces of ``charts``. Does not belong here: one page's chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from gpu_etl import catalog
from gpu_etl.dashboard.charts import Band, Event, Marks, Point, bands, escaped
from gpu_etl.database.dashboard_card import Day, Suspect
from gpu_etl.database.dashboard_news import News
from gpu_etl.words import Words

LONGEST_IN_HOVER = 70


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that bears on a chipset's price."""

    market_day: date
    chipset: str


def launches(chipset: str, first: date, last: date) -> list[Launch]:
    """The launches between two days of the chipset itself, of its siblings by number, and of those that follow it."""
    own = _number(chipset)
    found = [
        Launch(chip.launched, chip.name)
        for chip in catalog.chipsets()
        if chip.launched
        and first <= chip.launched <= last
        and (_number(chip.name) == own or chipset in catalog.predecessors(chip.name))
    ]
    return sorted(found, key=lambda launch: (launch.market_day, launch.chipset))


def _number(chipset: str) -> str:
    """A chipset's name up to its number: that of the RTX 4070 Ti SUPER is that of the RTX 4070."""
    return re.sub(r"(\d{3,}).*", r"\1", chipset)


def launch_events(found: Iterable[Launch]) -> list[Event]:
    """Launches as lines in a chart; those of one day share a line."""
    by_day: dict[date, list[str]] = {}
    for launch in found:
        by_day.setdefault(launch.market_day, []).append(short_name(launch.chipset))
    return [Event(day, ", ".join(names)) for day, names in by_day.items()]


def short_name(chipset: str) -> str:
    """A chipset as people call it: without the maker's family name before the line's."""
    for family in ("GeForce ", "Radeon "):
        if chipset.startswith(family):
            return chipset.removeprefix(family)
    return chipset


def price_point(day: Day, words: Words) -> Point:
    """A card's day: exact price, day, source, and where a click goes."""
    if day.price is None:
        return Point(day.market_day, None)
    lines = [words.won(day.price), words.day(day.market_day)]
    if day.change_pct is not None:
        lines.append(words.text("chart.week", change=words.change(day.change_pct)))
    if day.seller:
        lines.append(words.text("chart.seller", seller=escaped(shortened(day.seller))))
    lines.append(_where(day.source, day.listing_id, day.url))
    if day.url:
        lines.append(words.text("chart.click"))
    return Point(day.market_day, day.price, "<br>".join(line for line in lines if line), day.url)


def suspect_marks(found: Sequence[Suspect], words: Words) -> Marks:
    """Prices that were not believed, with the reason."""
    points = [
        Point(
            one.market_day,
            one.price,
            "<br>".join(
                (
                    words.won(one.price),
                    words.day(one.market_day),
                    words.text("chart.suspect_because", reason=escaped(words.told("reasons", one.suspect_reason))),
                    _where(one.source, one.listing_id, one.url),
                )
            ),
            one.url,
        )
        for one in found
    ]
    return Marks(words.text("chart.suspect"), points)


def news_marks(found: Sequence[News], words: Words) -> Marks:
    """Days with news, at the foot of the chart."""
    points = [
        Point(
            one.market_day,
            None,
            "<br>".join(
                (
                    words.text("chart.news_posts", n=one.posts),
                    words.day(one.market_day),
                    escaped(shortened(one.title)),
                )
            ),
            one.url or None,
        )
        for one in found
    ]
    return Marks(words.text("chart.news"), points, symbol="diamond", colour="series-4", at_bottom=True)


def gaps(known: Mapping[date, bool], unread: Iterable[date], last: date) -> list[Band]:
    """Days without a price, by why: nothing was read, or what was read had none.

    ``known`` tells of each day with a row whether it has a price. Days before the first of them are no gap.
    """
    unread = set(unread)
    first = min(known, default=last)
    days = (first + timedelta(days=at) for at in range((last - first).days + 1))
    sold_out = [day for day in days if not known.get(day) and day not in unread]
    return [*bands(unread, "unread"), *bands(sold_out, "sold_out")]


def shortened(text: str | None) -> str:
    """A text that fits beside the pointer."""
    text = text or ""
    return text if len(text) <= LONGEST_IN_HOVER else text[: LONGEST_IN_HOVER - 1] + "…"


def _where(source: str | None, listing_id: str | None, url: str | None) -> str:
    if url:
        parts = urlsplit(url)
        place = parts.netloc + parts.path + (f"?{parts.query}" if parts.query else "")
        return escaped(f"{source} · {shortened(place)}")
    return escaped(" ".join(part for part in (source, listing_id) if part))
