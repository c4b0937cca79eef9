"""What moves the packaged risk score: ``python -m benchmarks.risk_parts`` (the table in docs/risk.md; two minutes).

Imports the real series beside the project, computes the features of all card-days whose outcome is known, and asks the
packaged model for its parts. Printed for each part's main features, by fifths from low to high: the share of the
card-days that fell 5 % or more, in %, and what the part added to the probability, in percentage points. The parts come
in the order of their mean size.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.crawled import import_file
from benchmarks.workshop import SERIES, Missing, shared, workshop
from gpu_etl import catalog
from gpu_etl.database.panel import first_and_last_day, read_panel
from gpu_etl.market.fall.features import FEATURES, NAMES, Features, prepare
from gpu_etl.market.fall.labels import FALL
from gpu_etl.market.fall.model import PARTS, Examples
from gpu_etl.market.fall.shipped import shipped_model
from gpu_etl.market.fall.trees import Values
from gpu_etl.market.fall.walk_forward import examples_of

SHOWN = {
    "chipset_change_28d": "its chipset's change in 28 days",
    "siblings_change_28d": "change of the number of listings of its chipset",
    "above_own_usual_28d": "above its own usual distance from its chipset",
    "above_low_90d": "above its 90-day low",
    "premium": "won for a dollar of the launch price",
    "volatility_28d": "volatility in 28 days",
    "days_unchanged": "days its price stood still",
    "change_28d": "its own change in 28 days",
    "above_siblings": "above the median of its chipset",
    "market_change_28d": "change of all cards in 28 days",
    "market_change_90d": "change of all cards in 90 days",
    "successor_age": "days since its successor came out",
    "brand_change_28d": "change of its maker's cards in 28 days",
    "sellers_change_28d": "change of its shops in 28 days",
    "days_listed_28d": "share of 28 days with a price",
}
"""The features that are shown, in words."""
AT_ONCE = 20_000
"""Card-days whose parts are asked for together: all at once need gigabytes."""


def known_days() -> Examples:
    """The card-days of the series that the packaged model has learned from: those whose outcome is known."""
    with workshop() as place:
        import_file(place, shared(*SERIES))
        with place.database.transaction() as connection:
            days = first_and_last_day(connection)
            assert days is not None
            panel = read_panel(connection, *days, catalog.recent() | catalog.scope(place.settings.chipsets))
    found = examples_of(prepare(panel), 0, panel.row_of(shipped_model().trained_to))
    return found.take(np.isfinite(found.change))


def parts_of(features: Features) -> Values:
    """What each part adds to the probability of each line, in percentage points."""
    model = shipped_model()
    return np.concatenate(
        [100 * model.parts(features[at : at + AT_ONCE])[2] for at in range(0, len(features), AT_ONCE)]
    )


def by_fifths(feature: Values, outcome: Values) -> list[float]:
    """The mean outcome in each fifth of a feature, from low to high; lines that it is unknown of are left out.

    Lines of the same value share their mean: which of them come first says nothing.
    """
    known = np.isfinite(feature)
    _, place = np.unique(feature[known], return_inverse=True)
    means = np.bincount(place, outcome[known]) / np.bincount(place)
    return [float(fifth.mean()) for fifth in np.array_split(means[np.sort(place)], 5)]


def main() -> int:
    """Print the table; exit code 2 without the real series."""
    try:
        examples = known_days()
    except Missing as missing:
        print(missing)
        return 2
    fell, added = np.where(examples.change <= -FALL, 100.0, 0.0), parts_of(examples.features)
    size = {part: float(np.abs(added[:, at]).mean()) for at, part in enumerate(PARTS)}
    print(f"{len(examples):,} card-days, {fell.mean():.1f} % fell; mean sizes: ")
    print(", ".join(f"{part} {size[part]:.2f}" for part in sorted(size, key=lambda part: -size[part])), end="\n\n")
    for name in sorted(SHOWN, key=lambda name: -size[FEATURES[name]]):
        part, feature = FEATURES[name], examples.features[:, NAMES.index(name)].astype(np.float64)
        shares, points = by_fifths(feature, fell), by_fifths(feature, added[:, PARTS.index(part)])
        cells = [f"{share:.1f} ({point:+.1f})" for share, point in zip(shares, points, strict=True)]
        print(f"| {part} ({size[part]:.2f}) | {SHOWN[name]} | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
