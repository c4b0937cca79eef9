"""The public Danawa-Crawler files: what graphics cards cost on Danawa, day by day since 2020.

Belongs here: every layout those files have had, read as a stream. Does not belong here: finding the files, storing what
they say, deciding between files (``database``: of two crawls of one day the later ``observed_at`` is the better one).

The layouts, told apart by their header (times are Korean):

========  ===============================================  ==========================================================
years     header                                           a cell
========  ===============================================  ==========================================================
2020-24   ``Id,Name,<time>,<time>,…``                      ``"1,377,570"``, or ``생명컴퓨터_4,000,000|옥션_5,000,000``
2024-26   ``Id,Name,Type,Price,Mall,<time>``               one crawl: ``1001140`` and ``3몰``
merged    ``date,crawl_time_kst,product_id,name,type,``    one row a listing and day
          ``price_krw,mall_raw,extra``
========  ===============================================  ==========================================================

0 or nothing means that the listing was not there: no observation, as on a page that does not list it.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TextIO, cast
from zoneinfo import ZoneInfo

from gpu_etl.sources.danawa_words import (
    CURRENCY,
    SITE,
    PriceTag,
    is_listing_id,
    price_problem,
    product_url,
    read_malls,
    read_price,
    won,
)
from gpu_etl.sources.pages import clean_text, clean_title, is_mojibake
from gpu_etl.sources.records import Availability, Offer, Refusal

SOURCE = "crawler_csv"
SEOUL = ZoneInfo("Asia/Seoul")

MERGED = ["date", "crawl_time_kst", "product_id", "name", "type", "price_krw", "mall_raw", "extra"]
ONE_CRAWL = ["Id", "Name", "Type", "Price", "Mall"]
COLUMN_A_DAY = ["Id", "Name"]

OnRefusal = Callable[[Refusal], None]


@dataclass(slots=True)
class Summary:
    """What became of a file's contents: every cell of its complete rows is in exactly one of the counts below.

    Two kinds of refusals are no cells: whole rows, and single shops (``one shop: …``) of a cell that names several.
    """

    rows: int = 0
    observations: int = 0
    not_listed: int = 0
    """Cells with 0 or nothing."""
    superseded: int = 0
    """Cells of an earlier crawl on a day that has a later one showing something."""
    duplicates: int = 0
    """Cells that repeat another one of the same crawl."""
    refusals: Counter[str] = field(default_factory=Counter)
    """How many refusals there were for each reason."""


class _Cell(NamedTuple):
    """One listing at one moment, as written."""

    listing_id: str
    name: str
    kind: str
    price: str
    malls: str
    observed_at: datetime


def read(path: Path, *, on_refusal: OnRefusal | None = None, summary: Summary | None = None) -> Iterator[Offer]:
    """Read one ``.csv`` or ``.csv.gz`` file: one offer a listing and market day, prices in won.

    Of two crawls on one calendar day the later one that shows something wins: the price or state that held when the
    day was last looked at. What cannot be read goes to ``on_refusal`` with its reason and is counted in ``summary``.

    Raises :class:`ValueError` with one line naming the file: for a header of no known layout, for broken compression,
    for text that is not UTF-8.
    """
    summary = summary if summary is not None else Summary()
    judge = _Judge(on_refusal, summary)
    try:
        with _open(path) as lines:
            rows = csv.reader(lines)
            header = [name.strip() for name in next(rows, [])]
            for offer in _layout(path, header)(rows, header, judge):
                summary.observations += 1
                yield offer
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is no text in UTF-8") from None
    except (csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise ValueError(f"{path}: {problem}") from None


def _open(path: Path) -> TextIO:
    if path.name.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("rt", encoding="utf-8-sig", newline="")


Layout = Callable[[Iterator[list[str]], list[str], "_Judge"], Iterator[Offer]]


def _layout(path: Path, header: list[str]) -> Layout:
    if header == MERGED:
        return _merged
    if header[:5] == ONE_CRAWL and len(header) == 6 and _time(header[5]):
        return _one_crawl
    if header[:2] == COLUMN_A_DAY and len(header) > 2 and all(_time(name) for name in header[2:]):
        return _column_a_day
    shown = ",".join(header)
    raise ValueError(f"{path}: no known layout has the header {shown[:120]!r}")


def _column_a_day(rows: Iterator[list[str]], header: list[str], judge: _Judge) -> Iterator[Offer]:
    times = [_known_time(name) for name in header[2:]]
    written: dict[tuple[str, date | None], Offer] = {}
    for row in judge.complete(rows, len(header)):
        listing_id, name = row[:2]
        cells = (_Cell(listing_id, name, "", price, "", at) for at, price in zip(times, row[2:], strict=True))
        yield from judge.new(judge.latest(judge.observe(cells)), written)


def _one_crawl(rows: Iterator[list[str]], header: list[str], judge: _Judge) -> Iterator[Offer]:
    at = _known_time(header[5])
    written: dict[tuple[str, date | None], Offer] = {}
    for row in judge.complete(rows, len(header)):
        listing_id, name, kind, price, malls, _ = row
        yield from judge.new(judge.observe([_Cell(listing_id, name, kind, price, malls, at)]), written)


def _merged(rows: Iterator[list[str]], header: list[str], judge: _Judge) -> Iterator[Offer]:
    """Rows stand together by day, so one day is held at a time."""
    closed: set[date | None] = set()
    cells = _merged_cells(judge.complete(rows, len(header)), judge)
    for day, offers in groupby(judge.observe(cells), key=attrgetter("market_day")):
        if day in closed:
            for offer in offers:
                judge.refuse(offer.listing_id, "day that had ended comes again", str(day))
            continue
        closed.add(day)
        yield from judge.latest(offers)


def _merged_cells(rows: Iterable[list[str]], judge: _Judge) -> Iterator[_Cell]:
    for day, time, listing_id, name, kind, price, malls, _ in rows:
        at = _moment(day, time)
        if at is None:
            judge.refuse(listing_id, "date and crawl time disagree", f"{day} {time}")
        else:
            yield _Cell(listing_id, name, kind, price, malls, at)


class _Judge:
    """Turns cells into offers, and says what it refuses."""

    def __init__(self, on_refusal: OnRefusal | None, summary: Summary) -> None:
        self._on_refusal = on_refusal
        self._summary = summary

    def refuse(self, subject: str, reason: str, excerpt: str = "") -> None:
        self._summary.refusals[reason] += 1
        if self._on_refusal:
            self._on_refusal(Refusal(clean_text(subject)[:80], reason, clean_text(excerpt)[:200]))

    def complete(self, rows: Iterable[list[str]], width: int) -> Iterator[list[str]]:
        """The rows that have a cell for every column; a blank line is no row."""
        for row in rows:
            if not row:
                continue
            self._summary.rows += 1
            if len(row) == width:
                yield row
            else:
                self.refuse(row[0], "row with another number of cells than the header", f"{len(row)} of {width}")

    def observe(self, cells: Iterable[_Cell]) -> Iterator[Offer]:
        """An offer for each cell that shows something readable."""
        for cell in cells:
            if cell.price.strip() in ("", "0"):
                self._summary.not_listed += 1
                continue
            title = _title(cell.name, cell.kind)
            if not is_listing_id(cell.listing_id) or title is None:
                reason = "row without a readable name" if is_listing_id(cell.listing_id) else "not a listing id"
                self.refuse(cell.listing_id, reason, f"{cell.name} {cell.price}")
                continue
            tag, malls = self._price(cell)
            if tag.problem:
                self.refuse(cell.listing_id, tag.problem, f"{cell.observed_at:%Y-%m-%d}: {cell.price}")
            else:
                yield _offer(cell, title, tag, malls)

    def _price(self, cell: _Cell) -> tuple[PriceTag, int | None]:
        """What a cell says, and how many shops stand behind it where it tells."""
        if "_" not in cell.price:
            return read_price(cell.price), read_malls(cell.malls)
        asked = []
        for part in cell.price.split("|"):
            price = won(part.rpartition("_")[2])
            problem = "unknown word instead of a price" if price is None else price_problem(price)
            if price is None or problem:
                self.refuse(cell.listing_id, f"one shop: {problem}", f"{cell.observed_at:%Y-%m-%d}: {part}")
            else:
                asked.append(price)
        if not asked:
            return PriceTag(None, Availability.UNKNOWN, "no shop with a readable price"), None
        return PriceTag(min(asked), Availability.IN_STOCK), len(asked)

    def latest(self, offers: Iterable[Offer]) -> Iterator[Offer]:
        """One offer a listing and day: that of the latest crawl."""
        kept: dict[tuple[str, date | None], Offer] = {}
        for offer in offers:
            key = (offer.listing_id, offer.market_day)
            other = kept.setdefault(key, offer)
            if other is offer:
                continue
            if other.observed_at == offer.observed_at:
                self._again(offer, other)
            else:
                self._summary.superseded += 1
                kept[key] = max(offer, other, key=lambda seen: cast(datetime, seen.observed_at))
        yield from kept.values()

    def new(self, offers: Iterable[Offer], written: dict[tuple[str, date | None], Offer]) -> Iterator[Offer]:
        """The offers whose listing and day were not handed out before; ``written`` remembers those that were."""
        for offer in offers:
            other = written.setdefault((offer.listing_id, offer.market_day), offer)
            if other is offer:
                yield offer
            else:
                self._again(offer, other)

    def _again(self, offer: Offer, other: Offer) -> None:
        """Count a second offer of the same listing and day, refuse it where it says something else."""
        if replace(offer, title=other.title, observed_at=other.observed_at) == other:
            self._summary.duplicates += 1
        else:
            shown = f"{offer.market_day}: {offer.price or offer.availability}, not {other.price or other.availability}"
            self.refuse(offer.listing_id, "second value for the same listing and day", shown)


def _offer(cell: _Cell, title: str, tag: PriceTag, malls: int | None) -> Offer:
    return Offer(
        source=SOURCE,
        listing_id=cell.listing_id,
        title=title,
        price=tag.price,
        currency=CURRENCY,
        availability=tag.availability,
        seller_count=malls,
        market_day=cell.observed_at.date(),
        url=_url(cell.listing_id),
        observed_at=cell.observed_at,
    )


@lru_cache(maxsize=16_384)
def _title(name: str, kind: str) -> str | None:
    """Name and variant as one line; ``None`` when it is unreadable. A file names the same few thousand every day."""
    return clean_title(f"{name} {kind}") if clean_text(name) and not is_mojibake(name + kind) else None


@lru_cache(maxsize=16_384)
def _url(listing_id: str) -> str:
    return product_url(SITE, listing_id)


@lru_cache(maxsize=4096)
def _time(text: str) -> datetime | None:
    """A crawl time as the files write it, in Korean time."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SEOUL)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _moment(day: str, time: str) -> datetime | None:
    """A crawl time that lies on its day; ``None`` when the two disagree."""
    at = _time(time)
    return at if at and str(at.date()) == day else None


def _known_time(text: str) -> datetime:
    found = _time(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time")
    return found
