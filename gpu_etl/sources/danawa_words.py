"""How Danawa writes prices, states, names and links: the words that its list, product and history pages share.

Belongs here: turning one such piece of text into a value or into the reason why not. Does not belong here: where on a
page the piece is found (``danawa_list``, ``danawa_next``, ``danawa_product``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from gpu_etl.sources.pages import clean_text, clean_title, is_mojibake
from gpu_etl.sources.records import Availability, Offer, Refusal

SOURCE = "danawa"
CURRENCY = "KRW"
SITE = "https://prod.danawa.com"

STATUS_WORDS = {
    "가격비교예정": Availability.COMING_SOON,
    "출시예정": Availability.COMING_SOON,
    "일시품절": Availability.OUT_OF_STOCK,
    "품절": Availability.OUT_OF_STOCK,
    "가격비교중지": Availability.SUSPENDED,
    "판매중지": Availability.DISCONTINUED,
    "단종": Availability.DISCONTINUED,
}
"""What stands where a price would. Seen in 812,900 listing-days of 2024-2026: 가격비교예정, 일시품절, 가격비교중지."""

LEAST_PRICE = 2_500
"""Won below which a price is a glitch. In the graphics card files of 2021-2026 the lowest true price is 5,990 won (a
used G210) and the highest glitch 1,119 won (others: 1 and 52); this is their geometric middle."""

MOST_PRICE = 1_000_000_000
"""Won above which a price is a glitch; the dearest card ever listed, an H100, stood at 44 million."""

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_MALLS = re.compile(r"(\d[\d,]*)\s*몰")
_LINK = re.compile(r"(?P<scheme>https?)://(?P<host>[\w.:\[\]-]+)/info/?\?(?:[^#]*&)?pcode=(?P<pcode>\d+)(?:[&#]|$)")
_ID = re.compile(r"[1-9]\d{0,14}")


@dataclass(frozen=True, slots=True)
class PriceTag:
    """What a price field says: a price, or a state instead, or why it could not be read."""

    price: int | None
    availability: Availability
    problem: str | None = None
    shown: str = ""
    """What stood there, where ``problem`` says why it is no price."""


def won(text: str) -> int | None:
    """``"1,377,570"``, ``"1377570"`` or either with 원 as a number of won; ``None`` when it is anything else."""
    text = text.strip().removesuffix("원").rstrip()
    return int(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def price_problem(price: int) -> str | None:
    """Why a number cannot be a price in won, or ``None``; see :data:`LEAST_PRICE`."""
    if price == 0:
        return "price 0"
    if price < LEAST_PRICE:
        return f"price below the least plausible {LEAST_PRICE:,} won"
    if price > MOST_PRICE:
        return f"price above the most plausible {MOST_PRICE:,} won"
    return None


@lru_cache(maxsize=16_384)
def read_price(text: str) -> PriceTag:
    """Read the text of a price field: ``"334,280"``, a status word, or something that nobody has seen before.

    Files of many days say the same prices again and again; reading one takes twenty times as long as finding it.
    """
    text = clean_text(text)
    availability = STATUS_WORDS.get(text.replace(" ", ""))
    if availability is not None:
        return PriceTag(None, availability)
    price = won(text)
    if price is None:
        return PriceTag(None, Availability.UNKNOWN, "unknown word instead of a price" if text else "no price", text)
    return tag_of(price)


def tag_of(price: int) -> PriceTag:
    """The tag of a number of won: in stock for it, or why it cannot be a price."""
    problem = price_problem(price)
    if problem:
        return PriceTag(None, Availability.UNKNOWN, problem, f"{price:,}")
    return PriceTag(price, Availability.IN_STOCK)


@lru_cache(maxsize=1024)
def read_malls(text: str) -> int | None:
    """``"125몰"`` as the number of shops that offer a listing."""
    found = _MALLS.search(text)
    return int(found.group(1).replace(",", "")) if found else None


def is_listing_id(text: str) -> bool:
    """Whether this can be a pcode, Danawa's number of a product."""
    return _ID.fullmatch(text) is not None


def product_url(base_url: str, listing_id: str) -> str:
    """Where a listing's own page is."""
    return f"{base_url.rstrip('/')}/info/?pcode={quote(listing_id, safe='')}"


def canonical_url(link: str | None, listing_id: str) -> str:
    """The listing's address from the page's own link, without the category and tracking parameters.

    Anything that is not a web address of this very listing (``javascript:``, an advertiser) gives Danawa's own address.
    """
    found = _LINK.match(link or "")
    if not found or found.group("pcode") != listing_id:
        return product_url(SITE, listing_id)
    return f"{_products_of(*found.group('scheme', 'host'))}{listing_id}"


@lru_cache(maxsize=64)
def _products_of(scheme: str, host: str) -> str:
    """The addresses of a host's products up to the listing id."""
    return product_url(f"{'https' if f'.{host}'.endswith('.danawa.com') else scheme}://{host}", "")


@dataclass(slots=True)
class Collector:
    """The offers and refusals of one page while it is read: one offer a listing, the first one seen."""

    offers: dict[str, Offer] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def add(
        self, listing_id: str, title: str, tag: PriceTag, *, seller_count: int | None = None, link: str | None = None
    ) -> bool:
        """Take one listing; ``False`` when it was refused as a whole."""
        if not is_listing_id(listing_id):
            return self.refuse(listing_id or "?", "not a listing id", title)
        name = clean_title(title)
        if not name or is_mojibake(title):
            return self.refuse(listing_id, "the title is unreadable", title)
        if tag.problem:
            self.refuse(listing_id, tag.problem, f"{tag.shown} {title}")
        offer = Offer(
            source=SOURCE,
            listing_id=listing_id,
            title=name,
            price=tag.price,
            currency=CURRENCY,
            availability=tag.availability,
            seller_count=seller_count,
            url=canonical_url(link, listing_id),
        )
        first = self.offers.setdefault(listing_id, offer)
        if first.price != offer.price:
            self.refuse(
                listing_id, "listed twice on one page for different prices", f"{first.price} {offer.price} {title}"
            )
        return True

    def refuse(self, subject: str, reason: str, excerpt: str = "") -> bool:
        """Note what was not understood."""
        self.refusals.append(Refusal(clean_text(subject)[:80], reason, clean_text(excerpt)[:200]))
        return False
