"""Alerts in words: the one sentence that the command line, a message and a page say about an event.

Belongs here: that sentence for each kind, from the stored row alone. Does not belong here: how it is laid out or
delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gpu_etl.market.alerts import Kind

Row = Mapping[str, Any]
"""A row of ``risk_alerts``."""

NAMES: Mapping[Kind, str] = {
    Kind.SOURCE_BLIND: "source blind",
    Kind.TARGET_PRICE: "target price",
    Kind.RISK: "risk",
    Kind.RISK_SCORE: "risk score",
    Kind.DROP: "drop",
    Kind.ALL_TIME_LOW: "all-time low",
    Kind.RISE: "rise",
    Kind.BACK_IN_STOCK: "back in stock",
}


def name(row: Row) -> str:
    """The kind of an alert in words."""
    return NAMES[Kind(row["kind"])]


def what(row: Row) -> str:
    """What happened to the alert's subject, with the numbers that it stands on."""
    return _WHAT[Kind(row["kind"])](row, row["factors"])


def line(row: Row) -> str:
    """The subject, and what happened to it."""
    return f"{row['product']}: {what(row)}"


def brief(row: Row) -> str:
    """What happened, in a few words: for a table that has the subject and the kind beside it."""
    return _BRIEF[Kind(row["kind"])](row, row["factors"])


def _source_blind(row: Row, factors: Row) -> str:
    reason = factors.get("reason") or "it could not be read"
    return f"nothing of it can be published: {reason} (last read: {factors.get('last_read') or 'never'})"


def _target_price(row: Row, factors: Row) -> str:
    note = f", for: {factors['note']}" if factors.get("note") else ""
    return f"costs {_won(row['value'])} won; {_won(row['threshold'])} or less is waited for{note}"


def _risk(row: Row, factors: Row) -> str:
    mentions = factors.get("new_release_mentions")
    talk = "Reddit not read" if mentions is None else f"{mentions} new-release mentions"
    return (
        f"risk index {_won(row['value'])} won over {_won(row['threshold'])} "
        f"(price {_won(factors.get('price'))}, last week {_won(factors.get('last_week_avg'))}, {talk})"
    )


def _risk_score(row: Row, factors: Row) -> str:
    said = [f"risk score {row['value']:.0f} of 100, told from {row['threshold']:.0f} on"]
    if factors.get("probability") is not None:
        said.append(f"{factors['probability']:.0%} chance of a price 5 % lower within 28 days")
    if factors.get("won_at_risk") is not None:
        said.append(f"{_won(factors['won_at_risk'])} won at risk a piece")
    parts = [part["words"] for part in factors.get("score_parts") or () if part.get("words")]
    if parts:
        said.append(f"most of it: {parts[0]}")
    return "; ".join(said)


def _drop(row: Row, factors: Row) -> str:
    return f"fell {_percent(row)} below {_baseline(factors)}"


def _rise(row: Row, factors: Row) -> str:
    return f"rose {_percent(row)} above {_baseline(factors)}"


def _all_time_low(row: Row, factors: Row) -> str:
    return (
        f"costs {_won(row['value'])} won, less than ever before "
        f"({_won(row['threshold'])} on {factors.get('low_before_day') or 'an earlier day'})"
    )


def _back_in_stock(row: Row, factors: Row) -> str:
    return f"can be bought again, at {_won(factors.get('price'))} won, after {row['value']:.0f} days"


def _baseline(factors: Row) -> str:
    if factors.get("baseline_price") is None:
        return f"{factors['baseline']}; its cheapest card costs {_won(factors.get('low_price'))} won"
    return f"{factors['baseline']}: {_won(factors.get('price'))} won against {_won(factors['baseline_price'])}"


def _percent(row: Row) -> str:
    return f"{row['value']:.1f} %"


def _won(value: Any) -> str:
    return "unknown" if value is None else f"{value:,.0f}"


_WHAT: Mapping[Kind, Callable[[Row, Row], str]] = {
    Kind.SOURCE_BLIND: _source_blind,
    Kind.TARGET_PRICE: _target_price,
    Kind.RISK: _risk,
    Kind.RISK_SCORE: _risk_score,
    Kind.DROP: _drop,
    Kind.ALL_TIME_LOW: _all_time_low,
    Kind.RISE: _rise,
    Kind.BACK_IN_STOCK: _back_in_stock,
}

_BRIEF: Mapping[Kind, Callable[[Row, Row], str]] = {
    Kind.SOURCE_BLIND: lambda row, factors: f"last read {factors.get('last_read') or 'never'}",
    Kind.TARGET_PRICE: lambda row, factors: f"{_won(row['value'])} won, {_won(row['threshold'])} waited for",
    Kind.RISK: lambda row, factors: f"{_won(row['value'])} won over {_won(row['threshold'])}",
    Kind.RISK_SCORE: lambda row, factors: f"{row['value']:.0f} of 100",
    Kind.DROP: lambda row, factors: f"{_percent(row)} to {_won(factors.get('price', factors.get('low_price')))} won",
    Kind.ALL_TIME_LOW: lambda row, factors: f"{_won(row['value'])} won, {_won(row['threshold'])} before",
    Kind.RISE: lambda row, factors: f"{_percent(row)} to {_won(factors.get('price', factors.get('low_price')))} won",
    Kind.BACK_IN_STOCK: lambda row, factors: f"after {row['value']:.0f} days, {_won(factors.get('price'))} won",
}
