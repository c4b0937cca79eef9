"""The model that comes with the package: it scores until the history here is long enough for one of its own.

Belongs here: reading it. Does not belong here: how it was learned: ``gpu-etl train --export`` on the public daily
prices of Danawa, whose window, rows and figures stand in the file's first lines.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from gpu_etl.market.fall_model import FallModel, from_json

FILE = "fall_model.json"
VERSION = "shipped"


@cache
def shipped_model() -> FallModel:
    """The packaged model."""
    return from_json(json.loads(resources.files("gpu_etl.market").joinpath(FILE).read_text(encoding="utf-8")))
