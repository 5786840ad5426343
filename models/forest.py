"""A forest as arrays, scored without the library that grew it, whose import takes longer than a shortlist.

QuickScorer (Lucchese et al. 2015): every split that a row fails strikes the leaves of its left side out of
the tree's set, and the leftmost leaf that is left is where the row ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.errors import BadValue
from matching.market import Bools, Floats

MOST_LEAVES = 63
AT_ONCE = 1 << 20
"""Splits that are looked at together: a few MB."""

Matrix = npt.NDArray[np.floating]
Words = npt.NDArray[np.unsignedinteger]
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Forest:
    """Trees padded to one shape, (n_trees, most splits) and (n_trees, most leaves).

    Attributes
    ----------
    feature, threshold : a row fails a split where its feature is above the threshold.
    fails_unknown : whether NaN fails it.
    keeps : the leaves that a failed split leaves in, as bits from the left.
    value : of each leaf.
    """

    feature: npt.NDArray[np.int64]
    threshold: Floats
    fails_unknown: Bools
    keeps: Words
    value: Floats

    @classmethod
    def read(cls, text: str) -> "Forest":
        """Read the trees that LightGBM wrote as text.

        Raises
        ------
        BadValue
            If a tree has splits by category, or more than MOST_LEAVES leaves, or is not told whole.
        """
        try:
            trees = [_tree(fields) for fields in _sections(text)]
        except BadValue:
            raise
        except (ValueError, LookupError, RecursionError) as error:
            raise BadValue("the text of LightGBM's trees", error, "trees") from None
        if not trees:
            raise BadValue("the text of LightGBM's trees", text, "trees")
        splits = max([1, *(len(tree.feature[0]) for tree in trees)])
        leaves = max([1, *(len(tree.value[0]) for tree in trees)])
        return cls(
            feature=_padded([tree.feature for tree in trees], splits, 0),
            threshold=_padded([tree.threshold for tree in trees], splits, np.inf),
            fails_unknown=_padded([tree.fails_unknown for tree in trees], splits, False),
            keeps=_padded([tree.keeps for tree in trees], splits, _EVERY).astype(_narrowest(leaves)),
            value=_padded([tree.value for tree in trees], leaves, 0.0),
        )

    def scores(self, matrix: Matrix) -> Floats:
        """Add up the trees for each row, shape (n, n_features) to (n,)."""
        step = max(1, AT_ONCE // max(1, self.feature.size))
        parts = [self._scores(matrix[at : at + step]) for at in range(0, len(matrix), step)]
        return np.concatenate([np.zeros(0), *parts])

    def _scores(self, matrix: Matrix) -> Floats:
        by_feature = np.ascontiguousarray(matrix.T)
        # twice: where NaN passes every split, and as it is, for NaN fails every comparison
        both = np.vstack([np.where(np.isnan(by_feature), -np.inf, by_feature), by_feature])
        place = (self.feature + len(by_feature) * self.fails_unknown).T
        threshold = self._narrow if both.dtype == np.float32 else self.threshold
        left = np.full((len(self.keeps), len(matrix)), _EVERY.astype(self.keeps.dtype))
        for at in range(self.keeps.shape[1]):
            passes = both[place[at]] <= threshold[:, at, None]
            left &= self.keeps[:, at, None] | (0 - passes.astype(left.dtype))  # 0 - 1 is every bit
        leaf = np.bitwise_count((left & (0 - left)) - 1)
        found = np.zeros(len(matrix))
        for values in np.take_along_axis(self.value, leaf, axis=1):  # in this order for any number of rows
            found += values
        return found

    @cached_property
    def _narrow(self) -> npt.NDArray[np.float32]:
        """The largest numbers in float32 not above the thresholds: what such a feature is compared with."""
        with np.errstate(over="ignore"):  # beyond them all it is infinity, and then the largest
            nearest = self.threshold.astype(np.float32)
        return np.where(nearest > self.threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest)


_EVERY = np.uint64(2**64 - 1)


def _sections(text: str) -> Iterator[Mapping[str, str]]:
    """Read `name=value` lines of each tree."""
    for section in text.partition("end of trees")[0].split("\nTree=")[1:]:
        yield dict(line.split("=", 1) for line in section.splitlines() if "=" in line)


def _tree(fields: Mapping[str, str]) -> Forest:
    """Read one tree, shape (1, n_splits) and (1, n_leaves)."""
    leaves = int(fields["num_leaves"])
    if leaves > MOST_LEAVES or int(fields["num_cat"]):
        raise BadValue(f"of at most {MOST_LEAVES} leaves, without categories", f"{leaves} leaves", "tree")
    value = np.array(fields["leaf_value"].split(), np.float64)
    if leaves == 1:
        return _leaf(float(value[0]))
    feature, left, right, how = (
        np.array(fields[name].split(), np.int64)
        for name in ("split_feature", "left_child", "right_child", "decision_type")
    )
    threshold = np.array(fields["threshold"].split(), np.float64)
    order, keeps = _leaves_in_order(left, right)
    knows_nan, goes_left = how >> 2 & 3 == 2, how & 2 > 0
    fails = np.where(knows_nan, ~goes_left, threshold < 0)  # where training saw no NaN it reads as 0
    return Forest(feature[None], threshold[None], fails[None], keeps[None], value[order][None])


def _leaf(value: float) -> Forest:
    nothing = np.zeros((1, 0))
    empty = nothing.astype(np.int64), nothing, nothing > 0, nothing.astype(np.uint64)
    return Forest(*empty, np.array([[value]]))


def _leaves_in_order(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> tuple[list[int], Words]:
    """List the leaves from the left, and for each split the set without those of its left side."""
    order: list[int] = []
    keeps = np.full(len(left), _EVERY)

    def walk(node: int) -> int:
        """Visit a side; return the bits of its leaves."""
        if node < 0:
            order.append(~node)
            return 1 << (len(order) - 1)
        mine = walk(int(left[node]))
        keeps[node] = np.uint64(~mine & (2**64 - 1))
        return mine | walk(int(right[node]))

    walk(0)
    return order, keeps


def _narrowest(bits: int) -> type[np.unsignedinteger]:
    return next(kind for kind in (np.uint16, np.uint32, np.uint64) if bits <= 8 * kind().itemsize)


def _padded(rows: Sequence[Array], width: int, filler: float | np.uint64) -> Array:
    return np.vstack(
        [np.pad(row, ((0, 0), (0, width - row.shape[1])), constant_values=filler) for row in rows]
    )
