"""Trees followed many at once say what they say followed one by one, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gpu_etl.market.fall import tree_walk
from gpu_etl.market.fall.trees import LEAF, Trees, Values, from_json, from_nodes

NAMES = ("change", "sellers", "age")
TREES = 40
LINES = 2 * tree_walk.PORTION + 7


def grown(random: np.random.Generator) -> list[list[Any]]:
    """A tree of any shape, its nodes in the order of a walk."""
    nodes: list[list[Any]] = []

    def grow(depth: int) -> int:
        at = len(nodes)
        nodes.append([float(random.normal())])
        if random.random() < 0.8 - depth / 10:
            asked, threshold = str(random.choice(NAMES)), float(np.float32(random.normal()))
            unknown = str(random.choice(["left", "right"]))
            nodes[at] = [asked, threshold, unknown, grow(depth + 1), grow(depth + 1), nodes[at][0]]
        return at

    grow(0)
    return nodes


@pytest.fixture(scope="module")
def trees() -> Trees:
    random = np.random.default_rng(7)
    return from_nodes(-1.25, [[[0.5]], *(grown(random) for _ in range(TREES))], NAMES)


@pytest.fixture(scope="module")
def features(trees: Trees) -> NDArray[np.float64]:
    """Lines with unknown, infinite and exactly split values among them."""
    random = np.random.default_rng(8)
    lines = random.normal(size=(LINES, len(NAMES))).astype(np.float32).astype(np.float64)
    lines[random.random(lines.shape) < 0.2] = np.nan
    lines[:2] = [[np.inf, -np.inf, np.nan], [np.nan, np.nan, np.nan]]
    lines[2] = trees.threshold[1:4, 0]
    return lines


def one_by_one(trees: Trees, line: Values) -> tuple[float, list[float]]:
    """The sum of one line and what each feature added to it, by the book."""
    total, added = trees.base, [0.0] * len(line)
    for tree in range(trees.n):
        node = 0
        while (asked := trees.feature[tree, node]) != LEAF:
            is_left = (
                trees.unknown_left[tree, node] if np.isnan(line[asked]) else line[asked] <= trees.threshold[tree, node]
            )
            child = trees.left[tree, node] if is_left else trees.right[tree, node]
            added[asked] += trees.value[tree, child] - trees.value[tree, node]
            node = child
        total += trees.value[tree, node]
    return total, added


def test_many_at_once_as_one_by_one(trees: Trees, features: NDArray[np.float64]) -> None:
    told = [one_by_one(trees, line) for line in features]
    total, start, added = trees.contributions(features)
    np.testing.assert_array_equal(total, [total for total, _ in told])
    np.testing.assert_array_equal(total, trees.log_odds(features))
    np.testing.assert_array_equal(added, [parts for _, parts in told])
    np.testing.assert_allclose(start + added.sum(axis=1), total)


def test_lines_do_not_know_of_each_other(trees: Trees, features: NDArray[np.float64]) -> None:
    backwards = trees.log_odds(features[::-1])
    np.testing.assert_array_equal(backwards[::-1], trees.log_odds(features))
    np.testing.assert_array_equal(trees.log_odds(features[5:6]), trees.log_odds(features)[5:6])


def test_no_lines(trees: Trees) -> None:
    nothing = np.empty((0, len(NAMES)))
    assert trees.log_odds(nothing).shape == (0,)
    assert trees.contributions(nothing)[2].shape == (0, len(NAMES))


def test_written_and_read(trees: Trees, features: NDArray[np.float64]) -> None:
    read = from_json(trees.as_json(NAMES), NAMES)
    np.testing.assert_allclose(read.log_odds(features), trees.log_odds(features), atol=TREES * 1e-5)
