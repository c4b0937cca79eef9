"""Many trees followed by many lines at once.

Belongs here: trees laid out flat, the way down, the way back up. Does not belong here: what a tree says (``trees``).

A day has a thousand lines and 240 trees: line by line or tree by tree, most of the time goes into starting numpy's
functions. All trees go down a level together here; lines are taken in portions, whose numbers stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Numbers = NDArray[np.intp]
LEAF = -1
PORTION = 128
"""Lines at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """All nodes of all trees in one row, with the way down from the roots and the steps that led to each node."""

    roots: Numbers
    is_leaf: NDArray[np.bool_]
    asked: Numbers
    """The column of :func:`_both_ways` that a node asks."""
    threshold: Values
    child: Numbers
    """At twice a node's number where it goes up to the threshold, and one further where it goes above."""
    steps_to: Numbers
    """How many steps lead to a node from its root."""
    first_step: Numbers
    """Where those begin among all steps."""
    step_feature: Numbers
    """The feature that was asked at a step."""
    step_move: Values
    """By how much the step moved the mean."""

    def leaves(self, features: NDArray[np.floating[Any]]) -> Iterator[tuple[slice, Numbers]]:
        """The leaf (number of its node) of each tree (rows) and line of features (columns), a portion at a time."""
        for first in range(0, len(features), PORTION):
            portion = slice(first, first + PORTION)
            yield portion, self._down(features[portion])

    def _down(self, features: NDArray[np.floating[Any]]) -> Numbers:
        lines = len(features)
        table = _both_ways(features)
        found = np.repeat(self.roots, lines)
        going = np.flatnonzero(~self.is_leaf[found])
        node, line = found[going], (going % lines) * table.shape[1]
        values = table.ravel()
        while len(going):
            is_above = values[line + self.asked[node]] > self.threshold[node]
            node = self.child[2 * node + is_above]
            arrived = self.is_leaf[node]
            found[going[arrived]] = node[arrived]
            going, node, line = going[~arrived], node[~arrived], line[~arrived]
        return found.reshape(len(self.roots), lines)

    def moves(self, leaves: Numbers, columns: int) -> Values:
        """What each feature (of so many columns) moved on each line's ways down to ``leaves``, tree by tree."""
        lines = leaves.shape[1]
        node = leaves.ravel()
        many = self.steps_to[node]
        ends = many.cumsum()
        step = np.arange(many.sum()) + np.repeat(self.first_step[node] - ends + many, many)
        line = np.repeat(np.tile(np.arange(lines), len(leaves)), many)
        where = line * columns + self.step_feature[step]
        moved = np.bincount(where, weights=self.step_move[step], minlength=lines * columns)
        return np.asarray(moved.reshape(lines, columns), dtype=np.float64)


def _both_ways(features: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """The features twice: first with the unknown below any threshold, then with the unknown above any."""
    is_unknown = np.isnan(features)
    return np.hstack([np.where(is_unknown, -np.inf, features), np.where(is_unknown, np.inf, features)])


def lay_out(
    feature: Numbers,
    threshold: Values,
    unknown_left: NDArray[np.bool_],
    left: Numbers,
    right: Numbers,
    value: Values,
    columns: int,
) -> Walk:
    """The walk through trees (a row each, see :class:`trees.Trees`) that ask features of so many columns."""
    is_leaf = feature == LEAF
    roots = np.arange(len(feature)) * feature.shape[1]
    below = np.stack([left, right], axis=-1) + roots[:, None, None]
    mean = value.ravel()
    parent = np.full(feature.size, -1)
    parent[below[~is_leaf]] = np.flatnonzero(~is_leaf.ravel())[:, None]
    ways = [np.arange(feature.size)]
    while (known := ways[-1] >= 0).any():
        ways.append(np.where(known, parent[ways[-1]], -1))
    way = np.stack(ways[::-1], axis=1)  # the root first
    is_step = way[:, :-1] >= 0
    asker, reached = way[:, :-1][is_step], way[:, 1:][is_step]
    steps_to = is_step.sum(axis=1)
    return Walk(
        roots=roots,
        is_leaf=is_leaf.ravel(),
        asked=np.where(is_leaf, 0, feature + columns * ~unknown_left).ravel(),
        threshold=threshold.ravel(),
        child=below.ravel(),
        steps_to=steps_to,
        first_step=steps_to.cumsum() - steps_to,
        step_feature=feature.ravel()[asker],
        step_move=mean[reached] - mean[asker],
    )
