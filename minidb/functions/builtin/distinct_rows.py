"""The distinct values of each group, and how often each came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn, empty_column
from minidb.columns.keys import GroupTable
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import GrowingArray
from minidb.types import DataType, IntType

INT64 = IntType(64, True)


class DistinctRows:
    """Distinct pairs of group and values, by first appearance.

    Parameters
    ----------
    types : sequence of DataType
        The types of the value columns.
    """

    def __init__(self, types: Sequence[DataType]) -> None:
        self._types = tuple(types)
        self._table = GroupTable()
        self._counts = GrowingArray(np.dtype(np.int64))

    def add(self, columns: Sequence[Column], groups: IndexArray) -> None:
        """Add rows."""
        if not len(groups):
            return
        codes = self._table.add([NumericColumn(INT64, groups.astype(np.int64)), *columns])
        n_pairs = self._table.n_groups
        self._counts.grow(n_pairs)[:n_pairs] += np.bincount(codes, minlength=n_pairs)

    def all(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the distinct value rows and the group of each."""
        if not self._table.n_groups:
            return tuple(empty_column(t) for t in self._types), np.zeros(0, np.intp)
        groups, *values = self._table.keys()
        return tuple(values), numbers_of(groups).astype(np.intp)

    def counts(self) -> NDArray[np.int64]:
        """Return how often each distinct row came, int64."""
        counts: NDArray[np.int64] = self._counts.values[: self._table.n_groups]
        return counts

    @property
    def nbytes(self) -> int:
        """Return the bytes of the distinct rows."""
        return self._table.nbytes + self._counts.values.nbytes
