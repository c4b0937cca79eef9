"""What a stock of cards is worth today, what it may lose in a week, and what to sell first.

Belongs here: the valuation of a line and of the whole. Does not belong here: reading the stock (``sources.stock_csv``),
prices and risk (``changes``, ``risk``), storing.

- **Value**: pieces x the card's lowest trusted price, the same number that everything else here is computed on: who
  sells has to meet the cheapest shop. What a buyer can pay at most checkouts (shipping included) stands beside it as
  ``payable``, where it was read. Fees and tax are left out: they are the shop's own.
- **Gain**: value - pieces x unit cost, not realised. Unknown where either is.
- **Won at risk per week**: a quarter of the learned score's expected loss over 28 days, where there is a score; else
  what the card lost against last week, carried on for one week (0 where it lost nothing). ``risk_basis`` says which.
- **What to sell first**: the line that loses the most won in a week if nothing is done, as a line is one decision. Of
  equals, the one that loses the larger share of its value.

Unknown is ``None`` with a reason, never 0; totals say how many lines they leave out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

WEEKS_OF_SCORE = 4
"""The score looks 28 days ahead."""
BY_SCORE = "the risk score's expected loss over 28 days, a quarter of it"
BY_LAST_WEEK = "last week's loss, carried on"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Valued:
    """One line of stock with what it is worth; money in won."""

    item_id: str
    title: str
    sku_id: str | None
    product: str | None
    quantity: int
    unit_cost: int | None
    received_day: date | None
    price: int | None
    """Of one piece: the lowest trusted price of the day."""
    payable: int | None
    value: int | None
    value_reason: str | None
    """Why there is no value."""
    gain: int | None
    gain_pct: float | None
    gain_reason: str | None
    """Why there is no gain."""
    risk_week: int | None
    """Won that the whole line may lose in a week."""
    risk_basis: str | None
    risk_reason: str | None
    """Why there is no risk."""
    sell_rank: int | None
    """1 is to be sold first; ``None`` where the risk is unknown or nothing is at risk."""
    why: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole stock; each sum with the lines that it leaves out because something is unknown."""

    lines: int
    pieces: int
    value: int | None
    value_left_out: int
    gain: int | None
    gain_left_out: int
    risk_week: int | None
    risk_left_out: int
    sell_first: str | None
    """The line to sell first, and why; ``None`` when nothing is at risk as far as is known."""


def value_stock(rows: Iterable[Row]) -> tuple[list[Valued], Totals]:
    """Value the lines of a stock, the one to sell first at the top; what is not at risk follows by value.

    ``rows`` are rows of ``stock_items`` with what is known of their card on the day: product, price, payable_price,
    price_reason, loss (against last week), won_at_risk, risk_score, score_words; ``None`` where unknown.
    """
    lines = [_valued(row) for row in rows]
    at_risk = sorted((line for line in lines if line.risk_week), key=_urgency)
    ranked = [replace(line, sell_rank=place) for place, line in enumerate(at_risk, 1)]
    rest = sorted((line for line in lines if not line.risk_week), key=lambda line: (-(line.value or 0), line.title))
    return [*ranked, *rest], _totals([*ranked, *rest])


def _urgency(line: Valued) -> tuple[Any, ...]:
    risk = line.risk_week or 0
    return -risk, -(Decimal(risk) / line.value if line.value else 0), line.title, line.item_id


def _valued(row: Row) -> Valued:
    price, cost, quantity = row["price"], row["unit_cost"], row["quantity"]
    value = None if price is None else price * quantity
    gain = None if price is None or cost is None else (price - cost) * quantity
    each, basis = _risk_each(row)
    risk = None if each is None else _won(each * quantity)
    return Valued(
        item_id=row["item_id"],
        title=row["title"],
        sku_id=row["sku_id"],
        product=row["product"],
        quantity=quantity,
        unit_cost=cost,
        received_day=row["received_day"],
        price=price,
        payable=row["payable_price"],
        value=value,
        value_reason=_no_price(row) if price is None else None,
        gain=gain,
        gain_pct=None if gain is None or not cost else round(100 * (price - cost) / cost, 1),
        gain_reason=None if gain is not None else _no_price(row) if price is None else "the file tells no unit cost",
        risk_week=risk,
        risk_basis=basis,
        risk_reason=None if risk is not None else _no_risk(row),
        sell_rank=None,
        why=_why(row, each, basis),
    )


def _risk_each(row: Row) -> tuple[Decimal | None, str | None]:
    """What one piece may lose in a week, and what that stands on."""
    if row["price"] is None:
        return None, None
    if row["won_at_risk"] is not None:
        return max(Decimal(0), Decimal(row["won_at_risk"])) / WEEKS_OF_SCORE, BY_SCORE
    if row["loss"] is not None:
        return max(Decimal(0), Decimal(row["loss"])), BY_LAST_WEEK
    return None, None


def _won(amount: Decimal) -> int:
    """Whole won. Half a won goes up: rounded to even, two lines a won apart would tie."""
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _no_price(row: Row) -> str:
    if row["sku_id"] is None:
        return row["identity_reason"] or "it is no known card"
    return row["price_reason"] or "it is not on the market that day"


def _no_risk(row: Row) -> str:
    return _no_price(row) if row["price"] is None else "neither a score nor last week's price is known"


def _why(row: Row, each: Decimal | None, basis: str | None) -> str:
    """The reason for the line's place, in one line."""
    if each is None:
        return f"unknown: {_no_risk(row)}"
    if not each:
        return "no hurry: it lost nothing against last week" if basis == BY_LAST_WEEK else "no hurry: no loss expected"
    said = [f"{_won(each):,} won a week at risk on each piece of {row['price']:,} ({100 * each / row['price']:.1f} %)"]
    if basis == BY_LAST_WEEK:
        said.append("what it lost against last week")
    elif row["risk_score"] is not None:
        words = f": {row['score_words']}" if row["score_words"] else ""
        said.append(f"score {row['risk_score']:.0f}{words}")
    if row["unit_cost"] is not None and row["price"] < row["unit_cost"]:
        said.append(f"{row['unit_cost'] - row['price']:,} below cost already")
    return "; ".join(said)


def _totals(lines: Sequence[Valued]) -> Totals:
    first = next((line for line in lines if line.sell_rank == 1), None)
    value, value_out = _sum(line.value for line in lines)
    gain, gain_out = _sum(line.gain for line in lines)
    risk, risk_out = _sum(line.risk_week for line in lines)
    return Totals(
        lines=len(lines),
        pieces=sum(line.quantity for line in lines),
        value=value,
        value_left_out=value_out,
        gain=gain,
        gain_left_out=gain_out,
        risk_week=risk,
        risk_left_out=risk_out,
        sell_first=f"{first.quantity} x {first.product or first.title}: {first.why}" if first else None,
    )


def _sum(values: Iterable[int | None]) -> tuple[int | None, int]:
    """The sum of what is known, ``None`` when nothing is; and how many are not."""
    values = list(values)
    known = [value for value in values if value is not None]
    return sum(known) if known else None, len(values) - len(known)
