"""What accumulators share to save and merge their states as ordinary columns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import ArrayColumn, Column, IndexArray, NumericColumn, TupleColumn
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import offsets_of
from minidb.errors import InternalError
from minidb.functions.declaration import Accumulator
from minidb.types import ArrayType, DataType, IntType, TupleType

UINT8 = IntType(8, False)
WORK_PER_BYTE_KEPT = 3


def marks(values: NDArray[np.bool_]) -> NumericColumn:
    """Return truth values as UInt8."""
    return NumericColumn(UINT8, values.astype(np.uint8))


def parts_of(states: Column) -> tuple[Column, ...]:
    """Return the columns of states that are tuples."""
    if not isinstance(states, TupleColumn):
        raise InternalError(f"states are tuples, not {states.type.name}")
    return states.children


def tuple_of(columns: Sequence[Column], n_rows: int) -> TupleColumn:
    """Return columns of equal length as one of tuples."""
    found = TupleType(tuple(column.type for column in columns))
    return TupleColumn(found, tuple(columns), n_rows)


def rows_by_group(columns: Sequence[Column], groups: IndexArray, n_groups: int) -> ArrayColumn:
    """Return for each group an array of the tuples of its rows, in row order."""
    rows = tuple_of(columns, len(groups))
    order = argsort_words([groups]) if len(groups) else groups
    offsets = offsets_of(np.bincount(groups, minlength=n_groups))
    return ArrayColumn(ArrayType(rows.type), offsets, rows.take(order))


def rows_of_states(states: Column, groups: IndexArray) -> tuple[tuple[Column, ...], IndexArray]:
    """Return the columns of all rows in the arrays that `rows_by_group` made, and their groups."""
    if not isinstance(states, ArrayColumn):
        raise InternalError(f"states are arrays, not {states.type.name}")
    arrays = states.compact()
    return parts_of(arrays.child), np.repeat(groups, arrays.lengths)


class RowsState(Accumulator):
    """States that are the rows themselves: an array of tuples per group."""

    @property
    @abstractmethod
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the columns that are kept."""

    @abstractmethod
    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the kept rows and the group of each."""

    @property
    def state_type(self) -> DataType:
        """Return Array(Tuple(...)) of the arguments."""
        return ArrayType(TupleType(self.row_types))

    @property
    def bytes_to_fold(self) -> int:
        """Return the bytes of the rows in one piece, as words, and in order."""
        return WORK_PER_BYTE_KEPT * self.nbytes

    def save(self, n_groups: int) -> Column:
        """Return the rows of each group."""
        columns, groups = self.kept_rows()
        return rows_by_group(columns, groups, n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Take the rows as if they came now."""
        columns, row_groups = rows_of_states(states, groups)
        self.update(columns, row_groups, n_groups)


class OneRowState(Accumulator):
    """States that are one row or none: a tuple of a mark and the row."""

    @property
    @abstractmethod
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the columns that are kept."""

    @abstractmethod
    def kept_row(self, n_groups: int) -> tuple[NDArray[np.bool_], tuple[Column, ...]]:
        """Return which groups have a row, and the rows."""

    @property
    def state_type(self) -> DataType:
        """Return Tuple(UInt8, ...) of the mark and the row."""
        return TupleType((UINT8, *self.row_types))

    def save(self, n_groups: int) -> Column:
        """Return the row of each group."""
        has_row, columns = self.kept_row(n_groups)
        return tuple_of([marks(has_row), *columns], n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Take the rows as if they came now."""
        mark, *columns = parts_of(states)
        if not isinstance(mark, NumericColumn):
            raise InternalError("the mark of a state is a number")
        rows = np.flatnonzero(mark.values)
        self.update([column.take(rows) for column in columns], groups[rows], n_groups)


class ResultState(Accumulator):
    """States that are the results, which can be aggregated again."""

    @property
    @abstractmethod
    def state_type(self) -> DataType:
        """Return the result's type."""

    def save(self, n_groups: int) -> Column:
        """Return the results so far."""
        return self.finish(n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Aggregate results."""
        self.update([states], groups, n_groups)
