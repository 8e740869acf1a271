"""The aggregates that choose a row: ``min``, ``max``, ``argMin`` and ``argMax``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn, concat_columns
from minidb.functions.arguments import Arg
from minidb.functions.builtin.frames import extreme_frames, extreme_rows
from minidb.functions.builtin.grouped import (
    NO_ROW,
    KeptRows,
    extreme_row_per_group,
    rows_or_default,
)
from minidb.functions.builtin.kept_states import OneRowState
from minidb.functions.builtin.naming import also_named
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import (
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Argument,
    GrowingArray,
)
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FloatType,
    IntType,
    numpy_dtype,
)


class NarrowExtremeAccumulator(OneRowState):
    """The least or greatest integer, Date or DateTime of each group."""

    def __init__(self, call: AggregateCall, *, is_greatest: bool) -> None:
        self._type = call.result_type
        dtype = numpy_dtype(self._type)
        limits = np.iinfo(dtype.str)
        self._ufunc: np.ufunc = np.maximum if is_greatest else np.minimum
        self._best = GrowingArray(dtype, limits.min if is_greatest else limits.max)
        self._has_row = GrowingArray(np.dtype(np.bool_), fill=False)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._ufunc.at(self._best.grow(n_groups), groups, numbers_of(columns[0]))
        self._has_row.grow(n_groups)[groups] = True

    def finish(self, n_groups: int) -> Column:
        """Return the values; 0 for a group without rows."""
        best = self._best.grow(n_groups)[:n_groups]
        has_row = self._has_row.grow(n_groups)[:n_groups]
        return NumericColumn(self._type, np.where(has_row, best, best.dtype.type(0)))

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the least or greatest value of each frame."""
        is_greatest = self._ufunc is np.maximum
        values = numbers_of(columns[0])
        found = extreme_frames(values, starts, ends, is_greatest=is_greatest)
        return NumericColumn(self._type, found)

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the type of the argument."""
        return (self._type,)

    def kept_row(self, n_groups: int) -> tuple[NDArray[np.bool_], tuple[Column, ...]]:
        """Return which groups have a row, and the values."""
        has_row = self._has_row.grow(n_groups)[:n_groups]
        return has_row, (self.finish(n_groups),)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the values."""
        return self._best.values.nbytes + self._has_row.values.nbytes


class FloatExtremeAccumulator(OneRowState):
    """The least or greatest float of each group; NaN only where there is nothing else.

    Floats are compared as integers whose order is theirs, in which -0.0 is below 0.0.
    """

    def __init__(self, call: AggregateCall, *, is_greatest: bool) -> None:
        self._type = call.result_type
        self._dtype = numpy_dtype(self._type)
        self._unsigned: np.dtype[Any] = np.dtype(f"u{self._dtype.itemsize}")
        self._top = self._unsigned.type(1 << (8 * self._dtype.itemsize - 1))
        self._ufunc: np.ufunc = np.maximum if is_greatest else np.minimum
        highest = np.iinfo(self._unsigned.str).max
        # A number's word is neither: the ends of the range are NaNs that no code below makes.
        self._nothing = self._unsigned.type(0 if is_greatest else highest)
        self._nan = self._unsigned.type(1 if is_greatest else highest - 1)
        self._best = GrowingArray(self._unsigned, self._nothing)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._ufunc.at(self._best.grow(n_groups), groups, self._words(columns[0]))

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the least or greatest value of each frame."""
        is_greatest = self._ufunc is np.maximum
        words = extreme_frames(self._words(columns[0]), starts, ends, is_greatest=is_greatest)
        words[starts == ends] = self._nothing
        return self._floats(words)

    def _words(self, column: Column) -> NDArray[Any]:
        """Return integers in the order of the floats."""
        values = np.ascontiguousarray(numbers_of(column))
        bits = values.view(self._unsigned)
        words = np.where(bits & self._top, ~bits, bits | self._top)
        words[np.isnan(values)] = self._nan
        return words

    def finish(self, n_groups: int) -> Column:
        """Return the values; 0 for a group without rows."""
        return self._floats(self._best.grow(n_groups)[:n_groups])

    def _floats(self, words: NDArray[Any]) -> Column:
        """Return the floats that words stand for."""
        bits = np.where(words & self._top, words ^ self._top, ~words)
        values: NDArray[Any] = bits.view(self._dtype)
        values[words == self._nan] = np.nan
        values[words == self._nothing] = 0
        return NumericColumn(self._type, values)

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the type of the argument."""
        return (self._type,)

    def kept_row(self, n_groups: int) -> tuple[NDArray[np.bool_], tuple[Column, ...]]:
        """Return which groups have a row, and the values."""
        has_row = self._best.grow(n_groups)[:n_groups] != self._nothing
        return has_row, (self.finish(n_groups),)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the values."""
        return self._best.values.nbytes


class ExtremeRowAccumulator(OneRowState):
    """The first row of each group with the least or greatest value of any type.

    `columns` may hold one column, which is compared and returned, or two: what is returned and
    what is compared.
    """

    def __init__(self, call: AggregateCall, *, is_greatest: bool) -> None:
        self._is_greatest = is_greatest
        self._rows = KeptRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        found = self._extreme(columns[-1], groups, n_groups)
        kept, kept_groups = self._rows.kept()
        # The kept rows stand before the new ones, so they win where values are equal.
        rivals = np.flatnonzero(found != NO_ROW)
        both = [
            concat_columns(old.type, [old, new.take(found[rivals])])
            for old, new in zip(kept, columns, strict=True)
        ]
        winners = self._extreme(both[-1], np.append(kept_groups, rivals), n_groups)
        is_new = winners >= len(kept_groups)
        self._rows.put(both, winners[is_new], np.flatnonzero(is_new))

    def _extreme(self, column: Column, groups: IndexArray, n_groups: int) -> IndexArray:
        """Return the chosen row of each group, or NO_ROW."""
        return extreme_row_per_group(column, groups, n_groups, is_greatest=self._is_greatest)

    def finish(self, n_groups: int) -> Column:
        """Return the first column of the rows; the type's default for a group without rows."""
        return self._rows.column(0, n_groups)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the first column of the chosen row of each frame."""
        rows = extreme_rows(columns[-1], starts, ends, is_greatest=self._is_greatest)
        return rows_or_default(columns[0], rows)

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_row(self, n_groups: int) -> tuple[NDArray[np.bool_], tuple[Column, ...]]:
        """Return which groups have a row, and the rows."""
        columns = tuple(self._rows.column(i, n_groups) for i in range(len(self._rows.types)))
        return self._rows.has_row(n_groups), columns

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rows."""
        return self._rows.nbytes


def make_extreme(call: AggregateCall, *, is_greatest: bool) -> Accumulator:
    """Return the quickest accumulator for the type."""
    match call.types[0]:
        case (
            IntType(is_wide=False)
            | DecimalType(is_wide=False)
            | BoolType()
            | DateType()
            | DateTimeType()
        ):
            return NarrowExtremeAccumulator(call, is_greatest=is_greatest)
        case FloatType():
            return FloatExtremeAccumulator(call, is_greatest=is_greatest)
        case _:
            return ExtremeRowAccumulator(call, is_greatest=is_greatest)


def _first_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def _extreme(name: str, word: str, *, is_greatest: bool) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value"),),
        result=_first_type,
        make=partial(make_extreme, is_greatest=is_greatest),
        help=f"The {word} value; NaN only where there is nothing else.",
        example=f"SELECT {name}(number) FROM numbers(10)",
        is_case_insensitive=True,
    )


def _arg_extreme(name: str, word: str, *, is_greatest: bool) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value"), Arg("by")),
        result=_first_type,
        make=partial(ExtremeRowAccumulator, is_greatest=is_greatest),
        help=f"The value in the first row where the second argument is {word}.",
        example=f"SELECT {name}(number, -number) FROM numbers(10)",
    )


ARG_MIN = _arg_extreme("argMin", "least", is_greatest=False)
ARG_MAX = _arg_extreme("argMax", "greatest", is_greatest=True)

FUNCTIONS: tuple[AggregateFunction, ...] = (
    _extreme("min", "least", is_greatest=False),
    _extreme("max", "greatest", is_greatest=True),
    ARG_MIN,
    ARG_MAX,
    also_named(ARG_MIN, "min_by"),
    also_named(ARG_MAX, "max_by"),
)
