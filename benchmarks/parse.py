"""Reading a list page: ``danawa.parse_list`` against BeautifulSoup with lxml taking out the same fields."""

from __future__ import annotations

from datetime import date

from bs4 import BeautifulSoup

from benchmarks.ratios import Ratio, in_turn, seconds
from gpu_etl.demo.market import Market
from gpu_etl.demo.site import list_page
from gpu_etl.sources import danawa


def measure() -> list[Ratio]:
    """One page of 30 rows as the simulated market serves it."""
    market = Market(seed=4070, today=date(2026, 3, 1), days=7)
    page = (list_page(market, date(2026, 3, 1), "http://127.0.0.1") or "").encode()
    ours, reference = danawa.parse_list(page).offers, soup_offers(page)
    if [(offer.listing_id, offer.title, offer.price) for offer in ours] != reference:
        raise RuntimeError("the two readers do not read the same fields")
    return [
        in_turn(
            "parse a list page, against BeautifulSoup",
            lambda: seconds(lambda: [danawa.parse_list(page) for _ in range(20)]) / 20,
            lambda: seconds(lambda: soup_offers(page)),
            goal=15,
            speed=True,
        )
    ]


def soup_offers(page: bytes) -> list[tuple[str, str, int | None]]:
    """The plain way with BeautifulSoup: listing id, title, price of every variant, ads left out."""
    offers = []
    for row in BeautifulSoup(page, "lxml").select("li.prod_item"):
        if not str(row.get("id")).startswith("productItem"):  # the others are advertisements
            continue
        name = row.select_one("p.prod_name a")
        title = name.get_text(strip=True) if name else ""
        representative = str(row["id"]).removeprefix("productItem")
        for variant in row.select("div.prod_pricelist li"):
            listing_id = str(variant["id"]).removeprefix("productInfoDetail_")
            label, price = variant.select_one("p.memory_sect .text"), variant.select_one("p.price_sect strong")
            digits = price.get_text(strip=True).replace(",", "") if price else ""
            suffix = f" {label.get_text(strip=True)}" if label and listing_id != representative else ""
            offers.append((listing_id, title + suffix, int(digits) if digits.isdigit() else None))
    return offers
