"""Boosted decision trees as plain numbers: read from JSON, followed by hand, taken apart.

Belongs here: a set of trees, its sum for a line of features, and what each feature added to it. Does not belong here:
growing trees (``model``), what the features are (``features``).

The sum is in log odds. Walking down a tree, each split moves the expectation from its node's mean to a child's mean;
that move belongs to the feature that was asked. So the sum is the trees' mean plus what all features added, exactly
(Saabas 2014, "Interpreting random forests").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
LEAF = -1


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
        for tree in range(len(self.feature)):
            node = self._down(tree, features)
            total += self.value[tree, node]
        return total

    def _down(self, tree: int, features: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """The leaf of each line."""
        node = np.zeros(len(features), dtype=np.int64)
        going = np.arange(len(features))
        while len(going):
            going = going[self.feature[tree, node[going]] != LEAF]
            node[going] = self._step(tree, node[going], features[going])
        return node

    def _step(self, tree: int, node: NDArray[np.int64], features: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """The child that each line goes on to."""
        asked = features[np.arange(len(node)), self.feature[tree, node]]
        to_left = np.where(np.isnan(asked), self.unknown_left[tree, node], asked <= self.threshold[tree, node])
        return np.asarray(np.where(to_left, self.left[tree, node], self.right[tree, node]))

    def contributions(self, features: NDArray[np.floating[Any]]) -> tuple[float, Values]:
        """What all lines start from, and what each feature (column) added to each line: their sum is the log odds."""
        added = np.zeros(features.shape)
        for tree in range(len(self.feature)):
            node = np.zeros(len(features), dtype=np.int64)
            going = np.arange(len(features))
            while len(going):
                going = going[self.feature[tree, node[going]] != LEAF]
                asked, before = self.feature[tree, node[going]], self.value[tree, node[going]]
                node[going] = self._step(tree, node[going], features[going])
                added[going, asked] += self.value[tree, node[going]] - before
        return self.base + float(self.value[:, 0].sum()), added

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
