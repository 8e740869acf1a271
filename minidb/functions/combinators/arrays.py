"""The combinators over elements and ranges: -Array, -ForEach and -Resample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import ArrayColumn, Column, IndexArray, NumericColumn
from minidb.columns.keys import GroupTable
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import offsets_of
from minidb.errors import (
    BAD_ARGUMENTS,
    SIZES_OF_ARRAYS_DONT_MATCH,
    BindError,
    InternalError,
    ValueExecutionError,
)
from minidb.functions.builtin.kit import array_of, arrays, places_of, whole_numbers
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.combinators.rows import Wrapper
from minidb.functions.declaration import Accumulator
from minidb.record import record
from minidb.types import ArrayType, DataType, IntType

INT64 = IntType(64, True)
MAX_RANGES = 1 << 20


def _aligned(columns: Sequence[Column], combinator: str) -> list[ArrayColumn]:
    """Return columns of arrays, which have equal lengths in every row."""
    found = [arrays(column) for column in columns]
    for other in found[1:]:
        if not np.array_equal(other.offsets, found[0].offsets):
            message = f"the arrays of -{combinator} are of equal length"
            raise ValueExecutionError(SIZES_OF_ARRAYS_DONT_MATCH, message)
    return found


class ArrayCombinator(Wrapper):
    """The elements of arrays as rows."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add the elements."""
        found = _aligned(columns, "Array")
        row_groups = np.repeat(groups, found[0].lengths)
        self.inner.update([array.child for array in found], row_groups, n_groups)


class ForEachAccumulator(Accumulator):
    """One state per place of the arrays in each group; the result is as long as the longest."""

    def __init__(self, inner: Accumulator) -> None:
        self._inner = inner
        self._table = GroupTable()

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add the elements, each at its place."""
        found = _aligned(columns, "ForEach")
        codes = self._codes(found[0], groups)
        self._inner.update([array.child for array in found], codes, self._table.n_groups)

    def _codes(self, array: ArrayColumn, groups: IndexArray) -> IndexArray:
        """Return the number of the state of each element."""
        if not len(array.child):
            return np.zeros(0, np.intp)
        outer = np.repeat(groups, array.lengths).astype(np.int64)
        places = places_of(array.offsets)
        return self._table.add([NumericColumn(INT64, outer), NumericColumn(INT64, places)])

    def finish(self, n_groups: int) -> Column:
        """Return an array per group."""
        return self._as_arrays(self._inner.finish(self._table.n_groups), n_groups)

    def _as_arrays(self, values: Column, n_groups: int) -> Column:
        """Return one value per state as one array per group."""
        if not self._table.n_groups:
            return array_of(values.type, np.zeros(n_groups + 1, np.int64), values)
        keys = self._table.keys()
        outer, places = (numbers_of(key) for key in keys)
        order = argsort_words([outer, places])
        offsets = offsets_of(np.bincount(outer, minlength=n_groups))
        return array_of(values.type, offsets, values.take(order))

    @property
    def state_type(self) -> DataType:
        """Return an array of inner states."""
        return ArrayType(self._inner.state_type)

    def save(self, n_groups: int) -> Column:
        """Return the states of each group."""
        return self._as_arrays(self._inner.save(self._table.n_groups), n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Merge the states place by place."""
        array = arrays(states)
        codes = self._codes(array, groups)
        self._inner.merge(array.child, codes, self._table.n_groups)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the states and of their table."""
        return self._inner.nbytes + self._table.nbytes


@record
class Ranges:
    """The ranges of -Resample: from `start` up to but without `stop`, `step` wide."""

    start: int
    stop: int
    step: int

    @property
    def n_ranges(self) -> int:
        """Return how many there are."""
        return -(-(self.stop - self.start) // self.step)


def ranges_of(parameters: Sequence[object]) -> Ranges:
    """Return the ranges that the last three parameters of -Resample give.

    Raises
    ------
    BindError
        BAD_ARGUMENTS unless they are whole numbers with some ranges between them.
    """
    numbers = [p for p in parameters if isinstance(p, int) and not isinstance(p, bool)]
    if len(numbers) != 3 or numbers[2] <= 0 or numbers[1] < numbers[0]:
        message = "-Resample takes three whole numbers: start, stop and step"
        raise BindError(BAD_ARGUMENTS, message)
    found = Ranges(*numbers)
    if found.n_ranges > MAX_RANGES:
        message = f"-Resample makes at most {MAX_RANGES} ranges"
        raise BindError(BAD_ARGUMENTS, message)
    return found


class ResampleAccumulator(Accumulator):
    """One state per range of the last argument in each group."""

    def __init__(self, inner: Accumulator, ranges: Ranges) -> None:
        self._inner = inner
        self._ranges = ranges

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add the rows whose key lies in a range."""
        keys = whole_numbers(columns[-1])
        rows = np.flatnonzero((keys >= self._ranges.start) & (keys < self._ranges.stop))
        places = (keys[rows] - self._ranges.start) // self._ranges.step
        size = self._ranges.n_ranges
        codes = groups[rows] * size + places
        self._inner.update([c.take(rows) for c in columns[:-1]], codes, n_groups * size)

    def finish(self, n_groups: int) -> Column:
        """Return an array with a value per range for each group."""
        return self._as_arrays(self._inner.finish(n_groups * self._ranges.n_ranges), n_groups)

    def _as_arrays(self, values: Column, n_groups: int) -> Column:
        offsets = np.arange(n_groups + 1, dtype=np.int64) * self._ranges.n_ranges
        return array_of(values.type, offsets, values)

    @property
    def state_type(self) -> DataType:
        """Return an array of inner states."""
        return ArrayType(self._inner.state_type)

    def save(self, n_groups: int) -> Column:
        """Return the states of each group."""
        return self._as_arrays(self._inner.save(n_groups * self._ranges.n_ranges), n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Merge the states range by range."""
        array, size = arrays(states), self._ranges.n_ranges
        if len(array.child) != size * len(groups):
            raise InternalError("a state of -Resample has another number of ranges")
        codes = np.repeat(groups * size, size) + np.tile(np.arange(size), len(groups))
        self._inner.merge(array.child, codes, n_groups * size)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the states."""
        return self._inner.nbytes
