from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from gpu_etl.demo.history import write_history
from gpu_etl.demo.market import Market
from gpu_etl.sources import crawler_csv
from gpu_etl_tests.demo.conftest import TODAY
from gpu_etl_tests.demo.test_site import WORDS


def test_the_import_reads_exactly_the_days_before_today(market: Market, tmp_path: Path) -> None:
    path = tmp_path / "VGA.csv"
    assert write_history(market, path) == market.days
    summary = crawler_csv.Summary()
    read = {
        (offer.market_day, offer.listing_id): (offer.title, offer.price, offer.availability, offer.seller_count)
        for offer in crawler_csv.read(path, summary=summary)
    }
    days = [market.first_day + timedelta(days=number) for number in range(market.days)]
    told: dict[tuple[date | None, str], tuple[object, ...]] = {
        (day, listing.pcode): (listing.title, listing.price, WORDS[listing.status], None)
        for day in days
        for listing in market.listings(day)
    }
    assert read == told
    assert summary.refusals == {}
    assert summary.observations == len(told)
    assert summary.not_listed > 0
    assert max(day for day, _ in read if day) == TODAY - timedelta(days=1)


def test_the_file_looks_like_the_crawlers_own(market: Market, tmp_path: Path) -> None:
    path = tmp_path / "VGA.csv"
    write_history(market, path)
    header, first, *rest = path.read_text("utf-8").splitlines()
    assert header.startswith(f"Id,Name,{market.first_day} 09:0")
    assert header.count(",") == market.days + 1
    assert first.split(",")[0].isdecimal()
    assert '"1,' in "".join(rest)
    assert any(",0,0," in line for line in rest)
    assert any(",일시품절," in line for line in rest)
