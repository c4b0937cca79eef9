"""What a dollar cost in won in the month a chipset was launched.

Belongs here: the table of rates and its checks. Does not belong here: today's rates (``sources.ecb``), converting a
launch price (``market.worth``).

``won_per_dollar.csv`` holds monthly means of the Federal Reserve's daily noon rates (release H.10; FRED's series EXKOUS
up to 2024, from the days of its series DEXKOUS after that), from 2018 to February 2026. The month, not the day: a maker
sets its Korean prices weeks before, and a day's jump would feign an accuracy that a converted price has not.
https://fred.stlouisfed.org/series/EXKOUS
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from gpu_etl.catalog.tables import Table, packaged

COLUMNS = ("month", "won_per_dollar")


def read_rates(table: Table) -> Mapping[str, Decimal]:
    """Rates by month (``YYYY-MM``); raises ``TableError`` at the first bad line."""
    rates: dict[str, Decimal] = {}
    for row in table.rows(COLUMNS):
        month, cell = row.text("month"), row.text("won_per_dollar")
        try:
            date.fromisoformat(f"{month}-01")
            rate = Decimal(cell)
        except (ValueError, InvalidOperation):
            raise row.fail(f"{month!r}, {cell!r} is not a month such as 2025-01 and a rate") from None
        if not rate.is_finite() or rate <= 0:
            raise row.fail(f"won_per_dollar {cell!r} is not a number above 0")
        if month in rates:
            raise row.fail(f"month {month} is listed twice")
        rates[month] = rate
    return rates


@cache
def _rates() -> Mapping[str, Decimal]:
    return read_rates(packaged("won_per_dollar.csv"))


def won_per_dollar(day: date) -> Decimal | None:
    """The mean rate of the day's month; ``None`` where the table has none."""
    return _rates().get(f"{day:%Y-%m}")
