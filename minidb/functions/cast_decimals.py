"""Numbers to Decimals and back, with ClickHouse's errors for what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, NumericColumn, WideColumn
from minidb.columns.wide_math import lanes_from_float
from minidb.errors import DECIMAL_OVERFLOW, ValueExecutionError
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.decimals import (
    N_LANES,
    Raw,
    as_lanes,
    checked,
    fitted,
    over_power,
    overflow,
    overflows,
    overflows_range,
    raw_of,
    rescale,
    scale_of,
    signs_of_difference,
)
from minidb.types import (
    BoolType,
    DecimalType,
    FloatType,
    IntType,
    numpy_dtype,
)

EXACT_FLOAT = float(1 << 62)


def to_decimal(column: Column, target: DecimalType) -> Column:
    """Convert a number or another Decimal; digits past the scale are cut off.

    Raises
    ------
    ValueExecutionError
        DECIMAL_OVERFLOW for a number that the stored width cannot hold, infinity and NaN.
    """
    if isinstance(column.type, FloatType):
        return fitted(_raw_of_floats(column, target), target)
    raw = rescale(raw_of(column), scale_of(column.type), target.scale)
    return checked(raw, target, "a number")


def _raw_of_floats(column: Column, target: DecimalType) -> Raw:
    """Return floats times 10**scale, in their own precision, cut to whole numbers."""
    values = numbers_of(column)
    if not np.isfinite(values).all():
        message = f"infinity and NaN do not fit {target.name}"
        raise ValueExecutionError(DECIMAL_OVERFLOW, message)
    scaled = _scaled_floats(values, target)
    limit = 2.0 ** (target.bits - 1)
    if not (np.abs(scaled) < limit).all():
        raise overflow("a number", target)
    return whole_of_floats(scaled)


def _scaled_floats(values: NDArray[Any], target: DecimalType) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        scaled = values * values.dtype.type(10.0**target.scale)
    floats: NDArray[np.float64] = scaled.astype(np.float64)
    return floats


def whole_of_floats(scaled: NDArray[np.float64]) -> Raw:
    """Return finite floats cut to whole numbers."""
    if (np.abs(scaled) < EXACT_FLOAT).all():
        return np.trunc(scaled).astype(np.int64)
    return lanes_from_float(scaled, N_LANES)


def decimals_that_fit(column: Column, target: DecimalType) -> tuple[Column, BoolArray]:
    """Convert numbers as `to_decimal` does, and tell which ones the stored width holds."""
    if isinstance(column.type, FloatType):
        scaled = _scaled_floats(numbers_of(column), target)
        fits: BoolArray = np.isfinite(scaled) & (np.abs(scaled) < 2.0 ** (target.bits - 1))
        return fitted(whole_of_floats(np.where(fits, scaled, 0.0)), target), fits
    raw = rescale(raw_of(column), scale_of(column.type), target.scale)
    return fitted(raw, target), ~overflows(raw, target.bits)


def from_decimal(
    column: Column, source: DecimalType, target: BoolType | IntType | FloatType
) -> Column:
    """Convert Decimals to numbers; digits behind the point are cut off for integers.

    Raises
    ------
    ValueExecutionError
        DECIMAL_OVERFLOW for an integer type that does not hold the number.
    """
    match target:
        case FloatType(bits=32):
            # Divided as Float64 and then narrowed, as in ClickHouse; what is too large is inf.
            quotients = stored_floats(column) / 10.0**source.scale
            with np.errstate(over="ignore"):
                return NumericColumn(target, quotients.astype(np.float32))
        case FloatType():
            return NumericColumn(target, floats_of(column))
        case BoolType():
            raw = raw_of(column)
            truth = raw != 0 if raw.ndim == 1 else (raw != 0).any(axis=1)
            return NumericColumn(target, truth.astype(np.uint8))
        case IntType():
            whole_column, fits = whole_numbers_of(column, source, target)
            if not fits.all():
                raise overflow("a Decimal", target)
            return whole_column


def stored_floats(column: Column) -> NDArray[np.float64]:
    """Return the stored whole numbers of Decimals as floats."""
    if not isinstance(column, WideColumn):
        return numbers_of(column).astype(np.float64)
    return floats_of(WideColumn(IntType(column.type.bits, True), column.lanes))


def whole_numbers_of(
    column: Column, source: DecimalType, target: IntType
) -> tuple[Column, BoolArray]:
    """Return Decimals cut to integers, wrapped around, and which of them fit."""
    raw = over_power(raw_of(column), source.scale)
    fits = ~overflows_range(raw, target.minimum, target.maximum)
    if target.is_wide:
        lanes = as_lanes(raw)[:, : target.n_lanes]
        return WideColumn(target, np.ascontiguousarray(lanes)), fits
    values = raw if raw.ndim == 1 else np.ascontiguousarray(raw[:, 0])
    return NumericColumn(target, values.astype(numpy_dtype(target))), fits


def decimals_exactly(column: Column, target: DecimalType) -> tuple[Column, BoolArray]:
    """Convert numbers, and tell which kept their value and have few enough digits."""
    if isinstance(column.type, FloatType):
        return _floats_exactly(column, target)
    raw = rescale(raw_of(column), scale_of(column.type), target.scale)
    limit = 10**target.precision - 1
    exact = ~overflows_range(raw, -limit, limit)
    converted = fitted(raw, target)
    if exact.any() and scale_of(column.type) > target.scale:
        exact &= signs_of_difference(column, converted) == 0
    return converted, exact


def _floats_exactly(column: Column, target: DecimalType) -> tuple[Column, BoolArray]:
    """Convert floats to the nearest Decimal; exact where that reads back as the same float."""
    values = numbers_of(column)
    limit = 10.0**target.precision
    scaled = _scaled_floats(values, target)
    exact = np.isfinite(scaled) & (np.abs(scaled) < limit)
    nearest = fitted(whole_of_floats(np.rint(np.where(exact, scaled, 0.0))), target)
    back = floats_of(nearest).astype(values.dtype)
    return nearest, exact & (back == values)
