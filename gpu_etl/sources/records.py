"""What every source hands over: the typed rows that parsers return and loaders store.

Belongs here: the records and vocabularies shared by several sources. Does not belong here: how any one source spells
them (its own module), how they are stored (``database``), what a title means (``catalog``).

Money is an integer in the currency's minor unit; the won has none, so a Korean price is simply won.
Unknown is ``None``, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Availability(StrEnum):
    """Whether the listing can be bought, in one vocabulary for all shops."""

    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    COMING_SOON = "coming_soon"
    SUSPENDED = "suspended"
    DISCONTINUED = "discontinued"
    UNKNOWN = "unknown"


class PaymentCondition(StrEnum):
    """What a buyer must do to get a seller's price."""

    CARD = "card"
    CASH = "cash"
    COUPON = "coupon"


class CoverageStatus(StrEnum):
    """How well one part of a source could be read on one market day, worst first."""

    FAILED = "failed"
    BLOCKED = "blocked"
    UNAVAILABLE = "unavailable"
    PARTIAL = "partial"
    COMPLETE = "complete"


class PageKind(StrEnum):
    """What a response is, decided before anything is parsed from it."""

    OK = "ok"
    EMPTY = "empty"
    BLOCKED = "blocked"
    GONE = "gone"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source asks for one listing at one moment."""

    source: str
    listing_id: str
    title: str
    price: int | None
    currency: str
    availability: Availability
    seller_count: int | None = None
    market_day: date | None = None
    url: str | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A piece of input that was not understood: kept with its reason, never dropped."""

    subject: str
    """What it is about: a listing id, a column, a post id."""
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a category list."""

    offers: list[Offer]
    total: int | None
    """Rows that the site says the whole category has; a row may hold several offers (variants)."""
    row_count: int = 0
    """Rows read on this page; compares with ``total`` where ``len(offers)`` does not."""
    row_ids: list[str] = field(default_factory=list)
    """The listing id that stands for each row, in page order."""
    page_size: int | None = None
    subcategories: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    form: dict[str, str] = field(default_factory=dict)
    """What the page's own script would send to get another page, where it names it."""


@dataclass(frozen=True, slots=True)
class SellerOffer:
    """What one shop asks for a listing."""

    seller: str
    price: int
    shipping: int | None
    payment_condition: PaymentCondition
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product page: the headline offer and the shops behind it."""

    offer: Offer
    """``offer.price`` is the page's lowest price, in the meaning of the list page."""
    payable_price: int | None
    """The cheapest price that anybody can pay: new, in stock, by card, shipping included."""
    sellers: list[SellerOffer] = field(default_factory=list)
    suspect_reason: str | None = None
    """Why the page's witnesses of its price do not agree; ``None`` when they do."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A page that says that its product is no longer listed."""

    listing_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class PricePoint:
    """One point of a source's own price history."""

    window_months: int
    """The window it came in (1, 3, 6, 12 or 24); points of different windows are never mixed."""
    period: str
    """``YYYY-MM-DD`` of a weekly point, ``YYYY-MM`` of a monthly one."""
    price: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """One Reddit post as any of its sources tells it; no author, by design."""

    post_id: str
    """Base 36, without the ``t3_`` prefix."""
    subreddit: str
    created_utc: datetime
    title: str
    body: str
    url: str
    read_from: str
    """``praw``, ``rss``, ``arctic_shift`` or ``dump``."""
    score: int | None = None
    comments: int | None = None
    is_stickied: bool = False
    crosspost_parent: str | None = None
    removed: bool = False
    observed_at: datetime | None = None
    """When an archive saw score and comments; ``None`` where they are of the moment of reading, or of none known."""
