"""What is asked of ``price_changes`` by the analyses that follow.

Belongs here: queries over that table. Does not belong here: formulas (``market``), questions of people (``queries``).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


def of_day(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """The rows of ``price_changes`` of a day."""
    return connection.execute("select * from price_changes where market_day = %s order by sku_id", (day,)).fetchall()
