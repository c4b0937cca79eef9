"""The model that comes with the package: it scores until the history here is long enough for one of its own.

Belongs here: reading it. Does not belong here: how it was learned (``gpu-etl train --export FILE --about TEXT``, after
``gpu-etl backtest``, on two years of Danawa's daily prices; window, rows and figures stand at the file's beginning).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from gpu_etl.market.fall.model import FallModel, from_json

FILE = "model.json"
VERSION = "shipped"


@cache
def shipped_model() -> FallModel:
    """The packaged model."""
    return from_json(json.loads(resources.files("gpu_etl.market.fall").joinpath(FILE).read_text(encoding="utf-8")))
