"""Boosted decision trees as plain numbers: read from JSON, followed by hand, taken apart.

Belongs here: a set of trees, its sum for a line of features, and what each feature added to it. Does not belong here:
growing trees (``model``), following many at once (``tree_walk``), what the features are (``features``).

The sum is in log odds. Walking down a tree, each split moves the expectation from its node's mean to a child's mean;
that move belongs to the feature that was asked. So the sum is the trees' mean plus what all features added, exactly
(Saabas 2014, "Interpreting random forests").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu_etl.market.fall.tree_walk import LEAF, Values, Walk, lay_out

__all__ = ["LEAF", "Trees", "Values", "from_json", "from_nodes"]


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Trees of one model, a line each, padded to the largest. Node 0 is the root."""

    base: float
    """Log odds before any tree."""
    feature: NDArray[np.int64]
    """The column that a node asks; :data:`LEAF` where it asks none."""
    threshold: Values
    """Left where the column's value is at most this; of single precision, as the features are."""
    unknown_left: NDArray[np.bool_]
    """Left where it is unknown."""
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Values
    """The mean over the training rows that came here; at a leaf what it adds."""

    def log_odds(self, features: NDArray[np.floating[Any]]) -> Values:
        """The sum for each line of features."""
        total = np.full(len(features), self.base)
        for portion, leaves in _walk(self, features.shape[1]).leaves(features):
            self._add(leaves, total[portion])
        return total

    def contributions(self, features: NDArray[np.floating[Any]]) -> tuple[Values, float, Values]:
        """The log odds of each line, what all lines start from, and what each feature (column) added to each line.

        Start and additions come to the log odds, but for the last digits.
        """
        total, added = np.full(len(features), self.base), np.zeros(features.shape)
        walk = _walk(self, features.shape[1])
        for portion, leaves in walk.leaves(features):
            self._add(leaves, total[portion])
            added[portion] = walk.moves(leaves, features.shape[1])
        return total, self.base + float(self.value[:, 0].sum()), added

    def _add(self, leaves: NDArray[np.intp], total: Values) -> None:
        """Add one tree after the other: sums of the same order are the same to the last bit."""
        mean = self.value.ravel()
        for leaf in leaves:
            total += mean[leaf]

    def as_json(self, names: Sequence[str]) -> dict[str, Any]:
        """For a file: each tree as its nodes, ``[feature, threshold, where unknown goes, left, right, value]``."""
        return {
            "base": round(self.base, 6),
            "trees": [[self._node(tree, node, names) for node in range(self._size(tree))] for tree in range(self.n)],
        }

    @property
    def n(self) -> int:
        """How many trees."""
        return len(self.feature)

    def _size(self, tree: int) -> int:
        return int(max(self.left[tree].max(), self.right[tree].max(), 0)) + 1

    def _node(self, tree: int, node: int, names: Sequence[str]) -> list[Any]:
        value = round(float(self.value[tree, node]), 5)
        if self.feature[tree, node] == LEAF:
            return [value]
        return [
            names[self.feature[tree, node]],
            float(f"{self.threshold[tree, node]:.9g}"),
            "left" if self.unknown_left[tree, node] else "right",
            int(self.left[tree, node]),
            int(self.right[tree, node]),
            value,
        ]


@lru_cache(maxsize=4)
def _walk(trees: Trees, columns: int) -> Walk:
    """The same laid out flat, once for the days that a process scores."""
    return lay_out(trees.feature, trees.threshold, trees.unknown_left, trees.left, trees.right, trees.value, columns)


def from_nodes(base: float, trees: Sequence[Sequence[Sequence[Any]]], names: Sequence[str]) -> Trees:
    """Trees from their nodes as :meth:`Trees.as_json` writes them.

    Raises:
        ValueError: a feature that is not among ``names``, or a node that is not there.
    """
    number = {name: at for at, name in enumerate(names)}
    shape = len(trees), max((len(tree) for tree in trees), default=1)
    result = Trees(
        base,
        np.full(shape, LEAF),
        np.zeros(shape),
        np.zeros(shape, dtype=bool),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape),
    )
    for at, tree in enumerate(trees):
        for place, node in enumerate(tree):
            result.value[at, place] = node[-1]
            if len(node) == 1:
                continue
            name, threshold, unknown, left, right, _ = node
            if name not in number:
                raise ValueError(f"a tree asks for {name!r}, which is no feature")
            if not place < min(left, right) <= max(left, right) < len(tree):
                raise ValueError(f"node {place} of tree {at} leads nowhere")
            result.feature[at, place] = number[name]
            result.threshold[at, place] = np.float32(threshold)  # written with as many digits as that takes
            result.unknown_left[at, place] = unknown == "left"
            result.left[at, place], result.right[at, place] = left, right
    return result


def from_json(stored: Mapping[str, Any], names: Sequence[str]) -> Trees:
    """What :meth:`Trees.as_json` wrote; errors as in :func:`from_nodes`."""
    return from_nodes(float(stored["base"]), stored["trees"], names)
