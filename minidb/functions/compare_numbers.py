"""Exact comparison of numbers of any two types, and of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, StringColumn, WideColumn
from minidb.columns.gather import as_items
from minidb.columns.wide_math import (
    equal_lanes,
    lanes_from_float,
    lanes_from_narrow,
    less_lanes,
    resize_lanes,
)
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.decimals import aligned, signs_of_difference
from minidb.record import record
from minidb.types import DecimalType, FloatType, IntType

# The widest integer whose neighbours float64 tells apart.
EXACT_FLOAT = float(1 << 53)


@record
class Comparison:
    """One of the six comparisons: its NumPy function, and its value by the sign of x - y."""

    name: str
    on_arrays: Callable[[Any, Any], Any]

    def from_signs(self, signs: NDArray[np.int8]) -> BoolArray:
        """Return the comparison's value for -1 (less), 0 (equal) and 1 (greater)."""
        result: BoolArray = self.on_arrays(signs, 0)
        return result


EQUALS = Comparison("equals", np.equal)
NOT_EQUALS = Comparison("notEquals", np.not_equal)
LESS = Comparison("less", np.less)
GREATER = Comparison("greater", np.greater)
LESS_OR_EQUALS = Comparison("lessOrEquals", np.less_equal)
GREATER_OR_EQUALS = Comparison("greaterOrEquals", np.greater_equal)
COMPARISONS = (EQUALS, NOT_EQUALS, LESS, GREATER, LESS_OR_EQUALS, GREATER_OR_EQUALS)


def compare_numbers(comparison: Comparison, left: Column, right: Column) -> BoolArray:
    """Compare numbers by their exact values; NaN equals nothing and is not ordered."""
    is_float = isinstance(left.type, FloatType), isinstance(right.type, FloatType)
    if isinstance(left.type, DecimalType) or isinstance(right.type, DecimalType):
        return _compare_decimals(comparison, left, right, any(is_float))
    if isinstance(left, WideColumn) or isinstance(right, WideColumn):
        if any(is_float):
            return _compare_with_floats(comparison, left, right)
        return comparison.from_signs(_wide_signs(left, right))
    a, b = numbers_of(left), numbers_of(right)
    if is_float[0] != is_float[1] and max(_int_bytes(a), _int_bytes(b)) == 8:
        return _compare_with_floats(comparison, left, right)
    # NumPy compares uint64 with int64 exactly, and everything else here in a type that holds both.
    result: BoolArray = comparison.on_arrays(a, b)
    return result


def _compare_decimals(
    comparison: Comparison, left: Column, right: Column, has_float: bool
) -> BoolArray:
    """Compare exactly, or as floats beside one, as ClickHouse does."""
    if has_float:
        from_floats: BoolArray = comparison.on_arrays(floats_of(left), floats_of(right))
        return from_floats
    a, b = aligned(left, right)
    if a.ndim == b.ndim == 1:
        result: BoolArray = comparison.on_arrays(a, b)
        return result
    return comparison.from_signs(signs_of_difference(left, right))


def _int_bytes(values: NDArray[Any]) -> int:
    return 0 if values.dtype.kind == "f" else values.dtype.itemsize


def _wide_signs(left: Column, right: Column) -> NDArray[np.int8]:
    """Return the signs of left - right for integers of any width."""
    n_lanes = max(_lane_count(left), _lane_count(right))
    is_mixed = _is_signed(left) != _is_signed(right)
    # One more lane holds every unsigned value as a signed one.
    n_lanes += is_mixed
    a, b = _lanes(left, n_lanes), _lanes(right, n_lanes)
    is_less = less_lanes(a, b, is_mixed or _is_signed(left))
    return np.where(is_less, -1, np.where(equal_lanes(a, b), 0, 1)).astype(np.int8)


def _lane_count(column: Column) -> int:
    return column.type.n_lanes if isinstance(column, WideColumn) else 1


def _is_signed(column: Column) -> bool:
    return isinstance(column.type, IntType) and column.type.is_signed


def _lanes(column: Column, n_lanes: int) -> NDArray[np.uint64]:
    if isinstance(column, WideColumn):
        return resize_lanes(column.lanes, n_lanes, column.type.is_signed)
    return lanes_from_narrow(numbers_of(column), n_lanes)


def _compare_with_floats(comparison: Comparison, left: Column, right: Column) -> BoolArray:
    """Compare as float64; where the rounded integer equals the float, compare the integers."""
    a, b = floats_of(left), floats_of(right)
    result: BoolArray = comparison.on_arrays(a, b)
    doubtful = np.flatnonzero((a == b) & (np.abs(a) >= EXACT_FLOAT) & np.isfinite(a))
    if len(doubtful):
        exact = IntType(512, True)
        sides = [_exact_lanes(column.take(doubtful), exact) for column in (left, right)]
        result[doubtful] = comparison.from_signs(_wide_signs(*sides))
    return result


def _exact_lanes(column: Column, exact: IntType) -> WideColumn:
    """Return whole numbers of any type without loss."""
    if isinstance(column.type, FloatType):
        return WideColumn(exact, lanes_from_float(floats_of(column), exact.n_lanes))
    return WideColumn(exact, _lanes(column, exact.n_lanes))


def text_signs(left: StringColumn, right: StringColumn) -> NDArray[np.int8]:
    """Return -1, 0 or 1 for each row: the order of two texts by their bytes."""
    a_lengths, b_lengths = left.lengths, right.lengths
    common = np.minimum(a_lengths, b_lengths)
    offsets = np.zeros(len(common) + 1, np.int64)
    np.cumsum(common, out=offsets[1:])
    places = np.arange(offsets[-1])
    a = left.data[places + np.repeat(left.offsets[:-1] - offsets[:-1], common)]
    b = right.data[places + np.repeat(right.offsets[:-1] - offsets[:-1], common)]
    signs: NDArray[np.int8] = np.sign(a_lengths - b_lengths).astype(np.int8)
    differ = np.flatnonzero(a != b)
    rows = np.searchsorted(offsets, differ, side="right") - 1
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = rows[1:] != rows[:-1]
    first = differ[is_first]
    signs[rows[is_first]] = np.where(a[first] < b[first], -1, 1)
    return signs


def equal_text(left: StringColumn, right: StringColumn) -> BoolArray:
    """Tell which rows hold the same text; only texts of equal length are looked at."""
    result: BoolArray = left.lengths == right.lengths
    rows = np.flatnonzero(result)
    if len(rows) == len(result):
        same: BoolArray = text_signs(left, right) == 0
        return same
    if len(rows):
        result[rows] = text_signs(left.take(rows), right.take(rows)) == 0
    return result


def equal_constant_text(column: StringColumn, value: bytes) -> BoolArray:
    """Tell which texts equal one text."""
    result: BoolArray = column.lengths == len(value)
    if not value:
        return result
    rows = np.flatnonzero(result)
    if not len(rows):
        return result
    # An item ends at its zero bytes, but items of one length are equal only if all bytes are.
    items = as_items(column.data, len(value), "S")
    if len(rows) == len(result):
        return np.asarray(items[column.offsets[:-1]] == value)
    result[rows] = items[column.offsets[:-1][rows]] == value
    return result


def text_difference(left: StringColumn, right: StringColumn) -> NDArray[np.int64]:
    """Return for each row the bits in which two texts differ; the longer one's rest counts."""
    lengths = np.maximum(left.lengths, right.lengths)
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    both = np.zeros(int(offsets[-1]), np.uint8)
    for side in (left.compact(), right.compact()):
        shift = np.repeat(offsets[:-1] - side.offsets[:-1], side.lengths)
        both[np.arange(len(side.data)) + shift] ^= side.data
    running = np.zeros(len(both) + 1, np.int64)
    np.cumsum(np.bitwise_count(both), out=running[1:])
    result: NDArray[np.int64] = running[offsets[1:]] - running[offsets[:-1]]
    return result
