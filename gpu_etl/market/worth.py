"""What a chipset's cheapest card is asked for, held against its launch price, its siblings and its speed.

Belongs here: those three comparisons. Does not belong here: the facts (``catalog``), whether the chipset's numbers are
published (``index``).

- Launch price: makers announce dollars without tax, and Korean prices were not announced for most of these chipsets.
  So the dollars are converted by one fixed rule: at the mean rate of the launch month, plus 10 % value added tax,
  rounded to 1,000 won. It says what an importer would have had to ask, not what a shop did ask; the sentence beside it
  names the rate. It is the price of the smallest memory size.
- The premium is what the cheapest card asks above that, in %: negative below launch price.
- A gap is what a sibling's cheapest card costs more than this one's: 4070 Ti above 4070. Siblings are what the
  catalogue calls a family.
- Won per point is the cheapest card's price for one PassMark G3D mark: lower is more for the money.

Ghost prices have no worth: a chipset whose index is withheld or at its end of life gets none of this, and stands in no
sibling's gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

VALUE_ADDED_TAX = Decimal("0.10")
"""Korea's rate, unchanged since 1977."""
ROUNDED_TO = 1_000
SOLID = ("published", "thin")
"""Statuses of an index whose prices are compared."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch price in won with the sentence that tells its making, or why there is none."""

    price: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Worth:
    """One chipset's comparisons on one day; won, and %."""

    launch_price: int | None
    premium_pct: float | None
    premium_reason: str
    price_per_point: float | None
    gaps: list[dict[str, Any]]


def launch_price(price_usd: int | None, launched: date | None, won_per_dollar: Decimal | None) -> Launch:
    """Convert a launch price; ``won_per_dollar`` is the mean rate of the launch month."""
    if price_usd is None or launched is None:
        return Launch(None, "no launch price in the catalogue")
    if won_per_dollar is None:
        return Launch(None, f"no rate of {launched:%Y-%m} for its {price_usd:,} dollars in the catalogue")
    won = price_usd * won_per_dollar * (1 + VALUE_ADDED_TAX)
    price = ROUNDED_TO * int((won / ROUNDED_TO).to_integral_value())
    return Launch(
        price,
        f"{price_usd:,} dollars at {won_per_dollar:,.1f} won, the mean of {launched:%Y-%m}, "
        f"plus {VALUE_ADDED_TAX:.0%} value added tax",
    )


def worth(
    chipset: str,
    low_prices: Mapping[str, tuple[str, int | None]],
    launch: Launch,
    siblings: Sequence[str],
    g3d_mark: int | None,
) -> Worth:
    """Compare a chipset's cheapest card; ``low_prices`` are the day's status and lowest price of every chipset."""
    status, low = low_prices[chipset]
    if status not in SOLID or low is None:
        return Worth(launch.price, None, f"no comparison: its index is {status.replace('_', ' ')}", None, [])
    return Worth(
        launch_price=launch.price,
        premium_pct=None if launch.price is None else 100 * (low / launch.price - 1),
        premium_reason=launch.sentence,
        price_per_point=None if g3d_mark is None else low / g3d_mark,
        gaps=_gaps(low, siblings, low_prices),
    )


def _gaps(low: int, siblings: Sequence[str], low_prices: Mapping[str, tuple[str, int | None]]) -> list[dict[str, Any]]:
    gaps = []
    for sibling in siblings:
        status, price = low_prices.get(sibling, ("withheld", None))
        if status in SOLID and price is not None:
            gap = {
                "chipset": sibling,
                "gap": price - low,
                "gap_pct": round(100 * (price / low - 1), 2),
                "status": status,
            }
            gaps.append(gap)
    return gaps
