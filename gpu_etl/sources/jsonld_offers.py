"""The ``offers`` of a schema.org Product: one Offer, an AggregateOffer, or a list of either, in all their spellings.

Belongs here: reading that one value. Does not belong here: finding it on a page, weighing it against other witnesses
(``jsonld``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gpu_etl.sources.money import currency_code, minor_units
from gpu_etl.sources.pages import clean_text
from gpu_etl.sources.records import Availability, PaymentCondition, SellerOffer

_AVAILABILITY = {
    "instock": Availability.IN_STOCK,
    "instoreonly": Availability.IN_STOCK,
    "onlineonly": Availability.IN_STOCK,
    "limitedavailability": Availability.IN_STOCK,
    "available": Availability.IN_STOCK,
    "outofstock": Availability.OUT_OF_STOCK,
    "oos": Availability.OUT_OF_STOCK,
    "soldout": Availability.OUT_OF_STOCK,
    "backorder": Availability.OUT_OF_STOCK,
    "preorder": Availability.COMING_SOON,
    "presale": Availability.COMING_SOON,
    "comingsoon": Availability.COMING_SOON,
    "discontinued": Availability.DISCONTINUED,
}
_NOT_NEW = re.compile(r"used|refurbished|damaged", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a description of a product says about its price."""

    price: int | None = None
    currency: str | None = None
    availability: Availability = Availability.UNKNOWN
    seller_count: int | None = None
    sellers: list[SellerOffer] = field(default_factory=list)
    problem: str | None = None
    was_offered: bool = True
    """False where the description holds no offer at all."""


@dataclass(frozen=True, slots=True)
class _Ask:
    price: int
    currency: str
    availability: Availability
    seller: str | None
    shipping: int | None


def availability_of(text: object) -> Availability:
    """``"http://schema.org/InStock"``, ``"Outofstock"``, ``"in stock"`` in the project's words."""
    word = re.sub(r"[^a-z]", "", str(text or "").rstrip("/").rsplit("/", 1)[-1].lower())
    return _AVAILABILITY.get(word, Availability.UNKNOWN)


def read_offers(offers: Any) -> Reading:
    """The lowest price asked for the product as new, those that can be bought now before those that cannot.

    Used and refurbished offers are left out. A price that cannot be read is named in ``problem``.
    """
    listed = list(_flatten(offers))
    if not listed:
        return Reading(was_offered=False, availability=Availability.UNKNOWN)
    fresh = [offer for offer in listed if not _NOT_NEW.search(str(offer.get("itemCondition") or ""))]
    if not fresh:
        return Reading(problem="only used or refurbished offers")
    asks: list[_Ask] = []
    problems: list[str] = []
    for offer in fresh:
        ask = _ask(offer)
        if isinstance(ask, _Ask):
            asks.append(ask)
        else:
            problems.append(ask)
    if not asks:
        return Reading(availability=_common(fresh), problem="; ".join(dict.fromkeys(problems)))
    currencies = {ask.currency for ask in asks}
    if len(currencies) > 1:
        problems.append(f"offers in several currencies: {', '.join(sorted(currencies))}")
    asks = [ask for ask in asks if ask.currency == asks[0].currency]
    best = min(asks, key=lambda ask: (ask.availability is not Availability.IN_STOCK, ask.price))
    return Reading(
        price=best.price,
        currency=best.currency,
        availability=best.availability,
        seller_count=_count(offers, fresh),
        sellers=[_seller(ask) for ask in asks if ask.seller and ask.availability is Availability.IN_STOCK],
        problem="; ".join(dict.fromkeys(problems)) or None,
    )


def _flatten(offers: Any) -> Iterator[dict[str, Any]]:
    """Single offers; an aggregate that names its offers is replaced by them."""
    if isinstance(offers, list):
        for item in offers:
            yield from _flatten(item)
    elif isinstance(offers, dict):
        inner = list(_flatten(offers.get("offers")))
        yield from inner or [offers]


def _ask(offer: dict[str, Any]) -> _Ask | str:
    """One offer's price, or why it has none."""
    terms = offer.get("priceSpecification")
    terms = terms[0] if isinstance(terms, list) and terms else terms
    terms = terms if isinstance(terms, dict) else {}
    values = (offer.get("price"), offer.get("lowPrice"), terms.get("price"))
    value = next((value for value in values if value not in (None, "")), None)
    if value is None:
        return "an offer names no price"
    currency = currency_code(offer.get("priceCurrency") or terms.get("priceCurrency"))
    if currency is None:
        return f"price {clean_text(str(value))[:40]!r} without a currency"
    price = minor_units(value, currency)
    if price is None:
        return f"price {clean_text(str(value))[:40]!r} is no amount of {currency}"
    seller = offer.get("seller")
    name = seller.get("name") if isinstance(seller, dict) else seller
    return _Ask(
        price,
        currency,
        availability_of(offer.get("availability")),
        clean_text(str(name)) if name else None,
        _shipping(offer.get("shippingDetails"), currency),
    )


def _shipping(details: Any, currency: str) -> int | None:
    """What shipping costs, in minor units; ``None`` where the page does not tell."""
    details = details[0] if isinstance(details, list) and details else details
    rate = details.get("shippingRate") if isinstance(details, dict) else None
    if not isinstance(rate, dict) or currency_code(rate.get("currency")) != currency:
        return None
    value = rate.get("value")
    return 0 if str(value) in ("0", "0.0", "0.00") else minor_units(value, currency)


def _seller(ask: _Ask) -> SellerOffer:
    return SellerOffer(ask.seller or "", ask.price, ask.shipping, PaymentCondition.CARD)


def _common(offers: list[dict[str, Any]]) -> Availability:
    """The state that all offers share."""
    states = {availability_of(offer.get("availability")) for offer in offers}
    return states.pop() if len(states) == 1 else Availability.UNKNOWN


def _count(offers: Any, fresh: list[dict[str, Any]]) -> int:
    stated = str(offers.get("offerCount") or "") if isinstance(offers, dict) else ""
    return int(stated) if stated.isdecimal() else len(fresh)
