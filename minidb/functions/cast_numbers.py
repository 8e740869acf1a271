"""Numbers of any width from one type to another: wrap-around, truncation, the nearest float."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, NumericColumn, WideColumn
from minidb.columns.wide_math import (
    Lanes,
    lanes_from_float,
    lanes_from_narrow,
    lanes_to_float,
    resize_lanes,
)
from minidb.errors import CANNOT_CONVERT_TYPE, InternalError, ValueExecutionError
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

SECONDS_PER_DAY = 86_400
MAX_DAY = 65_535
MAX_SECOND = (1 << 32) - 1
TWO_63 = float(1 << 63)
INT64_MIN = np.int64(-(1 << 63))


def numbers_of(column: Column) -> NDArray[Any]:
    """Return the array of a column that has a single one; stride 0 is possible."""
    if not isinstance(column, NumericColumn):
        raise InternalError(f"a kernel expected numbers, got {column.type.name}")
    return column.values


def lanes_of(column: Column, n_lanes: int) -> Lanes:
    """Return integers of any width as `n_lanes` lanes, modulo 2**bits."""
    if isinstance(column, WideColumn):
        return resize_lanes(column.lanes, n_lanes, column.type.is_signed)
    values = numbers_of(column)
    if values.dtype.kind == "f":
        check_finite(values)
        return lanes_from_float(values.astype(np.float64), n_lanes)
    return lanes_from_narrow(values, n_lanes)


def floats_of(column: Column) -> NDArray[np.float64]:
    """Return numbers of any width, Decimals among them, as float64."""
    if isinstance(column, WideColumn):
        floats = lanes_to_float(column.lanes, column.type.is_signed)
    else:
        floats = numbers_of(column).astype(np.float64, copy=False)
    if isinstance(column.type, DecimalType):
        return floats / 10.0**column.type.scale
    return floats


def check_finite(values: NDArray[Any]) -> None:
    """Refuse NaN and infinities, which no integer can hold."""
    if not np.isfinite(values).all():
        message = "infinity and NaN do not fit an integer type"
        raise ValueExecutionError(CANNOT_CONVERT_TYPE, message)


def _through_int(values: NDArray[np.float64], bits: int) -> NDArray[np.int64]:
    """Truncate to int32 or int64; what does not fit becomes the smallest value."""
    limit = float(1 << (bits - 1))
    whole = np.trunc(values)
    fits = (whole >= -limit) & (whole < limit)
    return np.where(fits, whole, -limit).astype(np.int64)


def truncate_floats(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Cut finite floats to whole numbers; outside the type the result is what an x86 CPU gives.

    ClickHouse leaves those values to the compiler; pinning them down keeps answers the same
    on every machine.
    """
    wide = values.astype(np.float64, copy=False)
    if dtype.kind == "u" and dtype.itemsize == 8:
        low = _through_int(wide, 64)
        high = _through_int(wide - TWO_63, 64)
        return (low | (high & (low >> 63))).astype(np.uint64)
    bits = 64 if dtype.itemsize == 8 or dtype == np.uint32 else 32
    return _through_int(wide, bits).astype(dtype)


def cast_number(column: Column, target: IntType | FloatType | BoolType) -> Column:
    """Convert Bool, integers, floats, Date or DateTime to a number type.

    Integers wrap around, floats are truncated.

    Raises
    ------
    ValueExecutionError
        CANNOT_CONVERT_TYPE for NaN or infinity to an integer.
    """
    if column.type == target:
        return column
    match target:
        case BoolType():
            return NumericColumn(target, is_true(column).view(np.uint8))
        case FloatType():
            with np.errstate(over="ignore"):
                floats = numbers_of(column) if isinstance(column, NumericColumn) else None
                values = floats_of(column) if floats is None else floats
                return NumericColumn(target, values.astype(numpy_dtype(target), copy=False))
        case IntType(is_wide=True, n_lanes=n_lanes):
            return WideColumn(target, lanes_of(column, n_lanes))
        case IntType():
            return NumericColumn(target, narrow_of(column, numpy_dtype(target)))


def narrow_of(column: Column, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return numbers as an integer dtype of at most 64 bits, wrapped around."""
    if isinstance(column, WideColumn):
        return column.lanes[:, 0].astype(dtype)
    values = numbers_of(column)
    if values.dtype.kind == "f":
        check_finite(values)
        return truncate_floats(values, dtype)
    return values.astype(dtype, copy=False)


def is_true(column: Column) -> BoolArray:
    """Tell which numbers are not 0 (NaN is not)."""
    if isinstance(column, WideColumn):
        result: BoolArray = np.any(column.lanes != 0, axis=1)
        return result
    truth: BoolArray = np.not_equal(numbers_of(column), 0)
    return truth


def cast_to_date(column: Column) -> Column:
    """Convert a number: up to 65,535 it counts days, above it seconds since 1970.

    Values below 0 give 1970-01-01, values past the range of DateTime its last day.
    """
    values = _clipped(column, MAX_SECOND)
    if isinstance(column.type, DateTimeType):
        days = values // SECONDS_PER_DAY
    else:
        # A fraction above the last day makes a number of seconds, too.
        is_seconds = values > MAX_DAY
        if isinstance(column.type, FloatType):
            is_seconds |= numbers_of(column) > MAX_DAY
        days = np.where(is_seconds, values // SECONDS_PER_DAY, values)
    return NumericColumn(DateType(), days.astype(np.uint16))


def cast_to_datetime(column: Column) -> Column:
    """Convert a number of seconds, or a Date to its midnight; outside the range the nearest end."""
    if isinstance(column.type, DateType):
        seconds = numbers_of(column).astype(np.int64) * SECONDS_PER_DAY
        # A Date past the end of DateTime wraps around, as in ClickHouse.
        return NumericColumn(DateTimeType(), seconds.astype(np.uint32))
    return NumericColumn(DateTimeType(), _clipped(column, MAX_SECOND).astype(np.uint32))


def _clipped(column: Column, limit: int) -> NDArray[Any]:
    """Return numbers as integers from 0 to `limit`; fractions are cut off."""
    if isinstance(column, WideColumn):
        values = floats_of(column)
    else:
        values = numbers_of(column)
    if values.dtype.kind == "f":
        check_finite(values)
        return np.clip(values.astype(np.float64), 0.0, float(limit)).astype(np.int64)
    if values.dtype == np.uint64:
        return np.minimum(values, np.uint64(limit)).astype(np.int64)
    return np.clip(values.astype(np.int64), 0, limit)


def whole_places(column: Column) -> NDArray[np.int64]:
    """Return integers of any width as int64, those far outside it as a bound."""
    if isinstance(column, WideColumn):
        return np.clip(floats_of(column), -(2.0**62), 2.0**62).astype(np.int64)
    values = numbers_of(column)
    if values.dtype == np.uint64:
        values = np.minimum(values, np.uint64(1 << 62))
    return values.astype(np.int64)


def is_plain_number(data_type: DataType) -> bool:
    """Whether values are stored as numbers: Bool, integers, floats, Date and DateTime."""
    return isinstance(data_type, BoolType | IntType | FloatType | DateType | DateTimeType)
