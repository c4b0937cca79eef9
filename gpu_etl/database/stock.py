"""The inventory manager's stock: replaced by each import, valued at any day's prices.

Belongs here: ``stock_items`` and what is known of its cards on a day. Does not belong here: reading files
(``sources.stock_csv``), valuation (``market.inventory``).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.catalog import Card, NotACard
from gpu_etl.catalog.card import Condition
from gpu_etl.database import tables
from gpu_etl.database.bulk import LoadCounts, merge
from gpu_etl.database.identities import sku_id
from gpu_etl.database.queries import PRODUCT, latest_day
from gpu_etl.market.inventory import Totals, Valued, value_stock
from gpu_etl.sources.stock_csv import WON, StockLine

Identify = Callable[[str], Card | NotACard]
"""Which card a title is."""


def store(
    connection: Connection[DictRow],
    lines: Sequence[StockLine],
    identify: Identify,
    *,
    file: str,
    at: datetime,
    add: bool,
) -> tuple[LoadCounts, list[str]]:
    """Make the stock exactly these lines; with ``add`` exactly these of what came from a file of that name, beside what
    came from others. Returns what that changed, and a complaint for each line that is no known card.

    The same file again changes nothing.
    """
    known = _known_skus(connection, [line.sku for line in lines if line.sku])
    seen: Counter[tuple[Any, ...]] = Counter()
    rows, unknown = [], []
    for line in lines:
        card, reason = _card(line, known, identify)
        if reason:
            unknown.append(f"line {line.number}: {reason}")
        identity = (card or line.title or line.sku, line.received, line.unit_cost, file if add else "")
        seen[identity] += 1
        rows.append(
            {
                "item_id": _digest(*identity, seen[identity]),
                "title": line.title or line.sku,
                "sku_id": card,
                "identity_reason": reason,
                "quantity": line.quantity,
                "unit_cost": line.unit_cost,
                "currency": WON,
                "received_day": line.received,
                "imported_at": at,
                "file": file,
            }
        )
    scope = {"file": file} if add else {}
    quiet = ("imported_at",) if add else ("imported_at", "file")
    return merge(connection, tables.stock_items, rows, scope=scope, quiet=quiet), unknown


def valued(connection: Connection[DictRow], day: date | None = None) -> tuple[date | None, list[Valued], Totals]:
    """The stock valued at a day's prices, by default the latest day's: the day, the lines (what to sell first at the
    top), the whole. Without any prices the day is ``None`` and every value unknown.
    """
    day = day or latest_day(connection)
    lines, totals = value_stock(lines_on(connection, day))
    return day, lines, totals


def lines_on(connection: Connection[DictRow], day: date | None) -> list[DictRow]:
    """The lines of the stock as ``market.inventory.value_stock`` wants them."""
    return connection.execute(
        f"""select k.*, case when s.sku_id is not null then {PRODUCT} end as product, c.price, c.payable_price,
                   case when k.sku_id is not null and s.sku_id is null then 'no shop was ever seen with it'
                        when c.sku_id is null then 'no new listing of it on ' || coalesce(%(day)s::text, 'any day')
                        when c.price is null then c.reason end as price_reason,
                   r.loss, r.won_at_risk, r.risk_score, r.score_parts -> 0 ->> 'words' as score_words
            from stock_items k
            left join skus s on s.sku_id = k.sku_id
            left join price_changes c on c.sku_id = k.sku_id and c.market_day = %(day)s::date
            left join risk_scores r on r.sku_id = k.sku_id and r.market_day = %(day)s::date
            order by k.title, k.item_id""",  # noqa: S608 - a constant of ours
        {"day": day},
    ).fetchall()


def _card(line: StockLine, known: frozenset[str], identify: Identify) -> tuple[str | None, str | None]:
    """The card that a line is, or why it is none; a code of the shop's own gives way to the title."""
    if line.sku in known:
        return line.sku, None
    if line.title is None:
        return None, f"no card has the id {line.sku!r}"
    identity = identify(line.title)
    if isinstance(identity, NotACard):
        return None, f"{line.title!r}: {identity.reason}"
    if identity.condition is not Condition.NEW:
        return None, f"{line.title!r}: {identity.condition}, and only prices of new cards are comparable"
    return sku_id(identity), None


def _known_skus(connection: Connection[DictRow], names: Sequence[str]) -> frozenset[str]:
    rows = connection.execute("select sku_id from skus where sku_id = any(%s)", (list(names),))
    return frozenset(row["sku_id"] for row in rows)


def _digest(*parts: Any) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
