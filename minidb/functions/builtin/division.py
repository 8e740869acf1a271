"""Whole division, remainders, greatest common divisor and least common multiple."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, NumericColumn, WideColumn
from minidb.columns.no_numpy_way import divide_wide, gcd_wide
from minidb.columns.wide_math import add_lanes, is_negative, multiply_lanes, negate_lanes
from minidb.errors import ILLEGAL_DIVISION, InternalError, ValueExecutionError
from minidb.functions.arguments import INTEGER, NUMBER, NUMERIC, Arg
from minidb.functions.builtin.decimal_math import (
    decimal_int_quotient,
    decimal_remainder,
    decimal_remainder_type,
    decimal_result,
    has_decimal,
)
from minidb.functions.builtin.number_types import (
    FLOAT64,
    as_number,
    quotient_type,
    remainder_type,
    sum_type,
)
from minidb.functions.cast_numbers import (
    cast_number,
    floats_of,
    lanes_of,
    narrow_of,
    numbers_of,
    truncate_floats,
)
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import DataType, DecimalType, FloatType, IntType, numpy_dtype

FAMILY = "arithmetic"
NUMBERS = (Arg("x", NUMBER), Arg("y", NUMBER))
NUMERICS = (Arg("x", NUMERIC), Arg("y", NUMERIC))
I64 = IntType(64, True)
INTEGERS = (Arg("x", INTEGER), Arg("y", INTEGER))
WIDEST_FLOAT_LANES = 4


def _integer_type(column: Column) -> IntType:
    found = as_number(column.type)
    if not isinstance(found, IntType):
        raise InternalError(f"expected an integer, got {column.type.name}")
    return found


def _illegal(message: str) -> ValueExecutionError:
    return ValueExecutionError(ILLEGAL_DIVISION, message)


def is_zero(column: Column) -> BoolArray:
    """Tell where a column of numbers is 0."""
    if isinstance(column, WideColumn):
        wide: BoolArray = np.all(column.lanes == 0, axis=1)
        return wide
    result: BoolArray = np.equal(numbers_of(column), 0)
    return result


def _is_value(column: Column, value: int) -> BoolArray:
    """Tell where an integer column holds one value."""
    if isinstance(column, WideColumn):
        wanted = [(value >> (64 * i)) & (2**64 - 1) for i in range(column.type.n_lanes)]
        wide: BoolArray = np.all(column.lanes == np.array(wanted, np.uint64), axis=1)
        return wide
    result: BoolArray = np.equal(numbers_of(column), value)
    return result


def overflows(left: Column, right: Column) -> BoolArray | None:
    """Tell where the smallest signed value is divided by -1; None when it cannot be."""
    a, b = _integer_type(left), _integer_type(right)
    if not (a.is_signed and b.is_signed):
        return None
    is_minus_one = _is_value(right, -1)
    return is_minus_one & _is_value(left, a.minimum) if is_minus_one.any() else None


def _undefined(left: Column, right: Column, *, or_zero: bool) -> BoolArray | None:
    """Return where the division has no result (None: nowhere); raise unless `or_zero`."""
    bad = is_zero(right)
    if bad.any() and not or_zero:
        raise _illegal("division by zero")
    overflow = overflows(left, right)
    if overflow is not None and overflow.any():
        if not or_zero:
            raise _illegal("division of the smallest signed number by minus one")
        bad = bad | overflow
    return bad if bad.any() else None


def with_ones(column: Column, where: BoolArray | None) -> Column:
    """Put 1 where there is no legal divisor; the result is overwritten later."""
    if where is None:
        return column
    if isinstance(column, WideColumn):
        lanes = column.lanes.copy()
        lanes[where] = 0
        lanes[where, 0] = 1
        return WideColumn(column.type, lanes)
    values = numbers_of(column)
    return NumericColumn(column.type, np.where(where, values.dtype.type(1), values))


def _zeroed(column: Column, where: BoolArray | None) -> Column:
    """Put 0 where the division had no result."""
    if where is None:
        return column
    if isinstance(column, WideColumn):
        return WideColumn(column.type, np.where(where[:, None], np.uint64(0), column.lanes))
    values = numbers_of(column)
    return NumericColumn(column.type, np.where(where, values.dtype.type(0), values))


def _quotient(a: NDArray[Any], b: NDArray[Any]) -> Any:
    """Return quotients towards zero, both int64 or both uint64."""
    if a.dtype.kind == "u" or (a.min(initial=0) >= 0 and b.min(initial=0) >= 0):
        return a // b
    # NumPy rounds down: without the remainder there is nothing to round.
    with np.errstate(over="ignore"):
        return (a - np.fmod(a, b)) // b


def _divide_integers(left: Column, right: Column, result_type: IntType) -> Column:
    """Divide integers that are both signed or both not."""
    a, b = _integer_type(left), _integer_type(right)
    if a.is_wide or b.is_wide:
        widest = IntType(max(a.bits, b.bits, 128), a.is_signed or b.is_signed)
        lanes = lanes_of(left, widest.n_lanes), lanes_of(right, widest.n_lanes)
        quotient = divide_wide(*lanes, widest)[0]
        return cast_number(WideColumn(widest, quotient), result_type)
    common = np.dtype(np.int64 if a.is_signed or b.is_signed else np.uint64)
    result = _quotient(narrow_of(left, common), narrow_of(right, common))
    return NumericColumn(result_type, result.astype(numpy_dtype(result_type)))


def _divide_floats(left: Column, right: Column, result_type: IntType) -> Column:
    """Divide where one side is a float, and cut the quotient to a whole number."""
    limit = float(1 << (result_type.bits - 1))
    with np.errstate(all="ignore"):
        a, b = floats_of(left), floats_of(right)
        for side, column in ((a, left), (b, right)):
            if isinstance(column.type, FloatType) and not (np.abs(side) < limit).all():
                raise _illegal("whole division of an infinite or too large number")
        quotient = a / b
    if not (np.abs(quotient) < limit).all():
        raise _illegal("whole division gives an infinite or too large number")
    if result_type.is_wide:
        return cast_number(NumericColumn(FLOAT64, quotient), result_type)
    return NumericColumn(result_type, truncate_floats(quotient, numpy_dtype(result_type)))


def _int_div(call: Call, *, or_zero: bool) -> Column:
    left, right = call.columns
    result_type = call.result_type
    if not isinstance(result_type, IntType):
        raise InternalError("a whole quotient is an integer")
    if has_decimal(left.type, right.type):
        return decimal_int_quotient(left, right, result_type, or_zero=or_zero)
    if isinstance(left.type, FloatType) or isinstance(right.type, FloatType):
        bad = is_zero(right)
        if bad.any() and not or_zero:
            raise _illegal("division by zero")
        where = bad if bad.any() else None
        return _zeroed(_divide_floats(left, with_ones(right, where), result_type), where)
    left, right = _as_read(left, right)
    where = _undefined(left, right, or_zero=or_zero)
    quotient = _divide_integers(left, with_ones(right, where), result_type)
    return _zeroed(quotient, where)


def _as_read(left: Column, right: Column) -> tuple[Column, Column]:
    """Read both sides as signed if one is, which is what ClickHouse divides.

    A right side that is wider keeps its width; else it is read in the left side's width.
    """
    a, b = _integer_type(left), _integer_type(right)
    if not (a.is_signed or b.is_signed):
        return left, right
    wider = IntType(max(a.bits, b.bits), True)
    return cast_number(left, IntType(a.bits, True)), cast_number(right, wider)


def _modulo(call: Call, result_type: DataType, *, or_zero: bool) -> Column:
    left, right = call.columns
    if isinstance(result_type, DecimalType):
        return decimal_remainder(left, right, result_type, or_zero=or_zero)
    if not isinstance(result_type, IntType):
        with np.errstate(all="ignore"):
            a, b = floats_of(left), floats_of(right)
            return NumericColumn(result_type, a - np.trunc(a / b) * b)
    where = _undefined(left, right, or_zero=or_zero)
    return _zeroed(_remainder(left, with_ones(right, where), result_type), where)


def _remainder(left: Column, right: Column, result_type: IntType) -> Column:
    """Return the remainder with the sign of `left`, exact for every pair of types."""
    a, b = _integer_type(left), _integer_type(right)
    if a.is_wide or b.is_wide:
        widest = IntType(256, True)
        if any(t.bits == 256 and not t.is_signed for t in (a, b)):
            return _remainder_of_sizes(left, right, result_type)
        lanes = lanes_of(left, 4), lanes_of(right, 4)
        return cast_number(WideColumn(widest, divide_wide(*lanes, widest)[1]), result_type)
    if a.is_signed == b.is_signed or max(a.bits, b.bits) < 64:
        common = np.dtype(np.int64 if a.is_signed or b.is_signed else np.uint64)
        result = np.fmod(narrow_of(left, common), narrow_of(right, common))
        return NumericColumn(result_type, result.astype(numpy_dtype(result_type)))
    return _remainder_of_sizes(left, right, result_type)


def _remainder_of_sizes(left: Column, right: Column, result_type: IntType) -> Column:
    """Divide the sizes without signs, then give the remainder the sign of `left`."""
    n_lanes = max(_integer_type(left).n_lanes, _integer_type(right).n_lanes)
    unsigned = IntType(64 * n_lanes, False)
    negative = _below_zero(left)
    a, b = _sizes(left, negative, unsigned), _sizes(right, _below_zero(right), unsigned)
    if isinstance(a, WideColumn) and isinstance(b, WideColumn):
        rest: Column = WideColumn(unsigned, divide_wide(a.lanes, b.lanes, unsigned)[1])
    else:
        rest = NumericColumn(unsigned, numbers_of(a) % numbers_of(b))
    return cast_number(_negated_where(rest, negative), result_type)


def _below_zero(column: Column) -> BoolArray:
    if isinstance(column, WideColumn):
        is_signed = column.type.is_signed
        return is_negative(column.lanes) if is_signed else np.zeros(len(column), np.bool_)
    result: BoolArray = np.less(numbers_of(column), 0)
    return result


def _sizes(column: Column, negative: BoolArray, unsigned: IntType) -> Column:
    return _negated_where(cast_number(column, unsigned), negative)


def _negated_where(column: Column, negative: BoolArray) -> Column:
    """Turn the sign of some rows, wrapped around."""
    if isinstance(column, WideColumn):
        turned = np.where(negative[:, None], negate_lanes(column.lanes), column.lanes)
        return WideColumn(column.type, turned)
    values = numbers_of(column)
    return NumericColumn(column.type, np.where(negative, np.negative(values), values))


def _positive_modulo(call: Call) -> Column:
    left, right = call.columns
    target = call.result_type
    if not isinstance(target, IntType | FloatType):
        raise InternalError("a remainder is a number")
    rest = _modulo(call, remainder_type("positiveModulo", left.type, right.type), or_zero=False)
    negative = _below_zero(rest)
    rest = cast_number(rest, target)
    if not negative.any():
        return rest
    size = cast_number(_negated_where(right, _below_zero(right)), target)
    if isinstance(rest, WideColumn) and isinstance(size, WideColumn):
        moved = np.where(negative[:, None], add_lanes(rest.lanes, size.lanes), rest.lanes)
        return WideColumn(rest.type, moved)
    values = numbers_of(rest)
    return NumericColumn(target, np.where(negative, values + numbers_of(size), values))


def _common_divisor(call: Call) -> Column:
    """Return the greatest common divisor in the result type."""
    left, right = call.columns
    result_type = call.result_type
    _undefined(left, right, or_zero=False)
    _undefined(right, left, or_zero=False)
    if not isinstance(result_type, IntType):
        raise InternalError("a common divisor is an integer")
    if result_type.is_wide:
        n = result_type.n_lanes
        found = gcd_wide(lanes_of(left, n), lanes_of(right, n), result_type)
        return WideColumn(result_type, found)
    dtype = numpy_dtype(result_type)
    return NumericColumn(result_type, np.gcd(narrow_of(left, dtype), narrow_of(right, dtype)))


def _common_multiple(call: Call) -> Column:
    """Return the least common multiple, wrapped around."""
    divisor = _common_divisor(call)
    left, right = call.columns
    result_type = call.result_type
    if not isinstance(result_type, IntType):
        raise InternalError("a common multiple is an integer")
    a = _negated_where(cast_number(left, result_type), _below_zero(left))
    b = _negated_where(cast_number(right, result_type), _below_zero(right))
    if isinstance(a, WideColumn) and isinstance(b, WideColumn) and isinstance(divisor, WideColumn):
        share = divide_wide(a.lanes, divisor.lanes, result_type)[0]
        return WideColumn(result_type, multiply_lanes(share, b.lanes))
    with np.errstate(over="ignore"):
        share = numbers_of(a) // numbers_of(divisor)
        return NumericColumn(result_type, share * numbers_of(b))


def _decimal_quotient_type(name: str, left: DataType, right: DataType) -> DataType:
    """Return the integer of the width of the result of plain division."""
    found = decimal_result("divide", left, right)
    return IntType(found.bits, True) if isinstance(found, DecimalType) else I64


def _with_decimals(rule: Any, decimal_rule: Any) -> Any:
    """Return a rule that asks another one where a Decimal is among the types."""

    def found(name: str, left: DataType, right: DataType) -> DataType:
        chosen = decimal_rule if has_decimal(left, right) else rule
        result: DataType = chosen(name, left, right)
        return result

    return found


def _pair_rule(name: str, rule: Any) -> Any:
    def result(args: Sequence[Argument]) -> DataType:
        found: DataType = rule(name, args[0].type, args[1].type)
        return found

    return result


def _positive_type(args: Sequence[Argument]) -> DataType:
    right = args[1].type
    rest = remainder_type("positiveModulo", args[0].type, right)
    number = as_number(right)
    if isinstance(rest, IntType) and isinstance(number, IntType):
        return IntType(number.bits, False)
    return rest


QUOTIENT_TYPE = _with_decimals(quotient_type, _decimal_quotient_type)
REMAINDER_TYPE = _with_decimals(remainder_type, decimal_remainder_type)

FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "intDiv",
        FAMILY,
        NUMERICS,
        _pair_rule("intDiv", QUOTIENT_TYPE),
        lambda call: _int_div(call, or_zero=False),
        "x / y as a whole number, cut towards zero; error 153 for y = 0",
        "SELECT intDiv(7, 2)",
        can_fail=True,
    ),
    ScalarFunction(
        "intDivOrZero",
        FAMILY,
        NUMERICS,
        _pair_rule("intDivOrZero", QUOTIENT_TYPE),
        lambda call: _int_div(call, or_zero=True),
        "as intDiv, but 0 where the division has no result",
        "SELECT intDivOrZero(7, 0)",
        can_fail=True,
    ),
    ScalarFunction(
        "modulo",
        FAMILY,
        NUMERICS,
        _pair_rule("modulo", REMAINDER_TYPE),
        lambda call: _modulo(call, call.result_type, or_zero=False),
        "the remainder of x / y with the sign of x; error 153 for an integer y = 0",
        "SELECT 7 % 3",
        aliases=("mod",),
        is_case_insensitive=True,
        can_fail=True,
    ),
    ScalarFunction(
        "moduloOrZero",
        FAMILY,
        NUMERICS,
        _pair_rule("moduloOrZero", REMAINDER_TYPE),
        lambda call: _modulo(call, call.result_type, or_zero=True),
        "as modulo, but 0 where the division has no result",
        "SELECT moduloOrZero(7, 0)",
    ),
    ScalarFunction(
        "positiveModulo",
        FAMILY,
        NUMBERS,
        _positive_type,
        _positive_modulo,
        "the remainder of x / y, moved up by y where it is below 0",
        "SELECT positiveModulo(-7, 3)",
        aliases=("positive_modulo", "pmod"),
        is_case_insensitive=True,
        can_fail=True,
    ),
    ScalarFunction(
        "gcd",
        FAMILY,
        INTEGERS,
        _pair_rule("gcd", sum_type),
        _common_divisor,
        "the greatest common divisor of x and y; error 153 for 0",
        "SELECT gcd(12, 18)",
        can_fail=True,
    ),
    ScalarFunction(
        "lcm",
        FAMILY,
        INTEGERS,
        _pair_rule("lcm", sum_type),
        _common_multiple,
        "the least common multiple of x and y; error 153 for 0",
        "SELECT lcm(4, 6)",
        can_fail=True,
    ),
)
