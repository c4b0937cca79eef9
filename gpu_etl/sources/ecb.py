"""The European Central Bank's reference rates: what a euro is worth in thirty currencies, once a working day.

Belongs here: reading that file, and what an amount of one currency is in another at its rates. Does not belong here:
deciding what is converted: prices stay in the currency they are asked in, a converted one stands beside it.
https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from gpu_etl.sources import pages
from gpu_etl.sources.money import exponent
from gpu_etl.sources.pages import LayoutChanged
from gpu_etl.sources.records import PageKind

SOURCE = "ecb"
_DAY = re.compile(r"""<Cube\s+time=['"](\d{4}-\d\d-\d\d)['"]""")
_RATE = re.compile(r"""<Cube\s+currency=['"]([A-Z]{3})['"]\s+rate=['"](\d+(?:\.\d+)?)['"]""")


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one day: units of each currency for one euro, the euro itself included."""

    day: date
    per_euro: Mapping[str, Decimal]

    def rate(self, currency: str, into: str) -> Decimal | None:
        """Units of ``into`` for one unit of ``currency``; ``None`` where the bank quotes either not."""
        one, other = self.per_euro.get(currency), self.per_euro.get(into)
        return None if one is None or other is None else other / one


def classify(status: int, content_type: str | None, body: bytes) -> tuple[PageKind, str | None]:
    """What an answer is, and why when it is not the file of rates."""
    return pages.classify(status, content_type, body)


def parse(body: bytes) -> Rates:
    """Read the daily file. Raises :class:`LayoutChanged` where it holds no day or no rates."""
    text = pages.decode(body)
    day, found = _DAY.search(text), dict(_RATE.findall(text))
    rates = {currency: Decimal(rate) for currency, rate in found.items() if Decimal(rate) > 0}
    if day is None or not rates:
        raise LayoutChanged("the file of exchange rates holds no day or no rates")
    return Rates(date.fromisoformat(day.group(1)), {"EUR": Decimal(1), **rates})


def convert(amount: int, currency: str, into: str, rate: Decimal) -> int:
    """An amount in minor units of ``currency`` in minor units of ``into``, at ``rate`` units for one unit."""
    units = Decimal(amount).scaleb(-exponent(currency)) * rate
    return int(units.scaleb(exponent(into)).to_integral_value(ROUND_HALF_EVEN))
