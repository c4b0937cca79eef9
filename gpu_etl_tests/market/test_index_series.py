"""The index over two years of the real list: nearer to the truth than a chain of days, and no ghost is published."""

from __future__ import annotations

from datetime import date
from statistics import fmean

import pytest

from benchmarks import index
from benchmarks.gates import SERIES
from gpu_etl_tests.replay import needs_series

pytestmark = [pytest.mark.exhaustive, needs_series]

SOLD_OUT = date(2025, 2, 27)
"""From here on hardly any RTX 4070 SUPER is left, at prices up to three times those of the week before."""


@pytest.fixture(scope="module")
def report() -> index.Report:
    return index.run(index.read(next(SERIES.glob("vga_*.csv.gz"))))


@pytest.mark.parametrize("span", index.SPANS)
def test_it_is_nearer_to_like_for_like_truth_than_a_chain_of_daily_changes(report: index.Report, span: int) -> None:
    ours, chain = report.errors["GEKS", span], report.errors["chained mean", span]
    assert len(ours) > 200
    assert index.root_mean_square(ours) < 0.75 * index.root_mean_square(chain)
    assert abs(fmean(ours)) < 0.2


def test_after_a_month_it_is_about_a_point_off_after_three_about_two(report: index.Report) -> None:
    assert index.root_mean_square(report.errors["GEKS", 28]) < 1.2
    assert index.root_mean_square(report.errors["GEKS", 90]) < 2.5


def test_the_ghosts_of_a_sold_out_chipset_are_never_published(report: index.Report) -> None:
    rows = report.rows["GeForce RTX 4070 SUPER"]
    before = [row for day, row in rows.items() if day < SOLD_OUT]
    after = [row for day, row in rows.items() if day >= SOLD_OUT]
    assert sum(row.status == "published" for row in before) > 200
    assert len(after) > 300
    assert {row.status for row in after} <= {"end_of_life", "withheld", "thin"}
    assert all(row.reason for row in after)
    ghosts = [row for row in after if row.median_price and row.median_price > 2_000_000]
    assert ghosts
    assert {row.status for row in ghosts} <= {"end_of_life", "withheld"}


def test_living_chipsets_are_published(report: index.Report) -> None:
    rows = report.rows["GeForce RTX 5070"]
    late = [row for day, row in rows.items() if day >= date(2025, 6, 1)]
    assert sum(row.status == "published" for row in late) > 0.95 * len(late)
