"""Prices as shops write them, as integers in the currency's minor unit.

Belongs here: ISO 4217 exponents and the reading of written amounts. Does not belong here: converting one currency into
another, and what a price means.
"""

from __future__ import annotations

import re
from decimal import Decimal

NO_CURRENCY = "XXX"
"""ISO 4217's own code for "no currency": what an offer without any price has."""

_WITHOUT_MINOR_UNIT = re.compile("BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|UYI|VND|VUV|XAF|XOF|XPF")
_THOUSANDTHS = re.compile("BHD|IQD|JOD|KWD|LYD|OMR|TND")
_CODE = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"\d[\d.,' \u00a0\u202f]*")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


def currency_code(text: object) -> str | None:
    """An ISO 4217 code as written on a page, or ``None``."""
    code = text.strip().upper() if isinstance(text, str) else ""
    return code if _CODE.fullmatch(code) and code != NO_CURRENCY else None


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has: 0 for KRW and JPY, 3 for KWD, 2 for most."""
    if _WITHOUT_MINOR_UNIT.fullmatch(currency):
        return 0
    return 3 if _THOUSANDTHS.fullmatch(currency) else 2


def minor_units(amount: object, currency: str) -> int | None:
    """A number, or text such as ``"1,299.00"``, ``"1.299,00 €"`` or ``"₩870,120"``, in minor units of ``currency``.

    ``None`` for anything that is no positive amount of that currency, also where it cannot be told whether a mark
    separates thousands or decimals.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal | str):
        return None
    number = _decimal(amount, exponent(currency)) if isinstance(amount, str) else Decimal(str(amount))
    if number is None or not number.is_finite() or number <= 0:
        return None
    units = number.scaleb(exponent(currency))
    return int(units) if units == units.to_integral_value() else None


def _decimal(text: str, decimals: int) -> Decimal | None:
    found = _AMOUNT.findall(text)
    if len(found) != 1 or re.search(r"-\s*" + re.escape(found[0]), text):
        return None
    digits = re.sub(r"[' \u00a0\u202f]", "", found[0]).rstrip(".,")
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return Decimal(digits)
    last = marks[-1]
    whole, _, fraction = digits.rpartition(last)
    if marks.count(last) > 1 or _groups_thousands(last, whole, fraction, decimals):
        whole, fraction = digits, ""
    elif len(fraction) == 3 and decimals != 3:
        return None
    plain = re.sub(r"[.,]", "", whole) + (f".{fraction}" if fraction else "")
    return Decimal(plain) if _PLAIN.fullmatch(plain) and _well_grouped(whole) else None


def _groups_thousands(mark: str, whole: str, fraction: str, decimals: int) -> bool:
    """Whether the only mark separates thousands: a comma before three digits, any mark where there are no decimals."""
    other = "." if mark == "," else ","
    return len(fraction) == 3 and other not in whole and decimals != 3 and (mark == "," or decimals == 0)


def _well_grouped(whole: str) -> bool:
    first, *groups = re.split(r"[.,]", whole)
    return bool(first) and all(len(group) == 3 for group in groups)
