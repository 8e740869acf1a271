"""Whole numbers of any size behind Decimals: exact sums and products, and what does not fit.

A *raw* array holds the stored whole numbers of a Decimal, or the values of an integer column:
int64 of shape (n,) where all of them fit, which is the quick way, else lanes of 512 bits, enough
for the product of any two. Every operation picks the quick way where its result is sure to fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, NumericColumn, WideColumn
from minidb.columns.no_numpy_way import divide_wide
from minidb.columns.wide_math import (
    Lanes,
    add_lanes,
    equal_lanes,
    lanes_from_narrow,
    less_lanes,
    multiply_lanes,
    negate_lanes,
    resize_lanes,
    subtract_lanes,
)
from minidb.errors import DECIMAL_OVERFLOW, InternalError, ValueExecutionError
from minidb.types import DataType, DecimalType, IntType, numpy_dtype

Raw: TypeAlias = NDArray[Any]

N_LANES = 8
WORK = IntType(64 * N_LANES, True)
INT64_LIMIT = 1 << 63
MAX_INT64_POWER = 18


def raw_of(column: Column) -> Raw:
    """Return the whole numbers of a Decimal, integer or Bool column."""
    if isinstance(column, WideColumn):
        top = np.ascontiguousarray(column.lanes[:, 0]).view(np.int64)
        sign = (top >> 63).view(np.uint64)
        is_narrow = (column.lanes[:, 1:] == sign[:, None]).all()
        if is_narrow and (column.type.is_signed or not (top < 0).any()):
            return top
        return resize_lanes(column.lanes, N_LANES, column.type.is_signed)
    if not isinstance(column, NumericColumn) or column.values.dtype.kind == "f":
        raise InternalError(f"{column.type.name} has no whole numbers")
    values: NDArray[Any] = column.values
    if values.dtype == np.uint64 and int(values.max(initial=0)) >= INT64_LIMIT:
        return lanes_from_narrow(values, N_LANES)
    return values.astype(np.int64, copy=False)


def scale_of(data_type: DataType) -> int:
    """Return the scale of a Decimal, 0 for an integer."""
    return data_type.scale if isinstance(data_type, DecimalType) else 0


def largest(raw: Raw) -> int:
    """Return the greatest size of the numbers of an int64 array."""
    if not len(raw):
        return 0
    if raw.strides == (0,):
        return abs(int(raw[0]))
    return max(abs(int(raw.min())), abs(int(raw.max())))


def as_lanes(raw: Raw) -> Lanes:
    """Return raw numbers as lanes of 512 bits."""
    return raw if raw.ndim == 2 else lanes_from_narrow(raw, N_LANES)


def constant_lanes(value: int, n_rows: int) -> Lanes:
    """Return one number as lanes, without memory for its repetition."""
    words = [(value >> (64 * lane)) & ((1 << 64) - 1) for lane in range(N_LANES)]
    return np.broadcast_to(np.array(words, np.uint64), (n_rows, N_LANES))


def times_power(raw: Raw, power: int) -> Raw:
    """Return the numbers times 10**power; `power` is not negative."""
    if not power:
        return raw
    if raw.ndim == 1 and largest(raw) * 10**power < INT64_LIMIT:
        return raw * np.int64(10**power)
    return multiply_lanes(as_lanes(raw), constant_lanes(10**power, len(raw)))


def add(left: Raw, right: Raw) -> Raw:
    """Return left + right."""
    if left.ndim == right.ndim == 1 and largest(left) + largest(right) < INT64_LIMIT:
        return left + right
    return add_lanes(as_lanes(left), as_lanes(right))


def subtract(left: Raw, right: Raw) -> Raw:
    """Return left - right."""
    if left.ndim == right.ndim == 1 and largest(left) + largest(right) < INT64_LIMIT:
        return left - right
    return subtract_lanes(as_lanes(left), as_lanes(right))


def multiply(left: Raw, right: Raw) -> Raw:
    """Return left * right."""
    if left.ndim == right.ndim == 1 and largest(left) * largest(right) < INT64_LIMIT:
        return left * right
    return multiply_lanes(as_lanes(left), as_lanes(right))


def divide(left: Raw, right: Raw) -> tuple[Raw, Raw]:
    """Return quotients towards zero and remainders with the sign of `left`; no divisor is 0."""
    smallest = -INT64_LIMIT
    if left.ndim == right.ndim == 1 and int(left.min(initial=0)) > smallest:
        rest = np.fmod(left, right)
        return (left - rest) // right, rest
    return divide_wide(as_lanes(left), as_lanes(right), WORK)


def over_power(raw: Raw, power: int) -> Raw:
    """Return the numbers divided by 10**power, towards zero."""
    if not power:
        return raw
    if raw.ndim == 1:
        if power > MAX_INT64_POWER:
            # 2**63 has 19 digits, and 10**19 is above it.
            return np.zeros(len(raw), np.int64)
        return divide(raw, np.broadcast_to(np.int64(10**power), len(raw)))[0]
    return divide(raw, constant_lanes(10**power, len(raw)))[0]


def rescale(raw: Raw, source: int, target: int) -> Raw:
    """Return numbers of one scale at another; digits past it are cut off."""
    return (
        times_power(raw, target - source) if target >= source else over_power(raw, source - target)
    )


def overflows(raw: Raw, bits: int) -> BoolArray:
    """Tell which numbers do not fit a signed integer of some bits."""
    if raw.ndim == 1:
        if bits >= 64:
            return np.zeros(len(raw), np.bool_)
        limit = 1 << (bits - 1)
        narrow: BoolArray = (raw < -limit) | (raw >= limit)
        return narrow
    n_lanes = max(1, bits // 64)
    if bits >= 64:
        cut = resize_lanes(raw[:, :n_lanes], N_LANES, True)
        return ~equal_lanes(cut, raw)
    return overflows_range(raw, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def overflows_range(raw: Raw, low: int, high: int) -> BoolArray:
    """Tell which numbers lie outside a range."""
    if raw.ndim == 1:
        below = raw < low if low > -INT64_LIMIT else np.zeros(len(raw), np.bool_)
        return below | (raw > high) if high < INT64_LIMIT else below
    lows, highs = constant_lanes(low, len(raw)), constant_lanes(high, len(raw))
    return less_lanes(raw, lows, True) | less_lanes(highs, raw, True)


def fitted(raw: Raw, target: DecimalType) -> Column:
    """Return raw numbers as a Decimal column; outside the stored width they wrap around."""
    if target.is_wide:
        if raw.ndim == 1:
            return WideColumn(target, lanes_from_narrow(raw, target.n_lanes))
        return WideColumn(target, np.ascontiguousarray(raw[:, : target.n_lanes]))
    values = raw if raw.ndim == 1 else np.ascontiguousarray(raw[:, 0]).view(np.int64)
    return NumericColumn(target, values.astype(numpy_dtype(target), copy=False))


def checked(raw: Raw, target: DecimalType, what: str = "a Decimal's value") -> Column:
    """Return raw numbers as a Decimal column.

    Raises
    ------
    ValueExecutionError
        DECIMAL_OVERFLOW where a number does not fit the stored width.
    """
    if overflows(raw, target.bits).any():
        raise overflow(what, target)
    return fitted(raw, target)


def overflow(what: str, target: DataType) -> ValueExecutionError:
    """Return the error for a number past the range of a type."""
    hint = None
    if isinstance(target, DecimalType) and target.bits < 256:
        hint = f"a wider type such as {DecimalType(76, target.scale).name} holds more"
    message = f"{what} does not fit {target.name}"
    return ValueExecutionError(DECIMAL_OVERFLOW, message, hint=hint)


def signs_of_difference(left: Column, right: Column) -> NDArray[np.int8]:
    """Return the signs of left - right, for Decimals and integers, exactly."""
    a, b = aligned(left, right)
    if a.ndim == b.ndim == 1:
        return (a > b).astype(np.int8) - (a < b).astype(np.int8)
    x, y = as_lanes(a), as_lanes(b)
    return np.where(less_lanes(x, y, True), -1, np.where(equal_lanes(x, y), 0, 1)).astype(np.int8)


def aligned(left: Column, right: Column) -> tuple[Raw, Raw]:
    """Return both sides at the greater scale."""
    scale = max(scale_of(left.type), scale_of(right.type))
    a = times_power(raw_of(left), scale - scale_of(left.type))
    b = times_power(raw_of(right), scale - scale_of(right.type))
    return a, b


def negated(raw: Raw) -> Raw:
    """Return the numbers with their signs turned."""
    if raw.ndim == 1 and int(raw.min(initial=0)) > -INT64_LIMIT:
        return np.negative(raw)
    return negate_lanes(as_lanes(raw))


Operation: TypeAlias = Callable[[Raw, Raw], Raw]
