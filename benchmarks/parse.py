"""Reading list pages: ``danawa.parse_list`` against BeautifulSoup; and stored days against the bare loop of the parser.

The pages are a real day's where the replay is beside the project, else one of the simulated market.
"""

from __future__ import annotations

from datetime import date
from itertools import cycle

from bs4 import BeautifulSoup

from benchmarks.crawled import crawl_last_day, repeat_crawl
from benchmarks.ratios import Ratio, in_turn, processor_seconds, seconds
from benchmarks.workshop import Missing, Workshop, shared, workshop
from gpu_etl.assets.reading import read_day
from gpu_etl.demo.market import Market
from gpu_etl.demo.site import list_page
from gpu_etl.sources import danawa

DAYS, YEAR = 60, 365


def measure(*, large: bool) -> list[Ratio]:
    """One page; then two months (a year with ``large``) of a whole day's pages, read back and parsed."""
    with workshop() as place:
        try:
            bodies = crawl_last_day(place)
        except Missing:
            return [_page("simulated list page", [_simulated()])]
        real = shared("data", "pages", "danawa_search_buds3pro.html").read_bytes()
        return [
            _page("saved real page", [real], at_once=2),
            _page("replayed list page", bodies[:10]),
            _stored_days(place, bodies, YEAR if large else DAYS),
        ]


def _page(what: str, bodies: list[bytes], at_once: int = 10) -> Ratio:
    for body in bodies:
        ours = [(o.listing_id, o.title.replace(" ", ""), o.price) for o in danawa.parse_list(body).offers]
        if ours != soup_offers(body):
            raise RuntimeError("the two readers do not read the same fields")
    for_us, for_soup = cycle(bodies), cycle(bodies)
    return in_turn(
        f"parse a {what}, speed against BeautifulSoup",
        lambda: processor_seconds(lambda: [danawa.parse_list(next(for_us)) for _ in range(at_once)]) / at_once,
        lambda: processor_seconds(lambda: soup_offers(next(for_soup))),
        goal=15,
        speed=True,
        rounds=20,
    )


def _stored_days(place: Workshop, bodies: list[bytes], days: int) -> Ratio:
    stored = iter(repeat_crawl(place, days))
    return in_turn(
        f"read {days} stored days of {len(bodies)} pages, speed against bare parse_list",
        lambda: seconds(lambda: place.database.run(lambda connection: read_day(connection, "danawa", next(stored)))),
        lambda: seconds(lambda: [danawa.parse_list(body) for body in bodies]),
        goal=0.6,
        speed=True,
        rounds=days - 1,
    )


def soup_offers(page: bytes) -> list[tuple[str, str, int | None]]:
    """The plain way with BeautifulSoup: listing id, title without blanks, price of every variant, ads left out."""
    offers = {}
    for row in BeautifulSoup(page, "lxml").select("li.prod_item"):
        if not str(row.get("id")).startswith("productItem"):  # the others are advertisements
            continue
        name = row.select_one("p.prod_name a")
        title = name.get_text(strip=True) if name else ""
        representative = str(row["id"]).removeprefix("productItem")
        for variant in row.select("div.prod_pricelist li[id^=productInfoDetail_]"):
            listing_id = str(variant["id"]).removeprefix("productInfoDetail_")
            label, price = variant.select_one("p.memory_sect .text"), variant.select_one("p.price_sect strong")
            digits = price.get_text(strip=True).replace(",", "") if price else ""
            suffix = f" {label.get_text(strip=True)}" if label and listing_id != representative else ""
            offers[listing_id] = (
                listing_id,
                (title + suffix).replace(" ", ""),
                int(digits) if digits.isdigit() else None,
            )
    return list(offers.values())


def _simulated() -> bytes:
    market = Market(seed=4070, today=date(2026, 3, 1), days=7)
    return (list_page(market, date(2026, 3, 1), "http://127.0.0.1") or "").encode()
