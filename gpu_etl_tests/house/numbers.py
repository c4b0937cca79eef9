"""docs/numbers.md: the meaning and formula of every number, made from the modules that compute them.

Belongs here: which module stands for which number, and laying them out. Does not belong here: a formula, or a sentence
about one (the docstrings of ``gpu_etl.market``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import gpu_etl.market

MARKET = Path(gpu_etl.market.__file__).parent
NUMBERS = {
    "gates": "whether a day is published at all",
    "suspects": "`price_logs.suspect_reason`",
    "changes": "`price_changes`: price, last_week_avg, change",
    "history": "`price_changes`: ranges, percentiles, all_time_low, volatility",
    "index": "`chipset_index`: index_value, status, composition_pct, spread",
    "geks": "how `index_value` moves from day to day",
    "worth": "`chipset_index`: premium, gaps, price_per_point",
    "risk": "`risk_scores`: risk_index, loss, formula_as_written",
    "fall/model": "`risk_scores`: probability, risk_score and its parts ([how good it is](risk.md))",
    "fall/labels": "the event that it is about",
    "fall/features": "what it looks at",
    "fall/talk": "what it looks at of the talk",
    "fall/trees": "how its parts add up",
    "fall/walk_forward": "`backtests`: how past days are predicted",
    "fall/evaluation": "`backtests`: the figures",
    "fall/advice": "`buying_advice`",
    "alerts": "`risk_alerts`: when an event begins and ends",
    "watching": "what each kind of alert measures",
    "inventory": "the stock's value and what it may lose",
    "signals": "`market_signals`: when a post has a keyword",
    "trends": "`keyword_trends`",
    "polarity": "whether a post speaks well or ill of cards",
    "coverage": "`source_coverage`: how much of a day was read",
    "launches": "`launch_effects`",
    "lags": "`rumour_lags`",
}
HEAD = """# What the numbers mean

Made by `make docs` from the modules that compute them: each formula stands in one module of `gpu_etl/market`, with its
reasoning. What each column holds is in the [data dictionary](data-dictionary.md); how the labels of posts were made in
[labels.md](labels.md), how good the learned score is in [risk.md](risk.md).
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    yield "| number | module |\n|---|---|"
    for name, what in NUMBERS.items():
        yield f"| {what} | [{name}](#{_anchor(name)}) |"
    for name in NUMBERS:
        yield f"\n## {name}\n\n{_text(MARKET / f'{name}.py')}"


def _anchor(name: str) -> str:
    return name.replace("/", "")


def _text(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraphs = [part for part in text.split("\n\n") if not part.startswith("Belongs here:")]
    return re.sub(r"``([^`]+)``", r"`\1`", "\n\n".join(paragraphs)).replace("`` ", "` ")
