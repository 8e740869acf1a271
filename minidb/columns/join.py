"""Equi-join: which rows of two sides have equal keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.grouping import factorize
from minidb.columns.key_index import NO_GROUP, KeyIndex
from minidb.columns.nulls import null_mask, split_nulls
from minidb.columns.sort_words import argsort_words
from minidb.record import record


@record
class PairWindow:
    """The pairs of the left rows from `start` up to `stop`, ordered by left, then right row."""

    start: int
    stop: int
    left_rows: IndexArray
    right_rows: IndexArray


class JoinTable:
    """The rows of the right side, ready to be found by key.

    Parameters
    ----------
    right_keys : sequence of Column, m rows each
        At least one; of the same types as the left keys up to Nullable. A row with a NULL key
        matches nothing; NaN matches NaN, and 0.0 does not match -0.0, as in ClickHouse.
    """

    def __init__(self, right_keys: Sequence[Column]) -> None:
        self.n_rows = len(right_keys[0])
        valid = _valid_rows(right_keys)
        bare = [split_nulls(column)[0] for column in right_keys]
        if valid is not None:
            bare = [column.take(valid) for column in bare]
        grouping = factorize(bare)
        self._is_unique = grouping.n_groups == len(grouping.codes)
        # Groups are numbered by first appearance, so unique keys are in order as they stand.
        order = np.arange(len(grouping.codes))
        if not self._is_unique:
            order = argsort_words([grouping.codes])
        self._rows = order if valid is None else valid[order]
        counts = np.bincount(grouping.codes, minlength=grouping.n_groups)
        self._counts = counts.astype(np.intp, copy=False)
        self._starts = np.cumsum(self._counts) - self._counts
        self._group_is_row = self._is_unique and valid is None
        self._index = KeyIndex([column.take(grouping.first_rows) for column in bare])

    @property
    def nbytes(self) -> int:
        """Return the bytes that the table holds."""
        own = self._rows.nbytes + self._counts.nbytes + self._starts.nbytes
        return own + self._index.nbytes

    def probe(self, left_keys: Sequence[Column]) -> tuple[IndexArray, IndexArray]:
        """Find the matches of a batch of left rows.

        Parameters
        ----------
        left_keys : sequence of Column, n rows each
            In the order of the right keys.

        Returns
        -------
        left_rows, right_rows : ndarray of intp, shape (matches,)
            All pairs of rows with equal keys, ordered by left row, then by right row.
        """
        groups = self._find(left_keys)
        return self._pairs(groups, 0, len(groups))

    def probe_windows(self, left_keys: Sequence[Column], max_pairs: int) -> Iterator[PairWindow]:
        """Yield what `probe` returns in pieces of about `max_pairs` pairs.

        A piece holds whole left rows, so one row with more matches makes a larger piece.
        """
        groups = self._find(left_keys)
        if self._is_unique:
            yield PairWindow(0, len(groups), *self._pairs(groups, 0, len(groups)))
            return
        counts = np.where(groups >= 0, self._counts[groups], 0)
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        cuts = np.searchsorted(ends, np.arange(max_pairs, total, max_pairs), side="left") + 1
        for start, stop in pairwise([0, *np.unique(cuts).tolist(), len(groups)]):
            yield PairWindow(start, stop, *self._pairs(groups, start, stop))

    def first_matches(self, left_keys: Sequence[Column]) -> IndexArray:
        """Return the first right row that matches each left row, or NO_GROUP (intp, (n,))."""
        groups = self._find(left_keys)
        if self._group_is_row or not len(self._rows):
            return groups
        return np.where(groups >= 0, self._rows[self._starts[groups]], NO_GROUP)

    @property
    def is_unique(self) -> bool:
        """Whether no key stands there twice."""
        return self._is_unique

    def _pairs(self, groups: IndexArray, start: int, stop: int) -> tuple[IndexArray, IndexArray]:
        """Return the pairs of the left rows from `start` up to `stop`, given their groups."""
        left_rows = np.flatnonzero(groups[start:stop] >= 0) + start
        found = groups[left_rows]
        if self._is_unique:
            return left_rows, self._rows[self._starts[found]]
        counts = self._counts[found]
        ends = np.cumsum(counts)
        places = np.arange(int(ends[-1]) if len(ends) else 0)
        places += np.repeat(self._starts[found] - (ends - counts), counts)
        return np.repeat(left_rows, counts), self._rows[places]

    def count_matches(self, left_keys: Sequence[Column]) -> IndexArray:
        """Return how many right rows match each left row (intp, shape (n,))."""
        groups = self._find(left_keys)
        counts = np.zeros(len(groups), np.intp)
        is_found = groups >= 0
        counts[is_found] = self._counts[groups[is_found]]
        return counts

    def _find(self, left_keys: Sequence[Column]) -> IndexArray:
        """Return the right group of each left row, or NO_GROUP."""
        valid = _valid_rows(left_keys)
        bare = [split_nulls(column)[0] for column in left_keys]
        groups = self._index.find(bare)
        if valid is None:
            return groups
        found = np.full(len(groups), NO_GROUP, np.intp)
        found[valid] = groups[valid]
        return found


def match_pairs(
    left_keys: Sequence[Column], right_keys: Sequence[Column]
) -> tuple[IndexArray, IndexArray]:
    """Return all pairs of rows with equal keys, ordered by left row, then by right row.

    The keys are as for `JoinTable`; the two arrays are intp, shape (matches,).
    """
    return JoinTable(right_keys).probe(left_keys)


def _valid_rows(keys: Sequence[Column]) -> IndexArray | None:
    """Return the rows without NULL in a key, or None when that is all of them."""
    masks: list[BoolArray] = [null_mask(key) for key in keys if split_nulls(key)[1] is not None]
    masks = [mask for mask in masks if mask.any()]
    return np.flatnonzero(~np.logical_or.reduce(masks)) if masks else None
