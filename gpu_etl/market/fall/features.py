"""What is known of a listing on a day that may tell whether its price will fall.

Belongs here: the features, each computed from the 91 days that end with the day. Does not belong here: a model that
uses them (``model``).

:func:`day_features` reads no later day, so it cannot look ahead, and a day costs the same with 100 and with 800 days
of history behind it. Launches count from their day on; none is known earlier.

Left out because they tell the future or the calendar: age since a listing's first sighting (everything starts on the
first day of the series), medians over the whole series, the share of falls in the last 28 days as a forecast by itself
(worse than a constant: falls follow a surge by one or two months).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gpu_etl import catalog
from gpu_etl.market.fall import talk
from gpu_etl.market.fall.groups import Group, Numbers
from gpu_etl.market.fall.price_panel import BRIDGED_DAYS, DOUBT_DAYS, PricePanel, Table, believed, bridged

WINDOW_DAYS = 91
READ_DAYS = WINDOW_DAYS + BRIDGED_DAYS + DOUBT_DAYS
"""Days that must be read so that the last of them has the features it has in the whole series."""
MAX_CHANGE = 0.25
"""Means of changes are over clipped ones: beyond it is a slip or another product, seldom the market."""
FELL = np.log(0.95)
ROSE = np.log(1.05)
DOWN = 0.005
"""A change of the log price below this is standing still."""
MAX_AGE_DAYS = 1500
MAX_SUCCESSOR_DAYS = 730

FEATURES = {
    "change_7d": "trend",
    "change_14d": "trend",
    "change_28d": "trend",
    "change_90d": "trend",
    "above_own_usual_28d": "range",
    "above_own_usual_90d": "range",
    "above_low_14d": "range",
    "above_low_28d": "range",
    "below_high_28d": "range",
    "above_low_90d": "range",
    "below_high_90d": "range",
    "volatility_28d": "restlessness",
    "volatility_90d": "restlessness",
    "changes_28d": "restlessness",
    "cuts_28d": "restlessness",
    "largest_cut_28d": "restlessness",
    "largest_rise_28d": "restlessness",
    "days_unchanged": "restlessness",
    "sellers": "sellers",
    "sellers_change_7d": "sellers",
    "sellers_change_28d": "sellers",
    "days_listed_28d": "stock",
    "above_siblings": "siblings",
    "rank_among_siblings": "siblings",
    "siblings_spread": "siblings",
    "brand_change_7d": "brand",
    "brand_change_28d": "brand",
    "brand_down_7d": "brand",
    "brand_fell_28d": "brand",
    "siblings": "chipset",
    "siblings_change_28d": "chipset",
    "chipset_change_7d": "chipset",
    "chipset_change_28d": "chipset",
    "chipset_change_90d": "chipset",
    "chipset_fell_28d": "chipset",
    "chipset_rose_28d": "chipset",
    "chipset_down_7d": "chipset",
    "chipset_above_low_90d": "chipset",
    "chipset_below_high_90d": "chipset",
    "chipset_volatility_28d": "chipset",
    "chipset_sellers": "chipset",
    "chipset_sellers_change_28d": "chipset",
    "chipset_age": "launches",
    "successor_age": "launches",
    "price": "premium",
    "performance_per_won": "premium",
    "premium": "premium",
    "chipset_premium": "premium",
    "market_change_7d": "market",
    "market_change_28d": "market",
    "market_change_90d": "market",
    "market_above_low_90d": "market",
    "market_below_high_90d": "market",
    "market_fell_28d": "market",
    "market_rose_28d": "market",
    "market_down_7d": "market",
    **dict.fromkeys(talk.FEATURES, talk.PART),
}
"""Every feature in the order of the columns, with the part of the score it belongs to."""
NAMES = tuple(FEATURES)
MARKET_WIDE = tuple(name for name, part in FEATURES.items() if part == "market")

Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A panel made ready: believed log prices and seller counts with short gaps bridged, and who belongs together."""

    panel: PricePanel
    believed: Table
    log_price: Table
    log_sellers: Table
    chips: Sequence[catalog.Chipset | None]
    """The chipsets of the panel; ``None`` for one that the catalogue does not know."""
    chipset_names: Sequence[str]
    chipset_of: Numbers
    brand_of: Numbers
    talk: talk.Talk | None
    """What was said on the panel's days; ``None`` where nobody looked."""


def prepare(panel: PricePanel, said: talk.Talk | None = None) -> Prepared:
    """Do once what all days share; nothing in a row depends on a later one."""
    prices = believed(panel.price)
    known = {chip.name: chip for chip in catalog.chipsets()}
    chipsets, chipset_of = _numbered([listing.chipset for listing in panel.listings])
    _, brand_of = _numbered([listing.brand or "" for listing in panel.listings])
    return Prepared(
        panel=panel,
        believed=prices,
        log_price=np.log(bridged(prices, BRIDGED_DAYS)),
        log_sellers=np.log1p(bridged(panel.sellers, BRIDGED_DAYS)),
        chips=[known.get(name) for name in chipsets],
        chipset_names=chipsets,
        chipset_of=chipset_of,
        brand_of=brand_of,
        talk=said,
    )


def _numbered(names: Sequence[str]) -> tuple[list[str], Numbers]:
    """The distinct names, sorted, and each name's number."""
    distinct = sorted(set(names))
    number = {name: at for at, name in enumerate(distinct)}
    return distinct, np.array([number[name] for name in names], dtype=np.int64)


def day_features(prepared: Prepared, row: int) -> tuple[Numbers, Features]:
    """The listings (columns) with a believed price on a day, and their features, one line each, as in :data:`NAMES`."""
    columns = np.flatnonzero(np.isfinite(prepared.believed[row]))
    first = max(0, row + 1 - WINDOW_DAYS)
    log_price = _window(prepared.log_price[first : row + 1, columns])
    log_sellers = _window(prepared.log_sellers[first : row + 1, columns])
    chipset = Group(prepared.chipset_of[columns])
    brand = Group(prepared.brand_of[columns])
    values = _own(log_price, log_sellers)
    values["days_listed_28d"] = np.isfinite(prepared.believed[max(0, row - 27) : row + 1, columns]).mean(axis=0)
    values |= _against_chipset(log_price, chipset)
    values |= _among_siblings(log_price[-1], chipset)
    values |= _together(values, "chipset", chipset.mean)
    values |= _together(values, "brand", brand.mean)
    values |= _together(values, "market", _over_all)
    values["chipset_volatility_28d"] = chipset.mean(values["volatility_28d"])
    values["chipset_sellers"] = chipset.mean(values["sellers"])
    values["chipset_sellers_change_28d"] = chipset.mean(values["sellers_change_28d"])
    values |= _size(prepared, row, columns)
    values |= _launches(prepared, columns, prepared.panel.day_of(row), chipset, log_price[-1])
    values |= _talk(prepared, row, columns)
    return columns, np.column_stack([values[name] for name in NAMES]).astype(np.float32)


def _window(values: Table) -> Table:
    """The values padded in front with NaN to the length of the window."""
    missing = WINDOW_DAYS - len(values)
    return np.vstack([np.full((missing, values.shape[1]), np.nan), values]) if missing else values


def _own(log_price: Table, log_sellers: Table) -> dict[str, Table]:
    """What a listing's own window says; every column has a value on its last day."""
    now = log_price[-1]
    steps = np.diff(log_price, axis=0)
    month = steps[-28:]
    moved = np.abs(steps) > 1e-6
    ago = np.argmax(moved[::-1], axis=0)
    values = {f"change_{days}d": now - log_price[-1 - days] for days in (7, 14, 28, 90)}
    for days in (14, 28, 90):
        values[f"above_low_{days}d"] = now - np.nanmin(log_price[-days:], axis=0)
        values[f"below_high_{days}d"] = np.nanmax(log_price[-days:], axis=0) - now
    values |= {
        "volatility_28d": _deviation(month),
        "volatility_90d": _deviation(steps),
        "changes_28d": moved[-28:].sum(axis=0).astype(float),
        "cuts_28d": (month < -0.001).sum(axis=0).astype(float),
        "largest_cut_28d": np.fmax.reduce(-month, axis=0),
        "largest_rise_28d": np.fmax.reduce(month, axis=0),
        "days_unchanged": np.where(moved.any(axis=0), ago, WINDOW_DAYS - 1).astype(float),
        "sellers": log_sellers[-1],
        "sellers_change_7d": log_sellers[-1] - log_sellers[-8],
        "sellers_change_28d": log_sellers[-1] - log_sellers[-29],
    }
    return values


def _deviation(steps: Table) -> Table:
    """The standard deviation of each column over what is known of it; NaN where nothing is."""
    known = np.isfinite(steps)
    n = known.sum(axis=0)
    filled = np.where(known, steps, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=0) / n
        return np.asarray(np.sqrt(np.maximum((filled**2).sum(axis=0) / n - mean**2, 0.0)))


def _over_all(values: Table) -> Table:
    known = values[np.isfinite(values)]
    return np.full(len(values), known.mean() if len(known) else np.nan)


def _against_chipset(log_price: Table, chipset: Group) -> dict[str, Table]:
    """How far a listing stands above its own usual distance from its chipset: what is dear for itself comes back."""
    steps = np.clip(np.diff(log_price, axis=0), -MAX_CHANGE, MAX_CHANGE)
    course = np.vstack([np.zeros((1, chipset.n)), chipset.daily_mean(steps).cumsum(axis=0)])
    apart = log_price - course[:, chipset.number]
    return {f"above_own_usual_{days}d": apart[-1] - np.nanmean(apart[-days:], axis=0) for days in (28, 90)}


def _among_siblings(now: Table, chipset: Group) -> dict[str, Table]:
    """Where a listing's price lies among those of its chipset."""
    above, rank, spread = (np.full(len(now), np.nan) for _ in range(3))
    for members in chipset.members():
        prices = now[members]
        low, middle, high = np.quantile(prices, (0.25, 0.5, 0.75))
        above[members] = prices - middle
        spread[members] = high - low
        ordered = np.sort(prices)
        below, up_to = (np.searchsorted(ordered, prices, side=side) for side in ("left", "right"))
        rank[members] = (below + up_to) / (2 * len(members))
    return {"above_siblings": above, "rank_among_siblings": rank, "siblings_spread": spread}


def _together(values: dict[str, Table], prefix: str, mean: Callable[[Table], Table]) -> dict[str, Table]:
    """How the listings of a chipset, a brand or the whole market moved; shares are 0 to 1."""
    month, week = values["change_28d"], values["change_7d"]
    result = {
        f"{prefix}_change_{days}d": mean(np.clip(values[f"change_{days}d"], -MAX_CHANGE, MAX_CHANGE))
        for days in (7, 28, 90)
    }
    return result | {
        f"{prefix}_fell_28d": mean(np.where(np.isnan(month), np.nan, month <= FELL)),
        f"{prefix}_rose_28d": mean(np.where(np.isnan(month), np.nan, month >= ROSE)),
        f"{prefix}_down_7d": mean(np.where(np.isnan(week), np.nan, week < -DOWN)),
        f"{prefix}_above_low_90d": mean(values["above_low_90d"]),
        f"{prefix}_below_high_90d": mean(values["below_high_90d"]),
    }


def _size(prepared: Prepared, row: int, columns: Numbers) -> dict[str, Table]:
    """How many listings a chipset has (log), and how that changed: a vanishing range leaves ghost prices."""
    n = len(prepared.chips)
    now, before = (
        np.log1p(np.bincount(prepared.chipset_of[np.isfinite(prepared.log_price[at])], minlength=n))
        for at in (row, max(0, row - 28))
    )
    mine = prepared.chipset_of[columns]
    change = now - before if row >= 28 else np.full(n, np.nan)
    return {"siblings": now[mine], "siblings_change_28d": change[mine]}


def _launches(prepared: Prepared, columns: Numbers, day: date, chipset: Group, now: Table) -> dict[str, Table]:
    """From the catalogue: days since the chipset's and its successor's launch, the price beside the launch price."""
    successors = [_successor(chip) for chip in prepared.chips]
    mine = prepared.chipset_of[columns]
    age = [_days_since(chip, day, MAX_AGE_DAYS) for chip in prepared.chips]
    after = [_days_since(chip, day, MAX_SUCCESSOR_DAYS) for chip in successors]
    launch_price = [_log(chip.price_usd if chip else None) for chip in prepared.chips]
    performance = [_log(chip.g3d_mark if chip else None) for chip in prepared.chips]
    premium = now - np.array(launch_price)[mine]
    typical = np.full(len(now), np.nan)
    for members in chipset.members():
        typical[members] = np.median(premium[members])
    return {
        "chipset_age": np.array(age)[mine],
        "successor_age": np.array(after)[mine],
        "price": now,
        "performance_per_won": np.array(performance)[mine] - now,
        "premium": premium,
        "chipset_premium": typical,
    }


def _talk(prepared: Prepared, row: int, columns: Numbers) -> dict[str, Table]:
    """What is said of the chipset and of what follows it."""
    followers = [catalog.followers(chip) if chip else () for chip in prepared.chips]
    found = talk.numbers(prepared.talk, row, prepared.chipset_names, followers)
    mine = prepared.chipset_of[columns]
    return {name: values[mine] for name, values in found.items()}


def _successor(chip: catalog.Chipset | None) -> catalog.Chipset | None:
    if chip is None or chip.successor is None:
        return None
    return next(other for other in catalog.chipsets() if other.name == chip.successor)


def _log(value: int | None) -> float:
    return float(np.log(value)) if value else float("nan")


def _days_since(chip: catalog.Chipset | None, day: date, at_most: int) -> float:
    """Days since a launch, NaN before it: nobody knew it then."""
    if chip is None or chip.launched is None or chip.launched > day:
        return float("nan")
    return float(min((day - chip.launched).days, at_most))
