"""Eight hundred simulated days in a row: whether the last ones cost more than the first, in time, disk and memory.

Every day 950 listings get their prices by the merge that all loads use, then all analyses of the day are computed. The
first fifty days have little past to look back on and are cheaper for it, so the last fifty are held against the second
fifty as well. The whole curve, in stretches of fifty days, is kept in ``benchmarks/growth.json``. Time is that of the
processor, of this process and its connections' together: hundreds of days take long enough for others to get busy.
"""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from benchmarks.ratios import Ratio, seconds
from benchmarks.workshop import Workshop, workshop
from gpu_etl import catalog
from gpu_etl.assets.analytics import load_day
from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl.market.signals import load_rules

LISTINGS, SKUS = 950, 650
DAYS, FULL = 250, 800
STRETCH = 50
START = date(2024, 1, 1)
MOST = 1.25
CURVE = Path(__file__).with_name("growth.json")


def measure(*, large: bool) -> list[Ratio]:
    """250 days, 800 with ``large``; the last fifty against the first and the second fifty."""
    days = FULL if large else DAYS
    with workshop() as place:
        _list_cards(place)
        curve = list(_curve(_simulate(place, days), place))
    CURVE.write_text(json.dumps([asdict(stretch) for stretch in curve], indent=1) + "\n", encoding="utf-8")
    last = curve[-1]
    return [
        Ratio(f"{days} days of {LISTINGS} listings, {what}: the last {STRETCH} against {stretch}", ratio, MOST, False)
        for stretch, early in (("the first", curve[0]), ("the second", curve[1]))
        for what, ratio in (
            ("processor time a day", last.processor_seconds_a_day / early.processor_seconds_a_day),
            ("disk a day", last.bytes_a_day / early.bytes_a_day),
            ("peak memory", last.peak_memory / early.peak_memory),
        )
    ]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Fifty days: the median day's seconds, bytes a day on disk, and this process's peak memory so far in kB."""

    until: int
    seconds_a_day: float
    processor_seconds_a_day: float
    bytes_a_day: float
    peak_memory: int


def _curve(days: Iterator[tuple[float, float, int, int]], place: Workshop) -> Iterator[Stretch]:
    """The days in stretches; each is told as it is done."""
    size, until = _size(place), 0
    while taken := list(islice(days, STRETCH)):
        until += len(taken)
        wall, processor, sizes, peaks = zip(*taken, strict=True)
        stretch = Stretch(
            until,
            statistics.median(wall),
            statistics.median(processor),
            (sizes[-1] - size) / len(taken),
            peaks[-1],
        )
        size = sizes[-1]
        print(
            f"  day {until}: {stretch.processor_seconds_a_day:.3f} s of processor, {stretch.seconds_a_day:.3f} s,"
            f" {stretch.bytes_a_day / 1e6:.2f} MB a day, peak {peaks[-1] / 1e3:.0f} MB",
            flush=True,
        )
        yield stretch


def _simulate(place: Workshop, days: int) -> Iterator[tuple[float, float, int, int]]:
    """Seconds of each day, those of the processor, the database's bytes after it, this process's peak memory so far."""
    rules, random = load_rules(None), Random(4070)
    prices = [300_000 + 1_000 * random.randrange(2_000) for _ in range(LISTINGS)]
    for number in range(days):
        day = START + timedelta(days=number)
        prices = [max(100_000, int(price * random.gauss(1, 0.01))) // 10 * 10 for price in prices]
        rows = [_price(day, listing, price) for listing, price in enumerate(prices)]

        def work(day: date = day, rows: list[dict[str, object]] = rows) -> None:
            scope = {"source": "danawa", "market_day": day}
            place.database.run(lambda connection: merge(connection, tables.price_logs, rows, scope=scope))
            place.database.run(lambda connection: load_day(connection, day, place.settings, rules))

        before = time.process_time() + place.server_seconds()
        taken = seconds(work)
        yield (
            taken,
            time.process_time() + place.server_seconds() - before,
            _size(place),
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        )


def _price(day: date, listing: int, price: int) -> dict[str, object]:
    return {
        "source": "danawa",
        "listing_id": str(10_000_000 + listing),
        "market_day": day,
        "sku_id": _sku(listing),
        "price": price,
        "currency": "KRW",
        "availability": "in_stock",
        "seller_count": 20 + listing % 50,
        "recorded_at": f"{day} 01:00+00",
        "source_url": f"https://prod.danawa.com/info/?pcode={10_000_000 + listing}",
    }


def _sku(listing: int) -> str:
    return f"{listing % SKUS:012x}"


def _list_cards(place: Workshop) -> None:
    known = sorted(catalog.scope(place.settings.chipsets))[:30]
    skus = [
        {
            "sku_id": _sku(number),
            "brand": "ASUS",
            "chipset": known[number % len(known)],
            "model_name": f"MODEL {number}",
            "vram_gb": 12,
            "is_oc": False,
            "first_seen": START,
        }
        for number in range(SKUS)
    ]
    listings = [
        {
            "source": "danawa",
            "listing_id": str(10_000_000 + number),
            "title": f"ASUS {known[number % SKUS % len(known)]} MODEL {number % SKUS}",
            "sku_id": _sku(number),
            "identity_status": "identified",
            "condition": "new",
            "first_seen": START,
            "last_seen": START + timedelta(days=FULL),
        }
        for number in range(LISTINGS)
    ]
    place.database.run(lambda connection: merge(connection, tables.skus, skus))
    place.database.run(lambda connection: merge(connection, tables.listings, listings))


def _size(place: Workshop) -> int:
    """Bytes of all tables and their indexes."""
    question = "select sum(pg_total_relation_size(oid))::bigint as bytes from pg_class where relkind = 'r'"
    row = place.database.run(lambda connection: connection.execute(question).fetchone())
    return int(row["bytes"]) if row else 0
