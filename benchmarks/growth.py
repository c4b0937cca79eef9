"""Eight hundred simulated days in a row: whether the last ones cost more than the first, in time, disk and memory.

Every day 950 listings get their prices by the merge that all loads use, then all analyses of the day are computed. What
the second fifty days cost is the measure: in the first fifty there is no past yet to look back on.
"""

from __future__ import annotations

import resource
import statistics
from collections.abc import Iterator
from datetime import date, timedelta
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


def measure(*, large: bool) -> list[Ratio]:
    """250 days, 800 with ``large``; the last fifty against the second fifty."""
    days = FULL if large else DAYS
    with workshop() as place:
        _list_cards(place)
        taken, sizes, peaks = zip(*_simulate(place, days), strict=True)
    early, late = slice(STRETCH, 2 * STRETCH), slice(-STRETCH, None)
    grown = (sizes[-1] - sizes[-STRETCH]) / (sizes[2 * STRETCH - 1] - sizes[STRETCH])
    name = f"{days} days of {LISTINGS} listings, {{}}: the last {STRETCH} against days {STRETCH + 1}-{2 * STRETCH}"
    return [
        Ratio(name.format("time a day"), statistics.median(taken[late]) / statistics.median(taken[early]), MOST, False),
        Ratio(name.format("disk a day"), grown, MOST, False),
        Ratio(name.format("peak memory"), peaks[-1] / peaks[2 * STRETCH - 1], MOST, False),
    ]


def _simulate(place: Workshop, days: int) -> Iterator[tuple[float, int, int]]:
    """Seconds of each day, bytes of the database after it, and the peak memory of this process so far."""
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

        yield seconds(work), _size(place), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


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
