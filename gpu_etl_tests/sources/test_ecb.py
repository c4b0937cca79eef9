from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gpu_etl.sources import ecb
from gpu_etl.sources.pages import LayoutChanged

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope><Cube><Cube time='2026-03-04'>
<Cube currency='USD' rate='1.25'/><Cube currency='JPY' rate='160.5'/><Cube currency='KRW' rate='1700.50'/>
</Cube></Cube></gesmes:Envelope>"""


def test_the_daily_file() -> None:
    rates = ecb.parse(FILE)
    assert rates.day == date(2026, 3, 4)
    assert rates.rate("EUR", "KRW") == Decimal("1700.50")
    assert rates.rate("USD", "KRW") == Decimal("1360.4")
    assert rates.rate("XAU", "KRW") is None


@pytest.mark.parametrize(
    ("amount", "currency", "won"),
    [(59_900, "USD", 814_880), (599, "JPY", 6_346), (1, "EUR", 17), (870_120, "KRW", 870_120)],
)
def test_minor_units_of_one_currency_in_another(amount: int, currency: str, won: int) -> None:
    rate = ecb.parse(FILE).rate(currency, "KRW")
    assert rate is not None
    assert ecb.convert(amount, currency, "KRW", rate) == won


@pytest.mark.parametrize(
    "body", [b"<html>moved</html>", b"<Cube time='2026-03-04'></Cube>", FILE.replace(b"time=", b"on=")]
)
def test_a_file_of_another_shape_raises(body: bytes) -> None:
    with pytest.raises(LayoutChanged):
        ecb.parse(body)
