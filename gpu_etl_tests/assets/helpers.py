"""Rows to start from, for tests of what is computed over stored prices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.catalog import identify
from gpu_etl.database import tables
from gpu_etl.database.bulk import merge
from gpu_etl.database.identities import Sighting, store_identities

DAY = date(2026, 3, 8)


def back(days: int) -> date:
    return DAY - timedelta(days=days)


def observe(
    connection: Connection[DictRow], listing_id: str, title: str, day: date, price: int | None, **more: Any
) -> str:
    """Store one listing's price of a day as a crawl would have; returns the card's id."""
    row = {
        "source": "danawa",
        "listing_id": listing_id,
        "market_day": day,
        "price": price,
        "currency": "KRW",
        "availability": "in_stock" if price else "out_of_stock",
        "seller_count": 12,
        "recorded_at": datetime(day.year, day.month, day.day, 1, tzinfo=UTC),
        **more,
    }
    sighting = Sighting(row["source"], listing_id, title, None, day, day)
    store_identities(connection, [sighting], lambda seen: identify(seen.title))
    stored = connection.execute(
        "select sku_id from listings where source = %s and listing_id = %s", (row["source"], listing_id)
    ).fetchone()
    assert stored is not None
    merge(connection, tables.price_logs, [{**row, "sku_id": stored["sku_id"]}])
    return str(stored["sku_id"])
