"""Sums, products, quotients and signs of Decimals: ClickHouse's result types and overflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, NumericColumn, WideColumn
from minidb.errors import ARGUMENT_OUT_OF_BOUND, ILLEGAL_DIVISION, BindError, ValueExecutionError
from minidb.functions.builtin.number_types import FLOAT64, illegal_pair
from minidb.functions.cast_numbers import floats_of
from minidb.functions.decimals import (
    Raw,
    add,
    aligned,
    as_lanes,
    checked,
    divide,
    fitted,
    multiply,
    negated,
    overflow,
    overflows,
    overflows_range,
    raw_of,
    scale_of,
    subtract,
    times_power,
)
from minidb.types import (
    BoolType,
    DataType,
    DecimalType,
    FloatType,
    IntType,
    numpy_dtype,
)


def has_decimal(left: DataType, right: DataType) -> bool:
    """Whether one of two types is a Decimal."""
    return isinstance(left, DecimalType) or isinstance(right, DecimalType)


def decimal_result(function: str, left: DataType, right: DataType) -> DataType:
    """Return the type of an operation with a Decimal.

    Two Decimals give all digits of the wider one; the scale is the greater one for sums, the
    sum of both for products, and that of the left side for quotients. An integer leaves the
    Decimal's type as it is, a float makes the result a Float64.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT for another type, ARGUMENT_OUT_OF_BOUND for a scale that the
        result cannot have.
    """
    if isinstance(left, FloatType) or isinstance(right, FloatType):
        return FLOAT64
    if not isinstance(left, DecimalType) or not isinstance(right, DecimalType):
        decimal, other = (left, right) if isinstance(left, DecimalType) else (right, left)
        if not isinstance(other, IntType | BoolType) or not isinstance(decimal, DecimalType):
            raise illegal_pair(function, left, right)
        return decimal
    precision = max(left.widest_precision, right.widest_precision)
    match function:
        case "multiply":
            scale = left.scale + right.scale
        case "divide":
            scale = left.scale
            if scale < right.scale:
                message = f"a quotient has the scale of the left side, {scale}, "
                message += f"which is less than that of the right side, {right.scale}"
                hint = f"give the left side a scale of {right.scale} or more by CAST"
                raise BindError(ARGUMENT_OUT_OF_BOUND, message, hint=hint)
        case _:
            scale = max(left.scale, right.scale)
    if scale > precision:
        message = f"{function} of {left.name} and {right.name} would have scale {scale}, "
        message += f"more than the {precision} digits of the result"
        hint = "give one side a wider type, for example by toDecimal128"
        raise BindError(ARGUMENT_OUT_OF_BOUND, message, hint=hint)
    return DecimalType(precision, scale)


def decimal_sum(function: str, left: Column, right: Column, target: DecimalType) -> Column:
    """Add, subtract or multiply exactly.

    Raises
    ------
    ValueExecutionError
        DECIMAL_OVERFLOW where the result does not fit the stored width.
    """
    what = f"a result of {function}"
    if function == "multiply":
        return checked(multiply(raw_of(left), raw_of(right)), target, what)
    a, b = aligned(left, right)
    return checked(add(a, b) if function == "plus" else subtract(a, b), target, what)


def decimal_quotient(left: Column, right: Column, target: DecimalType) -> Column:
    """Divide, and cut off digits past the scale.

    Raises
    ------
    ValueExecutionError
        ILLEGAL_DIVISION for a divisor of 0; DECIMAL_OVERFLOW where the left side, made larger
        by the scale of the right one, does not fit the stored width.
    """
    divisor = raw_of(right)
    _refuse_zeros(divisor)
    steps = target.scale - scale_of(left.type) + scale_of(right.type)
    dividend = times_power(raw_of(left), steps)
    if overflows(dividend, target.bits).any():
        raise overflow("the left side of a division, scaled up,", target)
    return checked(divide(dividend, divisor)[0], target, "a quotient")


def is_zero(raw: Raw) -> BoolArray:
    """Tell which raw numbers are 0."""
    zero: BoolArray = raw == 0 if raw.ndim == 1 else (raw == 0).all(axis=1)
    return zero


def _refuse_zeros(raw: Raw) -> None:
    if is_zero(raw).any():
        raise ValueExecutionError(ILLEGAL_DIVISION, "division by zero")


def _with_ones(raw: Raw, where: BoolArray) -> Raw:
    """Put 1 in place of the zeros."""
    if not where.any():
        return raw
    if raw.ndim == 1:
        return np.where(where, 1, raw)
    ones = raw.copy()
    ones[where, 0] = 1
    return ones


def decimal_int_quotient(left: Column, right: Column, target: IntType, *, or_zero: bool) -> Column:
    """Divide towards zero to a whole number.

    Raises
    ------
    ValueExecutionError
        ILLEGAL_DIVISION for a divisor of 0 unless `or_zero`, or for a float without bounds;
        DECIMAL_OVERFLOW for a quotient past the type.
    """
    if isinstance(left.type, FloatType) or isinstance(right.type, FloatType):
        return _int_quotient_of_floats(left, right, target, or_zero=or_zero)
    a, b = aligned(left, right)
    zeros = is_zero(b)
    if zeros.any() and not or_zero:
        raise ValueExecutionError(ILLEGAL_DIVISION, "division by zero")
    quotient = divide(a, _with_ones(b, zeros))[0]
    if (overflows_range(quotient, target.minimum, target.maximum) & ~zeros).any():
        raise overflow("a quotient", target)
    if target.is_wide:
        lanes = np.where(zeros[:, None], np.uint64(0), as_lanes(quotient)[:, : target.n_lanes])
        return WideColumn(target, lanes)
    values = quotient if quotient.ndim == 1 else quotient[:, 0]
    return NumericColumn(target, np.where(zeros, 0, values).astype(numpy_dtype(target)))


def _int_quotient_of_floats(
    left: Column, right: Column, target: IntType, *, or_zero: bool
) -> Column:
    a, b = floats_of(left), floats_of(right)
    with np.errstate(all="ignore"):
        quotient = np.trunc(a / b)
    bad = ~np.isfinite(quotient) | (np.abs(quotient) >= 2.0**63)
    if bad.any() and not or_zero:
        message = "whole division gives an infinite or too large number"
        raise ValueExecutionError(ILLEGAL_DIVISION, message)
    return NumericColumn(target, np.where(bad, 0.0, quotient).astype(numpy_dtype(target)))


def decimal_remainder_type(function: str, left: DataType, right: DataType) -> DataType:
    """Return the type of a remainder: all digits of the wider side, the greater scale."""
    return decimal_result("minus", left, right)


def decimal_remainder(left: Column, right: Column, target: DecimalType, *, or_zero: bool) -> Column:
    """Return what is left of x / y, with the sign of x.

    Raises
    ------
    ValueExecutionError
        ILLEGAL_DIVISION for a divisor of 0 unless `or_zero`.
    """
    a, b = aligned(left, right)
    zeros = is_zero(b)
    if zeros.any() and not or_zero:
        raise ValueExecutionError(ILLEGAL_DIVISION, "division by zero")
    rest = divide(a, _with_ones(b, zeros))[1]
    if zeros.any():
        rest = np.where(zeros if rest.ndim == 1 else zeros[:, None], rest.dtype.type(0), rest)
    return checked(rest, target, "a remainder")


def negated_decimal(column: Column, data_type: DecimalType) -> Column:
    """Return the numbers with their signs turned."""
    return fitted(negated(raw_of(column)), data_type)


def absolute_decimal(column: Column, data_type: DecimalType) -> Column:
    """Return the sizes of the numbers."""
    raw = raw_of(column)
    is_below = raw < 0 if raw.ndim == 1 else raw[:, -1].astype(np.int64) < 0
    turned = negated(raw)
    if raw.ndim != turned.ndim:
        raw = as_lanes(raw)
    where = is_below if raw.ndim == 1 else is_below[:, None]
    return fitted(np.where(where, turned, raw), data_type)


def sign_of_decimal(column: Column) -> NDArray[np.int8]:
    """Return -1, 0 or 1 for numbers below, at or above 0."""
    raw = raw_of(column)
    if raw.ndim == 1:
        return np.sign(raw).astype(np.int8)
    signs = (~is_zero(raw)).astype(np.int8)
    signs[raw[:, -1].astype(np.int64) < 0] = -1
    return signs
