"""The distinct values of each group, and how often each came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn, concat_columns, empty_column
from minidb.columns.grouping import factorize
from minidb.functions.cast_numbers import numbers_of
from minidb.types import DataType, IntType

INT64 = IntType(64, True)
MIN_FOLD_ROWS = 131_072


class DistinctRows:
    """Distinct pairs of group and values, by first appearance.

    Rows are kept as they come until they outnumber the distinct ones, and then folded; so the
    work does not grow with the number of updates.

    Parameters
    ----------
    types : sequence of DataType
        The types of the value columns.
    """

    def __init__(self, types: Sequence[DataType]) -> None:
        self._types = (INT64, *types)
        self._parts: list[tuple[Column, ...]] = []
        self._counts: list[NDArray[np.uint64]] = []
        self._n_folded = 0
        self._n_rows = 0

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the types of the value columns."""
        return self._types[1:]

    def add(
        self,
        columns: Sequence[Column],
        groups: IndexArray,
        counts: NDArray[np.uint64] | None = None,
    ) -> None:
        """Add rows, each of which came once or as often as `counts` says."""
        if not len(groups):
            return
        self._parts.append((NumericColumn(INT64, groups.astype(np.int64)), *columns))
        once = np.broadcast_to(np.uint64(1), len(groups))
        self._counts.append(once if counts is None else counts)
        self._n_rows += len(groups)
        if self._n_rows > MIN_FOLD_ROWS + 2 * self._n_folded:
            self._fold()

    def _fold(self) -> None:
        """Join equal rows, and add up how often they came."""
        if self._n_rows == self._n_folded:
            return
        columns = tuple(
            concat_columns(data_type, [part[i] for part in self._parts])
            for i, data_type in enumerate(self._types)
        )
        grouping = factorize(columns)
        counts = np.zeros(grouping.n_groups, np.uint64)
        np.add.at(counts, grouping.codes, np.concatenate(self._counts))
        self._parts = [tuple(column.take(grouping.first_rows) for column in columns)]
        self._counts = [counts]
        self._n_folded = self._n_rows = grouping.n_groups

    def all(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the distinct value rows and the group of each."""
        self._fold()
        if not self._n_rows:
            return tuple(empty_column(t) for t in self._types[1:]), np.zeros(0, np.intp)
        groups, *values = self._parts[0]
        return tuple(values), numbers_of(groups).astype(np.intp)

    def counts(self) -> NDArray[np.uint64]:
        """Return how often each distinct row came, uint64."""
        self._fold()
        return self._counts[0] if self._counts else np.zeros(0, np.uint64)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rows that are kept."""
        return sum(column.nbytes for part in self._parts for column in part)
