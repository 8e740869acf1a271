"""Sums, differences, products and quotients; signs and absolute values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidb.columns import Column, NumericColumn, WideColumn
from minidb.columns.wide_math import (
    Lanes,
    add_lanes,
    is_negative,
    multiply_lanes,
    negate_lanes,
    resize_lanes,
    subtract_lanes,
)
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.arguments import NUMERIC, TEMPORAL, Arg, either
from minidb.functions.builtin.decimal_math import (
    absolute_decimal,
    decimal_quotient,
    decimal_result,
    decimal_sum,
    has_decimal,
    negated_decimal,
    sign_of_decimal,
)
from minidb.functions.builtin.number_types import (
    FLOAT64,
    as_number,
    difference_type,
    illegal_pair,
    next_bits,
    sum_type,
)
from minidb.functions.cast_numbers import cast_number, floats_of, lanes_of, narrow_of, numbers_of
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.record import record
from minidb.types import (
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FloatType,
    IntType,
    numpy_dtype,
)

FAMILY = "arithmetic"
INT32 = IntType(32, True)
COUNTABLE = either(NUMERIC, TEMPORAL)
PAIR = (Arg("x", COUNTABLE), Arg("y", COUNTABLE))
NUMBERS = (Arg("x", NUMERIC), Arg("y", NUMERIC))


@record
class Operation:
    """One of + - *, on arrays of one dtype and on lanes."""

    name: str
    on_arrays: Callable[..., Any]
    on_lanes: Callable[[Lanes, Lanes], Lanes]


PLUS = Operation("plus", np.add, add_lanes)
MINUS = Operation("minus", np.subtract, subtract_lanes)
TIMES = Operation("multiply", np.multiply, multiply_lanes)


def _is_moment(data_type: DataType) -> bool:
    return isinstance(data_type, DateType | DateTimeType)


def _check_step(function: str, moment: DataType, step: DataType) -> DataType:
    """Return the moment's type if `step` can be added to it."""
    if (
        _is_moment(step)
        or isinstance(step, DecimalType)
        or (isinstance(step, IntType) and step.is_wide)
    ):
        raise illegal_pair(function, moment, step)
    return moment


def _plus_type(args: Sequence[Argument]) -> DataType:
    left, right = args[0].type, args[1].type
    if _is_moment(left):
        return _check_step("plus", left, right)
    if _is_moment(right):
        return _check_step("plus", right, left)
    if has_decimal(left, right):
        return decimal_result("plus", left, right)
    return sum_type("plus", left, right)


def _minus_type(args: Sequence[Argument]) -> DataType:
    left, right = args[0].type, args[1].type
    if _is_moment(left) and left == right:
        return INT32
    if _is_moment(left):
        return _check_step("minus", left, right)
    if _is_moment(right):
        raise illegal_pair("minus", left, right)
    if has_decimal(left, right):
        return decimal_result("minus", left, right)
    return difference_type("minus", left, right)


def _times_type(args: Sequence[Argument]) -> DataType:
    if has_decimal(args[0].type, args[1].type):
        return decimal_result("multiply", args[0].type, args[1].type)
    return sum_type("multiply", args[0].type, args[1].type)


def _apply(operation: Operation, call: Call) -> Column:
    """Compute in the result type, wrapped around; a Decimal that does not fit is an error."""
    left, right = call.columns
    match call.result_type:
        case DecimalType() as decimal_type:
            return decimal_sum(operation.name, left, right, decimal_type)
        case IntType(is_wide=True, n_lanes=n_lanes) as wide:
            a, b = lanes_of(left, n_lanes), lanes_of(right, n_lanes)
            return WideColumn(wide, operation.on_lanes(a, b))
        case DateType() | DateTimeType() as moment:
            step = np.dtype(np.int64)
            values = operation.on_arrays(narrow_of(left, step), narrow_of(right, step))
            return NumericColumn(moment, values.astype(numpy_dtype(moment)))
        case result_type:
            dtype = numpy_dtype(result_type)
            has_point = has_decimal(left.type, right.type)
            read = floats_of if has_point else numbers_of
            with np.errstate(all="ignore"):
                values = operation.on_arrays(read(left), read(right), dtype=dtype, casting="unsafe")
            return NumericColumn(result_type, values)


def _quotient_type(args: Sequence[Argument]) -> DataType:
    if has_decimal(args[0].type, args[1].type):
        return decimal_result("divide", args[0].type, args[1].type)
    return FLOAT64


def _divide(call: Call) -> Column:
    left, right = call.columns
    if isinstance(call.result_type, DecimalType):
        return decimal_quotient(left, right, call.result_type)
    with np.errstate(all="ignore"):
        return NumericColumn(FLOAT64, floats_of(left) / floats_of(right))


def _negate_type(args: Sequence[Argument]) -> DataType:
    if isinstance(args[0].type, DecimalType):
        return args[0].type
    data_type = as_number(args[0].type)
    match data_type:
        case IntType(bits=bits, is_signed=False):
            return IntType(next_bits(bits), True)
        case None:
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "negate takes a number")
        case _:
            return data_type


def _negate(call: Call) -> Column:
    column = call.columns[0]
    if isinstance(column.type, DecimalType):
        return negated_decimal(column, column.type)
    if isinstance(call.result_type, IntType | FloatType):
        column = cast_number(column, call.result_type)
    if isinstance(column, WideColumn):
        return WideColumn(column.type, negate_lanes(column.lanes))
    return NumericColumn(call.result_type, np.negative(numbers_of(column)))


def _abs_type(args: Sequence[Argument]) -> DataType:
    if isinstance(args[0].type, DecimalType):
        return args[0].type
    data_type = as_number(args[0].type)
    if data_type is None:
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "abs takes a number")
    return IntType(data_type.bits, False) if isinstance(data_type, IntType) else data_type


def _abs(call: Call) -> Column:
    column = call.columns[0]
    if isinstance(column.type, DecimalType):
        return absolute_decimal(column, column.type)
    match call.result_type, column:
        case IntType(n_lanes=n_lanes) as wide, WideColumn(lanes=lanes, type=data_type):
            if not data_type.is_signed:
                return WideColumn(wide, lanes)
            size = np.where(is_negative(lanes)[:, None], negate_lanes(lanes), lanes)
            return WideColumn(wide, resize_lanes(size, n_lanes, False))
        case result_type, _:
            # The size of the smallest value wraps to itself, and reads right without sign.
            values = np.abs(numbers_of(column)).astype(numpy_dtype(result_type), copy=False)
            return NumericColumn(result_type, values)


def _sign(call: Call) -> Column:
    column = call.columns[0]
    if isinstance(column.type, DecimalType):
        return NumericColumn(call.result_type, sign_of_decimal(column))
    if isinstance(column, WideColumn):
        signs = np.any(column.lanes != 0, axis=1).astype(np.int8)
        if column.type.is_signed:
            signs[is_negative(column.lanes)] = -1
        return NumericColumn(call.result_type, signs)
    values = numbers_of(column)
    # NaN gives 1, as in ClickHouse: it is neither 0 nor below 0.
    signs = (values != 0).astype(np.int8)
    if values.dtype.kind != "u":
        signs[values < 0] = -1
    return NumericColumn(call.result_type, signs)


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "plus",
        FAMILY,
        PAIR,
        _plus_type,
        lambda call: _apply(PLUS, call),
        "the sum x + y; a Date counts days, a DateTime seconds",
        "SELECT 1 + 2",
    ),
    ScalarFunction(
        "minus",
        FAMILY,
        PAIR,
        _minus_type,
        lambda call: _apply(MINUS, call),
        "the difference x - y, always of a signed type",
        "SELECT 1 - 2",
    ),
    ScalarFunction(
        "multiply",
        FAMILY,
        NUMBERS,
        _times_type,
        lambda call: _apply(TIMES, call),
        "the product x * y",
        "SELECT 6 * 7",
    ),
    ScalarFunction(
        "divide",
        FAMILY,
        NUMBERS,
        _quotient_type,
        _divide,
        "the quotient x / y as Float64; by 0 it is inf, -inf or nan; of Decimals a Decimal",
        "SELECT 1 / 3",
        can_fail=True,
    ),
    ScalarFunction(
        "negate",
        FAMILY,
        (Arg("x", NUMERIC),),
        _negate_type,
        _negate,
        "the number with its sign turned, -x",
        "SELECT negate(5)",
    ),
    ScalarFunction(
        "abs",
        FAMILY,
        (Arg("x", NUMERIC),),
        _abs_type,
        _abs,
        "the size of x without its sign",
        "SELECT abs(-5)",
        is_case_insensitive=True,
    ),
    ScalarFunction(
        "sign",
        FAMILY,
        (Arg("x", NUMERIC),),
        IntType(8, True),
        _sign,
        "-1, 0 or 1 for x below, at or above 0",
        "SELECT sign(-5)",
        is_case_insensitive=True,
    ),
)
