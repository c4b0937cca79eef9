"""What the advice of a day is made from.

Belongs here: queries over ``risk_scores`` and ``chipset_index`` for it. Does not belong here: the advice
(``market.fall.advice``).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


def scored_cards(connection: Connection[DictRow], day: date) -> list[DictRow]:
    """The cards of a day with their chipset, probability, its parts, and why it is missing."""
    return connection.execute(
        """select r.sku_id, s.chipset, r.probability::float8 as probability, r.score_parts, r.score_reason
           from risk_scores r join skus s using (sku_id) where r.market_day = %s order by r.sku_id""",
        (day,),
    ).fetchall()


def chipset_statuses(connection: Connection[DictRow], day: date) -> dict[str, tuple[str, str | None]]:
    """Each chipset's index status of a day, with its reason."""
    rows = connection.execute("select chipset, status, reason from chipset_index where market_day = %s", (day,))
    return {row["chipset"]: (row["status"], row["reason"]) for row in rows}
