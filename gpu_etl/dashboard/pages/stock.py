"""``/stock``: what the inventory manager holds, what it is worth today, and what to sell first.

Belongs here: what that page holds. Does not belong here: valuation (``market.inventory``), reading files (``gpu-etl
stock import``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.page import Asked, Page
from gpu_etl.database import stock
from gpu_etl.market.inventory import Totals, Valued


@dataclass(frozen=True, slots=True)
class StockPage:
    """The stock as last imported, valued at the latest day's lowest trusted prices."""

    day: date | None
    """The day of the prices; null where there are none."""
    totals: Totals
    lines: list[Valued]
    """What to sell first at the top; what is not at risk follows by value."""


def load(connection: Connection[DictRow], asked: Asked) -> StockPage:
    """Read it."""
    day, lines, totals = stock.valued(connection, asked.day)
    return StockPage(day, totals, lines)


PAGE = Page("stock", "/stock", StockPage, load, in_menu=True)
