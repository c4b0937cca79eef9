"""A simulated market of graphics cards: the same seed and day always give the same prices.

Belongs here: what each listing costs and in which state it is on each day, and who sells it. Does not belong here:
which products there are (``catalogue``), what people write (``talk``), how any of it is served (``site``, ``reddit``).

The story it tells: rumours of a successor rise in the last week while the RTX 5070 loses 1.7 % a day for ten days, its
bigger sister slides after it, and two listings show a one-day dip that no second shop confirms, one of them today.
The rest wanders. The market goes on for :data:`DAYS_AHEAD` after ``today``, so that a demo may stay up over night.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from gpu_etl.demo import catalogue, talk
from gpu_etl.demo.catalogue import Product

SEOUL = ZoneInfo("Asia/Seoul")
DAYS_AHEAD = 60
MAX_DAYS = 1500

FALLING = "지포스 RTX 5070"
SLIDES = {FALLING: 0.017, "지포스 RTX 5070 Ti": 0.004}
"""What these chipsets lose a day, while the others wander."""
SLIDE_DAYS = 10

COMING = "가격비교예정"
SOLD_OUT = "일시품절"
SUSPENDED = "가격비교중지"

DIPS = {0: "라데온 RX 9070 XT", -5: "지포스 RTX 5080"}
"""Days from today on which the most wanted listing of that chipset costs :data:`DIP` of its price."""
DIP = 0.62

ARRIVALS = {"지포스 RTX 5060 Ti": -15, "라데온 RX 9060 XT": -12, "인텔 아크 B580": DAYS_AHEAD + 1}
"""The least wanted listing of each is announced without a price until that day."""
ANNOUNCED_BEFORE = 12
"""Days for which an arrival is announced; before that the shop does not list it."""
DEPARTURES = {"지포스 RTX 3060 Ti": -9, "지포스 RTX 4080 SUPER": -20}
"""The least wanted listing of each is gone from that day on."""
SUSPENSIONS = {"인텔 아크 A380": -4}

MALLS = {
    "11번가": "TH201",
    "G마켓": "EE128",
    "옥션": "EE715",
    "쿠팡": "TP40F",
    "롯데ON": "EE309",
    "신세계몰": "ED901",
    "한솔컴퓨터": "PF804",
    "가람컴퓨터": "ZZ101",
    "누리피씨": "ZZ102",
    "새빛전자": "ZZ103",
    "온새미로": "ZZ104",
    "다온시스템": "ZZ105",
}
SHOWN_SELLERS = 10


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing on one day; ``title`` is the full one, with what tells a variant from its row."""

    pcode: str
    title: str
    price: int | None
    """Won; ``None`` where ``status`` stands in its place."""
    status: str | None
    """One of the shop's words for "no price now"."""
    sellers: int | None
    """Malls that offer it; ``None`` where there is no price."""
    product: Product

    @property
    def variant_of(self) -> str | None:
        """The pcode of the row that this listing is a variant of."""
        return self.product.variant_of


@dataclass(frozen=True, slots=True)
class Seller:
    """What one mall asks; ``cash_only`` prices are not the listing's price."""

    name: str
    code: str
    price: int
    shipping: int
    cash_only: bool = False


@dataclass(slots=True)
class _Course:
    """One product through all days: what it costs, its malls, and the state that hides its price."""

    product: Product
    prices: list[int]
    malls: list[int]
    hidden: dict[int, str] = field(default_factory=dict)
    dips: set[int] = field(default_factory=set)
    listed: range = range(0)


class Market:
    """``days`` days of prices before ``today`` and :data:`DAYS_AHEAD` after it, in ``zone``.

    Raises ``ValueError`` when ``days`` is not between 1 and :data:`MAX_DAYS`.
    """

    def __init__(self, seed: int, today: date, days: int, zone: ZoneInfo = SEOUL) -> None:
        if not 1 <= days <= MAX_DAYS:
            raise ValueError(f"days={days}: a market has between 1 and {MAX_DAYS} days of history")
        self.seed, self.today, self.days, self.zone = seed, today, days, zone
        self.first_day = today - timedelta(days=days)
        self.last_day = today + timedelta(days=DAYS_AHEAD)
        self.products = catalogue.products(self._random("products"))
        self._length = days + DAYS_AHEAD + 1
        self._tell_stories()

    def listings(self, day: date) -> list[Listing]:
        """Everything that is listed on ``day``, in the shop's own order; a variant follows its row."""
        number = self._number(day)
        return [self._listing(course, number) for course in self._courses.values() if number in course.listed]

    def listing(self, pcode: str, day: date) -> Listing | None:
        """One of :meth:`listings`."""
        number, course = self._number(day), self._courses.get(pcode)
        return self._listing(course, number) if course and number in course.listed else None

    def sellers(self, pcode: str, day: date) -> list[Seller]:
        """The malls that a product page shows, cheapest first; the first that takes cards asks the listing's price."""
        listing = self.listing(pcode, day)
        if listing is None or listing.price is None or listing.sellers is None:
            return []
        random = self._random(f"sellers {pcode} {day}")
        number = self._number(day)
        shown = min(SHOWN_SELLERS, listing.sellers)
        names = random.sample(list(MALLS), shown)
        usual = self._courses[pcode].prices[number]
        prices = [listing.price, *sorted(_tens(usual * random.uniform(1.0, 1.06)) for _ in names[1:])]
        sellers = [
            Seller(name, MALLS[name], price, random.choice((0, 0, 2_500, 3_000)))
            for name, price in zip(names, prices, strict=True)
        ]
        if shown > 2 and random.random() < 0.3:
            last = sellers.pop()
            sellers.insert(0, Seller(last.name, last.code, _tens(listing.price * 0.97), 0, cash_only=True))
        return sellers

    def posts(self, until: datetime) -> list[talk.Talk]:
        """What has been written by ``until``, oldest first, with the scores of that moment."""
        end = until.astimezone(self.zone).date()
        days = (min(end, self.last_day) - self.first_day).days + 1
        written = (post for number in range(days) for post in self._posts_of(self.first_day + timedelta(days=number)))
        return [post.seen_at(until) for post in written if post.created_utc <= until]

    @property
    def dipped(self) -> dict[str, date]:
        """The listings with a one-day dip, and its day."""
        first = self.first_day
        return {c.product.pcode: first + timedelta(days=n) for c in self._courses.values() for n in sorted(c.dips)}

    def _posts_of(self, day: date) -> list[talk.Talk]:
        if day not in self._written:
            self._written[day] = talk.write_day(self._random(f"talk {day}"), day, (day - self.today).days, self.zone)
        return self._written[day]

    @cached_property
    def _written(self) -> dict[date, list[talk.Talk]]:
        return {}

    @cached_property
    def _levels(self) -> dict[str | None, list[float]]:
        """The relative price level of each chipset on each day."""
        chipsets = dict.fromkeys(product.chipset for product in self.products)
        return {chipset: self._level(chipset) for chipset in chipsets}

    def _level(self, chipset: str | None) -> list[float]:
        random = self._random(f"level {chipset}")
        drift = random.uniform(-0.0008, 0.0006)
        slide = SLIDES.get(chipset or "", 0.0)
        steps = [0.0]
        for number in range(1, self._length):
            away = number - self.days
            steps.append(drift + random.gauss(0, 0.0015) - (slide if -SLIDE_DAYS < away <= 0 else 0))
        return [exp(total) for total in accumulate(steps)]

    @cached_property
    def _courses(self) -> dict[str, _Course]:
        return {product.pcode: self._course(product) for product in self.products}

    def _course(self, product: Product) -> _Course:
        """Prices stand still most days, and then catch up with their chipset."""
        random = self._random(f"course {product.pcode}")
        level = self._levels[product.chipset]
        slide_from = self.days - SLIDE_DAYS if product.chipset in SLIDES else self._length
        malls_usual = 2 + product.popularity * random.uniform(1.5, 9)
        price, malls = float(product.won), malls_usual
        course = _Course(product, [], [], listed=range(self._length))
        for number in range(self._length):
            if random.random() < (0.75 if slide_from < number <= self.days else 0.3):
                price = product.won * level[number] * (1 + random.gauss(0, 0.005))
                malls = malls_usual * random.uniform(0.9, 1.1)
            course.prices.append(_tens(price))
            course.malls.append(max(1, round(malls)))
        if product.popularity <= 2:
            _sell_out_now_and_then(random, course)
        return course

    def _tell_stories(self) -> None:
        for away, chipset in DIPS.items():
            self._on(chipset, away, most_wanted=True, do=lambda course, day: course.dips.add(day))
        for chipset, away in ARRIVALS.items():
            self._on(chipset, away, most_wanted=False, do=_arrive)
        for chipset, away in DEPARTURES.items():
            self._on(chipset, away, most_wanted=False, do=_depart)
        for chipset, away in SUSPENSIONS.items():
            self._on(chipset, away, most_wanted=False, do=_suspend)

    def _on(self, chipset: str, away: int, *, most_wanted: bool, do: Callable[[_Course, int], None]) -> None:
        courses = [
            course
            for course in self._courses.values()
            if course.product.chipset == chipset and not course.product.variant_of and "(" not in course.product.title
        ]
        number = self.days + away
        if number >= 0:  # a short history begins after the event
            do(courses[0 if most_wanted else -1], number)

    def _listing(self, course: _Course, number: int) -> Listing:
        product, status = course.product, course.hidden.get(number)
        if status:
            return Listing(product.pcode, product.full_title, None, status, None, product)
        price = _tens(course.prices[number] * DIP) if number in course.dips else course.prices[number]
        return Listing(product.pcode, product.full_title, price, None, course.malls[number], product)

    def _number(self, day: date) -> int:
        if not self.first_day <= day <= self.last_day:
            raise ValueError(f"{day} is not a day of this market ({self.first_day} to {self.last_day})")
        return (day - self.first_day).days

    def _random(self, stream: str) -> Random:
        """A stream of its own for each purpose, so that one more draw in one leaves the others as they are."""
        return Random(f"{self.seed} {stream}")


def _sell_out_now_and_then(random: Random, course: _Course) -> None:
    number = 0
    while (number := number + 1 + int(random.expovariate(1 / 60))) < len(course.prices):
        spell = random.randint(2, 5)
        course.hidden |= dict.fromkeys(range(number, number + spell), SOLD_OUT)
        number += spell


def _arrive(course: _Course, day: int) -> None:
    announced = min(day - ANNOUNCED_BEFORE, len(course.prices) - DAYS_AHEAD - ANNOUNCED_BEFORE)
    course.listed = range(max(0, announced), len(course.prices))
    course.hidden |= dict.fromkeys(range(day), COMING)


def _depart(course: _Course, day: int) -> None:
    course.listed = range(day)


def _suspend(course: _Course, day: int) -> None:
    course.hidden |= dict.fromkeys(range(day, len(course.prices)), SUSPENDED)


def _tens(won: float) -> int:
    return round(won / 10) * 10
