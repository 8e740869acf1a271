"""The aggregates ``sum`` and ``sumWithOverflow``: integers wrap around, floats in row order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, IndexArray, NumericColumn, WideColumn
from minidb.columns.wide_math import add_lanes, lanes_from_narrow, resize_lanes
from minidb.errors import InternalError
from minidb.functions.arguments import ENUM, NUMERIC, Arg, Kind
from minidb.functions.builtin.frames import sum_frames, sum_wide_frames
from minidb.functions.builtin.grouped import add_at, add_wide
from minidb.functions.builtin.kept_states import ResultState
from minidb.functions.cast_numbers import lanes_of, numbers_of
from minidb.functions.decimals import INT64_LIMIT, N_LANES, as_lanes, fitted, largest, raw_of
from minidb.functions.declaration import (
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Argument,
    GrowingArray,
)
from minidb.types import DataType, DecimalType, EnumType, FloatType, IntType, numpy_dtype


class NarrowSumAccumulator(ResultState):
    """Sum numbers whose sum fits one NumPy array of the result type's dtype."""

    def __init__(self, result_type: DataType) -> None:
        self._type = result_type
        self._sums = GrowingArray(numpy_dtype(result_type))

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        add_at(self._sums.grow(n_groups), groups, numbers_of(columns[0]), self._sums.dtype)

    def finish(self, n_groups: int) -> Column:
        """Return the sums."""
        return NumericColumn(self._type, self._sums.grow(n_groups)[:n_groups].copy())

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the sum of each frame."""
        values = numbers_of(columns[0]).astype(self._sums.dtype, copy=False)
        return NumericColumn(self._type, sum_frames(values, starts, ends))

    @property
    def state_type(self) -> DataType:
        """Return the result's type."""
        return self._type

    @property
    def nbytes(self) -> int:
        """Return the bytes of the sums."""
        return self._sums.values.nbytes


class WideSumAccumulator(ResultState):
    """Sum integers of 128 or 256 bits, modulo 2**bits."""

    def __init__(self, result_type: IntType) -> None:
        self._type = result_type
        self._sums = GrowingArray(np.dtype(np.uint64), width=result_type.n_lanes)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        lanes = lanes_of(columns[0], self._type.n_lanes)
        add_wide(self._sums.grow(n_groups), lanes, groups, n_groups)

    def finish(self, n_groups: int) -> Column:
        """Return the sums."""
        return WideColumn(self._type, self._sums.grow(n_groups)[:n_groups].copy())

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the sum of each frame."""
        lanes = lanes_of(columns[0], self._type.n_lanes)
        return WideColumn(self._type, sum_wide_frames(lanes, starts, ends))

    @property
    def state_type(self) -> DataType:
        """Return the result's type."""
        return self._type

    @property
    def nbytes(self) -> int:
        """Return the bytes of the sums."""
        return self._sums.values.nbytes


class DecimalSumAccumulator(ResultState):
    """Sum Decimals modulo the stored width; quick while all sums fit 64 bits.

    Numbers of one word go into sums of one word, whose sizes are bounded by what was added; only
    when that could leave 64 bits are they carried over into wide sums.
    """

    def __init__(self, result_type: DecimalType) -> None:
        self._type = result_type
        self._quick = GrowingArray(np.dtype(np.int64))
        self._bound = 0
        self._wide = GrowingArray(np.dtype(np.uint64), width=max(2, result_type.n_lanes))
        self._has_wide = False

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        raw = raw_of(columns[0])
        if raw.ndim == 2:
            lanes = np.ascontiguousarray(raw[:, : self._wide.width])
            add_wide(self._wide.grow(n_groups), lanes, groups, n_groups)
            self._has_wide = True
            return
        bound = largest(raw) * len(raw)
        if bound >= INT64_LIMIT:
            lanes = lanes_from_narrow(raw, self._wide.width)
            add_wide(self._wide.grow(n_groups), lanes, groups, n_groups)
            self._has_wide = True
            return
        if self._bound + bound >= INT64_LIMIT:
            self._carry(n_groups)
        self._bound += bound
        add_at(self._quick.grow(n_groups), groups, raw, self._quick.dtype)

    def _carry(self, n_groups: int) -> None:
        """Move the quick sums into the wide ones."""
        quick = self._quick.grow(n_groups)
        lanes = lanes_from_narrow(quick[:n_groups], self._wide.width)
        sums = self._wide.grow(n_groups)
        sums[:n_groups] = add_lanes(sums[:n_groups], lanes)
        quick[:] = 0
        self._bound = 0
        self._has_wide = True

    def finish(self, n_groups: int) -> Column:
        """Return the sums."""
        if not self._has_wide:
            return fitted(self._quick.grow(n_groups)[:n_groups].copy(), self._type)
        self._carry(n_groups)
        lanes = self._wide.grow(n_groups)[:n_groups, : self._type.n_lanes].copy()
        if self._type.is_wide:
            return WideColumn(self._type, lanes)
        return fitted(lanes[:, 0].view(np.int64), self._type)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the sum of each frame."""
        raw = raw_of(columns[0])
        if raw.ndim == 1 and largest(raw) * len(raw) < INT64_LIMIT:
            return fitted(sum_frames(raw, starts, ends), self._type)
        lanes = np.ascontiguousarray(as_lanes(raw)[:, : self._wide.width])
        return fitted(resize_lanes(sum_wide_frames(lanes, starts, ends), N_LANES, True), self._type)

    @property
    def state_type(self) -> DataType:
        """Return the result's type."""
        return self._type

    @property
    def nbytes(self) -> int:
        """Return the bytes of the sums."""
        return self._quick.values.nbytes + self._wide.values.nbytes


def sum_accumulator(result_type: DataType) -> Accumulator:
    """Return the accumulator of sums of a type."""
    match result_type:
        case DecimalType():
            return DecimalSumAccumulator(result_type)
        case IntType(is_wide=True):
            return WideSumAccumulator(result_type)
        case IntType() | FloatType():
            return NarrowSumAccumulator(result_type)
        case _:
            raise InternalError(f"there is no sum of type {result_type.name}")


def sum_type(arguments: Sequence[Argument]) -> DataType:
    """Return the widest type of the argument's kind: 64 bits, more for wide integers."""
    match arguments[0].type:
        case DecimalType(bits=bits, scale=scale):
            return DecimalType(76 if bits == 256 else 38, scale)
        case IntType(bits=bits, is_signed=is_signed):
            return IntType(max(bits, 64), is_signed)
        case FloatType():
            return FloatType(64)
        case EnumType():
            return IntType(64, True)
        case _:
            return IntType(64, False)


def same_type(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the argument, UInt8 for Bool."""
    found = arguments[0].type
    return found if isinstance(found, IntType | FloatType | DecimalType) else IntType(8, False)


def _make(call: AggregateCall) -> Accumulator:
    return sum_accumulator(call.result_type)


# An Enum counts as its number.
SUMMABLE = Kind(NUMERIC.name, lambda t: NUMERIC.accepts(t) or ENUM.accepts(t))

FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="sum",
        family="aggregate",
        args=(Arg("value", SUMMABLE),),
        result=sum_type,
        make=_make,
        help="Sum; integers wrap around beyond 64 bits or their own width.",
        example="SELECT sum(number) FROM numbers(10)",
        is_case_insensitive=True,
    ),
    AggregateFunction(
        name="sumWithOverflow",
        family="aggregate",
        args=(Arg("value", NUMERIC),),
        result=same_type,
        make=_make,
        help="Sum in the type of the argument, wrapping around.",
        example="SELECT sumWithOverflow(toUInt8(number)) FROM numbers(100)",
    ),
)
