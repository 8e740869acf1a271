"""The combinators that choose rows: -If, -Distinct, -OrNull, -OrDefault, and NULLs left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    IndexArray,
    split_nulls,
    with_nulls,
)
from minidb.functions.builtin.aggregates_count import CountAccumulator
from minidb.functions.builtin.distinct_rows import DistinctRows
from minidb.functions.builtin.kept_states import RowsState, parts_of, tuple_of
from minidb.functions.builtin.kit import take_or_default
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import Accumulator
from minidb.types import ArrayType, DataType, NothingType, NullableType, TupleType, without_null


class Wrapper(Accumulator):
    """An accumulator around another one, whose states are its own."""

    def __init__(self, inner: Accumulator) -> None:
        self.inner = inner

    def finish(self, n_groups: int) -> Column:
        """Return what the inner one does."""
        return self.inner.finish(n_groups)

    @property
    def state_type(self) -> DataType:
        """Return that of the inner one."""
        return self.inner.state_type

    def save(self, n_groups: int) -> Column:
        """Return the states of the inner one."""
        return self.inner.save(n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Merge into the inner one."""
        self.inner.merge(states, groups, n_groups)

    @property
    def bytes_to_fold(self) -> int:
        """Return what the inner one takes."""
        return self.inner.bytes_to_fold

    @property
    def nbytes(self) -> int:
        """Return the bytes of the inner one."""
        return self.inner.nbytes


class IfAccumulator(Wrapper):
    """Rows where the last argument is true and not NULL."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add the rows that count."""
        condition, is_null = split_nulls(columns[-1])
        if isinstance(condition.type, NothingType):
            keep: BoolArray = np.zeros(len(groups), np.bool_)
        else:
            keep = numbers_of(condition) != 0
        if is_null is not None:
            keep = keep & ~is_null
        rows = np.flatnonzero(keep)
        values = [column.take(rows) for column in columns[:-1]]
        self.inner.update(values, groups[rows], n_groups)


class CountedAccumulator(Wrapper):
    """An inner accumulator, and how many rows each group of it has seen."""

    def __init__(self, inner: Accumulator) -> None:
        super().__init__(inner)
        self._counts = CountAccumulator()

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._counts.update((), groups, n_groups)
        self.inner.update(columns, groups, n_groups)

    def has_rows(self, n_groups: int) -> BoolArray:
        """Return which groups have seen a row."""
        found: BoolArray = numbers_of(self._counts.finish(n_groups)) > 0
        return found

    @property
    def state_type(self) -> DataType:
        """Return a tuple of the number of rows and the inner state."""
        return TupleType((self._counts.state_type, self.inner.state_type))

    def save(self, n_groups: int) -> Column:
        """Return the numbers of rows and the inner states."""
        return tuple_of([self._counts.save(n_groups), self.inner.save(n_groups)], n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add the numbers, and merge the states."""
        counts, inner = parts_of(states)
        self._counts.merge(counts, groups, n_groups)
        self.inner.merge(inner, groups, n_groups)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the inner one and of the counts."""
        return self.inner.nbytes + self._counts.nbytes


class OrNullAccumulator(CountedAccumulator):
    """NULL for a group without rows, where the result can be NULL; else its default."""

    def finish(self, n_groups: int) -> Column:
        """Return the results."""
        found = self.inner.finish(n_groups)
        has_rows = self.has_rows(n_groups)
        if isinstance(found.type, ArrayType | TupleType):
            return take_or_default(found, np.arange(n_groups), has_rows)
        return with_nulls(found, ~has_rows)


class OrDefaultAccumulator(CountedAccumulator):
    """The default of the result's type for a group without rows."""

    def finish(self, n_groups: int) -> Column:
        """Return the results."""
        found = self.inner.finish(n_groups)
        return take_or_default(found, np.arange(n_groups), self.has_rows(n_groups))


class SkipNullsAccumulator(CountedAccumulator):
    """Rows without NULL; NULL for a group without such rows if `is_null_if_empty`."""

    def __init__(self, inner: Accumulator, *, is_null_if_empty: bool) -> None:
        super().__init__(inner)
        self._is_null_if_empty = is_null_if_empty

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add the rows that hold no NULL."""
        keep: BoolArray = np.ones(len(groups), np.bool_)
        values = []
        for column in columns:
            inner, is_null = split_nulls(column)
            values.append(inner)
            if is_null is not None:
                keep &= ~is_null
        if not keep.all():
            rows = np.flatnonzero(keep)
            values, groups = [value.take(rows) for value in values], groups[rows]
        super().update(values, groups, n_groups)

    def finish(self, n_groups: int) -> Column:
        """Return the results."""
        found = self.inner.finish(n_groups)
        if not self._is_null_if_empty:
            return found
        return with_nulls(found, ~self.has_rows(n_groups))


class DistinctAccumulator(RowsState):
    """Each combination of values once per group; the inner accumulator sees them at the end."""

    def __init__(self, inner: Accumulator, types: Sequence[DataType]) -> None:
        self._inner = inner
        self._rows = DistinctRows(types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return the results over the distinct rows."""
        columns, groups = self._rows.all()
        self._inner.update(columns, groups, n_groups)
        return self._inner.finish(n_groups)

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the distinct rows and the group of each."""
        return self._rows.all()

    @property
    def nbytes(self) -> int:
        """Return the bytes of the distinct rows."""
        return self._rows.nbytes


def is_condition(data_type: DataType) -> bool:
    """Whether values of a type may say which rows count."""
    bare = without_null(data_type)
    return isinstance(bare, NothingType) or bare.name in {"UInt8", "Bool"}


def has_nullable(types: Sequence[DataType]) -> bool:
    """Whether one of the types is Nullable."""
    return any(isinstance(data_type, NullableType) for data_type in types)
