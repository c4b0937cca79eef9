"""A hundred thousand rows of a question as one value for each of some days, in place of a row each.

Belongs here: finding what a packed row is about. Does not belong here: the questions (the modules named after their
subject).

A row is packed by ``int8send`` and its like, and read as it lies in memory. Texts do not pack: PostgreSQL's
``hashtextextended`` stands for them, 64 bits that the question asks for both sides, and nothing of it is stored. Of a
million texts, two have the same key with a chance of 1 in 37 million.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Places = NDArray[np.intp]


def find(keys: Keys, wanted: Keys) -> tuple[NDArray[np.bool_], Places]:
    """Which of the ``wanted`` keys are among ``keys``, and where those are; ``keys`` are in order, and at least one."""
    at = np.searchsorted(keys[:-1], wanted)  # without the last: beyond it there is no place
    is_there = keys[at] == wanted
    return is_there, at[is_there]
