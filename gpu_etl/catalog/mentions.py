"""Which chipsets a running text names.

Belongs here: chipsets in posts and comments. Does not belong here: shop titles (``identify``), which name one card.
"""

from __future__ import annotations

from itertools import chain

from gpu_etl.catalog.identify import find_all
from gpu_etl.catalog.lexicon import lexicon
from gpu_etl.catalog.text import fold


def mentions(text: str) -> list[str]:
    """Name the chipsets in ``text``: canonical names, in order, no repeats. Never raises on any text."""
    tokens = list(chain.from_iterable(map(lexicon().__getitem__, fold(text).split())))
    return list(dict.fromkeys(chips[0].name for _, _, chips in find_all(tokens) if len(chips) == 1))
