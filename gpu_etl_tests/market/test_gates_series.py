"""The gate over two years of the real list: every bad day is refused, no other, and losses made up are seen."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks import gates
from gpu_etl_tests.replay import needs_series

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("series"), needs_series]

ABSENT = {date(2024, 8, 30), date(2024, 8, 31), date(2024, 11, 17), date(2024, 11, 21)}
LOST_HALF = {date(2025, 12, day) for day in range(25, 32)} | {date(2026, 1, 1), date(2026, 1, 2)}


@pytest.fixture(scope="module")
def report() -> gates.Report:
    return gates.run(gates.read(next(gates.SERIES.glob("vga_*.csv.gz"))), sample_every=50)


def test_exactly_the_13_bad_days_of_661_are_refused(report: gates.Report) -> None:
    assert report.days == 661
    assert set(report.refused) == ABSENT | LOST_HALF


def test_hardly_more_than_a_price_a_day_is_held(report: gates.Report) -> None:
    assert 0.5 < report.held / report.days < 2


@pytest.mark.parametrize(
    "damage", ["rows at random", "whole chipsets", "prices vanish", "prices unreadable", "prices x 10"]
)
def test_a_tenth_lost_is_seen_every_time(report: gates.Report, damage: str) -> None:
    assert report.sampled >= 10
    assert report.seen[damage, 0.10] == report.sampled


@pytest.mark.parametrize("damage", ["rows at random", "whole chipsets", "whole pages"])
def test_the_coarse_counts_alone_would_miss_it(report: gates.Report, damage: str) -> None:
    assert report.seen[damage, 0.10] >= 0.8 * report.sampled
    assert report.seen_coarsely[damage, 0.10] < 0.2 * report.sampled
