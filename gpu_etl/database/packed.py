"""A hundred thousand rows of a question as one value for each of some days, in place of a row each.

Belongs here: finding what a packed row is about. Does not belong here: the questions (the modules named after their
subject).

A row is packed by ``int8send`` and its like, and read as it lies in memory. Texts do not pack: PostgreSQL's
``hashtextextended`` stands for them, 64 bits that the question asks for both sides, and nothing of it is stored. Of a
million texts, two have the same key with a chance of 1 in 37 million.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


class Columns:
    """Which column of a table is for which key."""

    def __init__(self, column: Mapping[int, int]) -> None:
        self._keys = np.array(sorted(column), dtype=np.int64)
        self._columns = np.array([column[key] for key in self._keys.tolist()], dtype=np.intp)

    def of(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Which of these keys, as they were packed, have a column; and the columns of those."""
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.bool_), self._columns
        keys = keys.astype(np.int64)  # packed numbers lie apart and the other way round: twice the time to look at
        at = np.searchsorted(self._keys[:-1], keys)  # without the last: beyond it there is no place
        is_there = self._keys[at] == keys
        return is_there, self._columns[at[is_there]]
